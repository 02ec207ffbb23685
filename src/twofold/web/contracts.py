"""Contracts: the list, one of them with what was agreed and billed, and where it is in its life."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final, TypeVar

from starlette.exceptions import HTTPException

from twofold.operations.backlog.limits import Limit, list_limits
from twofold.operations.contracts.close import complete_contract
from twofold.operations.contracts.confirm import confirm_contract
from twofold.operations.contracts.hold import hold_contract, resume_contract
from twofold.operations.contracts.re_evaluate import re_evaluate_contract
from twofold.operations.contracts.reads import (
    ListedContract,
    ShownContractLine,
    ShownMilestone,
    list_contract_lines,
    list_contracts,
    list_milestones,
    show_contract,
)
from twofold.operations.retainers.reads import ListedRetainer, list_retainers
from twofold.operations.schedules.reads import ScheduledRun, list_schedules
from twofold.web.answers import Answer, Moved
from twofold.web.asked import Asked, Page
from twofold.web.listing import Column, Field, Listing, answer, choice_of, whole

R = TypeVar("R")

_STATES: Final = ("draft", "active", "on_hold", "closed")
# Rows of retainers and schedule days that a contract shows.
_SHOWN: Final = 200
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
        per_page=max(len(shown), 1),
        total=len(shown),
    )
    return answer(asked, "contracts.html", listing)


def _show(asked: Asked) -> Answer:
    """Show a contract: its lines, milestones, limits, schedule and retainers."""
    company, number = asked.company, asked.path["number"]
    with asked.system.auditor_operations.reader() as reader:
        contract = show_contract(reader, company=company, number=number)
        if contract is None:
            raise HTTPException(404)
        key = contract.contract_id
        lines = list_contract_lines(reader, company=company, contract_id=key)
        milestones = list_milestones(reader, company=company, contract_id=key)
        limits = list_limits(reader, company=company, contract_id=key)
        runs = list_schedules(reader, company=company, contract_id=key, limit=_SHOWN)
        retainers = list_retainers(reader, company=company, contract_id=key, limit=_SHOWN)
    foot = {
        "Contracted": sum(one.contracted_amount for one in lines),
        "On drafts": sum(one.draft_amount for one in lines),
        "Billed": sum(one.billed_amount for one in lines),
    }
    listings: Sequence[Listing[Any]] = [
        _whole("lines", "Lines", lines, _LINES, lambda one: str(one.line_number), foot),
        _whole("milestones", "Milestones", milestones, _MILESTONES, lambda one: one.name),
        _whole("limits", "Not-to-exceed limits", limits, _LIMITS, lambda one: one.level),
        _whole("runs", "Invoice schedule", runs, _RUNS, lambda one: str(one.run_date)),
        _whole("retainers", "Retainers", retainers, _RETAINERS, lambda one: str(one.retainer_id)),
    ]
    return answer(asked, "contract.html", *listings, contract=contract)


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
