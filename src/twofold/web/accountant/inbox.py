"""The accountant's inbox: what arrived from operations, what is held and why, what to do."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from twofold.finance.staging.reads import HeldActual, list_held, read_inbox
from twofold.web.answers import Answer
from twofold.web.asked import Asked, Page
from twofold.web.listing import Column, Listing, Slice, answer, key_of
from twofold.web.refusals import told


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
        may_account=asked.visitor.may("account", asked.company),
    )


def _columns(asked: Asked) -> tuple[Column[HeldActual], ...]:
    return (
        Column(
            "Actual",
            lambda one: one.actual_id,
            to=lambda one: f"/journey?number={one.actual_id}",
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
