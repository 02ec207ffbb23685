"""The backlog by age, with its chart; and limits: what is left, what they hold back, a way out."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from decimal import Decimal
from typing import Final

from twofold.kernel.catalogue import refuse
from twofold.kernel.errors import Refused
from twofold.operations.backlog.evaluate_limits import evaluate_limits
from twofold.operations.backlog.limits import Limit, list_limits
from twofold.operations.backlog.over_limit import HeldItem, list_held
from twofold.operations.backlog.reads import find_keys
from twofold.operations.backlog.selection import Selection
from twofold.operations.backlog.totals import BacklogTotal, Dimension, backlog_by
from twofold.web.answers import Answer, Moved
from twofold.web.asked import Asked, Page
from twofold.web.charts import Stacks, stacks
from twofold.web.listing import (
    Column,
    Field,
    Listing,
    Slice,
    answer,
    choice_of,
    key_of,
    whole,
)
from twofold.web.manager.backlog import TABS

AGES: Final = ("not due", "0 to 30 days", "31 to 60 days", "61 to 90 days", "over 90 days")
"""Ages as the book names them; in English."""
LEGEND: Final = (("", "Ready"), ("waits", "Not ready"))
_DIMENSIONS: Final[tuple[Dimension, ...]] = ("customer", "project")
_UNKNOWN: Final = "ERR-B22"


def limit_columns(company: str) -> tuple[Column[Limit], ...]:
    """Give the columns of limits: which one, how much of it is taken, and how much is left."""
    return (
        Column(
            "Contract",
            lambda one: one.contract,
            to=lambda one: f"/{company}/contracts/{one.contract}",
        ),
        Column("Level", lambda one: one.level, "term"),
        Column("Line", lambda one: one.line_number, "quantity"),
        Column("Customer", lambda one: one.customer),
        Column("Limit", lambda one: one.amount, "money", currency=lambda one: one.currency),
        Column("Committed", lambda one: one.committed_amount, "money"),
        Column("Invoiced", lambda one: one.invoiced_amount, "money"),
        Column("Remaining", lambda one: one.remaining_amount, "money"),
        Column("Used %", _used, "quantity"),
    )


def _used(one: Limit) -> Decimal | None:
    taken = one.committed_amount + one.invoiced_amount
    return round(taken * 100 / one.amount, 1) if one.amount else None


def held_columns(company: str) -> tuple[Column[HeldItem], ...]:
    """Give the columns of work over a limit: the limit, what is left of it, what is wanting."""
    return (
        Column("Date", lambda one: one.transaction_date, "date"),
        Column(
            "Contract",
            lambda one: one.contract_number,
            to=lambda one: f"/{company}/contracts/{one.contract_number}",
        ),
        Column("Line", lambda one: f"{one.line_number} {one.line_name}"),
        Column("Customer", lambda one: one.customer_account),
        Column("Who or what", lambda one: one.name),
        Column("Takes", lambda one: one.amount, "money", currency=lambda one: one.currency),
        Column("Over the limit of", lambda one: one.level, "term"),
        Column("Limit", lambda one: one.limit_amount, "money"),
        Column("Used", lambda one: one.taken_amount, "money"),
        Column("Remaining", lambda one: one.remaining_amount, "money"),
        Column("Missing", _missing, "money"),
    )


def _missing(one: HeldItem) -> Decimal | None:
    return None if one.missing_amount is None else max(one.missing_amount, Decimal(0))


def _ages(asked: Asked) -> Answer:
    """Show open work by age, and by customer or project, as of today."""
    dimension = choice_of(asked, "by", _DIMENSIONS) or "customer"
    with asked.system.auditor_operations.reader() as reader:
        ages = backlog_by(reader, company=asked.company, dimension="age", as_of=asked.now.date())
        by = backlog_by(
            reader,
            company=asked.company,
            dimension="project" if dimension == "project" else "customer",
            as_of=asked.now.date(),
        )
    of_ages = _totals("ages", "By age", "Age", ages)
    of_others = _totals("", f"By {dimension}", dimension.capitalize(), by)
    return answer(
        asked,
        "backlog_ages.html",
        of_ages,
        of_others,
        charts=tuple(_charts(ages)),
        tabs=TABS,
        dimension=dimension,
    )


def _totals(key: str, title: str, what: str, rows: Sequence[BacklogTotal]) -> Listing[BacklogTotal]:
    columns: tuple[Column[BacklogTotal], ...] = (
        Column(
            what,
            lambda one: one.number,
            "term" if key == "ages" else "text",
            note=lambda one: one.name,
        ),
        Column("Items", lambda one: one.item_count, "quantity"),
        Column("Amount", lambda one: one.amount, "money", currency=lambda one: one.currency),
        Column("Ready", lambda one: one.ready_amount, "money"),
        Column("Oldest", lambda one: one.oldest, "date"),
    )
    return Listing(
        key=key,
        title=title,
        empty="Nothing is open.",
        columns=columns,
        page=whole(rows, columns),
        place=lambda one: f"{one.number}/{one.currency}",
        per_page=max(len(rows), 1),
    )


def _charts(ages: Sequence[BacklogTotal]) -> Iterator[Stacks]:
    """Draw the ages of each currency."""
    for currency in sorted({one.currency for one in ages}):
        found = {one.number: one for one in ages if one.currency == currency}
        columns: list[tuple[str, Sequence[Decimal]]] = []
        for age in AGES:
            one = found.get(age)
            parts = (one.ready_amount, one.amount - one.ready_amount) if one else (Decimal(0),) * 2
            columns.append((age.capitalize(), parts))
        yield stacks("Open work by age", currency, LEGEND, columns)


def _limits(asked: Asked) -> Answer:
    """Show every limit, and the work that the first insufficient one holds back."""
    number = asked.text("contract")
    with asked.system.auditor_operations.reader() as reader:
        keys = find_keys(reader, company=asked.company, contract=number or None)
        contract_id = (keys.contract_id or 0) if number else None
        limits = list_limits(reader, company=asked.company, contract_id=contract_id)

    def page(wanted: Slice) -> Sequence[HeldItem]:
        contract, _, key = wanted.after.partition("/")
        with asked.system.auditor_operations.reader() as reader:
            return list_held(
                reader,
                company=asked.company,
                contract_id=contract_id,
                after=(key_of(contract, -1), key_of(key, -1)),
                limit=wanted.limit,
            )

    columns = limit_columns(asked.company)
    of_limits: Listing[Limit] = Listing(
        key="limits",
        title="Not-to-exceed limits",
        empty="No contract has a limit.",
        columns=columns,
        page=whole(limits, columns),
        place=lambda one: f"{one.contract}/{one.level}/{one.line_number}/{one.customer}",
        per_page=max(len(limits), 1),
    )
    of_held: Listing[HeldItem] = Listing(
        title="Held back by a limit",
        empty="No work is held back.",
        fields=(Field("contract", "Contract"),),
        columns=held_columns(asked.company),
        page=page,
        place=lambda one: f"{one.contract_id}/{one.actual_id}",
        pick=lambda one: str(one.actual_id),
    )
    return answer(
        asked, "backlog_limits.html", of_limits, of_held, tabs=TABS, is_one=bool(keys.contract_id)
    )


def _evaluate(asked: Asked) -> Answer:
    """Evaluate the ticked items, or a contract's, against the limits of today."""
    picked = tuple(int(one) for one in asked.form.get("pick", ()) if one.isdecimal())
    number = asked.typed("contract")
    with asked.system.operations.transaction() as transaction:
        keys = find_keys(transaction, company=asked.company, contract=number or None)
        if not picked and keys.contract_id is None:
            raise Refused(refuse(_UNKNOWN, f"contract/{number}"))
        selection = Selection(contract_id=keys.contract_id, actual_ids=picked or None)
        done = evaluate_limits(
            transaction,
            company=asked.company,
            selection=selection,
            actor=asked.visitor.login,
            at=asked.now,
        )
    return Moved(asked.back(f"evaluated:{done.committed_count}:{done.failed_count}"))


PAGES: Final = (
    # Before the page of a kind, which would take these names for one.
    Page("/{company}/backlog/ages", _ages, "read_operations"),
    Page("/{company}/backlog/limits", _limits, "read_operations"),
    Page("/{company}/backlog/limits", _evaluate, "bill", "POST"),
)
