"""What a number means in the operations book: documents, contracts, customers, work.

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
    """Something a number means; ``follow`` is what its journey is found by, '' where it has none.

    ``name`` is whose or what it is; for a draft that was deleted, who deleted it.
    """

    kind: str
    number: str
    name: str
    state: str
    currency: str
    amount: Decimal | None
    follow: str


SQL: Final = SqlFile(__name__)
FIND_RECORDS: Final = SQL.query("find_records", gives=FoundRecord)

# Proformas of a contract or customer that come with it.
PROFORMAS_MAX: Final = 20


def find_records(
    reader: Reader, *, company: str, numbers: Sequence[str], key: int | None
) -> list[FoundRecord]:
    """Give what any of ``numbers`` means, and the actual and entry of ``key``."""
    return reader.all(
        FIND_RECORDS, company=company, numbers=list(numbers), key=key, rows_max=PROFORMAS_MAX
    )
