"""Actuals with their derived states: of a proforma, of an entry, one by one; and their journey.

The journey of a reference (a proforma number, an invoice number, or ``actual/17``) is all this
book knows of it: contract, customer, entries, details, actuals of each kind, and what finance
has reported back.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Final

from twofold.database.statement import SqlFile
from twofold.database.transaction import Reader
from twofold.operations.proforma.reads import ShownProforma, show_proforma


@dataclass(frozen=True, slots=True)
class ShownActual:
    """One actual with its states and what finance has reported back about it."""

    actual_id: int
    transaction_type: str
    transaction_class: str
    billing_type: str
    event: str
    transaction_date: date
    accounting_date: date
    quantity: Decimal
    unit: str
    price: Decimal
    amount: Decimal
    discount_amount: Decimal
    fee_amount: Decimal
    currency: str
    project_number: str
    resource_name: str | None
    role_name: str | None
    category_name: str | None
    contract_number: str | None
    contract_line: str | None
    customer_account: str | None
    reverses_id: int | None
    source_id: int | None
    entry_id: int | None
    milestone_id: int | None
    proforma_number: str | None
    skip_sync: bool
    change_set_id: int
    description: str | None
    adjustment_status: str | None
    billing_status: str | None
    voucher: str | None
    accounting_amount: Decimal | None
    exchange_rate: Decimal | None
    sales_tax_amount: Decimal | None


@dataclass(frozen=True, slots=True)
class Connection:
    """One link between two records, the newer one first, with the role and type of each."""

    transaction1_id: int
    transaction1_role: str
    transaction1_type: str
    transaction2_id: int
    transaction2_role: str
    transaction2_type: str


@dataclass(frozen=True, slots=True)
class ActualTotal:
    """Actuals of one kind behind a proforma; ``accounted`` ones have finance's accounting detail.

    Kinds are unbilled_sales and billed_sales; a kind without actuals has no total.
    """

    kind: str
    currency: str
    actual_count: int
    quantity: Decimal
    amount: Decimal
    accounted_count: int
    accounting_amount: Decimal


@dataclass(frozen=True, slots=True)
class BlockTotal:
    """Actuals of one proforma and kind that one confirmation wrote, in its currency.

    ``travels`` are those that finance gets.
    """

    number: str
    kind: str
    event: str
    billing_type: str
    travels: bool
    actual_count: int
    quantity: Decimal
    amount: Decimal


@dataclass(frozen=True, slots=True)
class EntryTotal:
    """The entries behind a proforma, and the days they span."""

    entry_count: int
    first_date: date | None
    last_date: date | None


@dataclass(frozen=True, slots=True)
class Journey:
    """What this book knows of a reference. An actual not yet on a proforma has only itself."""

    company: str
    reference: str
    actual: ShownActual | None
    proforma: ShownProforma | None
    entries: EntryTotal | None
    actuals: tuple[ActualTotal, ...]


@dataclass(frozen=True, slots=True)
class Correction:
    """A proforma that corrects another one; not confirmed while it is a draft."""

    number: str
    currency: str
    total_amount: Decimal
    created_by: str
    created_at: datetime
    confirmed_by: str | None
    confirmed_at: datetime | None


@dataclass(frozen=True, slots=True)
class Reversal:
    """What took an actual back: its event is cancellation, adjustment, correction and so on."""

    actual_id: int
    event: str
    amount: Decimal
    change_set_id: int


@dataclass(frozen=True, slots=True)
class _Key:
    actual_id: int


@dataclass(frozen=True, slots=True)
class _Set:
    change_set_id: int


@dataclass(frozen=True, slots=True)
class _Number:
    number: str


SQL: Final = SqlFile(__name__)
KEYS_OF_PROFORMA: Final = SQL.query("keys_of_proforma", gives=_Key)
KEYS_OF_ENTRY: Final = SQL.query("keys_of_entry", gives=_Key)
SHOW_ACTUALS: Final = SQL.query("show_actuals", gives=ShownActual)
CONNECTIONS: Final = SQL.query("connections", gives=Connection)
KEYS_OF_BLOCK: Final = SQL.query("keys_of_block", gives=_Key)
TOTALS_OF_BLOCK: Final = SQL.query("totals_of_block", gives=BlockTotal)
FIND_PROFORMA: Final = SQL.query("find_proforma", gives=_Number)
PROFORMA_OF_ACTUAL: Final = SQL.query("proforma_of_actual", gives=_Number)
CORRECTIONS_OF: Final = SQL.query("corrections_of", gives=Correction)
REVERSAL_OF: Final = SQL.query("reversal_of", gives=Reversal)
APPROVALS_OF_PROFORMA: Final = SQL.query("approvals_of_proforma", gives=_Set)
ENTRY_TOTAL: Final = SQL.query("entry_total", gives=EntryTotal)
ACTUAL_TOTALS: Final = SQL.query("actual_totals", gives=ActualTotal)


def actuals_of_proforma(
    reader: Reader, *, company: str, proforma_id: int, after_id: int = 0, limit: int
) -> list[ShownActual]:
    """Give the next actuals after ``after_id``: the sales on it, its bills and reversals."""
    keys = reader.all(
        KEYS_OF_PROFORMA,
        company=company,
        proforma_id=proforma_id,
        after_id=after_id,
        rows_max=limit,
    )
    return show_actuals(reader, company=company, actual_ids=[one.actual_id for one in keys])


def approvals_of_proforma(
    reader: Reader, *, company: str, proforma_id: int, sales_max: int
) -> set[int]:
    """Name the change sets in which its sales were approved; of so many sales at most."""
    found = reader.all(
        APPROVALS_OF_PROFORMA, company=company, proforma_id=proforma_id, rows_max=sales_max
    )
    return {one.change_set_id for one in found}


def actuals_of_block(
    reader: Reader, *, company: str, first_key: int, last_key: int, limit: int
) -> list[ShownActual]:
    """Give the first actuals of a block of keys."""
    keys = reader.all(
        KEYS_OF_BLOCK, company=company, first_key=first_key, last_key=last_key, rows_max=limit
    )
    return show_actuals(reader, company=company, actual_ids=[one.actual_id for one in keys])


def totals_of_block(
    reader: Reader, *, company: str, first_key: int, last_key: int
) -> list[BlockTotal]:
    """Add up the actuals of proformas in a block of keys, by proforma and kind."""
    return reader.all(TOTALS_OF_BLOCK, company=company, first_key=first_key, last_key=last_key)


def actuals_of_entry(reader: Reader, *, company: str, entry_id: int) -> list[ShownActual]:
    """Give the actuals of the entry's present approval, and what was billed of them."""
    keys = reader.all(KEYS_OF_ENTRY, company=company, entry_id=entry_id)
    return show_actuals(reader, company=company, actual_ids=[one.actual_id for one in keys])


def show_actual(reader: Reader, *, company: str, actual_id: int) -> ShownActual | None:
    """Give one actual, or None."""
    return next(iter(show_actuals(reader, company=company, actual_ids=[actual_id])), None)


def show_actuals(reader: Reader, *, company: str, actual_ids: Sequence[int]) -> list[ShownActual]:
    """Give these actuals, by key; keys that are none are left out."""
    return reader.all(SHOW_ACTUALS, company=company, actual_ids=list(actual_ids))


def connections_of(reader: Reader, *, company: str, actual_id: int) -> list[Connection]:
    """Give every link from and to an actual."""
    return reader.all(CONNECTIONS, company=company, actual_id=actual_id)


def corrections_of(reader: Reader, *, company: str, number: str) -> list[Correction]:
    """Give the proformas that correct the one of this number, the first one first."""
    return reader.all(CORRECTIONS_OF, company=company, number=number)


def reversal_of(reader: Reader, *, company: str, actual_id: int) -> Reversal | None:
    """Give what took an actual back; None where nothing did but its invoice."""
    return reader.first(REVERSAL_OF, company=company, actual_id=actual_id)


def trace_operations(reader: Reader, *, company: str, reference: str) -> Journey | None:
    """Follow a proforma number, an invoice number or an actual through this book.

    An actual is ``actual/17`` or plainly ``17``. None when the company knows no such thing.
    """
    key = reference.removeprefix("actual/")
    actual = None
    if key.isascii() and key.isdigit() and len(key) <= 18:
        actual = show_actual(reader, company=company, actual_id=int(key))
    if actual is None:
        found = reader.first(FIND_PROFORMA, company=company, reference=reference)
    else:
        found = reader.first(PROFORMA_OF_ACTUAL, company=company, actual_id=actual.actual_id)
    proforma = found and show_proforma(reader, company=company, number=found.number)
    if proforma is None:
        return actual and Journey(company, reference, actual, None, None, ())
    asked = {"company": company, "proforma_id": proforma.proforma_id}
    return Journey(
        company=company,
        reference=reference,
        actual=actual,
        proforma=proforma,
        entries=reader.one(ENTRY_TOTAL, **asked),
        actuals=tuple(reader.all(ACTUAL_TOTALS, **asked)),
    )
