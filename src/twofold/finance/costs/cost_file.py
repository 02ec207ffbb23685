"""Read general journals and vendor invoices from a CSV file; every bad cell is reported."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Final, cast, get_args

from twofold.finance.costs.stated_cost import CostClass, CostFile, DocumentKind, StatedCost
from twofold.finance.csv_table import NotATable, read_table
from twofold.kernel.catalogue import refuse
from twofold.kernel.errors import Refusal, Refused

UNREADABLE: Final = "ERR-J70"
NEEDED: Final[Mapping[DocumentKind, tuple[str, ...]]] = {
    "general_journal": ("date", "project", "cost_price", "offset_account"),
    "vendor_invoice": ("vendor", "invoice", "date", "project", "price"),
}
OPTIONAL: Final = (
    "quantity", "currency", "category", "task", "customer", "contract_line", "description",
)  # fmt: skip
OWN: Final[Mapping[DocumentKind, tuple[str, ...]]] = {
    "general_journal": ("sales_price",),
    "vendor_invoice": ("class", "charge", "tax_group", "item_tax_group"),
}
# What fits numeric(19, 4) as a factor of an amount.
_NUMBER_MAX: Final = Decimal(10) ** 9


def read_costs(
    content: bytes,
    *,
    name: str,
    kind: DocumentKind,
    prices_include_tax: bool = False,
    is_intercompany: bool = False,
) -> CostFile:
    """Read a file in UTF-8, or refuse it with all that is wrong with it (ERR-J70)."""
    rows = _rows(content, name, kind)
    cells = [_Row(f"{name}:{number}", row) for number, row in enumerate(rows, start=2)]
    lines = tuple(one.line(kind) for one in cells)
    refusals = [refusal for one in cells for refusal in one.refusals]
    if refusals:
        raise Refused(*refusals)
    if not lines:
        raise Refused(refuse(UNREADABLE, name, field="lines", value="none"))
    content_hash = hashlib.sha256(content).hexdigest()
    return CostFile(name, content_hash, kind, prices_include_tax, is_intercompany, lines)


def _rows(content: bytes, name: str, kind: DocumentKind) -> list[dict[str | None, str | None]]:
    try:
        table = read_table(content)
    except NotATable as error:
        raise Refused(refuse(UNREADABLE, name, reason=str(error))) from error
    columns = table.columns
    known = {*NEEDED[kind], *OPTIONAL, *OWN[kind]}
    wrong = [column for column in NEEDED[kind] if column not in columns]
    wrong += [column for column in columns if column not in known]
    wrong += sorted({column for column in columns if columns.count(column) > 1})
    if wrong:
        reason = "A column is missing, unknown or there twice."
        value = ", ".join(wrong)
        raise Refused(refuse(UNREADABLE, name, field="columns", value=value, reason=reason))
    return [row for _, row in table.rows]


class _Row:
    """Reads the cells of one row and keeps what is wrong with them."""

    def __init__(self, place: str, row: Mapping[str | None, str | None]) -> None:
        self.place: Final = place
        self.row: Final = row
        self.refusals: Final[list[Refusal]] = []

    def line(self, kind: DocumentKind) -> StatedCost:
        """Give the row as a line; a bad cell has a value that no file states."""
        is_journal = kind == "general_journal"
        return StatedCost(
            place=self.place,
            document="" if is_journal else f"{self.needed('vendor')}/{self.needed('invoice')}",
            accounting_date=self.day("date"),
            project=self.needed("project"),
            quantity=self.number("quantity", Decimal(1)),
            price=self.number("cost_price" if is_journal else "price", None, above_zero=True),
            charge_amount=self.number("charge", Decimal(0)),
            sales_price=self.number("sales_price", Decimal(0)) if is_journal else None,
            currency=self.text("currency"),
            cls=self.cost_class(),
            category=self.text("category"),
            task=self.text("task"),
            customer=self.text("customer"),
            contract_line=self.whole("contract_line"),
            offset_account=self.needed("offset_account") if is_journal else None,
            tax_group=self.text("tax_group"),
            item_tax_group=self.text("item_tax_group"),
            description=self.text("description"),
        )

    def bad(self, field: str, reason: str) -> None:
        """Note a bad cell."""
        value = self.row.get(field) or ""
        self.refusals.append(
            refuse(UNREADABLE, self.place, field=field, value=value, reason=reason)
        )

    def text(self, field: str) -> str | None:
        """Read a cell that may be empty."""
        return (self.row.get(field) or "").strip() or None

    def needed(self, field: str) -> str:
        """Read a cell that must say something."""
        found = self.text(field)
        if found is None:
            self.bad(field, "It is empty.")
        return found or ""

    def day(self, field: str) -> date:
        """Read a date."""
        try:
            return date.fromisoformat(self.text(field) or "")
        except ValueError:
            self.bad(field, "It is no date such as 2026-11-02.")
            return date.min

    def number(self, field: str, default: Decimal | None, *, above_zero: bool = False) -> Decimal:
        """Read a number of at most four decimals; an empty cell is the default."""
        text = self.text(field)
        if text is None and default is not None:
            return default
        try:
            found = Decimal(text or "")
        except InvalidOperation:
            found = Decimal("NaN")
        if not found.is_finite() or abs(found) >= _NUMBER_MAX or found != round(found, 4):
            self.bad(field, "It is no number of at most four decimals such as 1250.00.")
            return Decimal(0)
        if (above_zero and found <= 0) or (field == "quantity" and found == 0):
            self.bad(field, "It is zero, or below.")
        return found

    def whole(self, field: str) -> int | None:
        """Read a whole number above zero, or nothing."""
        text = self.text(field)
        if text is None:
            return None
        if not (text.isascii() and text.isdigit() and 0 < int(text) < 10**9):
            self.bad(field, "It is no number of a line.")
            return None
        return int(text)

    def cost_class(self) -> CostClass:
        """Read the class; expense where none is given."""
        text = self.text("class") or "expense"
        if text not in get_args(CostClass):
            self.bad("class", f"Known are {', '.join(get_args(CostClass))}.")
        return cast("CostClass", text)  # checked above
