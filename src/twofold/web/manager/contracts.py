"""Contracts: the list, page by page; one of them with what was agreed and billed, a tab each."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from decimal import Decimal
from typing import Final

from starlette.exceptions import HTTPException

from twofold.kernel.errors import Refusal
from twofold.operations.contracts.reads import (
    ContractFilter,
    ListedContract,
    ShownContractLine,
    ShownMilestone,
    list_contract_lines,
    list_contracts,
    list_milestones,
    show_contract,
)
from twofold.operations.schedules.reads import list_schedules
from twofold.web.answers import Answer
from twofold.web.asked import Asked, Page
from twofold.web.charts import Stacks, stacks
from twofold.web.listing import Column, Field, Listing, Slice, answer, choice_of
from twofold.web.manager.contract_tabs import SHOWN_MAX, TABS, listings

_STATES: Final = ("draft", "active", "on_hold", "closed")
# Lines that a chart has room for.
_DRAWN: Final = 12
LEGEND: Final = (("", "Billed"), ("draft", "On drafts"), ("waits", "Not billed yet"))


def _list(asked: Asked) -> Answer:
    """Show the contracts that the filter leaves, by number."""
    only = ContractFilter(
        choice_of(asked, "state", _STATES),
        asked.text("customer") or None,
        asked.text("words") or None,
    )
    address = f"/{asked.company}/contracts"

    def page(wanted: Slice) -> Sequence[ListedContract]:
        with asked.system.auditor_operations.reader() as reader:
            return list_contracts(
                reader, company=asked.company, only=only, after=wanted.after, limit=wanted.limit
            )

    listing: Listing[ListedContract] = Listing(
        title="Contracts",
        fields=(
            Field("words", "Number or name"),
            Field("customer", "Customer"),
            Field("state", "Status", "choice", _STATES),
        ),
        columns=(
            Column(
                "Contract",
                lambda one: one.number,
                to=lambda one: f"{address}/{one.number}",
                note=lambda one: one.name,
            ),
            Column("Customer", lambda one: one.customer_account),
            Column("Currency", lambda one: one.currency),
            Column("Status", lambda one: one.state, "status", note=lambda one: one.reason),
        ),
        page=page,
        place=lambda one: one.number,
        pick=_pick_for(asked),
    )
    return answer(asked, "contracts.html", listing)


def _pick_for(asked: Asked) -> Callable[[ListedContract], str] | None:
    """Give the checkbox of contracts that may be billed, to who bills."""
    if not asked.visitor.may("bill", asked.company):
        return None
    return lambda one: str(one.contract_id) if one.state == "active" else ""


def _show(asked: Asked) -> Answer:
    """Show a contract and the tab that the query names."""
    tab = choice_of(asked, "tab", tuple(name for name, _ in TABS)) or ""
    return shown(asked, tab, ())


def shown(asked: Asked, tab: str, refusals: Sequence[Refusal]) -> Answer:
    """Show a tab of the contract of the address, with why something was not done (404)."""
    company, number = asked.company, asked.path["number"]
    if refusals:
        asked = asked.at(f"/{company}/contracts/{number}")
    with asked.system.auditor_operations.reader() as reader:
        contract = show_contract(reader, company=company, number=number)
        if contract is None:
            raise HTTPException(404)
        key = contract.contract_id
        lines = list_contract_lines(reader, company=company, contract_id=key)
        runs = list_schedules(reader, company=company, contract_id=key, limit=SHOWN_MAX)
        found = listings(reader, company, key, tab, (lines, runs))
        agreed: list[ShownMilestone] = []
        if tab == "milestones":
            agreed = list_milestones(reader, company=company, contract_id=key)
    coming = [one.run_date for one in runs if one.state == "not_run"]
    return answer(
        asked,
        "contract.html",
        *found,
        status=422 if refusals else 200,
        contract=contract,
        tab=tab,
        tabs=TABS,
        chart=None if tab else _chart(contract.currency, lines),
        next_run_on=min(coming, default=None),
        refusals=refusals,
        typed=asked.kept if refusals else {},
        fixed_lines=[one for one in lines if one.billing_method == "fixed_price"],
        in_progress=[one for one in agreed if one.is_progress and one.open_amount > 0],
        has_failed=any(one.state == "failed" for one in runs),
    )


def _chart(currency: str, lines: Sequence[ShownContractLine]) -> Stacks:
    """Draw billed, on drafts and the rest of what was contracted, line by line."""
    columns: list[tuple[str, Sequence[Decimal]]] = []
    for one in lines[:_DRAWN]:
        rest = one.contracted_amount - one.billed_amount - one.draft_amount
        parts = (one.billed_amount, one.draft_amount, max(rest, Decimal(0)))
        columns.append((f"{one.line_number} {one.name}", parts))
    return stacks("Billed of what was contracted", currency, LEGEND, columns)


PAGES: Final = (
    Page("/{company}/contracts", _list, "read_operations"),
    Page("/{company}/contracts/{number}", _show, "read_operations"),
)
