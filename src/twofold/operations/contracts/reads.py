"""Contracts as people see them: where each is in its life, what was agreed and what is billed."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Final

from twofold.database.statement import SqlFile
from twofold.database.transaction import Reader


@dataclass(frozen=True, slots=True)
class ListedContract:
    """One contract, its state and, once it is closed, why."""

    company: str
    number: str
    name: str
    customer_account: str
    currency: str
    state: str
    reason: str | None


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
    """A milestone as it was agreed, over the customers who pay it."""

    line_number: int
    name: str
    milestone_date: date
    amount: Decimal
    tax_amount: Decimal
    state: str


SQL: Final = SqlFile(__name__)
LIST_CONTRACTS: Final = SQL.query("list_contracts", gives=ListedContract)
SHOW_CONTRACT: Final = SQL.query("show_contract", gives=ShownContract)
LIST_CONTRACT_LINES: Final = SQL.query("list_contract_lines", gives=ShownContractLine)
LIST_MILESTONES: Final = SQL.query("list_milestones", gives=ShownMilestone)


def list_contracts(reader: Reader, *, company: str) -> list[ListedContract]:
    """Give the contracts of a company, by number."""
    return reader.all(LIST_CONTRACTS, company=company)


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
