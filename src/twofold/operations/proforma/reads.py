"""What people see of proformas: the list, a header with its lines, and details page by page."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Final

from twofold.database.statement import SqlFile
from twofold.database.transaction import Reader


@dataclass(frozen=True, slots=True)
class ListedProforma:
    """One proforma in a list. ``state`` is posted once finance has posted its invoice.

    ``bulk_state`` is None for one that was never confirmed in bulk.
    """

    proforma_id: int
    number: str
    name: str
    contract_number: str
    customer_account: str
    customer_name: str
    currency: str
    state: str
    bulk_state: str | None
    accounting_date: date | None
    detail_count: int
    total_amount: Decimal
    created_by: str
    created_at: datetime
    invoice_number: str | None


@dataclass(frozen=True, slots=True)
class ProformaFilter:
    """What narrows proformas: the state people see, numbers, who created it, and a period.

    A proforma is of its accounting date; without one, of the day it was created.
    """

    state: str | None = None
    contract: str | None = None
    customer: str | None = None
    created_by: str | None = None
    from_on: date | None = None
    up_to: date | None = None


@dataclass(frozen=True, slots=True)
class ShownProforma:
    """The whole header, with what finance has reported back."""

    proforma_id: int
    number: str
    name: str
    description: str | None
    contract_number: str
    contract_name: str
    customer_account: str
    customer_name: str
    bill_to_name: str | None
    payment_terms: str | None
    currency: str
    state: str
    bulk_state: str | None
    bulk_reasons: list[str] | None
    accounting_date: date | None
    has_corrections: bool
    corrects_number: str | None
    revision: int
    changed_by: str | None
    changed_at: datetime | None
    detail_count: int
    detail_amount: Decimal
    tax_amount: Decimal
    total_amount: Decimal
    created_by: str
    created_at: datetime
    confirmed_by: str | None
    confirmed_at: datetime | None
    change_set_id: int | None
    billable_count: int | None
    invoice_number: str | None
    invoice_date: date | None
    due_date: date | None
    voucher: str | None
    invoice_tax_amount: Decimal | None
    invoice_total_amount: Decimal | None


@dataclass(frozen=True, slots=True)
class ShownLine:
    """One line of a proforma, with the amounts of its details by billing type."""

    proforma_line_id: int
    line_number: int
    name: str
    billing_method: str
    project_number: str | None
    invoiced_till_date_amount: Decimal
    chargeable_amount: Decimal
    non_chargeable_amount: Decimal
    complimentary_amount: Decimal
    tax_amount: Decimal
    detail_count: int


@dataclass(frozen=True, slots=True)
class ShownDetail:
    """One detail of a proforma and what backs it, or the billed sale it corrects and its amount.

    What is billed is ``amount`` less ``discount_amount`` with ``fee_amount``, all signed as the
    quantity; ``previous_amount`` is that of the billed sale. A retainer is on no line;
    ``retainer_use`` is invoiced, applied or refunded.
    """

    proforma_detail_id: int
    line_number: int | None
    actual_id: int | None
    milestone_id: int | None
    retainer_id: int | None
    retainer_use: str | None
    corrects_id: int | None
    previous_amount: Decimal | None
    transaction_class: str
    billing_type: str
    transaction_date: date
    quantity: Decimal
    unit: str
    price: Decimal
    amount: Decimal
    discount_amount: Decimal
    fee_amount: Decimal
    tax_amount: Decimal
    description: str | None
    project_number: str | None
    resource_name: str | None
    role_name: str | None
    category_name: str | None


@dataclass(frozen=True, slots=True)
class _Billed:
    actual_id: int


@dataclass(frozen=True, slots=True)
class _Precision:
    precision: int


SQL: Final = SqlFile(__name__)
PRECISION_OF: Final = SQL.query("precision_of", gives=_Precision)
BILLED_OF: Final = SQL.query("billed_of", gives=_Billed)
LIST_PROFORMAS: Final = SQL.query("list_proformas", gives=ListedProforma)
FIND_PROFORMAS: Final = SQL.query("find_proformas", gives=ListedProforma)
SHOW_PROFORMA: Final = SQL.query("show_proforma", gives=ShownProforma)
LIST_LINES: Final = SQL.query("list_lines", gives=ShownLine)
LIST_DETAILS: Final = SQL.query("list_details", gives=ShownDetail)


def list_proformas(
    reader: Reader,
    *,
    company: str,
    state: str | None = None,
    bulk_states: tuple[str, ...] = (),
    after_id: int = 0,
    limit: int,
) -> list[ListedProforma]:
    """Give the next proformas after the key ``after_id``; ``state`` is the one people see.

    With ``bulk_states``, only those whose bulk status is one of them.
    """
    return reader.all(
        LIST_PROFORMAS,
        company=company,
        state=state,
        bulk_states=list(bulk_states),
        after_id=after_id,
        rows_max=limit,
    )


def find_proformas(
    reader: Reader,
    *,
    company: str,
    only: ProformaFilter,
    before_id: int | None = None,
    limit: int,
) -> list[ListedProforma]:
    """Give the proformas that a filter leaves, the newest first, before the last one seen."""
    return reader.all(
        FIND_PROFORMAS, company=company, before_id=before_id, rows_max=limit, **asdict(only)
    )


def show_proforma(reader: Reader, *, company: str, number: str) -> ShownProforma | None:
    """Give the header with this number, or None."""
    return reader.first(SHOW_PROFORMA, company=company, number=number)


def list_lines(reader: Reader, *, company: str, proforma_id: int) -> list[ShownLine]:
    """Give all lines of a proforma in the order of the contract."""
    return reader.all(LIST_LINES, company=company, proforma_id=proforma_id)


def list_details(
    reader: Reader, *, company: str, proforma_id: int, after_id: int = 0, limit: int
) -> list[ShownDetail]:
    """Give the next details after the key ``after_id``: oldest transaction first."""
    return reader.all(
        LIST_DETAILS, company=company, proforma_id=proforma_id, after_id=after_id, rows_max=limit
    )


def billed_of(
    reader: Reader, *, company: str, proforma_id: int, detail_ids: Sequence[int]
) -> list[int]:
    """Give the keys of the billed sales that a confirmation made of these details."""
    found = reader.all(
        BILLED_OF, company=company, proforma_id=proforma_id, detail_ids=list(detail_ids)
    )
    return [one.actual_id for one in found]


def precision_of(reader: Reader, *, currency: str) -> int:
    """Give how many decimals amounts of a currency have."""
    return reader.one(PRECISION_OF, currency=currency).precision
