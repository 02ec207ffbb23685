"""What a number means in the finance book: invoices, proposals, journals, vouchers, customers.

Before  the book is open for reading.
After   nothing has changed.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from twofold.database.statement import SqlFile
from twofold.database.transaction import Reader


@dataclass(frozen=True, slots=True)
class FoundRecord:
    """Something a number means; ``follow`` is what its journey is found by, '' for none."""

    kind: str
    number: str
    name: str
    state: str
    currency: str
    amount: Decimal | None
    follow: str


SQL: Final = SqlFile(__name__)
FIND_RECORDS: Final = SQL.query("find_records", gives=FoundRecord)


def find_records(reader: Reader, *, company: str, numbers: Sequence[str]) -> list[FoundRecord]:
    """Give what any of ``numbers`` means."""
    return reader.all(FIND_RECORDS, company=company, numbers=list(numbers))
