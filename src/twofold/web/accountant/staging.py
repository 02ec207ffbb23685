"""Staging: every row that is not posted yet, by where it waits and why, and what helps.

Above the list, each reason with how many rows it holds and its remedy: a button where a page can
do it. Below, the rows of one place; an error leads to its journal, where lines are sent back.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final
from urllib.parse import urlencode

from twofold.finance.staging.waiting_rows import (
    BEFORE_ALL,
    PLACES,
    Place,
    WaitingReason,
    WaitingRow,
    count_reasons,
    waiting_rows,
)
from twofold.kernel.catalogue import refuse
from twofold.web.answers import Answer
from twofold.web.asked import Asked, Page
from twofold.web.listing import Column, Field, Listing, Slice, answer, key_of
from twofold.web.refusals import Told, told

# Where a page can take the cause away, and what its button says; in English. What is left is
# judged again by the next import.
_REMEDIES: Final[dict[str, tuple[str, str]]] = {
    "ERR-J01": ("Open a period", "/{company}/periods"),
    "ERR-J02": ("Open a period", "/{company}/periods"),
    "ERR-I01": ("Journals to post", "/{company}/journals?state=draft"),
    "ERR-I10": ("Journals to post", "/{company}/journals?state=draft"),
    "ERR-F03": ("Proposals ready", "/{company}/proposals?state=ready"),
    **dict.fromkeys(
        ("ERR-A10", "ERR-D02", "ERR-F10", "ERR-I04", "ERR-I05", "ERR-I08", "ERR-J03", "ERR-J04"),
        ("Complete the setup", "/{company}/setup"),
    ),
}
_OF_JOURNALS: Final[dict[Place, tuple[str, str]]] = {
    "draft": ("Journals to post", "/{company}/journals?state=draft"),
    "error": ("Journals in error", "/{company}/journals?state=error"),
}
PLACE_OF: Final[dict[str, Place]] = {one: one for one in PLACES}
REMEDY_WORDS: Final = tuple({words for words, _ in (*_REMEDIES.values(), *_OF_JOURNALS.values())})


@dataclass(frozen=True, slots=True)
class ShownReason:
    """A reason with the pages that help, each by what its button says and where it leads.

    ``is_judged_again``: the next import looks at its rows anew.
    """

    place: Place
    code: str
    row_count: int
    told: Told | None
    rows: str
    remedies: tuple[tuple[str, str], ...]
    is_judged_again: bool


def _show(asked: Asked) -> Answer:
    """Show the reasons, and the rows of one place."""
    reasons = reasons_of(asked)
    told_of: list[Place] = [one.place for one in reasons if one.code]
    place: Place = PLACE_OF.get(asked.text("place"), told_of[0] if told_of else "held")
    code, proposal = asked.text("code"), asked.text("proposal")

    def page(wanted: Slice) -> Sequence[WaitingRow]:
        with asked.system.auditor_finance.reader() as reader:
            return waiting_rows(
                reader,
                company=asked.company,
                place=place,
                code=code,
                proposal=proposal,
                after=key_of(wanted.after, BEFORE_ALL),
                limit=wanted.limit,
            )

    codes = tuple(sorted({one.code for one in reasons if one.code}))
    listing: Listing[WaitingRow] = Listing(
        title="Rows that wait",
        empty="Nothing waits here.",
        fields=(
            Field("place", "Where", "choice", PLACES, value=place),
            Field("code", "Code", "value", codes),
            Field("proposal", "Proposal"),
        ),
        columns=_columns(asked),
        page=page,
        place=lambda one: str(one.actual_id),
    )
    return answer(
        asked,
        "staging.html",
        listing,
        reasons=reasons,
        may_account=asked.visitor.may("account", asked.company),
    )


def reasons_of(asked: Asked) -> list[ShownReason]:
    """Give each reason for which rows wait in the company, most rows first."""
    with asked.system.auditor_finance.reader() as reader:
        found = count_reasons(reader, company=asked.company)
    return [shown_reason(asked, one) for one in found]


def shown_reason(
    asked: Asked, one: WaitingReason, *, is_in_its_journal: bool = False
) -> ShownReason:
    """Give a reason as the reader sees it, with the page that takes its cause away."""
    of_journals = None if is_in_its_journal else _OF_JOURNALS.get(one.place)
    remedies = filter(None, (_REMEDIES.get(one.code), of_journals))
    return ShownReason(
        one.place,
        one.code,
        one.row_count,
        told(asked.speech, refuse(one.code, "")) if one.code else None,
        f"/{asked.company}/staging?{urlencode({'place': one.place, 'code': one.code})}",
        tuple((words, to.format(company=asked.company)) for words, to in remedies),
        is_judged_again=one.place in {"held", "proposal", "reopened"},
    )


def _columns(asked: Asked) -> tuple[Column[WaitingRow], ...]:
    company = asked.company
    return (
        Column(
            "Actual",
            lambda one: abs(one.actual_id),
            to=lambda one: f"/journey?number=actual/{abs(one.actual_id)}",
        ),
        Column("Date", lambda one: one.transaction_date, "date"),
        Column("Type", lambda one: one.transaction_type, "term"),
        Column("Class", lambda one: one.class_, "term"),
        Column("Project", lambda one: one.project_number),
        Column("Who", lambda one: one.resource_name, note=lambda one: one.description),
        Column("Quantity", lambda one: one.quantity, "quantity"),
        Column("Amount", lambda one: one.amount, "money", currency=lambda one: one.currency or ""),
        Column("Reason", lambda one: one.code or None, note=lambda one: _why(asked, one)),
        Column(
            "Journal",
            lambda one: one.journal_number,
            to=lambda one: f"/{company}/journals/{one.journal_number}",
        ),
        Column(
            "Proposal",
            lambda one: one.proposal_number,
            to=lambda one: f"/{company}/proposals/{one.proposal_number}",
        ),
        Column("Since", lambda one: one.since, "moment"),
    )


def _why(asked: Asked, one: WaitingRow) -> str | None:
    if one.refusal is None:
        return None
    value = f" ({one.field} = {one.value})" if one.field else ""
    return told(asked.speech, one.refusal).title + value


PAGES: Final = (Page("/{company}/staging", _show, "read_finance"),)
