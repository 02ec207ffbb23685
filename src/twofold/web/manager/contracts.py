"""Contracts: the list; one of them with what was agreed and billed, a tab each; and its life."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from decimal import Decimal
from typing import Any, Final, TypeVar

from starlette.exceptions import HTTPException

from twofold.database.transaction import Reader
from twofold.operations.backlog.limits import Limit, list_limits
from twofold.operations.backlog.reads import BacklogFilter, BacklogItem, list_backlog
from twofold.operations.contracts.close import complete_contract
from twofold.operations.contracts.confirm import confirm_contract
from twofold.operations.contracts.hold import hold_contract, resume_contract
from twofold.operations.contracts.re_evaluate import re_evaluate_contract
from twofold.operations.contracts.reads import (
    ChosenPriceList,
    ListedContract,
    Payer,
    ShownContract,
    ShownContractLine,
    ShownMilestone,
    list_contract_lines,
    list_contracts,
    list_milestones,
    list_payers,
    list_price_lists,
    show_contract,
)
from twofold.operations.retainers.reads import ListedRetainer, list_retainers
from twofold.operations.schedules.reads import ScheduledRun, list_schedules
from twofold.web.answers import Answer, Moved
from twofold.web.asked import Asked, Page
from twofold.web.charts import Stacks, stacks
from twofold.web.listing import Column, Field, Listing, answer, choice_of, whole

R = TypeVar("R")

_STATES: Final = ("draft", "active", "on_hold", "closed")
# Rows of milestones, retainers and schedule days that a contract shows.
_SHOWN: Final = 200
# Lines that a chart has room for.
_DRAWN: Final = 12
# Query and name of each tab; in English.
TABS: Final = (
    ("", "Lines"), ("payers", "Customers"), ("prices", "Prices"), ("milestones", "Milestones"),
    ("schedule", "Schedule"), ("retainers", "Retainers"), ("limits", "Limits"),
)  # fmt: skip
LEGEND: Final = (("", "Billed"), ("draft", "On drafts"), ("waits", "Not billed yet"))
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
Change = Callable[..., object]
_CHANGES: Final[Mapping[str, Change]] = {
    "confirm": confirm_contract,
    "hold": hold_contract,
    "resume": resume_contract,
    "re-evaluate": re_evaluate_contract,
    "complete": complete_contract,
}
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


def _list(asked: Asked) -> Answer:
    """Show the contracts of a company, by number."""
    state = choice_of(asked, "state", _STATES)
    with asked.system.auditor_operations.reader() as reader:
        found = list_contracts(reader, company=asked.company)
    address = f"/{asked.company}/contracts"
    columns: tuple[Column[ListedContract], ...] = (
        Column(
            "Contract",
            lambda one: one.number,
            to=lambda one: f"{address}/{one.number}",
            note=lambda one: one.name,
            sort="number",
        ),
        Column("Customer", lambda one: one.customer_account, sort="customer"),
        Column("Currency", lambda one: one.currency),
        Column("Status", lambda one: one.state, "status", note=lambda one: one.reason),
    )
    shown = [one for one in found if state is None or one.state == state]
    listing: Listing[ListedContract] = Listing(
        title="Contracts",
        fields=(Field("state", "Status", "choice", _STATES),),
        columns=columns,
        page=whole(shown, columns),
        place=lambda one: one.number,
        pick=_pick_for(asked),
        per_page=max(len(shown), 1),
        total=len(shown),
    )
    return answer(asked, "contracts.html", listing)


def _pick_for(asked: Asked) -> Callable[[ListedContract], str] | None:
    """Give the checkbox of contracts that may be billed, to who bills."""
    if not asked.visitor.may("bill", asked.company):
        return None
    return lambda one: str(one.contract_id) if one.state == "active" else ""


def _show(asked: Asked) -> Answer:
    """Show a contract and the tab that the query names."""
    company, number = asked.company, asked.path["number"]
    with asked.system.auditor_operations.reader() as reader:
        contract = show_contract(reader, company=company, number=number)
        if contract is None:
            raise HTTPException(404)
        tab = choice_of(asked, "tab", tuple(name for name, _ in TABS)) or ""
        key = contract.contract_id
        lines = list_contract_lines(reader, company=company, contract_id=key)
        runs = list_schedules(reader, company=company, contract_id=key, limit=_SHOWN)
        listings = _listings(reader, company, contract, tab, (lines, runs))
    coming = [one.run_date for one in runs if one.state == "not_run"]
    return answer(
        asked,
        "contract.html",
        *listings,
        contract=contract,
        tab=tab,
        tabs=TABS,
        chart=None if tab else _chart(contract.currency, lines),
        next_run_on=min(coming, default=None),
    )


def _chart(currency: str, lines: Sequence[ShownContractLine]) -> Stacks:
    """Draw billed, on drafts and the rest of what was contracted, line by line."""
    columns: list[tuple[str, Sequence[Decimal]]] = []
    for one in lines[:_DRAWN]:
        rest = one.contracted_amount - one.billed_amount - one.draft_amount
        parts = (one.billed_amount, one.draft_amount, max(rest, Decimal(0)))
        columns.append((f"{one.line_number} {one.name}", parts))
    return stacks("Billed of what was contracted", currency, LEGEND, columns)


def _listings(
    reader: Reader,
    company: str,
    contract: ShownContract,
    tab: str,
    read: tuple[Sequence[ShownContractLine], Sequence[ScheduledRun]],
) -> Sequence[Listing[Any]]:
    """Read the lists of a tab."""
    lines, runs = read
    key = contract.contract_id
    found: list[Listing[Any]]
    if tab == "payers":
        payers = list_payers(reader, company=company, contract_id=key)
        found = [_whole("", "Customers", payers, _PAYERS, _payer)]
    elif tab == "prices":
        prices = list_price_lists(reader, company=company, contract_id=key)
        found = [_whole("", "Price lists", prices, _PRICES, lambda one: one.name)]
    elif tab == "milestones":
        found = _of_milestones(reader, company, key)
    elif tab == "schedule":
        found = [_whole("", "Invoice schedule", runs, _RUNS, lambda one: str(one.run_date))]
    elif tab == "retainers":
        held = list_retainers(reader, company=company, contract_id=key, limit=_SHOWN)
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
    parts = list_backlog(reader, company=company, only=only, limit=_SHOWN)
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


def _change(asked: Asked) -> Answer:
    """Confirm, hold, resume, re-evaluate or complete it; a refusal says why not."""
    change, number = _CHANGES.get(asked.path["change"]), asked.path["number"]
    if change is None:
        raise HTTPException(404)
    with asked.system.operations.transaction() as transaction:
        change(
            transaction,
            company=asked.company,
            number=number,
            actor=asked.visitor.login,
            at=asked.now,
        )
    return Moved(f"/{asked.company}/contracts/{number}?done={asked.path['change']}:1")


PAGES: Final = (
    Page("/{company}/contracts", _list, "read_operations"),
    Page("/{company}/contracts/{number}", _show, "read_operations"),
    Page("/{company}/contracts/{number}/{change}", _change, "keep_contracts", "POST"),
)
