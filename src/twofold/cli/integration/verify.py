"""Check the books: every invariant is a query that must find nothing."""

from __future__ import annotations

from twofold.cli import printing
from twofold.cli.opening import opened
from twofold.cli.parameters import AsJson
from twofold.database.invariants import (
    INVARIANTS,
    Broken,
    Invariant,
    check,
    held,
    read_invariant,
)
from twofold.dualwrite.proof.prove_chain import broken_links
from twofold.journey.system import System

BROKEN = 4

# Recomputed link by link (dualwrite/proof), not asked of the database.
_CHAINS = {
    "chain_of_operations": (
        "Every set of operations that finance applied is still the one it applied, link by link."
    ),
    "chain_of_finance": (
        "Every set of finance that operations applied is still the one it applied, link by link."
    ),
}


def verify(*, as_json: AsJson = False) -> int:
    """Check every invariant of the books and between them."""
    with opened(pair="as it is") as system, printing.working("Checking the invariants"):
        broken = broken_invariants(system)
    outcomes = [
        {"invariant": name, "sentence": sentence, "broken": _found(broken, name)}
        for name, sentence in sentences()
    ]
    rows = [
        ("BROKEN" if one["broken"] else "ok", one["invariant"], one["sentence"]) for one in outcomes
    ]
    printing.show(
        outcomes,
        printing.table(("", "Invariant", "What holds"), rows),
        *(_rows_table(one) for one in broken),
        as_json=as_json,
    )
    if not as_json:
        printing.say(f"{len(outcomes) - len(broken)} hold, {len(broken)} broken.")
    return BROKEN if broken else 0


def broken_invariants(system: System) -> list[Broken]:
    """Run every invariant as auditor, on one moment of each book.

    The two moments differ: a set applied and acknowledged between them looks like a difference.
    An agreement is broken when it is found broken twice.
    """
    broken = _check(system)
    if any(one.is_between_the_books for one in broken):
        again = {one.invariant for one in _check(system)}
        broken = [one for one in broken if one.invariant in again]
    return broken


def _check(system: System) -> list[Broken]:
    with (
        system.auditor_operations.reader() as operations,
        system.auditor_finance.reader() as finance,
    ):
        broken = check(operations=operations, finance=finance)
    books = (system.auditor_operations, system.auditor_finance)
    for name, (source, target) in zip(_CHAINS, (books, books[::-1]), strict=True):
        broken += held(Invariant(name, _CHAINS[name], ""), map(str, broken_links(source, target)))
    return broken


def sentences() -> list[tuple[str, str]]:
    """Give name and sentence of every invariant, in the order in which they are checked."""
    paths = [
        *sorted((INVARIANTS / "operations").glob("*.sql")),
        *sorted((INVARIANTS / "finance").glob("*.sql")),
        *sorted(INVARIANTS.glob("agree_*.operations.sql")),
    ]
    return [
        *_CHAINS.items(),
        *((path.stem.removesuffix(".operations"), read_invariant(path).sentence) for path in paths),
    ]


def _found(broken: list[Broken], name: str) -> Broken | None:
    return next((one for one in broken if one.invariant == name), None)


def _rows_table(one: Broken) -> printing.RenderableType:
    shown = f"{one.invariant}: {printing.counted(one.row_count, 'row')}, the first {len(one.rows)}"
    return printing.table(("Offending row",), [(row,) for row in one.rows], title=shown)
