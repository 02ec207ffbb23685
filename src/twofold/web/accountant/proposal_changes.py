"""What changes a proposal: dates and terms, tax groups, dimensions, its lines, its review.

A change names the revision that the reader saw; whoever was overtaken is told, and what was typed
stays in the form.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final, get_args

from twofold.access.roles import Permission
from twofold.database.transaction import Transaction
from twofold.finance.proposals.delete_lines import delete_lines
from twofold.finance.proposals.edit_format import Layout, Section, SectionClass, edit_format
from twofold.finance.proposals.edit_header import Clearable, HeaderChange, edit_header
from twofold.finance.proposals.edit_header_dimensions import edit_header_dimensions
from twofold.finance.proposals.edit_taxes import edit_taxes
from twofold.finance.proposals.line_taxes import TaxGroups
from twofold.finance.proposals.review import Decision, Step, review_proposal
from twofold.jobs.orders import ImportStaging
from twofold.kernel.catalogue import refuse
from twofold.kernel.errors import Refused
from twofold.web.accountant.journals import given, picked
from twofold.web.accountant.proposals import address, found, may, shown
from twofold.web.answers import Answer, Moved
from twofold.web.asked import Asked, Page
from twofold.web.everyone.jobs import started
from twofold.web.language import Unreadable
from twofold.web.listing import key_of

# Gives the key of the proposal and the revision that was seen to the process.
Change = Callable[[Transaction, int, int | None], object]
_STEPS: Final[dict[str, Step]] = {one: one for one in get_args(Step)}
_LAYOUTS: Final[dict[str, Layout]] = {one: one for one in get_args(Layout)}
_LAST: Final = 99
_OF_ACCOUNTANTS: Final[frozenset[Step]] = frozenset({"submit", "reset"})


def _change(asked: Asked, change: Change, done: str) -> Answer:
    """Make a change in one transaction; declined, show the proposal with the reasons."""
    one = found(asked).summary
    revision = asked.typed("revision")
    try:
        with asked.system.finance.transaction() as transaction:
            change(transaction, one.proposal_id, int(revision) if revision.isdecimal() else None)
    except Refused as refused:
        return shown(asked, refused.refusals, status=422)
    return Moved(f"{address(asked, one.number)}?done={done}")


def _edit_header(asked: Asked) -> Answer:
    """Edit invoice date, due date and terms; an empty due date is reckoned from the terms."""
    one = found(asked).summary
    try:
        change = _header_change(asked)
    except Unreadable as unreadable:
        refusal = refuse("ERR-U10", f"proposal/{one.number}", field="date", value=str(unreadable))
        return shown(asked, (refusal,), status=422)
    return _change(
        asked,
        lambda transaction, key, revision: edit_header(
            transaction,
            company=asked.company,
            proposal_id=key,
            revision=revision,
            change=change,
            actor=asked.visitor.login,
            at=asked.now,
        ),
        "changed",
    )


def _header_change(asked: Asked) -> HeaderChange:
    one = found(asked).summary
    read = asked.speech.read_day
    invoice_date, due_date = asked.typed("invoice_date"), asked.typed("due_date")
    terms = asked.typed("payment_terms")
    cleared: set[Clearable] = set()
    if not due_date and one.due_date_is_manual:
        cleared.add("due_date")
    if not terms and one.payment_terms:
        cleared.add("payment_terms")
    return HeaderChange(
        invoice_date=read(invoice_date) if invoice_date else None,
        due_date=read(due_date) if due_date else None,
        payment_terms=terms or None,
        cleared=cleared,
    )


def _edit_taxes(asked: Asked) -> Answer:
    """Give the ticked lines, or all, other tax groups."""
    groups = TaxGroups(
        tax_group=given(asked, "tax_group"),
        item_tax_group=given(asked, "item_tax_group"),
        actual_ids=picked(asked) or None,
    )
    return _change(
        asked,
        lambda transaction, key, revision: edit_taxes(
            transaction,
            company=asked.company,
            proposal_id=key,
            revision=revision,
            groups=groups,
            actor=asked.visitor.login,
            at=asked.now,
        ),
        "changed",
    )


def _edit_dimensions(asked: Asked) -> Answer:
    """Give the header, that is the customer balance, another dimension."""
    name = asked.typed("dimension")
    return _change(
        asked,
        lambda transaction, key, _: edit_header_dimensions(
            transaction,
            company=asked.company,
            proposal_id=key,
            dimensions={name: asked.typed("value")} if name else {},
            actor=asked.visitor.login,
            at=asked.now,
        ),
        "changed",
    )


def _edit_format(asked: Asked) -> Answer:
    """Lay out the document: each class of lines at its place, in detail, as a summary, or not."""
    return _change(
        asked,
        lambda transaction, key, revision: edit_format(
            transaction,
            company=asked.company,
            proposal_id=key,
            revision=revision,
            sections=_sections(asked),
            actor=asked.visitor.login,
            at=asked.now,
        ),
        "changed",
    )


def _sections(asked: Asked) -> tuple[Section, ...]:
    """Read the form: a class whose place is no number comes after the others."""
    places = {
        one: key_of(asked.typed(f"place:{one}"), _LAST)
        for one in get_args(SectionClass)
        if asked.typed(f"layout:{one}")
    }
    return tuple(
        Section(one, _LAYOUTS.get(asked.typed(f"layout:{one}"), "detail"))
        for one in sorted(places, key=lambda one: places[one])
    )


def _delete(asked: Asked) -> Answer:
    """Delete all lines, so that the next import makes them anew."""
    return _change(
        asked,
        lambda transaction, key, revision: delete_lines(
            transaction,
            company=asked.company,
            proposal_id=key,
            revision=revision,
            actor=asked.visitor.login,
            at=asked.now,
        ),
        "deleted",
    )


def _import(asked: Asked) -> Answer:
    """Import what this proposal needs, and its lines."""
    one = found(asked).summary
    order = ImportStaging(on=asked.now.date(), proposal=one.number)
    return started(asked, order, company=asked.company)


def _review(asked: Asked) -> Answer:
    """Take a step of the review: accountants submit and start again, approvers decide."""
    step = _STEPS.get(asked.typed("step"))
    wanted: Permission = "account" if step in _OF_ACCOUNTANTS else "approve_billing"
    if step is None or not may(asked, wanted):
        raise Refused(refuse("ERR-U05", f"{asked.visitor.login} in {asked.company}"))
    return _change(
        asked,
        lambda transaction, key, revision: review_proposal(
            transaction,
            company=asked.company,
            proposal_id=key,
            revision=revision,
            decision=Decision(step, asked.typed("note")),
            actor=asked.visitor.login,
            at=asked.now,
        ),
        "reviewed",
    )


PAGES: Final = (
    Page("/{company}/proposals/{number}/header", _edit_header, "account", "POST"),
    Page("/{company}/proposals/{number}/taxes", _edit_taxes, "account", "POST"),
    Page("/{company}/proposals/{number}/dimensions", _edit_dimensions, "account", "POST"),
    Page("/{company}/proposals/{number}/format", _edit_format, "account", "POST"),
    Page("/{company}/proposals/{number}/delete", _delete, "account", "POST"),
    Page("/{company}/proposals/{number}/import", _import, "account", "POST"),
    Page("/{company}/proposals/{number}/review", _review, "read_finance", "POST"),
)
