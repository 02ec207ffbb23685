"""Contracts as people see them: where each is in its life, what was agreed and what is billed."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import date
from decimal import Decimal
from typing import Final

from twofold.database.statement import SqlFile
from twofold.database.transaction import Reader


@dataclass(frozen=True, slots=True)
class ListedContract:
    """One contract, its state and, once it is closed, why."""

    company: str
    contract_id: int
    number: str
    name: str
    customer_account: str
    currency: str
    state: str
    reason: str | None


@dataclass(frozen=True, slots=True)
class ContractFilter:
    """What narrows contracts: ``words`` is a part of number or name, ``customer`` who pays."""

    state: str | None = None
    customer: str | None = None
    words: str | None = None


EVERY_CONTRACT: Final = ContractFilter()


@dataclass(frozen=True, slots=True)
class ShownContract:
    """The head of a contract; ``payers`` and ``price_lists`` are words, ';' between them."""

    contract_id: int
    number: str
    name: str
    customer_account: str
    customer_name: str
    organizational_unit: str
    currency: str
    payment_terms: str | None
    state: str
    reason: str | None
    payers: str
    price_lists: str


@dataclass(frozen=True, slots=True)
class ShownContractLine:
    """A line with what was agreed and what is billed, in the contract's currency.

    ``draft_amount`` is chargeable on drafts, ``billed_amount`` on confirmed proformas, both before
    discount and fee; ``payers`` are shares in percent, where the line has any of its own.
    """

    contract_line_id: int
    line_number: int
    name: str
    billing_method: str
    project_number: str | None
    contracted_amount: Decimal
    draft_amount: Decimal
    billed_amount: Decimal
    discount_percent: Decimal
    fee_percent: Decimal
    payers: str


@dataclass(frozen=True, slots=True)
class ShownMilestone:
    """A milestone as it was agreed, over the customers who pay it.

    ``milestone_id`` is the key of one of its parts. ``next_amount`` is ready or on a draft,
    ``open_amount`` neither invoiced nor on a draft; ``is_fixed`` says that it cannot be changed.
    """

    milestone_id: int
    line_number: int
    name: str
    milestone_date: date
    amount: Decimal
    tax_amount: Decimal
    state: str
    is_progress: bool
    invoiced_amount: Decimal
    next_amount: Decimal
    open_amount: Decimal
    is_fixed: bool


@dataclass(frozen=True, slots=True)
class Payer:
    """A customer who pays a share, of the contract or, with a line's number, of that line.

    ``is_rounding``: what is left by rounding goes to them. ``limit_amount`` is not to be exceeded.
    """

    line_number: int | None
    customer_account: str
    customer_name: str
    split_percent: Decimal
    is_rounding: bool
    limit_amount: Decimal | None
    bill_to_name: str | None


@dataclass(frozen=True, slots=True)
class ChosenPriceList:
    """A sales price list of a contract; without ``effective_to`` it has no end."""

    name: str
    currency: str
    effective_from: date
    effective_to: date | None
    price_count: int


@dataclass(frozen=True, slots=True)
class ListedPrice:
    """A sales price of a contract: of a ``role``, ``category`` or ``product``, for one ``unit``.

    ``price`` is in ``currency``; a markup has a ``percent`` instead, and cost neither.
    """

    price_list: str
    subject: str
    name: str
    unit: str | None
    method: str
    price: Decimal | None
    percent: Decimal | None
    currency: str
    is_of_contract: bool
    effective_from: date


SQL: Final = SqlFile(__name__)
LIST_PAYERS: Final = SQL.query("list_payers", gives=Payer)
LIST_PRICE_LISTS: Final = SQL.query("list_price_lists", gives=ChosenPriceList)
LIST_PRICES: Final = SQL.query("list_prices", gives=ListedPrice)
LIST_CONTRACTS: Final = SQL.query("list_contracts", gives=ListedContract)
SHOW_CONTRACT: Final = SQL.query("show_contract", gives=ShownContract)
LIST_CONTRACT_LINES: Final = SQL.query("list_contract_lines", gives=ShownContractLine)
LIST_MILESTONES: Final = SQL.query("list_milestones", gives=ShownMilestone)


def list_contracts(
    reader: Reader,
    *,
    company: str,
    only: ContractFilter = EVERY_CONTRACT,
    after: str = "",
    limit: int | None = None,
) -> list[ListedContract]:
    """Give the next contracts of a company after a number, by number; all without a limit."""
    return reader.all(LIST_CONTRACTS, company=company, after=after, rows_max=limit, **asdict(only))


def show_contract(reader: Reader, *, company: str, number: str) -> ShownContract | None:
    """Give the contract with this number, or None."""
    return reader.first(SHOW_CONTRACT, company=company, number=number)


def list_contract_lines(
    reader: Reader, *, company: str, contract_id: int
) -> list[ShownContractLine]:
    """Give all lines of a contract, by number."""
    return reader.all(LIST_CONTRACT_LINES, company=company, contract_id=contract_id)


def list_milestones(reader: Reader, *, company: str, contract_id: int) -> list[ShownMilestone]:
    """Give all milestones of a contract, by line and day."""
    return reader.all(LIST_MILESTONES, company=company, contract_id=contract_id)


def list_payers(reader: Reader, *, company: str, contract_id: int) -> list[Payer]:
    """Give the customers of a contract, then those of lines that have their own."""
    return reader.all(LIST_PAYERS, company=company, contract_id=contract_id)


def list_price_lists(reader: Reader, *, company: str, contract_id: int) -> list[ChosenPriceList]:
    """Give the price lists of a contract, the earliest first."""
    return reader.all(LIST_PRICE_LISTS, company=company, contract_id=contract_id)


def list_prices(reader: Reader, *, company: str, contract_id: int, limit: int) -> list[ListedPrice]:
    """Give the prices of a contract's lists, the latest list first."""
    return reader.all(LIST_PRICES, company=company, contract_id=contract_id, rows_max=limit)
