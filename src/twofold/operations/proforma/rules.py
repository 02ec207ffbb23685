"""Proforma rules that need no rows: which header may be confirmed, and where its keys lie."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Final

from twofold.kernel.catalogue import refuse
from twofold.kernel.errors import Refusal

OPEN_STATES: Final = frozenset({"draft", "in_review"})
UNDER_WAY: Final = frozenset({"scheduled", "processing"})


@dataclass(frozen=True, slots=True)
class Header:
    """A proforma as its confirmation finds it.

    ``sale_count`` details have an unbilled sale, ``milestone_count`` a milestone, and
    ``correction_count`` credit a billed sale; ``changed_count`` is without corrections that change
    nothing. ``retainer_count`` details concern a retainer, ``retainer_sale_count`` of which has an
    open sale. There will be ``bill_count`` billed sales beside the credits, and ``new_sale_count``
    unbilled ones, of which ``open_sale_count`` stay open, ``open_retainer_count`` for retainers.
    """

    proforma_id: int
    number: str
    corrects_number: str | None
    state: str
    accounting_date: date | None
    currency: str
    contract_id: int
    contract_number: str
    contract_state: str
    contract_currency: str
    bulk_state: str | None
    detail_count: int
    milestone_count: int
    sale_count: int
    correction_count: int
    changed_count: int
    retainer_count: int
    retainer_sale_count: int
    bill_count: int
    new_sale_count: int
    open_sale_count: int
    open_retainer_count: int

    @property
    def row_count(self) -> int:
        """Rows the confirmation adds."""
        return self.correction_count + self.bill_count + self.reversal_count + self.resale_count

    @property
    def reversal_count(self) -> int:
        """Sales as they stand that are reversed: of work, and open ones of retainers."""
        return self.sale_count + self.retainer_sale_count

    @property
    def resale_count(self) -> int:
        """New sales, and the reversals of those that are billed at once."""
        return 2 * self.new_sale_count - self.open_sale_count


@dataclass(frozen=True, slots=True)
class KeyBlock:
    """The keys of one confirmation, without a gap.

    Credits, bills, reversals, new sales (those that stay open last), reversals of new sales.
    """

    first_credit: int
    first_bill: int
    first_reversal: int
    first_new_sale: int
    last: int


def header_refusals(header: Header, *, in_bulk: bool) -> list[Refusal]:
    """Give every reason in the header why the proforma cannot be confirmed."""
    record = f"proforma/{header.number}"
    if header.state not in OPEN_STATES:
        return [refuse("ERR-B10", record, field="state", value=header.state)]
    refusals: list[Refusal] = []
    if header.bulk_state in UNDER_WAY and not in_bulk:
        refusals.append(refuse("ERR-B61", record, field="bulk_state", value=header.bulk_state))
    if not header.detail_count:
        refusals.append(refuse("ERR-B05", record, reason="The proforma has no detail"))
    if header.detail_count and not header.changed_count:
        refusals.append(refuse("ERR-C02", record))
    if header.contract_state != "active":
        refusals.append(refuse("ERR-B23", record, field="contract", value=header.contract_number))
    if header.currency != header.contract_currency:
        refusals.append(refuse("ERR-B15", record, field="currency", value=header.currency))
    return refusals


def lay_out_keys(headers: Iterable[Header], first_key: int) -> list[KeyBlock]:
    """Give each proforma its block, one after the other from ``first_key``."""
    blocks: list[KeyBlock] = []
    for header in headers:
        first_bill = first_key + header.correction_count
        first_reversal = first_bill + header.bill_count
        first_new_sale = first_reversal + header.reversal_count
        last = first_key + header.row_count - 1
        blocks.append(KeyBlock(first_key, first_bill, first_reversal, first_new_sale, last))
        first_key = last + 1
    return blocks
