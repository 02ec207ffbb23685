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
    currency; percent, day and contract amount of the draft where there is one, else of the last
    estimate. ``draft_accrued_amount`` and ``draft_moved_amount`` are what posting the draft adds.
    ``forecast_amount`` is what it will have cost in the end, None where nobody said.
    """

    number: str
    name: str
    project_number: str
    state: str
    estimated_through: date | None
    percent: Decimal | None
    contract_amount: Decimal | None
    accrued_amount: Decimal
    moved_amount: Decimal
    draft_accrued_amount: Decimal | None
    draft_moved_amount: Decimal | None
    forecast_amount: Decimal | None


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
class EstimatePeriod:
    """A period code: how often fixed prices that have it are estimated."""

    period: str
    name: str


@dataclass(frozen=True, slots=True)
class _Project:
    contract_line_id: int


SQL: Final = SqlFile(__name__)
LIST_PROJECTS: Final = SQL.query("list_projects", gives=ShownProject)
FIND_PROJECT: Final = SQL.query("find_project", gives=_Project)
LIST_ESTIMATES: Final = SQL.query("list_estimates", gives=ShownEstimate)
LIST_PERIODS: Final = SQL.query("list_periods", gives=EstimatePeriod)


def list_estimate_projects(
    reader: Reader, *, company: str, state: str | None = None, after: str = "", limit: int
) -> tuple[ShownProject, ...]:
    """Give the estimate projects of a company in the order of their numbers, after one."""
    return tuple(
        reader.all(
            LIST_PROJECTS, company=company, state=state, number=None, after=after, rows_max=limit
        )
    )


def show_estimate_project(reader: Reader, *, company: str, number: str) -> ShownProject | None:
    """Give one estimate project by its number; None when there is none."""
    return reader.first(
        LIST_PROJECTS, company=company, state=None, number=number, after="", rows_max=1
    )


def is_estimate_project(reader: Reader, *, company: str, number: str) -> bool:
    """Tell whether there is an estimate project of this number, estimated or not."""
    return reader.first(FIND_PROJECT, company=company, number=number) is not None


def list_estimates(reader: Reader, *, company: str, number: str) -> tuple[ShownEstimate, ...]:
    """Give what was posted for an estimate project, oldest first."""
    return tuple(reader.all(LIST_ESTIMATES, company=company, number=number))


def list_estimate_periods(reader: Reader, *, company: str) -> tuple[EstimatePeriod, ...]:
    """Give the period codes of a company, in order."""
    return tuple(reader.all(LIST_PERIODS, company=company))
