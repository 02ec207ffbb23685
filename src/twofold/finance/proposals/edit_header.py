"""Edit the header of a proposal: invoice date, due date, terms of payment.

Another invoice date means another due date, and takes away one that was set by hand; so does the
posting dialog (spec P22.2, P32). Everything else of a header is what operations confirmed.

Before  the proposal is as the person saw it (``revision``).
After   dates, and the tax of the lines on the new day; or nothing is changed.
Next    ``posting.post``.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final, Literal

from twofold.database.statement import SqlFile
from twofold.database.transaction import Transaction
from twofold.finance.proposals.changes import (
    ChangedProposal,
    LockedProposal,
    conclude,
    lock_changeable,
)
from twofold.finance.proposals.line_taxes import AS_THEY_ARE, retax_lines
from twofold.kernel.catalogue import refuse
from twofold.kernel.errors import Refused

Clearable = Literal["due_date", "payment_terms"]


@dataclass(frozen=True, slots=True, kw_only=True)
class HeaderChange:
    """New values of a header; None leaves a value as it is.

    ``cleared``: the due date is reckoned again, the terms are those that came with the proposal.
    """

    invoice_date: date | None = None
    due_date: date | None = None
    payment_terms: str | None = None
    cleared: Collection[Clearable] = ()


@dataclass(frozen=True, slots=True)
class _Judged:
    invoice_date: date
    due_date: date | None
    due_date_is_manual: bool
    payment_terms: str | None
    is_open: bool


SQL: Final = SqlFile(__name__)
CHANGE: Final = SQL.command("change")
RENEW_DUE_DATE: Final = SQL.command("renew_due_date")
JUDGE: Final = SQL.query("judge", gives=_Judged)


def edit_header(
    transaction: Transaction,
    *,
    company: str,
    proposal_id: int,
    revision: int | None,
    change: HeaderChange,
    actor: str,
    at: datetime,
) -> ChangedProposal:
    """Make the change. An invoice without terms is due on the day of ``at``.

    Raises  Refused: as ``lock_changeable`` (ERR-F05, F09, F15, F18, F19); ERR-F08 the period of
            the new invoice date is not open, ERR-F17 the due date that is set is before it, ERR-A10
            finance does not know the terms, ERR-F10 a tax code has no rate on the new day.
    Source  P21, P32, features 145 and 146.
    """
    proposal = lock_changeable(
        transaction, company=company, proposal_id=proposal_id, revision=revision
    )
    asked = {"company": company, "proposal_id": proposal_id}
    is_redated = change.invoice_date not in {None, proposal.invoice_date}
    is_kept = proposal.due_date_is_manual and not is_redated and "due_date" not in change.cleared
    transaction.run(
        CHANGE,
        invoice_date=change.invoice_date,
        payment_terms=change.payment_terms,
        clears_terms="payment_terms" in change.cleared,
        due_date=change.due_date,
        due_date_is_manual=change.due_date is not None or is_kept,
        **asked,
    )
    transaction.run(RENEW_DUE_DATE, today=at.date(), **asked)
    judged = transaction.one(JUDGE, **asked)
    refusals = [
        refuse(code, proposal.record, field=field, value=value)
        for code, field, value in _problems(judged, is_redated=is_redated)
    ]
    if refusals:
        raise Refused(*refusals)
    if is_redated and proposal.state == "ready":
        retax_lines(transaction, proposal, company=company, groups=AS_THEY_ARE)
    return conclude(
        transaction,
        proposal,
        company=company,
        by=(actor, at),
        act="header_edited",
        note=_words(proposal, judged),
    )


def _problems(judged: _Judged, *, is_redated: bool) -> Iterator[tuple[str, str, str]]:
    if is_redated and not judged.is_open:
        yield "ERR-F08", "invoice_date", judged.invoice_date.isoformat()
    if judged.due_date is None:
        yield "ERR-A10", "payment_terms", judged.payment_terms or ""
    elif judged.due_date_is_manual and judged.due_date < judged.invoice_date:
        yield "ERR-F17", "due_date", judged.due_date.isoformat()


def _words(before: LockedProposal, after: _Judged) -> str:
    """Say what is another value than it was."""
    values = {
        "invoice date": (before.invoice_date, after.invoice_date),
        "due date": (before.due_date, after.due_date),
        "payment terms": (before.payment_terms, after.payment_terms),
    }
    return ", ".join(
        f"{name} {old or 'none'} to {new or 'none'}"
        for name, (old, new) in values.items()
        if old != new
    )
