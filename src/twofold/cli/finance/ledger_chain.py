"""The chain over postings: whether what was posted is still what was posted."""

from __future__ import annotations

from typing import Annotated

from cyclopts import App, Parameter

from twofold.cli import printing
from twofold.cli.companies import chosen_companies
from twofold.cli.opening import opened
from twofold.cli.parameters import AsJson, Company, Misused
from twofold.finance.ledger.chain import (
    BrokenLink,
    ChainHead,
    broken_links,
    chain_heads,
    noted_link_holds,
)

app = App(name="chain", help="The chain over all postings, for auditors.")

BROKEN = 4


@app.command
def verify(
    *,
    noted: Annotated[
        str | None,
        Parameter(
            name="--noted",
            help="A link noted earlier, as NUMBER:HASH: that it still is in the chain.",
        ),
    ] = None,
    company: Company = None,
    as_json: AsJson = False,
) -> int:
    """Compute every link again from the entries; exit code 4 names what does not hold.

    Note the last link somewhere else: who can rewrite the whole chain cannot rewrite your note.
    """
    number, digest = _noted(noted)
    with opened(alone="finance") as system, printing.working("Computing every link again"):
        companies = chosen_companies(system, company)
        with system.auditor_finance.reader() as reader:
            broken = [one for one in broken_links(reader) if one.company in companies]
            heads = [one for one in chain_heads(reader) if one.company in companies]
            lost = [
                one
                for one in heads
                if noted
                and not noted_link_holds(reader, company=one.company, number=number, digest=digest)
            ]
    printing.show(
        {"heads": heads, "broken": broken, "noted_is_lost": bool(lost)},
        _heads_table(heads),
        *([_broken_table(broken)] if broken else []),
        as_json=as_json,
    )
    if not as_json:
        for one in lost:
            printing.say(f"{one.company}: link {number} is not the one noted.")
        printing.say(f"{len(broken)} broken." if broken else "Every link holds.")
    return BROKEN if broken or lost else 0


def _noted(given: str | None) -> tuple[int, str]:
    if given is None:
        return 0, ""
    number, _, digest = given.partition(":")
    if not number.isdigit() or not digest:
        raise Misused(
            "--noted is NUMBER:HASH, as `twofold ledger chain verify` shows the last link"
        )
    return int(number), digest


def _heads_table(heads: list[ChainHead]) -> printing.RenderableType:
    return printing.table(
        ("Company", "Links", "Entries", "Last link"),
        [
            (one.company, one.chain_number, one.entry_count, f"{one.chain_number}:{one.hash}")
            for one in heads
        ],
        title="Chain of postings",
    )


def _broken_table(broken: list[BrokenLink]) -> printing.RenderableType:
    return printing.table(
        ("Company", "Link", "Kind", "Document", "First voucher", "Last voucher", "Problem"),
        [
            (
                one.company, one.chain_number, one.kind, one.document, one.first_voucher,
                one.last_voucher, one.problem,
            )
            for one in broken
        ],
        title="Broken",
    )  # fmt: skip
