"""The records of a setup file that say who funds a contract, and to what limit."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal


@dataclass(frozen=True, slots=True)
class FundingLimit:
    """What a funding source, a contract with the account of who pays, gives at most.

    In the contract's currency; left out: all that is asked of it.
    """

    contract_number: str
    payer: str
    amount: Decimal | None = None


@dataclass(frozen=True, slots=True)
class FundingShare:
    """What percentage of what a rule takes one source gives."""

    payer: str
    percent: Decimal


@dataclass(frozen=True, slots=True)
class FundingRule:
    """Which sources fund a contract by which shares, before rules of a higher priority number.

    The shares make 100 percent; a rule without any takes nothing.
    """

    contract_number: str
    priority: int
    shares: tuple[FundingShare, ...] = ()
