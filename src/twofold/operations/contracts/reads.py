"""Contracts as people see them: where each is in its life."""

from __future__ import annotations

from dataclasses import dataclass
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


SQL: Final = SqlFile(__name__)
LIST_CONTRACTS: Final = SQL.query("list_contracts", gives=ListedContract)


def list_contracts(reader: Reader, *, company: str) -> list[ListedContract]:
    """Give the contracts of a company, by number."""
    return reader.all(LIST_CONTRACTS, company=company)
