"""What a company's setup offers to choose from when a document is edited."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from twofold.database.statement import SqlFile
from twofold.database.transaction import Reader


@dataclass(frozen=True, slots=True)
class Choices:
    """Names, each list in order: groups that a tax code belongs to, terms, dimensions."""

    tax_groups: list[str]
    item_tax_groups: list[str]
    payment_terms: list[str]
    dimensions: list[str]


SQL: Final = SqlFile(__name__)
READ_CHOICES: Final = SQL.query("read_choices", gives=Choices)


def read_choices(reader: Reader, *, company: str) -> Choices:
    """Give what may be chosen; the values of a dimension are not listed, there may be many."""
    return reader.one(READ_CHOICES, company=company)
