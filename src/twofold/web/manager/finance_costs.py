"""Costs that finance posted itself: what arrived, and what was made of it; the others taken over.

Taking over is a job: its page names the lines that stay, each with its reason.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from twofold.jobs.orders import TakeCosts
from twofold.operations.finance_costs.reads import ShownFinanceCost, list_finance_costs
from twofold.web.answers import Answer
from twofold.web.asked import Asked, Page
from twofold.web.everyone.jobs import started
from twofold.web.listing import Column, Field, Listing, Slice, answer, choice_of, key_of

_WAITING: Final = "waiting"
_COLUMNS: Final[tuple[Column[ShownFinanceCost], ...]] = (
    Column("Document", lambda one: one.document),
    Column("Kind", lambda one: one.kind, "term"),
    Column("Line", lambda one: one.line_number, "quantity"),
    Column("Status", lambda one: "taken_over" if one.cost_actual_id else _WAITING, "status"),
    Column("Date", lambda one: one.transaction_date, "date"),
    Column("Project", lambda one: one.project_number),
    Column("Quantity", lambda one: one.quantity, "quantity"),
    Column("Cost", lambda one: one.amount, "money", currency=lambda one: one.currency),
    Column("Sales price", lambda one: one.sales_price, "quantity"),
    Column("Voucher", lambda one: one.voucher),
    Column(
        "Cost actual",
        lambda one: one.cost_actual_id,
        to=lambda one: f"/journey?number=actual/{one.cost_actual_id}",
    ),
    Column(
        "Sale actual",
        lambda one: one.sale_actual_id,
        to=lambda one: f"/journey?number=actual/{one.sale_actual_id}",
    ),
)


def _list(asked: Asked) -> Answer:
    """Show what arrived, the newest first."""
    is_waiting = choice_of(asked, "state", (_WAITING,)) is not None

    def page(wanted: Slice) -> Sequence[ShownFinanceCost]:
        with asked.system.auditor_operations.reader() as reader:
            return list_finance_costs(
                reader,
                company=asked.company,
                is_waiting=is_waiting,
                after=key_of(wanted.after) or None,
                limit=wanted.limit,
            )

    listing: Listing[ShownFinanceCost] = Listing(
        title="Costs of finance",
        empty="Finance has posted no costs of its own.",
        fields=(Field("state", "Status", "choice", (_WAITING,)),),
        columns=_COLUMNS,
        page=page,
        place=lambda one: str(one.finance_cost_id),
    )
    return answer(
        asked, "finance_costs.html", listing, may_take=asked.visitor.may("bill", asked.company)
    )


def _take(asked: Asked) -> Answer:
    """Make a cost, and on time and material a sale, of every line that waits."""
    return started(asked, TakeCosts(), company=asked.company)


PAGES: Final = (
    Page("/{company}/finance-costs", _list, "read_operations"),
    Page("/{company}/finance-costs/take", _take, "bill", "POST"),
)
