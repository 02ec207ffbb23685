"""Estimate projects as people see them: where each stands, its draft, and what was posted."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Final

from twofold.database.statement import SqlFile
from twofold.database.transaction import Reader


@dataclass(frozen=True, slots=True)
class ShownProject:
    """An estimate project. ``state``: none, draft, estimated or eliminated.

    Revenue recognised and cost in work in progress by estimates that stand, in the accounting
    currency; percent and day of the draft where there is one, else of the last estimate.
    """

    number: str
    name: str
    project_number: str
    state: str
    estimated_through: date | None
    percent: Decimal | None
    accrued_amount: Decimal
    moved_amount: Decimal


@dataclass(frozen=True, slots=True)
class ShownEstimate:
    """A posted estimate of a project; ``reversed_by_voucher`` where it does not stand."""

    voucher: str
    kind: str
    estimated_through: date
    percent: Decimal
    counted_amount: Decimal
    total_amount: Decimal
    contract_amount: Decimal
    accrued_amount: Decimal
    moved_amount: Decimal
    variance_amount: Decimal
    posted_by: str
    posted_at: datetime
    reversed_by_voucher: str | None


@dataclass(frozen=True, slots=True)
class _Project:
    contract_line_id: int


SQL: Final = SqlFile(__name__)
LIST_PROJECTS: Final = SQL.query("list_projects", gives=ShownProject)
FIND_PROJECT: Final = SQL.query("find_project", gives=_Project)
LIST_ESTIMATES: Final = SQL.query("list_estimates", gives=ShownEstimate)


def list_estimate_projects(reader: Reader, *, company: str, limit: int) -> tuple[ShownProject, ...]:
    """Give the estimate projects of a company in the order of their numbers."""
    return tuple(reader.all(LIST_PROJECTS, company=company, rows_max=limit))


def is_estimate_project(reader: Reader, *, company: str, number: str) -> bool:
    """Tell whether there is an estimate project of this number, estimated or not."""
    return reader.first(FIND_PROJECT, company=company, number=number) is not None


def list_estimates(reader: Reader, *, company: str, number: str) -> tuple[ShownEstimate, ...]:
    """Give what was posted for an estimate project, oldest first."""
    return tuple(reader.all(LIST_ESTIMATES, company=company, number=number))
