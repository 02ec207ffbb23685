"""The path of a proposal or an actual through the finance book, with the time of every station.

``find_documents`` tells what a number means, ``trace_proposal`` follows a proposal to its
invoice, ``trace_actuals`` follows single actuals; vouchers are shown by ``ledger.reads``.
Times are None for stations not reached yet; ``reported_at`` is when operations had the result.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Final, Literal

from twofold.database.statement import SqlFile
from twofold.database.transaction import Reader


@dataclass(frozen=True, slots=True)
class FoundDocument:
    """Something a number may mean."""

    kind: Literal["proposal", "actual"]
    key: int
    name: str


@dataclass(frozen=True, slots=True)
class ProposalPath:
    """A proposal from its arrival to its invoice."""

    proposal_id: int
    number: str
    name: str
    customer_account: str | None
    customer_name: str | None
    state: str
    currency: str
    accounting_date: date
    confirmed_at: datetime
    arrived_at: datetime | None
    imported_at: datetime | None
    review: str
    needs_approval: bool
    first_actual_id: int
    last_actual_id: int
    billable_count: int
    staged_count: int
    line_count: int
    problem_count: int
    net_amount: Decimal
    tax_amount: Decimal
    total_amount: Decimal
    invoice_number: str | None
    voucher: str | None
    invoice_date: date | None
    due_date: date | None
    exchange_rate: Decimal | None
    posted_by: str | None
    posted_at: datetime | None
    reported_at: datetime | None


@dataclass(frozen=True, slots=True)
class ProposalJournal:
    """A journal that posted sales the proposal bills; amounts in the accounting currency."""

    number: str
    state: str
    posted_at: datetime | None
    posted_by: str | None
    line_count: int
    voucher_first: str
    voucher_last: str
    accounting_amount: Decimal
    accrued_amount: Decimal
    reported_at: datetime | None


@dataclass(frozen=True, slots=True)
class ProposalActual:
    """A billed sale, the unbilled sale it bills, its cost; None for milestones and credits."""

    billed_id: int
    unbilled_id: int | None
    cost_id: int | None


@dataclass(frozen=True, slots=True)
class ActualPath:
    """One actual, station by station: staged, held or journal or proposal, posted, reported."""

    actual_id: int
    transaction_type: str
    class_: str
    billing_type: str
    transaction_date: date
    quantity: Decimal
    price: Decimal
    amount: Decimal
    currency: str
    description: str | None
    project_number: str | None
    source_set_id: int
    arrived_at: datetime | None
    imported_at: datetime | None
    held_code: str | None
    held_field: str | None
    held_value: str | None
    held_since: datetime | None
    journal_number: str | None
    journal_state: str | None
    line_code: str | None
    line_field: str | None
    line_value: str | None
    proposal_number: str | None
    proposal_state: str | None
    invoice_number: str | None
    voucher: str | None
    accounting_date: date
    exchange_rate: Decimal | None
    accounting_amount: Decimal | None
    accrued_amount: Decimal | None
    sales_tax_amount: Decimal | None
    posted_by: str | None
    posted_at: datetime | None
    reported_at: datetime | None


@dataclass(frozen=True, slots=True)
class _Key:
    actual_id: int


SQL: Final = SqlFile(__name__)
FIND_DOCUMENTS: Final = SQL.query("find_documents", gives=FoundDocument)
TRACE_PROPOSAL: Final = SQL.query("trace_proposal", gives=ProposalPath)
PROPOSAL_JOURNALS: Final = SQL.query("proposal_journals", gives=ProposalJournal)
PROPOSAL_ACTUALS: Final = SQL.query("proposal_actuals", gives=ProposalActual)
CONNECTED_ACTUALS: Final = SQL.query("connected_actuals", gives=_Key)
TRACE_ACTUALS: Final = SQL.query("trace_actuals", gives=ActualPath)

_KEY_MAX: Final = 2**63 - 1


def find_documents(reader: Reader, *, company: str, number: str) -> tuple[FoundDocument, ...]:
    """Give what ``number`` may mean: a proposal or invoice number, a voucher, or a key."""
    key = int(number) if number.isascii() and number.isdigit() else None
    if key is not None and key > _KEY_MAX:
        key = None
    return tuple(reader.all(FIND_DOCUMENTS, company=company, number=number, key=key))


def trace_proposal(reader: Reader, *, company: str, proposal_id: int) -> ProposalPath | None:
    """Follow a proposal; None when it has not arrived."""
    return reader.first(TRACE_PROPOSAL, company=company, proposal_id=proposal_id)


def proposal_journals(
    reader: Reader, *, company: str, proposal_id: int
) -> tuple[ProposalJournal, ...]:
    """Give the journals that posted the sales on a proposal."""
    return tuple(reader.all(PROPOSAL_JOURNALS, company=company, proposal_id=proposal_id))


def proposal_actuals(
    reader: Reader, *, company: str, proposal_id: int, after: int = 0, limit: int = 200
) -> tuple[ProposalActual, ...]:
    """Give the billed sales of a proposal with what they bill; ``after`` is a billed sale."""
    return tuple(
        reader.all(
            PROPOSAL_ACTUALS, company=company, proposal_id=proposal_id, after=after, rows_max=limit
        )
    )


def connected_actuals(reader: Reader, *, company: str, actual_id: int) -> tuple[int, ...]:
    """Give the keys of an actual and of all that it is connected with."""
    rows = reader.all(CONNECTED_ACTUALS, company=company, actual_id=actual_id)
    return tuple(row.actual_id for row in rows)


def trace_actuals(
    reader: Reader, *, company: str, actual_ids: Sequence[int]
) -> tuple[ActualPath, ...]:
    """Follow actuals by their keys; those that never arrived are left out."""
    return tuple(reader.all(TRACE_ACTUALS, company=company, actual_ids=list(actual_ids)))
