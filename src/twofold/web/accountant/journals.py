"""Integration journals: the list, one with its lines, and what an accountant does with them.

Posting is a job: its page tells how far it is, and leads to the journal, or to the one that has
the lines that could not be posted.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from starlette.exceptions import HTTPException

from twofold.finance.journal.delete import delete_lines
from twofold.finance.journal.edit_lines import LineChange, edit_lines
from twofold.finance.journal.problems import LineReason, count_problems
from twofold.finance.journal.reads import (
    BEFORE_ALL,
    Journal,
    JournalLine,
    JournalSummary,
    JournalTotal,
    journal_lines,
    list_journals,
    show_journal,
)
from twofold.finance.journal.update_to_draft import update_to_draft
from twofold.finance.setup.choices import read_choices
from twofold.finance.staging.waiting_rows import WaitingReason
from twofold.jobs.orders import PostJournals
from twofold.kernel.errors import Refusal, Refused
from twofold.web.accountant.documents import FROM_TO, Posting, documents, selected
from twofold.web.accountant.staging import ShownReason, shown_reason
from twofold.web.answers import Answer, Moved
from twofold.web.asked import Asked, Page
from twofold.web.everyone.jobs import started
from twofold.web.listing import (
    Column,
    Field,
    Listing,
    Slice,
    answer,
    choice_of,
    day_of,
    key_of,
    whole,
)
from twofold.web.refusals import told

_STATES: Final = ("draft", "processing", "error", "posted", "deleted")
_TOTALS: Final[tuple[Column[JournalTotal], ...]] = (
    Column("Type", lambda one: one.transaction_type, "term"),
    Column("Class", lambda one: one.class_, "term"),
    Column("Lines", lambda one: one.line_count, "quantity"),
    Column("Quantity", lambda one: one.quantity, "quantity"),
    Column("Amount", lambda one: one.amount, "money", currency=lambda one: one.currency),
)


def _list(asked: Asked) -> Answer:
    """Show the journals, newest first."""
    state = choice_of(asked, "state", _STATES)

    def page(wanted: Slice) -> Sequence[JournalSummary]:
        with asked.system.auditor_finance.reader() as reader:
            return list_journals(
                reader,
                company=asked.company,
                state=state,
                day_from=day_of(asked, "from"),
                day_to=day_of(asked, "to"),
                after=key_of(wanted.after) or None,
                limit=wanted.limit,
            )

    listing: Listing[JournalSummary] = Listing(
        title="Integration journals",
        empty="No journal is here. Importing from staging makes them.",
        fields=(Field("state", "Status", "choice", _STATES), *FROM_TO),
        columns=(
            Column("Journal", lambda one: one.number, to=lambda one: address(asked, one.number)),
            Column("Description", lambda one: one.description),
            Column("Status", lambda one: one.state, "status"),
            Column("Period", lambda one: one.period_start, "date"),
            Column("Lines", lambda one: one.line_count, "quantity"),
            Column("In error", lambda one: one.problem_count or None, "quantity"),
            Column(
                "Split from",
                lambda one: one.original_number,
                to=lambda one: address(asked, one.original_number or ""),
            ),
            Column("Posted", lambda one: one.posted_at, "moment", note=lambda one: one.posted_by),
        ),
        page=page,
        place=lambda one: str(one.journal_id),
        pick=lambda one: str(one.journal_id) if one.state == "draft" else "",
    )
    posting = Posting("post-journals", "Post every draft", f"/{asked.company}/journals/post")
    return documents(asked, listing, posting if _may_account(asked) else None)


def _show(asked: Asked) -> Answer:
    """Show one journal with its lines."""
    return shown(asked)


def shown(asked: Asked, refusals: Sequence[Refusal] = (), *, status: int = 200) -> Answer:
    """Show the journal; with refusals also why a change was declined, and what was typed."""
    journal = _found(asked)
    one = journal.summary
    with asked.system.auditor_finance.reader() as reader:
        choices = read_choices(reader, company=asked.company)
        problems = count_problems(reader, company=asked.company, journal_id=one.journal_id)
    as_page = asked.at(address(asked, one.number)) if refusals else asked
    return answer(
        as_page,
        "journal.html",
        Listing(
            key="totals",
            title="Totals",
            columns=_TOTALS,
            page=whole(journal.totals, _TOTALS),
            place=lambda total: total.class_,
        ),
        _lines(asked, journal),
        status=status,
        journal=one,
        reasons=[_reason(asked, found) for found in problems],
        choices=choices,
        refusals=refusals,
        typed=asked.typed,
        may_account=_may_account(asked),
    )


def _reason(asked: Asked, found: LineReason) -> ShownReason:
    """Give why lines are in error, with what helps; then the journal is posted once more."""
    reason = WaitingReason("error", found.code, found.line_count)
    return shown_reason(asked, reason, is_in_its_journal=True)


def _lines(asked: Asked, journal: Journal) -> Listing[JournalLine]:
    company, one = asked.company, journal.summary

    def page(wanted: Slice) -> Sequence[JournalLine]:
        with asked.system.auditor_finance.reader() as reader:
            return journal_lines(
                reader,
                company=company,
                journal_id=one.journal_id,
                after=key_of(wanted.after, BEFORE_ALL),
                limit=wanted.limit,
            )

    return Listing(
        title="Lines",
        columns=(
            Column(
                "Voucher",
                lambda line: line.voucher,
                to=lambda line: voucher_of(company, line) if line.state == "posted" else "",
            ),
            Column("Date", lambda line: line.accounting_date, "date"),
            Column("Type", lambda line: line.transaction_type, "term"),
            Column("Class", lambda line: line.class_, "term"),
            Column("Project", lambda line: line.project_number),
            Column(
                "Who or what",
                lambda line: line.resource_name or line.category_number,
                note=lambda line: line.description,
            ),
            Column("Tax groups", _groups),
            Column("Dimensions", lambda line: line.dimensions, note=_offset),
            Column("Quantity", lambda line: line.quantity, "quantity"),
            Column("Amount", lambda line: line.amount, "money", currency=lambda x: x.currency),
            Column("Accounting amount", lambda line: line.accounting_amount, "money"),
            Column(
                "Problem",
                lambda line: line.code,
                note=lambda line: _why(asked, line),
            ),
        ),
        page=page,
        place=lambda line: str(line.actual_id),
        pick=lambda line: str(line.actual_id),
        total=one.line_count,
    )


def _why(asked: Asked, line: JournalLine) -> str | None:
    """Say what is wrong with a line; what helps stands above, once for all that have the code."""
    if line.problem is None:
        return None
    value = f" ({line.field} = {line.value})" if line.field else ""
    return told(asked.speech, line.problem).title + value


def _groups(line: JournalLine) -> str | None:
    return " / ".join(filter(None, (line.tax_group, line.item_tax_group))) or None


def _offset(line: JournalLine) -> str | None:
    if line.offset_dimensions == line.dimensions:
        return None
    return f"→ {line.offset_dimensions or '-'}"


def voucher_of(company: str, line: JournalLine) -> str:
    """Give the address of the voucher that posted a line."""
    return f"/{company}/vouchers/{line.voucher}"


def _edit(asked: Asked) -> Answer:
    """Give lines other tax groups or dimensions: those that are ticked, or all it can be about."""
    journal = _found(asked).summary
    name = asked.typed("dimension")
    change = LineChange(
        tax_group=given(asked, "tax_group"),
        item_tax_group=given(asked, "item_tax_group"),
        dimensions={name: asked.typed("value")} if name else {},
        of_offset=asked.typed("of_offset") == "yes",
    )
    try:
        with asked.system.finance.transaction() as transaction:
            edited = edit_lines(
                transaction,
                company=asked.company,
                journal_id=journal.journal_id,
                change=change,
                actual_ids=picked(asked),
                actor=asked.visitor.login,
                at=asked.now,
            )
    except Refused as refused:
        return shown(asked, refused.refusals, status=422)
    return Moved(address(asked, journal.number) + f"?done=edited:{edited.edited_count}")


def given(asked: Asked, name: str) -> str | None:
    """Give a group that was chosen: None keeps it, '-' takes it away."""
    typed = asked.typed(name)
    return {"": None, "-": ""}.get(typed, typed)


def _post(asked: Asked) -> Answer:
    """Post one journal."""
    return started(asked, PostJournals((_found(asked).summary.journal_id,)), company=asked.company)


def _post_many(asked: Asked) -> Answer:
    """Post the journals that are ticked."""
    return started(asked, PostJournals(selected(asked)), company=asked.company)


def _to_draft(asked: Asked) -> Answer:
    """Bring a journal in error back to draft."""
    journal = _found(asked).summary
    with asked.system.finance.transaction() as transaction:
        update_to_draft(
            transaction,
            company=asked.company,
            journal_id=journal.journal_id,
            actor=asked.visitor.login,
            at=asked.now,
        )
    return Moved(address(asked, journal.number) + "?done=to_draft")


def _delete(asked: Asked) -> Answer:
    """Take the ticked lines, or the whole journal, back to staging."""
    journal = _found(asked).summary
    actual_ids = None if asked.typed("all") == "yes" else picked(asked)
    try:
        with asked.system.finance.transaction() as transaction:
            deleted = delete_lines(
                transaction,
                company=asked.company,
                journal_id=journal.journal_id,
                actual_ids=actual_ids,
                actor=asked.visitor.login,
                at=asked.now,
            )
    except Refused as refused:
        return shown(asked, refused.refusals, status=422)
    return Moved(address(asked, journal.number) + f"?done=deleted:{deleted.deleted_count}")


def picked(asked: Asked) -> tuple[int, ...]:
    """Give the keys that were ticked."""
    return tuple(filter(None, map(key_of, asked.form.get("pick", ()))))


def _found(asked: Asked) -> Journal:
    with asked.system.auditor_finance.reader() as reader:
        found = show_journal(reader, company=asked.company, number=asked.path["number"], lines=0)
    if found is None:
        raise HTTPException(404)
    return found


def address(asked: Asked, number: str) -> str:
    """Give the address of a journal."""
    return f"/{asked.company}/journals/{number}"


def _may_account(asked: Asked) -> bool:
    return asked.visitor.may("account", asked.company)


PAGES: Final = (
    Page("/{company}/journals", _list, "read_finance"),
    Page("/{company}/journals/post", _post_many, "account", "POST"),
    Page("/{company}/journals/{number}", _show, "read_finance"),
    Page("/{company}/journals/{number}/edit", _edit, "account", "POST"),
    Page("/{company}/journals/{number}/post", _post, "account", "POST"),
    Page("/{company}/journals/{number}/draft", _to_draft, "account", "POST"),
    Page("/{company}/journals/{number}/delete", _delete, "account", "POST"),
)
