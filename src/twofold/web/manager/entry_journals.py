"""Entry journals: costs and unbilled sales without an entry, from a file; confirm, take back."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from starlette.exceptions import HTTPException

from twofold.kernel.catalogue import refuse
from twofold.kernel.errors import Refusal, Refused
from twofold.operations.entries.approving import ActualTotal, total_actuals
from twofold.operations.entries.formats.received import laid_down, plain_name
from twofold.operations.journals.cancel_journal_actuals import cancel_journal_actuals
from twofold.operations.journals.confirm_entry_journal import confirm_entry_journal
from twofold.operations.journals.journal_file import COLUMNS, NEEDED, read_journal_lines
from twofold.operations.journals.journal_line import NewJournalLine
from twofold.operations.journals.reads import (
    ShownJournal,
    ShownJournalLine,
    list_lines,
    show_journal,
)
from twofold.operations.journals.write_entry_journal import write_entry_journal
from twofold.web.answers import Answer, Moved
from twofold.web.asked import AT_ONCE_MAX, Asked, Page
from twofold.web.forms import Given
from twofold.web.listing import Column, Listing, Slice, answer, key_of, whole
from twofold.web.manager.corrections import journals_of

NO_FILE: Final = "ERR-U31"
NOTHING_TICKED: Final = "ERR-U30"
_TOTALS: Final[tuple[Column[ActualTotal], ...]] = (
    Column("Type", lambda one: one.transaction_type, "term"),
    Column("Billing type", lambda one: one.billing_type, "term"),
    Column("Actuals", lambda one: one.actual_count, "quantity"),
    Column("Quantity", lambda one: one.quantity, "quantity"),
    Column("Amount", lambda one: one.amount, "money", currency=lambda one: one.currency),
)
_LINES: Final[tuple[Column[ShownJournalLine], ...]] = (
    Column("Line", lambda one: str(one.line_number)),
    Column("Date", lambda one: one.work_on, "date"),
    Column("Type", lambda one: one.transaction_type, "term"),
    Column("Class", lambda one: one.cls, "term"),
    Column("Project", lambda one: one.project_number),
    Column("Who or what", lambda one: one.person or one.role_or_category,
           note=lambda one: one.description),
    Column("Customer", lambda one: one.customer_account),
    Column("Quantity", lambda one: one.quantity, "quantity", note=lambda one: one.unit),
    Column("Price", lambda one: one.price, "money", note=lambda one: one.currency),
    Column("Actual", lambda one: str(one.actual_id) if one.actual_id else None),
    Column("Taken back", lambda one: "yes" if one.is_cancelled else None, "term"),
)  # fmt: skip


def _list(asked: Asked) -> Answer:
    """Show the entry journals, the newest first, and the form for a new one."""
    return _listed(asked, ())


def _listed(asked: Asked, refusals: Sequence[Refusal]) -> Answer:
    return answer(
        asked,
        "entry_journals.html",
        journals_of(asked, "entry"),
        status=422 if refusals else 200,
        refusals=refusals,
        needed=NEEDED,
        more=[one for one in COLUMNS if one not in NEEDED],
        typed=asked.kept,
    )


def _write(asked: Asked) -> Answer:
    """Write the lines of a file into a new journal; refused, every bad line is named."""
    try:
        lines = _lines(asked.file)
        with asked.system.operations.transaction() as transaction:
            key = write_entry_journal(
                transaction,
                company=asked.company,
                lines=lines,
                description=asked.typed("description"),
                actor=asked.visitor.login,
                at=asked.now,
            )
    except Refused as refused:
        return _listed(asked, refused.refusals)
    return Moved(f"/{asked.company}/entry-journals/{key}?done=written:{len(lines)}")


def _lines(given: Given | None) -> tuple[NewJournalLine, ...]:
    if given is None or not given.content:
        raise Refused(refuse(NO_FILE, "file"))
    with laid_down(plain_name(given.name), given.content) as path:
        return read_journal_lines(path)


def _show(asked: Asked) -> Answer:
    """Show a journal; while it is open, what confirming it would write."""
    return _shown(asked, ())


def _shown(asked: Asked, refusals: Sequence[Refusal]) -> Answer:
    journal = _found(asked)
    totals: Sequence[ActualTotal] = ()
    may_bill = asked.visitor.may("bill", asked.company)
    is_small = journal.row_count <= AT_ONCE_MAX
    if journal.state == "open" and is_small and may_bill and not refusals:
        totals, refusals = _tried(asked, journal)

    def page(wanted: Slice) -> Sequence[ShownJournalLine]:
        with asked.system.auditor_operations.reader() as reader:
            return list_lines(
                reader,
                company=asked.company,
                journal_id=journal.journal_id,
                after=key_of(wanted.after),
                limit=wanted.limit,
            )

    may_cancel = journal.state == "confirmed" and may_bill
    of_totals: Listing[ActualTotal] = Listing(
        key="totals",
        title="Confirming would write",
        columns=_TOTALS,
        page=whole(totals, _TOTALS),
        place=lambda one: f"{one.transaction_type}/{one.billing_type}/{one.currency}",
        per_page=max(len(totals), 1),
    )
    of_lines: Listing[ShownJournalLine] = Listing(
        title="Lines",
        columns=_LINES,
        page=page,
        place=lambda one: str(one.line_number),
        pick=(lambda one: "" if one.is_cancelled else str(one.actual_id)) if may_cancel else None,
        total=journal.row_count,
    )
    return answer(
        asked,
        "entry_journal.html",
        of_totals,
        of_lines,
        journal=journal,
        status=422 if asked.form else 200,
        refusals=refusals,
        has_totals=bool(totals),
        may_cancel=may_cancel,
    )


def _tried(asked: Asked, journal: ShownJournal) -> tuple[Sequence[ActualTotal], Sequence[Refusal]]:
    """Confirm it in a transaction that is rolled back; give what that wrote, or why not."""
    try:
        with asked.system.operations.trial() as transaction:
            made = confirm_entry_journal(
                transaction,
                company=asked.company,
                journal_id=journal.journal_id,
                actor=asked.visitor.login,
                at=asked.now,
            )
            block = (made.first_actual_id, made.last_actual_id)
            return total_actuals(transaction, company=asked.company, block=block), ()
    except Refused as refused:
        return (), refused.refusals


def _found(asked: Asked) -> ShownJournal:
    with asked.system.auditor_operations.reader() as reader:
        journal = show_journal(
            reader, company=asked.company, kind="entry", journal_id=key_of(asked.path["number"])
        )
    if journal is None:
        raise HTTPException(404)
    return journal


def _confirm(asked: Asked) -> Answer:
    """Make an actual of every line; refused, its page says why."""
    journal = _found(asked)
    try:
        with asked.system.operations.transaction() as transaction:
            confirm_entry_journal(
                transaction,
                company=asked.company,
                journal_id=journal.journal_id,
                actor=asked.visitor.login,
                at=asked.now,
            )
    except Refused as refused:
        return _shown(asked, refused.refusals)
    return Moved(f"/{asked.company}/entry-journals/{journal.journal_id}?done=closed:1")


def _cancel(asked: Asked) -> Answer:
    """Take the actuals of the ticked lines back; refused, its page says why."""
    journal = _found(asked)
    picked = [int(one) for one in asked.form.get("pick", ()) if one.isdecimal()]
    if not picked:
        return _shown(asked, (refuse(NOTHING_TICKED, f"journal/{journal.journal_id}"),))
    try:
        with asked.system.operations.transaction() as transaction:
            cancel_journal_actuals(
                transaction,
                company=asked.company,
                actual_ids=picked,
                actor=asked.visitor.login,
                at=asked.now,
            )
    except Refused as refused:
        return _shown(asked, refused.refusals)
    return Moved(f"/{asked.company}/entry-journals/{journal.journal_id}?done=cancelled:1")


_ONE: Final = "/{company}/entry-journals/{number}"
PAGES: Final = (
    Page("/{company}/entry-journals", _list, "read_operations"),
    Page("/{company}/entry-journals", _write, "bill", "POST"),
    Page(_ONE, _show, "read_operations"),
    Page(f"{_ONE}/confirm", _confirm, "bill", "POST"),
    Page(f"{_ONE}/cancel", _cancel, "bill", "POST"),
)
