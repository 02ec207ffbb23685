"""Shared categories: what each category of operations is in the finance book, and what is missing.

A category of operations stands for hours, fees, materials, expenses and, where the company uses
categories on account, milestones; as a shared category of each kind it has the number of the
kind behind its own: -1 hour, -2 fee, -3 item, -4 expense, -5 on account. The setup says
which of them the company uses; import from staging holds what is of another (ERR-I05).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from twofold.database.statement import SqlFile
from twofold.database.transaction import Reader


@dataclass(frozen=True, slots=True)
class SharedCategory:
    """A shared category; ``is_set_up`` where the company has an active project category of it."""

    number: str
    name: str
    class_: str
    item_tax_group: str | None
    is_set_up: bool


SQL: Final = SqlFile(__name__)
LIST_SHARED_CATEGORIES: Final = SQL.query("list_shared_categories", gives=SharedCategory)


def list_shared_categories(reader: Reader, *, company: str) -> list[SharedCategory]:
    """Give the shared categories of a company, in the order of their numbers."""
    return reader.all(LIST_SHARED_CATEGORIES, company=company)
