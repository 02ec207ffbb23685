"""Allocate what is sold on a contract to its funding sources: by rules, until their limits.

Rules apply in the order of their priority. A rule splits by its percentages until one of its
sources has given all it gives; what is left goes to the next rule, and what no rule takes is
funded by nobody. The sales of a contract ask in the order of their dates. Amounts are in its
currency.

Who is billed is decided in operations, by the split of each contract line: percentages do not
travel (spec S-8). This tells what the sources agreed to, so that both can be compared, and it is
always that of today's rules and sales.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Final

from twofold.database.statement import SqlFile
from twofold.database.transaction import Reader


@dataclass(frozen=True, slots=True)
class FundedContract:
    """A contract, as finance has it."""

    number: str
    name: str
    currency: str


@dataclass(frozen=True, slots=True)
class FundingSource:
    """What one source gives; ``sold_amount`` is what operations split to its customer.

    ``limit_amount`` is None where it gives all that is asked. ``payer`` is empty for what nobody
    funds.
    """

    payer: str
    name: str | None
    limit_amount: Decimal | None
    funded_amount: Decimal
    left_amount: Decimal | None
    sold_amount: Decimal


@dataclass(frozen=True, slots=True)
class FundedSale:
    """What one source gives for one sale by one rule; none where nobody funds it."""

    kind: str
    document_id: int
    transaction_date: date
    amount: Decimal
    priority: int | None
    payer: str | None
    funded_amount: Decimal


SQL: Final = SqlFile(__name__)
FIND_CONTRACT: Final = SQL.query("find_contract", gives=FundedContract)
SOURCES: Final = SQL.query("sources", gives=FundingSource)
SALES: Final = SQL.query("sales", gives=FundedSale)


def find_contract(reader: Reader, *, company: str, contract: str) -> FundedContract | None:
    """Give the contract of this number; None when finance has none."""
    return reader.first(FIND_CONTRACT, company=company, contract=contract)


def funding_sources(reader: Reader, *, company: str, contract: str) -> tuple[FundingSource, ...]:
    """Give the sources of a contract, by account; first what nobody funds.

    After   funded amounts add up to what was sold, and none is above its limit.
    """
    return tuple(reader.all(SOURCES, company=company, contract=contract))


def funded_sales(
    reader: Reader, *, company: str, contract: str, limit: int = 200
) -> tuple[FundedSale, ...]:
    """Give by sale, rule and source what funds the contract, oldest first."""
    return tuple(reader.all(SALES, company=company, contract=contract, rows_max=limit))
