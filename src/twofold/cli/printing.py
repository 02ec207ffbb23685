"""What people and programs see: tables or one JSON document on stdout, messages on stderr.

Tables are plain text that can be copied: figures to the right, no thousands separators, ISO
dates. Where nobody looks (a pipe, a file) there are no colours, no progress and no line breaks
inside a row.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Generator, Iterable, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Final, TextIO

from rich.console import Console
from rich.markup import escape
from rich.table import Table
from rich.text import Text

from twofold.cli.layout import Column, Rows
from twofold.kernel.errors import Refusal

if TYPE_CHECKING:
    from collections.abc import Callable

    from rich.console import RenderableType

# Wide enough that no row of a table breaks when it is read by a program.
_WIDTH_WITHOUT_TERMINAL: Final = 10_000
_WIDTH_OF_HELP_MAX: Final = 100
_REFUSALS_SHOWN_MAX: Final = 200
_CENT: Final = Decimal("0.01")


def output() -> Console:
    """Give the console of what was asked for."""
    return _console(sys.stdout)


def messages() -> Console:
    """Give the console of everything that is said besides: progress, hints, problems."""
    return _console(sys.stderr)


def help_console(file: TextIO) -> Console:
    """Give a console for help texts: never wider than one likes to read."""
    console = _console(file)
    console.width = min(console.width, _WIDTH_OF_HELP_MAX)
    return console


def _console(file: TextIO) -> Console:
    # FORCE_COLOR must not bring colours into a file: only a terminal counts.
    is_terminal = file.isatty()
    return Console(
        file=file,
        force_terminal=is_terminal,
        no_color=bool(os.environ.get("NO_COLOR")) or not is_terminal,
        width=None if is_terminal else _WIDTH_WITHOUT_TERMINAL,
        highlight=False,
        soft_wrap=False,
    )


def show(document: object, *tables: RenderableType, as_json: bool) -> None:
    """Print a result: the document as JSON, or the tables that say the same to people."""
    if as_json:
        print_json(document)
        return
    print_parts(output(), *tables)


def print_parts(console: Console, *parts: RenderableType) -> None:
    """Print tables with an empty line between them."""
    with console.capture() as captured:
        for number, part in enumerate(parts):
            if number:
                console.print()
            # Plain text is the reader's to break, wherever it is pasted.
            console.print(part, soft_wrap=isinstance(part, Text | str))
    # Tables fill their last column with blanks; what is copied should not have them.
    console.file.write("".join(f"{line.rstrip()}\n" for line in captured.get().splitlines()))
    console.file.flush()


def print_json(document: object) -> None:
    """Print one JSON document. Exact numbers are strings, dates and moments are ISO 8601."""
    import msgspec  # noqa: PLC0415 - most commands never need it

    encoded = msgspec.json.format(msgspec.json.encode(document), indent=2)
    sys.stdout.write(encoded.decode() + "\n")


def say(text: str) -> None:
    """Say something on stderr, in one line."""
    messages().print(escape(text), soft_wrap=True)


def counted(count: int, one: str, many: str = "") -> str:
    """Write a count with its word: one item, two items; ``many`` where it takes more than an s."""
    return f"{count} {one if count == 1 else many or f'{one}s'}"


def table(
    columns: Sequence[str],
    rows: Iterable[Sequence[object]],
    *,
    title: str = "",
    total: Sequence[object] = (),
) -> RenderableType:
    """Make a table; without rows, the one line that says so."""
    lines = [list(row) for row in rows]
    if not lines:
        return f"{escape(title)}: none" if title else "none"
    return Rows(
        title,
        tuple(
            Column(
                name,
                tuple(text_of(line[index]) for line in lines),
                is_figure=any(_is_figure(line[index]) for line in lines),
                total=text_of(total[index]) if total else None,
            )
            for index, name in enumerate(columns)
        ),
    )


def facts(pairs: Iterable[tuple[str, object]]) -> RenderableType:
    """Make a list of names and values; what is not known is left out."""
    made = Table.grid(padding=(0, 2, 0, 0))
    made.add_column(style="bold", no_wrap=True)
    made.add_column(overflow="fold")
    for name, value in pairs:
        if value is not None:
            made.add_row(name, escape(text_of(value)))
    return made


def verbatim(text: str) -> RenderableType:
    """Make text that is printed letter by letter."""
    return Text(text)


def refusal_table(refusals: Sequence[Refusal], *, title: str = "Refused") -> RenderableType:
    """Make the table of what was declined, why, and what to do about it."""
    shown = refusals[:_REFUSALS_SHOWN_MAX]
    rest = len(refusals) - len(shown)
    more = f", the first {len(shown)} of them" if rest else ""
    return table(
        ("Code", "Record", "Field", "Value", "Reason", "Remedy"),
        [(one.code, one.record, one.field, one.value, one.reason, one.remedy) for one in shown],
        title=f"{title}: {len(refusals)}{more}",
    )


def tell_refusals(refusals: Sequence[Refusal], *, title: str = "Refused") -> None:
    """Print refusals on stderr, where there are any."""
    if refusals:
        print_parts(messages(), refusal_table(refusals, title=title))


def text_of(value: object) -> str:
    """Write a value as tables show it."""
    match value:
        case None:
            text = ""
        case bool():
            text = "yes" if value else "no"
        case Decimal():
            text = figure(value)
        case float():
            text = f"{value:.2f}"
        case datetime():
            text = value.astimezone(UTC).strftime("%Y-%m-%d %H:%M:%SZ")
        case _:
            text = str(value)
    return text


def figure(value: Decimal) -> str:
    """Write an exact number with two decimals, or with more where it has more."""
    shown = value.quantize(_CENT) if value == value.quantize(_CENT) else value.normalize()
    return f"{shown:f}"


def _is_figure(value: object) -> bool:
    return isinstance(value, Decimal | int | float) and not isinstance(value, bool)


@contextmanager
def working(text: str) -> Generator[None]:
    """Show that something is going on, and since when; nothing where nobody looks."""
    with steps(text, total=None):
        yield


@contextmanager
def steps(text: str, *, total: int | None) -> Generator[Callable[[int], None]]:
    """Show progress over ``total`` pieces; the block is told how to report pieces done."""
    console = messages()
    if not console.is_terminal:
        yield _ignore
        return
    from rich.progress import (  # noqa: PLC0415 - slow to load, and only terminals need it
        BarColumn,
        MofNCompleteColumn,
        Progress,
        SpinnerColumn,
        TextColumn,
        TimeElapsedColumn,
    )

    counted = (BarColumn(), MofNCompleteColumn()) if total is not None else (SpinnerColumn(),)
    columns = (TextColumn("{task.description}"), *counted, TimeElapsedColumn())
    with Progress(*columns, console=console, transient=True) as progress:
        task = progress.add_task(escape(text), total=total)
        yield lambda count: progress.advance(task, count)


def _ignore(_: int) -> None:
    """Nobody looks."""
