"""A cost as a file states it, and the document it stands on."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Literal

CostClass = Literal["expense", "material"]
DocumentKind = Literal["general_journal", "vendor_invoice"]


@dataclass(frozen=True, slots=True)
class StatedCost:
    """One line. ``price`` is per unit, of the currency; a quantity below zero is a credit.

    ``document`` is vendor and invoice number of a vendor invoice, empty on a general journal.
    ``sales_price`` is per unit in the contract's currency; None lets operations price the sale.
    """

    place: str
    document: str
    accounting_date: date
    project: str
    quantity: Decimal
    price: Decimal
    charge_amount: Decimal
    sales_price: Decimal | None
    currency: str | None
    cls: CostClass
    category: str | None
    task: str | None
    customer: str | None
    contract_line: int | None
    offset_account: str | None
    tax_group: str | None
    item_tax_group: str | None
    description: str | None


@dataclass(frozen=True, slots=True)
class CostFile:
    """The lines of one file. ``content_hash`` tells it from others.

    ``is_intercompany``: it is for work of persons whom another company lends, which operations has.
    """

    name: str
    content_hash: str
    kind: DocumentKind
    prices_include_tax: bool
    is_intercompany: bool
    lines: tuple[StatedCost, ...]
