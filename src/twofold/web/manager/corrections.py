"""Corrections of approved work: choose entries, say what was right, look, confirm or discard."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final
from urllib.parse import urlencode

from starlette.exceptions import HTTPException

from twofold.kernel.catalogue import refuse
from twofold.kernel.errors import Refusal, Refused
from twofold.operations.entries.readjustment import ChangeTotal
from twofold.operations.entries.reads import ListedEntry, find_entries
from twofold.operations.journals.confirm_correction import confirm_correction
from twofold.operations.journals.discard_correction import discard_correction
from twofold.operations.journals.open_correction import NewValues, open_correction
from twofold.operations.journals.reads import (
    CorrectedEntry,
    ListedJournal,
    ShownJournal,
    list_corrected,
    list_journals,
    show_journal,
)
from twofold.web.answers import Answer, Moved
from twofold.web.asked import AT_ONCE_MAX, PER_PAGE, Asked, Page
from twofold.web.listing import Column, Listing, Slice, answer, key_of, whole
from twofold.web.manager.contract_changes import read_day

NOTHING_TICKED: Final = "ERR-U30"
_ENTRIES: Final[tuple[Column[ListedEntry], ...]] = (
    Column("Entry", lambda one: str(one.entry_id)),
    Column("Date", lambda one: one.work_on, "date"),
    Column("Project", lambda one: one.project_number),
    Column("Class", lambda one: one.cls, "term"),
    Column("Who or what", lambda one: one.person, note=lambda one: one.description),
    Column("Quantity", lambda one: one.quantity, "quantity"),
    Column("Status", lambda one: one.state, "status"),
)
_CORRECTED: Final[tuple[Column[CorrectedEntry], ...]] = (
    Column("Entry", lambda one: str(one.entry_id)),
    Column("Date", lambda one: one.work_on, "date"),
    Column("Project", lambda one: one.project_number),
    Column("Class", lambda one: one.cls, "term"),
    Column("Who or what", lambda one: one.person, note=lambda one: one.description),
    Column("Quantity", lambda one: one.quantity, "quantity"),
)
_TOTALS: Final[tuple[Column[ChangeTotal], ...]] = (
    Column("What", lambda one: "reversal" if one.is_reversal else "replacement", "term"),
    Column("Type", lambda one: one.transaction_type, "term"),
    Column("Billing type", lambda one: one.billing_type, "term"),
    Column("Actuals", lambda one: one.actual_count, "quantity"),
    Column("Quantity", lambda one: one.quantity, "quantity"),
    Column("Amount", lambda one: one.amount, "money", currency=lambda one: one.currency),
)


def journals_of(asked: Asked, kind: str) -> Listing[ListedJournal]:
    """Give the list of the journals of a kind, the newest first."""
    is_correction = kind == "correction"
    address = f"/{asked.company}/{'corrections' if is_correction else 'entry-journals'}"

    def page(wanted: Slice) -> Sequence[ListedJournal]:
        with asked.system.auditor_operations.reader() as reader:
            return list_journals(
                reader,
                company=asked.company,
                kind="correction" if is_correction else "entry",
                before=key_of(wanted.after) or None,
                row_count_max=wanted.limit,
            )

    return Listing(
        title="Corrections" if is_correction else "Entry journals",
        empty="Nothing was corrected." if is_correction else "No entry journal was written.",
        columns=(
            Column(
                "Journal", lambda one: str(one.journal_id),
                to=lambda one: f"{address}/{one.journal_id}",
            ),
            Column("Description", lambda one: one.description),
            Column("Status", lambda one: one.state, "status"),
            Column(
                "Actuals" if is_correction else "Lines", lambda one: one.row_count, "quantity"
            ),
            Column("Created by", lambda one: one.created_by),
            Column("Created", lambda one: one.created_at, "moment"),
            Column("Closed by", lambda one: one.closed_by),
        ),
        page=page,
        place=lambda one: str(one.journal_id),
    )  # fmt: skip


def _list(asked: Asked) -> Answer:
    """Show the corrections, the newest first."""
    return answer(asked, "corrections.html", journals_of(asked, "correction"))


def _choose(asked: Asked) -> Answer:
    """Take what is ticked in a list of approved work to the form (ERR-U30)."""
    picked = [one for one in asked.form.get("pick", ()) if one.isdecimal()][:PER_PAGE]
    if not picked:
        raise Refused(refuse(NOTHING_TICKED, "correction"))
    return Moved(f"/{asked.company}/corrections/new?{urlencode({'pick': picked}, doseq=True)}")


def _new(asked: Asked) -> Answer:
    """Show the chosen entries, and fields for what was right."""
    return _form(asked, asked.query.get("pick", ()), ())


def _form(asked: Asked, picked: Sequence[str], refusals: Sequence[Refusal]) -> Answer:
    keys = [int(one) for one in picked if one.isdecimal()]
    with asked.system.auditor_operations.reader() as reader:
        entries = find_entries(reader, company=asked.company, entry_ids=keys)
    if not entries:
        raise HTTPException(404)
    listing: Listing[ListedEntry] = Listing(
        title="Entries",
        columns=_ENTRIES,
        page=whole(entries, _ENTRIES),
        place=lambda one: str(one.entry_id),
        per_page=len(entries),
    )
    return answer(
        asked,
        "correction_new.html",
        listing,
        status=422 if refusals else 200,
        entries=entries,
        refusals=refusals,
        typed=asked.kept,
    )


def _open(asked: Asked) -> Answer:
    """Open the correction; refused, the form says why and keeps what was typed."""
    picked = asked.form.get("pick", ())
    try:
        values = NewValues(
            asked.typed("project") or None,
            asked.typed("task") or None,
            read_day(asked, asked.typed("on"), "correction", "date") if asked.typed("on") else None,
            asked.typed("person") or None,
            asked.typed("role") or None,
            asked.typed("category") or None,
        )
        with asked.system.operations.transaction() as transaction:
            opened = open_correction(
                transaction,
                company=asked.company,
                entry_ids=[int(one) for one in picked if one.isdecimal()],
                values=values,
                description=asked.typed("description"),
                actor=asked.visitor.login,
                at=asked.now,
            )
    except Refused as refused:
        return _form(asked, picked, refused.refusals)
    return Moved(f"/{asked.company}/corrections/{opened.journal_id}?done=opened:1")


def _show(asked: Asked) -> Answer:
    """Show a correction; while it is open, what confirming it would write."""
    return _shown(asked, ())


def _shown(asked: Asked, refusals: Sequence[Refusal]) -> Answer:
    journal = _found(asked)
    totals: Sequence[ChangeTotal] = ()
    may_bill = asked.visitor.may("bill", asked.company)
    is_small = journal.row_count <= AT_ONCE_MAX
    if journal.state == "open" and is_small and may_bill and not refusals:
        totals, refusals = _tried(asked, journal)

    def page(wanted: Slice) -> Sequence[CorrectedEntry]:
        with asked.system.auditor_operations.reader() as reader:
            return list_corrected(
                reader,
                company=asked.company,
                journal_id=journal.journal_id,
                after=key_of(wanted.after),
                limit=wanted.limit,
            )

    of_totals: Listing[ChangeTotal] = Listing(
        key="totals",
        title="Confirming would write",
        columns=_TOTALS,
        page=whole(totals, _TOTALS),
        place=lambda one: f"{one.is_reversal}/{one.transaction_type}/{one.billing_type}",
        per_page=max(len(totals), 1),
    )
    of_entries: Listing[CorrectedEntry] = Listing(
        title="Entries",
        columns=_CORRECTED,
        page=page,
        place=lambda one: str(one.entry_id),
    )
    return answer(
        asked,
        "correction.html",
        of_totals,
        of_entries,
        journal=journal,
        status=422 if asked.form else 200,
        refusals=refusals,
        has_totals=bool(totals),
    )


def _tried(asked: Asked, journal: ShownJournal) -> tuple[Sequence[ChangeTotal], Sequence[Refusal]]:
    """Confirm it in a transaction that is rolled back; give what that wrote, or why not."""
    try:
        with asked.system.operations.trial() as transaction:
            made = confirm_correction(
                transaction,
                company=asked.company,
                journal_id=journal.journal_id,
                actor=asked.visitor.login,
                at=asked.now,
            )
    except Refused as refused:
        return (), refused.refusals
    return made.totals, ()


def _found(asked: Asked) -> ShownJournal:
    with asked.system.auditor_operations.reader() as reader:
        journal = show_journal(
            reader,
            company=asked.company,
            kind="correction",
            journal_id=key_of(asked.path["number"]),
        )
    if journal is None:
        raise HTTPException(404)
    return journal


def _close(asked: Asked) -> Answer:
    """Confirm it, or discard it; refused, its page says why."""
    journal = _found(asked)
    process = confirm_correction if asked.typed("do") == "confirm" else discard_correction
    try:
        with asked.system.operations.transaction() as transaction:
            process(
                transaction,
                company=asked.company,
                journal_id=journal.journal_id,
                actor=asked.visitor.login,
                at=asked.now,
            )
    except Refused as refused:
        return _shown(asked, refused.refusals)
    return Moved(f"/{asked.company}/corrections/{journal.journal_id}?done=closed:1")


PAGES: Final = (
    Page("/{company}/corrections", _list, "read_operations"),
    Page("/{company}/corrections", _open, "bill", "POST"),
    Page("/{company}/corrections/new", _new, "bill"),
    Page("/{company}/corrections/new", _choose, "bill", "POST"),
    Page("/{company}/corrections/{number}", _show, "read_operations"),
    Page("/{company}/corrections/{number}", _close, "bill", "POST"),
)
