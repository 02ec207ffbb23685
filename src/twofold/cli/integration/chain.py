"""The chain of applied sets, for auditors: as a file, and checked without a database."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

from cyclopts import App, Parameter

from twofold.cli import printing
from twofold.cli.clock import now
from twofold.cli.opening import opened
from twofold.cli.parameters import AsJson, Misused
from twofold.dualwrite.proof.chain_file import check_lines, exported_lines

app = App(name="chain", help="The chain of applied sets, for auditors.")

REFUSED = 1
_SHOWN_MAX = 20


@app.command
def export(
    file: Annotated[Path, Parameter(help="Where to write; one JSON document a line.")],
) -> None:
    """Write the chains of both books, with the applied sets they are hashed over."""
    count = 0
    with (
        opened(maps="looked at", pair="as it is") as system,
        file.open("w", encoding="utf-8") as out,
        printing.working("Writing the chains"),
    ):
        for line in exported_lines(system.auditor_operations, system.auditor_finance, at=now()):
            out.write(line + "\n")
            count += 1
    printing.say(
        f"{printing.counted(count, 'line')} written to {file}; "
        f"`twofold chain check {file}` checks them."
    )


@app.command
def check(
    file: Annotated[Path, Parameter(help="A file that `twofold chain export` wrote.")],
    *,
    as_json: AsJson = False,
) -> int:
    """Check a file of chains, without any database; exit code 1 names the broken links."""
    try:
        with file.open(encoding="utf-8") as lines:
            broken = list(check_lines(lines))
    except ValueError as error:
        raise Misused(f"{file}: {error}") from error
    rows = [
        (one.source, one.company, one.chain_number, one.set_id, one.problem)
        for one in broken[:_SHOWN_MAX]
    ]
    table = printing.table(("Source", "Company", "Link", "Set", "Problem"), rows)
    printing.show(broken, *([table] if broken else []), as_json=as_json)
    if not as_json:
        printing.say(f"{len(broken)} broken." if broken else "Every link holds.")
    return REFUSED if broken else 0
