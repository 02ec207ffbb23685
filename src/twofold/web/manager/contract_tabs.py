"""The tabs of a contract: what was agreed, with whom, at which prices, and what came of it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any, Final, TypeVar

from twofold.database.transaction import Reader
from twofold.operations.backlog.limits import Limit, list_limits
from twofold.operations.backlog.reads import BacklogFilter, BacklogItem, list_backlog
from twofold.operations.contracts.reads import (
    ChosenPriceList,
    ListedPrice,
    Payer,
    ShownContractLine,
    ShownMilestone,
    list_milestones,
    list_payers,
    list_price_lists,
    list_prices,
)
from twofold.operations.retainers.reads import ListedRetainer, list_retainers
from twofold.operations.schedules.reads import ScheduledRun
from twofold.web.listing import Column, Listing, whole

R = TypeVar("R")

# Rows of milestones, retainers, prices and schedule days that a contract shows.
SHOWN_MAX: Final = 200
# Query and name of each tab; in English.
TABS: Final = (
    ("", "Lines"), ("payers", "Customers"), ("prices", "Prices"), ("milestones", "Milestones"),
    ("schedule", "Schedule"), ("retainers", "Retainers"), ("limits", "Limits"),
)  # fmt: skip
_PAYERS: Final[tuple[Column[Payer], ...]] = (
    Column("Customer", lambda one: one.customer_account, note=lambda one: one.customer_name),
    Column("Line", lambda one: one.line_number, "quantity"),
    Column("Share %", lambda one: one.split_percent, "quantity"),
    Column("Takes the rounding", lambda one: "yes" if one.is_rounding else None, "term"),
    Column("Limit", lambda one: one.limit_amount, "money"),
    Column("Bill to", lambda one: one.bill_to_name),
)
_PRICES: Final[tuple[Column[ChosenPriceList], ...]] = (
    Column("Price list", lambda one: one.name),
    Column("Currency", lambda one: one.currency),
    Column("From", lambda one: one.effective_from, "date"),
    Column("To", lambda one: one.effective_to, "date"),
    Column("Prices of roles", lambda one: one.price_count, "quantity"),
)
_OPEN_MILESTONES: Final[tuple[Column[BacklogItem], ...]] = (
    Column("Milestone", lambda one: one.name),
    Column("Line", lambda one: one.contract_line),
    Column("Customer", lambda one: one.customer_account),
    Column("Date", lambda one: one.transaction_date, "date"),
    Column("Amount", lambda one: one.amount, "money", currency=lambda one: one.currency),
    Column("Status", lambda one: one.state, "status"),
)
_LISTED_PRICES: Final[tuple[Column[ListedPrice], ...]] = (
    Column("Role, category or product", lambda one: one.name),
    Column("Price list", lambda one: one.price_list),
    Column("What", lambda one: one.subject, "term"),
    Column("From", lambda one: one.effective_from, "date"),
    Column("Method", lambda one: one.method, "term"),
    Column("Price", lambda one: one.price, "money", currency=lambda one: one.currency),
    Column("Markup %", lambda one: one.percent, "quantity"),
    Column("Unit", lambda one: one.unit),
    Column("Only this contract", lambda one: "yes" if one.is_of_contract else None, "term"),
)
_LINES: Final[tuple[Column[ShownContractLine], ...]] = (
    Column("Line", lambda one: f"{one.line_number} {one.name}"),
    Column("Billing method", lambda one: one.billing_method, "term"),
    Column("Project", lambda one: one.project_number),
    Column("Payers", lambda one: one.payers),
    Column("Discount %", lambda one: one.discount_percent, "quantity"),
    Column("Fee %", lambda one: one.fee_percent, "quantity"),
    Column("Contracted", lambda one: one.contracted_amount, "money"),
    Column("On drafts", lambda one: one.draft_amount, "money"),
    Column("Billed", lambda one: one.billed_amount, "money"),
)
_MILESTONES: Final[tuple[Column[ShownMilestone], ...]] = (
    Column("Milestone", lambda one: one.name),
    Column("Line", lambda one: str(one.line_number)),
    Column("Date", lambda one: one.milestone_date, "date"),
    Column("Amount", lambda one: one.amount, "money"),
    Column("Estimated tax", lambda one: one.tax_amount, "money"),
    Column("Status", lambda one: one.state, "status"),
)
_LIMITS: Final[tuple[Column[Limit], ...]] = (
    Column("Level", lambda one: one.level, "term"),
    Column("Line", lambda one: one.line_number),
    Column("Customer", lambda one: one.customer),
    Column("Limit", lambda one: one.amount, "money"),
    Column("Committed", lambda one: one.committed_amount, "money"),
    Column("Invoiced", lambda one: one.invoiced_amount, "money"),
    Column("Remaining", lambda one: one.remaining_amount, "money"),
)
_RUNS: Final[tuple[Column[ScheduledRun], ...]] = (
    Column("Run date", lambda one: one.run_date, "date"),
    Column("Line", lambda one: f"{one.line_number} {one.line_name}"),
    Column("Cut-off", lambda one: one.cutoff_date, "date"),
    Column("Status", lambda one: one.state, "status"),
    Column("Proforma invoices", lambda one: one.proforma_numbers, note=lambda one: one.message),
)
_RETAINERS: Final[tuple[Column[ListedRetainer], ...]] = (
    Column("Description", lambda one: one.description),
    Column("Customer", lambda one: one.customer_account),
    Column("Invoice date", lambda one: one.invoice_date, "date"),
    Column("Amount", lambda one: one.amount, "money"),
    Column("Used", lambda one: one.used_amount, "money"),
    Column("Available", lambda one: one.available_amount, "money"),
    Column("Status", lambda one: one.state, "status"),
)


def listings(
    reader: Reader,
    company: str,
    key: int,
    tab: str,
    read: tuple[Sequence[ShownContractLine], Sequence[ScheduledRun]],
) -> Sequence[Listing[Any]]:
    """Read the lists of a tab."""
    lines, runs = read
    found: list[Listing[Any]]
    if tab == "payers":
        payers = list_payers(reader, company=company, contract_id=key)
        found = [_whole("", "Customers", payers, _PAYERS, _payer)]
    elif tab == "prices":
        lists = list_price_lists(reader, company=company, contract_id=key)
        prices = list_prices(reader, company=company, contract_id=key, limit=SHOWN_MAX)
        found = [
            _whole("lists", "Price lists", lists, _PRICES, lambda one: one.name),
            _whole(
                "", "Prices", prices, _LISTED_PRICES, lambda one: f"{one.price_list}/{one.name}"
            ),
        ]
    elif tab == "milestones":
        found = _of_milestones(reader, company, key)
    elif tab == "schedule":
        found = [_whole("", "Invoice schedule", runs, _RUNS, lambda one: str(one.run_date))]
    elif tab == "retainers":
        held = list_retainers(reader, company=company, contract_id=key, limit=SHOWN_MAX)
        found = [_whole("", "Retainers", held, _RETAINERS, lambda one: str(one.retainer_id))]
    elif tab == "limits":
        limits = list_limits(reader, company=company, contract_id=key)
        found = [_whole("", "Not-to-exceed limits", limits, _LIMITS, lambda one: one.level)]
    else:
        foot = {
            "Contracted": sum(one.contracted_amount for one in lines),
            "On drafts": sum(one.draft_amount for one in lines),
            "Billed": sum(one.billed_amount for one in lines),
        }
        found = [_whole("lines", "Lines", lines, _LINES, lambda one: str(one.line_number), foot)]
    return found


def _payer(one: Payer) -> str:
    return f"{one.line_number}/{one.customer_account}"


def _pick_part(one: BacklogItem) -> str:
    return "" if one.proforma_number else f"{one.kind}/{one.key}"


def _of_milestones(reader: Reader, company: str, key: int) -> list[Listing[Any]]:
    """Give the milestones as they were agreed, and what is open of them by who pays."""
    agreed = list_milestones(reader, company=company, contract_id=key)
    only = BacklogFilter(contract_id=key, kind="milestone")
    parts = list_backlog(reader, company=company, only=only, limit=SHOWN_MAX)
    of_parts = _whole("", "Open milestones", parts, _OPEN_MILESTONES, lambda one: str(one.key))
    return [
        _whole("agreed", "Milestones", agreed, _MILESTONES, lambda one: one.name),
        replace(of_parts, pick=_pick_part),
    ]


def _whole(
    key: str,
    title: str,
    rows: Sequence[R],
    columns: tuple[Column[R], ...],
    place: Callable[[R], str],
    foot: Mapping[str, Any] | None = None,
) -> Listing[R]:
    return Listing(
        key=key,
        title=title,
        columns=columns,
        page=whole(rows, columns),
        place=place,
        foot=foot or {},
        per_page=max(len(rows), 1),
    )
