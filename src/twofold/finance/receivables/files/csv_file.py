"""Payments as a table: reference, date, amount, currency; customer, invoice, remittance, payer."""

from __future__ import annotations

from typing import Final

from twofold.finance.csv_table import NotATable, read_table
from twofold.finance.receivables.files.rows import Cells, PaymentFile, StatedPayment
from twofold.kernel.catalogue import refuse
from twofold.kernel.errors import Refusal

_NEEDED: Final = ("reference", "date", "amount", "currency")
_KNOWN: Final = frozenset({*_NEEDED, "customer", "invoice", "remittance", "payer"})


def read_csv(content: bytes) -> PaymentFile:
    """Read a CSV in UTF-8; its first line names the columns, in any order."""
    try:
        table = read_table(content)
    except NotATable as error:
        return _unreadable(str(error))
    columns = table.columns
    missing = [name for name in _NEEDED if name not in columns]
    unknown = [name for name in columns if name not in _KNOWN]
    if missing or unknown or len(set(columns)) < len(columns):
        return _unreadable(
            f"Columns missing: {', '.join(missing) or 'none'}; unknown or twice:"
            f" {', '.join(unknown) or 'none'}."
        )
    payments: list[StatedPayment] = []
    refusals: list[Refusal] = []
    for number, row in table.rows:
        cells = Cells(f"line/{number}")
        payments.append(_payment(cells, row))
        if None in row:
            cells.bad("columns", str(len(columns)), "The line has more cells than columns.")
        refusals += cells.refusals
    return PaymentFile(tuple(payments), tuple(refusals), left_count=0)


def _payment(cells: Cells, row: dict[str | None, str | None]) -> StatedPayment:
    invoice = (row.get("invoice") or "").strip()
    return StatedPayment(
        place=cells.place,
        reference=cells.text("reference", row.get("reference")),
        payment_date=cells.day("date", row.get("date")),
        amount=cells.amount("amount", row.get("amount")),
        currency=cells.currency("currency", row.get("currency")),
        named=(invoice,) if invoice else (),
        remittance=(row.get("remittance") or "").strip(),
        payer=(row.get("payer") or "").strip(),
        customer_account=(row.get("customer") or "").strip() or None,
    )


def _unreadable(reason: str) -> PaymentFile:
    return PaymentFile(
        (), (refuse("ERR-L20", "file", field="columns", reason=reason),), left_count=0
    )
