"""Deliver change sets between the books, and say what is left."""

from __future__ import annotations

from typing import Annotated

from cyclopts import Parameter

from twofold.cli import printing
from twofold.cli.integration.sets import Waiting, pending_table, tell_hidden
from twofold.cli.opening import opened
from twofold.cli.parameters import ROWS_SHOWN, AsJson, Company
from twofold.dualwrite.sets.choice import Choice
from twofold.dualwrite.sets.deliver import Delivery, Route, deliver_sets
from twofold.dualwrite.sets.explain import chosen_sets, remedy_for
from twofold.dualwrite.sets.wake import wake_sets
from twofold.journey.system import System

REFUSED = 1


def deliver(
    *,
    company: Company = None,
    stopped: Annotated[
        bool, Parameter(negative=(), help="Try those again that stopped, after a repair.")
    ] = False,
    as_json: AsJson = False,
) -> int:
    """Deliver the change sets that are pending, in both directions."""
    with opened() as system, printing.working("Delivering"):
        forward, back = deliver_all(system, company=company, stopped=stopped)
        left = waiting_sets(system, company=company)
    document = {
        "to_finance": _document(forward),
        "to_operations": _document(back),
        "pending": left,
    }
    rows = [
        ("operations → finance", forward.applied, forward.already_applied, forward.rows),
        ("finance → operations", back.applied, back.already_applied, back.rows),
    ]
    summary = printing.table(("Direction", "Sets applied", "Had before", "Rows"), rows)
    printing.show(document, summary, *([pending_table(left)] if left else []), as_json=as_json)
    tell_hidden(left)
    return REFUSED if left else 0


def deliver_all(
    system: System, *, company: str | None = None, stopped: bool = False
) -> tuple[Delivery, Delivery]:
    """Deliver to and fro until nothing more can be applied; give both directions' totals."""
    forward, back = Delivery(), Delivery()
    for route in (system.forward, system.back):
        with route.source.transaction() as transaction:
            wake_sets(transaction, company=company, stopped="too" if stopped else "not")
    while _deliver(system.forward, company, forward) + _deliver(system.back, company, back):
        pass
    return forward, back


def waiting_sets(system: System, *, company: str | None) -> list[Waiting]:
    """Give the pending sets of both books, the longest first; of very many, the first."""
    found: list[Waiting] = []
    for book in (system.auditor_operations, system.auditor_finance):
        with book.reader() as reader:
            chosen = chosen_sets(reader, choice=Choice(company=company), limit=ROWS_SHOWN)
        found += [Waiting(book.name, one, remedy_for(one)) for one in chosen]
    return found


def _deliver(route: Route, company: str | None, total: Delivery) -> int:
    done = deliver_sets(route, company=company)
    total.applied += done.applied
    total.already_applied += done.already_applied
    total.rows += done.rows
    total.problems += done.problems
    return done.applied


def _document(delivery: Delivery) -> dict[str, int]:
    return {
        "applied": delivery.applied,
        "already_applied": delivery.already_applied,
        "rows": delivery.rows,
    }
