"""The accountant's inbox: what arrived from operations, what is held and why, what to do.

What could not arrive is counted as well: it waits in operations for the integration admin, whose
page is linked for who may open it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

from twofold.dualwrite.sets.choice import Choice
from twofold.dualwrite.sets.explain import chosen_sets
from twofold.finance.staging.reads import HeldActual, list_held, read_inbox
from twofold.kernel.errors import Fault
from twofold.web.accountant.staging import reasons_of
from twofold.web.answers import Answer
from twofold.web.asked import Asked, Page
from twofold.web.listing import Column, Listing, Slice, answer, key_of
from twofold.web.navigation import may_open
from twofold.web.refusals import told

_SETS: Final = "/integration/sets?book=operations"


@dataclass(frozen=True, slots=True)
class UnderWay:
    """Sets of a company that have not arrived; ``stopped_count`` of them need a person."""

    set_count: int
    stopped_count: int


def _show(asked: Asked) -> Answer:
    """Show the counts, and what is held."""
    with asked.system.auditor_finance.reader() as reader:
        inbox = read_inbox(reader, company=asked.company)

    def page(wanted: Slice) -> Sequence[HeldActual]:
        with asked.system.auditor_finance.reader() as reader:
            return list_held(
                reader, company=asked.company, after=key_of(wanted.after), limit=wanted.limit
            )

    held: Listing[HeldActual] = Listing(
        title="Held back",
        empty="Nothing is held back.",
        columns=_columns(asked),
        page=page,
        place=lambda one: str(one.actual_id),
        total=inbox.held_count,
    )
    return answer(
        asked,
        "inbox.html",
        held,
        inbox=inbox,
        reasons=reasons_of(asked),
        under_way=_under_way(asked),
        sets=_SETS if may_open(asked.visitor, _SETS) else "",
        may_account=asked.visitor.may("account", asked.company),
    )


def _under_way(asked: Asked) -> UnderWay | None:
    """Count what operations has sent and finance has not taken; None where it does not answer."""
    every = Choice(company=asked.company)
    stopped = replace(every, states=("stopped",))
    try:
        with asked.system.auditor_operations.reader() as reader:
            # Each names in its first row how many it has.
            counts = [
                sum(one.found for one in chosen_sets(reader, choice=choice, limit=1))
                for choice in (every, stopped)
            ]
    except Fault as fault:
        if not fault.transient:
            raise
        return None
    return UnderWay(counts[0], counts[1])


def _columns(asked: Asked) -> tuple[Column[HeldActual], ...]:
    return (
        Column(
            "Actual",
            lambda one: one.actual_id,
            to=lambda one: f"/journey?number=actual/{one.actual_id}",
        ),
        Column("Date", lambda one: one.transaction_date, "date"),
        Column("Type", lambda one: one.transaction_type, "term"),
        Column("Class", lambda one: one.class_, "term"),
        Column("Project", lambda one: one.project_number),
        Column("Who", lambda one: one.resource_name),
        Column("Amount", lambda one: one.amount, "money", currency=lambda one: one.currency),
        Column(
            "Reason",
            lambda one: one.code,
            note=lambda one: told(asked.speech, one.refusal).line,
        ),
        Column("Held since", lambda one: one.held_since, "moment"),
    )


PAGES: Final = (Page("/{company}/inbox", _show, "read_finance"),)
