"""Apply setup files: what accountants and project managers state once, and change now and then."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

from cyclopts import App, Parameter

from twofold.cli import printing
from twofold.cli.opening import opened
from twofold.cli.parameters import ActorName, AsJson, actor_name
from twofold.finance.setup import apply as finance_apply
from twofold.finance.setup import file as finance_file
from twofold.journey.system import System
from twofold.kernel.errors import Refusal
from twofold.operations.contracts.misfits import Misfits, count_misfits
from twofold.operations.setup import apply as operations_apply
from twofold.operations.setup import file as operations_file
from twofold.operations.setup.guards import known_companies

app = App(name="setup", help="Apply a setup file to a book.")

SetupFile = Annotated[Path, Parameter(help="A setup file (TOML).")]

Row = tuple[str, int, int, int, int]


@app.command
def finance(file: SetupFile, /, *, actor: ActorName = None, as_json: AsJson = False) -> None:
    """Set up the finance book: legal entities, accounts, tax, rates, posting."""
    with opened(alone="finance") as system:
        rows, warnings = apply_finance(system, file, actor=actor_name(actor))
    _show(rows, as_json=as_json)
    printing.tell_refusals(warnings, title="Postings will miss this")


@app.command
def operations(file: SetupFile, /, *, actor: ActorName = None, as_json: AsJson = False) -> None:
    """Set up the operations book: customers, contracts, projects, people, prices."""
    with opened(alone="operations") as system:
        rows = apply_operations(system, file, actor=actor_name(actor))
        misfits = misfits_of(system) if written(rows) else []
    _show(rows, as_json=as_json)
    for code, one in misfits:
        fits = "entry no longer fits" if one.entry_count == 1 else "entries no longer fit"
        printing.say(
            f"{one.entry_count} approved {fits} contract {one.contract_number} of {code}: "
            f"`twofold contract re-evaluate {one.contract_number} --preview`."
        )


def apply_finance(
    system: System, file: Path, *, actor: str
) -> tuple[list[Row], tuple[Refusal, ...]]:
    """Apply a finance setup; give rows added, changed, removed and unchanged per table."""
    setup = finance_file.read_setup(file.read_bytes(), file=file.name)
    with system.finance.transaction() as transaction:
        result = finance_apply.apply_setup(transaction, setup=setup, actor=actor, at=system.now())
    rows = [
        (name, one.added, one.changed, one.removed, one.unchanged)
        for name, one in result.tables.items()
    ]
    return rows, result.warnings


def apply_operations(system: System, file: Path, *, actor: str) -> list[Row]:
    """Apply an operations setup; give rows added, changed, removed and unchanged per table."""
    setup = operations_file.read_setup(file)
    with system.operations.transaction() as transaction:
        result = operations_apply.apply_setup(
            transaction, setup=setup, actor=actor, at=system.now()
        )
    return [(one.table, one.added, one.changed, 0, one.unchanged) for one in result.tables]


def misfits_of(system: System) -> list[tuple[str, Misfits]]:
    """Count what a re-evaluation would make anew, in every company; nothing is kept or changed."""
    found: list[tuple[str, Misfits]] = []
    with system.operations.reader() as reader:
        companies = sorted(known_companies(reader))
    for code in companies:
        with system.operations.trial() as transaction:
            found += [(code, one) for one in count_misfits(transaction, company=code)]
    return found


def written(rows: list[Row]) -> int:
    """Tell how many rows a setup wrote."""
    return sum(added + changed + removed for _, added, changed, removed, _ in rows)


def _show(rows: list[Row], *, as_json: bool) -> None:
    columns = ("table", "added", "changed", "removed", "unchanged")
    stated = [row for row in rows if any(row[1:])]
    printing.show(
        [dict(zip(columns, row, strict=True)) for row in rows],
        printing.table([name.capitalize() for name in columns], stated),
        as_json=as_json,
    )
    if written(rows):
        printing.say("Next: `twofold deliver` takes it to the other book.")
