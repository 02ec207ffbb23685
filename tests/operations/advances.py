"""What the tests of retainers share: advances added, invoiced, used, and how they stand."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Literal

from tests.operations.billing import (
    CUTOFF,
    confirm,
    create,
    rows,
    sell,
)
from tests.support.books import Books
from tests.support.clock import NOW
from twofold.operations.backlog.mark import Marked, mark_ready
from twofold.operations.backlog.selection import Selection
from twofold.operations.proforma.drafts import DraftTotals
from twofold.operations.proforma.reads import list_details
from twofold.operations.proforma.use_retainer import RetainerUse, use_retainer
from twofold.operations.retainers.add import RetainerPlan, add_retainers
from twofold.operations.retainers.reads import list_retainers
from twofold.operations.retainers.refund import refund_retainer

ADVANCE = date(2026, 10, 1)


WORK = """
    actual_id  quantity  price  transaction_date
    {key}      1         {amount}  2026-10-15
"""


def add(
    books: Books,
    amount: str = "1000",
    *,
    contract: int = 1,
    customer: str | None = None,
    on: date = ADVANCE,
) -> int:
    plan = RetainerPlan(Decimal(amount), on, "Advance", number=1)
    (added,) = plan_retainers(books, plan, contract=contract, customer=customer)
    return added


def plan_retainers(
    books: Books, plan: RetainerPlan, *, contract: int = 1, customer: str | None = None
) -> list[int]:
    with books.operations.transaction() as transaction:
        added = add_retainers(
            transaction,
            company="USPM",
            contract_id=contract,
            customer=customer,
            plan=plan,
            actor="ann",
            at=NOW,
        )
    return [one.retainer_id for one in added]


def ready(books: Books, *retainers: int) -> Marked:
    with books.operations.transaction() as transaction:
        return mark_ready(
            transaction,
            company="USPM",
            selection=Selection(retainer_ids=retainers or None),
            actor="ann",
            at=NOW,
        )


def work(books: Books, key: int, amount: str) -> None:
    sell(books, WORK.format(key=key, amount=amount))


def draft(books: Books) -> int:
    (one,) = create(books, 1).proformas
    return one.proforma_id


def invoiced(books: Books, amount: str = "1000", *, on: date = ADVANCE) -> int:
    retainer = add(books, amount, on=on)
    ready(books, retainer)
    confirm(books, draft(books))
    return retainer


def use(
    books: Books,
    proforma: int,
    retainer: int,
    amount: str,
    how: Literal["applied", "refunded"] = "applied",
) -> DraftTotals:
    with books.operations.transaction() as transaction:
        return use_retainer(
            transaction,
            company="USPM",
            proforma_id=proforma,
            revision=None,
            wanted=RetainerUse(retainer, how, Decimal(amount), CUTOFF),
            actor="pm",
            at=NOW,
        )


def refund(books: Books, retainer: int, amount: str | None = None) -> None:
    with books.operations.transaction() as transaction:
        refund_retainer(
            transaction,
            company="USPM",
            retainer_id=retainer,
            amount=None if amount is None else Decimal(amount),
            actor="ann",
            at=NOW,
        )


def detail_keys(books: Books, proforma: int, use_: str = "applied") -> list[int]:
    with books.operations.reader() as reader:
        details = list_details(reader, company="USPM", proforma_id=proforma, limit=100)
    return [one.proforma_detail_id for one in details if one.retainer_use == use_]


def state(books: Books, retainer: int) -> tuple[object, ...]:
    """Give state, used and available of a retainer, and its refund."""
    with books.operations.reader() as reader:
        found = list_retainers(reader, company="USPM", limit=1000)
    (one,) = [one for one in found if one.retainer_id == retainer]
    return (one.state, int(one.used_amount), int(one.available_amount), one.refund_state)


def actuals(books: Books) -> list[tuple[object, ...]]:
    """Give the retainer actuals: type, amount, whether it reverses one, and whether it stays."""
    return [
        (kind, int(amount), bool(reverses), skipped)
        for kind, amount, reverses, skipped in rows(
            books,
            "SELECT transaction_type::text, amount, reverses_id, skip_sync"
            " FROM operations.actual WHERE class = 'retainer' ORDER BY actual_id",
        )
    ]


def open_amounts(books: Books) -> list[Decimal]:
    return [
        amount
        for (amount,) in rows(
            books, "SELECT amount FROM operations.open_retainer_sale ORDER BY retainer_id"
        )
    ]
