"""What a setup must not do to the customers of contracts and lines.

``left_out_problems`` compares the file's lists with the book before anything is written,
``split_problems`` looks at one company after the file's rows are in. Both only read.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from decimal import Decimal
from typing import Final

from twofold.database.statement import SqlFile
from twofold.database.transaction import Reader
from twofold.kernel.catalogue import refuse
from twofold.kernel.errors import Refusal
from twofold.operations.setup.records import OperationsSetup

SPLIT_UNEVEN: Final = "ERR-A03"
CUSTOMER_HAS_ACTUALS: Final = "ERR-A05"
ROUNDING_UNCLEAR: Final = "ERR-A22"

WHOLE: Final = Decimal(100)


@dataclass(frozen=True, slots=True)
class _LeftOut:
    contract: str
    line_number: int | None
    account: str
    split_percent: Decimal


@dataclass(frozen=True, slots=True)
class _UnevenSplit:
    contract: str
    line_number: int | None
    split_percent: Decimal
    rounding_count: int


SQL: Final = SqlFile(__name__)
FIND_LEFT_OUT: Final = SQL.query("find_left_out", gives=_LeftOut)
FIND_UNEVEN_SPLITS: Final = SQL.query("find_uneven_splits", gives=_UnevenSplit)


def left_out_problems(reader: Reader, setup: OperationsSetup, company: str) -> Iterator[Refusal]:
    """Give customers with actuals that pay a share and that the file's list leaves out (S-6)."""
    listed = [
        asdict(one)
        for one in (*setup.contract_customers, *setup.line_customers)
        if one.company == company
    ]
    if not listed:
        return
    rows = json.dumps(listed, default=str)
    for left_out in reader.all(FIND_LEFT_OUT, company=company, rows=rows):
        yield refuse(
            CUSTOMER_HAS_ACTUALS,
            _record(company, left_out.contract, left_out.line_number),
            field="customer",
            value=left_out.account,
            reason=f"it pays {left_out.split_percent} percent and is not listed",
        )


def split_problems(reader: Reader, company: str) -> Iterator[Refusal]:
    """Give contracts and lines that are not split whole, or whose rounding nobody takes."""
    for uneven in reader.all(FIND_UNEVEN_SPLITS, company=company):
        record = _record(company, uneven.contract, uneven.line_number)
        if uneven.split_percent != WHOLE:
            yield refuse(
                SPLIT_UNEVEN,
                record,
                field="percent",
                value=str(uneven.split_percent),
                reason="percentages of the customers add up to this",
            )
        if uneven.rounding_count != 1:
            yield refuse(
                ROUNDING_UNCLEAR,
                record,
                field="rounding",
                reason=f"{uneven.rounding_count} customers who pay a share take the rounding",
            )


def _record(company: str, contract: str, line_number: int | None) -> str:
    record = f"company {company}/contract {contract}"
    return record if line_number is None else f"{record}/line {line_number}"
