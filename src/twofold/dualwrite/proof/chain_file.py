"""The chains of both books as a file that anyone can check without a database.

One JSON document a line: who wrote it, then every link with the applied set it is hashed over,
then a line per source with the heads and with the last links that source was told of. A file
that was cut short has no such line.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Final

import msgspec

from twofold.database.connection import Book
from twofold.database.streaming import streamed
from twofold.dualwrite.proof.missing import LAST_ACKNOWLEDGED, AcknowledgedLink
from twofold.dualwrite.proof.prove_chain import HEADS, LINKS, BrokenLink, ChainCheck, Head, LinkRow

FORMAT: Final = 1


@dataclass(frozen=True, slots=True)
class _End:
    """What a source's chains must lead to."""

    source: str
    heads: list[Head]
    told: list[AcknowledgedLink]


@dataclass(frozen=True, slots=True)
class _Line:
    """One line of the file: exactly one of the three."""

    twofold_chain: int | None = None
    exported_at: datetime | None = None
    link: LinkRow | None = None
    end: _End | None = None


def exported_lines(operations: Book, finance: Book, *, at: datetime) -> Iterator[str]:
    """Give the lines of the file; memory stays flat.

    Before  both are opened as a role that reads, such as the auditor.
    """
    yield _written({"twofold_chain": FORMAT, "exported_at": at})
    for source, target in ((operations, finance), (finance, operations)):
        # The source first: every link it was told of by then is in the target's chain.
        with source.reader() as reader:
            told = reader.all(LAST_ACKNOWLEDGED)
        with target.reader() as reader, streamed(reader, LINKS, source=source.name) as links:
            for link in links:
                yield _written({"link": link})
            heads = reader.all(HEADS, source=source.name)
        yield _written({"end": _End(source.name, heads, told)})


def check_lines(lines: Iterable[str]) -> Iterator[BrokenLink]:
    """Check a file's lines; give every break, in the order of the file.

    Raises  ValueError: a line is not of this file format.
    """
    checks: dict[str, ChainCheck] = {}
    ended: set[str] = set()
    for number, text in enumerate(lines, start=1):
        line = _read(text, number)
        if line.link is not None:
            check = checks.setdefault(line.link.source, ChainCheck(line.link.source))
            problem = check.look(line.link)
            if problem is not None:
                yield problem
        if line.end is not None:
            source = line.end.source
            ended.add(source)
            yield from _check_end(checks.setdefault(source, ChainCheck(source)), line.end)
    for source in ("operations", "finance"):
        if source not in ended:
            yield BrokenLink("", source, 0, 0, "the file ends before the chain does")


def _check_end(check: ChainCheck, end: _End) -> Iterator[BrokenLink]:
    yield from check.compare_heads(end.heads)
    for told in end.told:
        number, last = check.last.get(told.company, (0, ""))
        is_there = told.chain_number < number or (told.chain_number, told.chain_hash) == (
            number,
            last,
        )
        if not is_there:
            problem = f"{check.source} was told of this link, and it is not there"
            yield BrokenLink(told.company, check.source, told.chain_number, told.set_id, problem)


def _read(text: str, number: int) -> _Line:
    try:
        line = msgspec.json.decode(text, type=_Line)
    except (msgspec.MsgspecError, UnicodeError) as error:
        raise ValueError(f"line {number}: {error}") from error
    if number == 1 and line.twofold_chain != FORMAT:
        raise ValueError(f"line 1 does not say twofold_chain {FORMAT}")
    return line


def _written(document: dict[str, object]) -> str:
    return msgspec.json.encode(document).decode()
