"""Laws of billing: whatever people do in whatever order, no work is billed twice, and none is lost.

People of one company record, approve and cancel, mark, bill, edit, take apart, confirm and revise,
in any order, on a contract line with a discount and a fee, or without. After every step all
invariants of the book hold, and of every entry the open and the billed quantity add up to what was
approved, and what was added by hand on top. What is refused leaves the book as it was.
"""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any, Final

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from psycopg import Connection

from tests.operations.billing import broken_in, undone
from tests.operations.entries.working import DAY, plant_work
from tests.support.books import Books
from tests.support.clock import NOW, TODAY
from twofold.database.transaction import Transaction
from twofold.dualwrite.sets.seal import Sealer
from twofold.kernel.errors import Refused
from twofold.operations.backlog.mark import mark_not_ready, mark_ready
from twofold.operations.backlog.selection import Selection
from twofold.operations.entries.approve import approve_entries
from twofold.operations.entries.cancel_approval import cancel_approvals
from twofold.operations.entries.create_entry import NewEntry, create_entry
from twofold.operations.entries.reject import reject_entries
from twofold.operations.entries.submit import submit_entries
from twofold.operations.proforma.add_details import NewDetail, add_details
from twofold.operations.proforma.confirm import confirm_proformas
from twofold.operations.proforma.create import create_proformas
from twofold.operations.proforma.edit_details import DetailChange, edit_details
from twofold.operations.proforma.refresh import Wanted, refresh_proforma
from twofold.operations.proforma.remove_details import delete_proforma, remove_details
from twofold.operations.proforma.revise import revise_proforma

WHO: Final[dict[str, Any]] = {"company": "USPM", "actor": "pm", "at": NOW}

# What is open or billed of every entry. Reversals count against what they reverse.
ENTRY_BALANCES: Final = """
    SELECT entry_id, sum(quantity)
    FROM (
        SELECT actual.entry_id, item.quantity
        FROM operations.backlog_item AS item
        JOIN operations.actual USING (company, actual_id)
        UNION ALL
        SELECT entry_id, quantity FROM operations.actual WHERE transaction_type = 'billed_sales'
    ) AS part
    WHERE entry_id IS NOT NULL
    GROUP BY entry_id
    HAVING sum(quantity) <> 0
"""

# By how much confirming a draft raises what its entries amount to: only by what was added by hand.
ADDED_BY_HAND: Final = """
    SELECT basis.entry_id, sum(greatest(detail.quantity - basis.quantity, 0))
    FROM operations.proforma_detail AS detail
    JOIN operations.actual AS basis
        ON
            basis.company = detail.company
            AND basis.actual_id = coalesce(detail.actual_id, detail.corrects_id)
    WHERE detail.proforma_id = %s AND basis.entry_id IS NOT NULL
    GROUP BY basis.entry_id
"""

AGREED: Final = """
    UPDATE operations.contract_line SET discount_percent = %s, fee_percent = %s
    WHERE billing_method = 'time_and_material'
"""
DRAFTS: Final = "SELECT proforma_id FROM operations.proforma WHERE state = 'draft' ORDER BY 1"
CONFIRMED: Final = (
    "SELECT proforma_id FROM operations.proforma WHERE state = 'confirmed' ORDER BY 1"
)
DETAILS: Final = """
    SELECT proforma_id, proforma_detail_id
    FROM operations.proforma_detail
    JOIN operations.proforma USING (company, proforma_id)
    WHERE state = 'draft'
    ORDER BY 1, 2
"""
ITEMS: Final = "SELECT actual_id FROM operations.backlog_item ORDER BY 1"
CONTENTS: Final = """
    SELECT jsonb_build_array(
        (SELECT sum(hashtextextended(one::text, 0)) FROM operations.actual AS one),
        (SELECT sum(hashtextextended(one::text, 0)) FROM operations.backlog_item AS one),
        (SELECT sum(hashtextextended(one::text, 0)) FROM operations.entry AS one),
        (SELECT sum(hashtextextended(one::text, 0)) FROM operations.approval AS one),
        (SELECT sum(hashtextextended(one::text, 0)) FROM operations.proforma AS one),
        (SELECT sum(hashtextextended(one::text, 0)) FROM operations.proforma_line AS one),
        (SELECT sum(hashtextextended(one::text, 0)) FROM operations.proforma_detail AS one),
        (SELECT sum(hashtextextended(one::text, 0)) FROM operations.correction AS one)
    )::text
"""


class _Desk:
    """The people of one company, all in one transaction. A step's number chooses its object."""

    def __init__(self, books: Books, connection: Connection[Any], transaction: Transaction) -> None:
        self.connection = connection
        self.transaction = transaction
        self.seal = Sealer("operations", books.server.active_maps())
        self.expected: dict[int, Decimal] = {}

    def work(self, number: int) -> None:
        quantity = _quantity(number)
        billable: Any = ["chargeable", "chargeable", "non_chargeable"][number % 3]
        entry = NewEntry("time", DAY, "P-1", quantity, person="Bob Kozack", billing_type=billable)
        entry_id = create_entry(self.transaction, entry=entry, **WHO)
        submit_entries(self.transaction, entry_ids=[entry_id], **WHO)
        approve_entries(self.transaction, entry_ids=[entry_id], **WHO)
        self.expected[entry_id] = quantity

    def cancel(self, number: int) -> None:
        for entry_id in _one(sorted(self.expected), number):
            if cancel_approvals(self.transaction, entry_ids=[entry_id], **WHO).entry_count:
                reject_entries(self.transaction, company="USPM", entry_ids=[entry_id])
                del self.expected[entry_id]

    def unmark(self, number: int) -> None:
        for (actual_id,) in _one(self.rows(ITEMS), number):
            selection = Selection(actual_ids=(actual_id,))
            mark_not_ready(self.transaction, company="USPM", selection=selection)

    def bill(self, number: int) -> None:
        mark_ready(self.transaction, company="USPM", selection=Selection())
        self.unmark(number)
        create_proformas(self.transaction, contract_ids=None, cutoff=TODAY, **WHO)

    def edit(self, number: int) -> None:
        for proforma_id, detail_id in _one(self.rows(DETAILS), number):
            change = DetailChange(
                detail_id,
                quantity=Decimal(0) if number % 7 == 0 else _quantity(number),
                billing_type=[None, None, "non_chargeable", "complimentary"][number % 4],
            )
            self._try(edit_details, proforma_id=proforma_id, revision=None, changes=(change,))

    def remove(self, number: int) -> None:
        for proforma_id, detail_id in _one(self.rows(DETAILS), number):
            chosen = [detail_id]
            self._try(remove_details, proforma_id=proforma_id, revision=None, detail_ids=chosen)

    def delete(self, number: int) -> None:
        for (proforma_id,) in _one(self.rows(DRAFTS), number):
            self._try(delete_proforma, proforma_id=proforma_id, revision=None)

    def refresh(self, number: int) -> None:
        for (proforma_id,) in _one(self.rows(DRAFTS), number):
            wanted = Wanted(cutoff=TODAY)
            self._try(refresh_proforma, proforma_id=proforma_id, revision=None, wanted=wanted)

    def add(self, number: int) -> None:
        for (proforma_id,) in _one(self.rows(DRAFTS), number):
            detail = NewDetail(1, "time", DAY, _quantity(number), "hour", role="Engineer")
            self._try(add_details, proforma_id=proforma_id, revision=None, details=[detail])

    def confirm(self, number: int) -> None:
        for (proforma_id,) in _one(self.rows(DRAFTS), number):
            added = dict(self.rows(ADDED_BY_HAND, proforma_id))
            if self._try(confirm_proformas, proforma_ids=(proforma_id,), on=TODAY):
                for entry_id, quantity in added.items():
                    self.expected[entry_id] += quantity

    def revise(self, number: int) -> None:
        for (proforma_id,) in _one(self.rows(CONFIRMED), number):
            self._try(revise_proforma, proforma_id=proforma_id, actual_ids=None)

    def judge(self) -> None:
        self.seal(self.transaction)
        assert broken_in(self.transaction) == []
        assert dict(self.rows(ENTRY_BALANCES)) == self.expected

    def rows(self, query: str, *given: object) -> list[tuple[Any, ...]]:
        return self.connection.execute(query.encode(), given).fetchall()

    def _try(self, process: Any, **given: Any) -> bool:  # noqa: ANN401
        """Do it as a person would; what is refused must have left the book as it was."""
        before, sets = self.rows(CONTENTS), len(self.transaction.sets)
        try:
            with self.connection.transaction():
                process(self.transaction, **WHO, **given)
        except Refused:
            del self.transaction.sets[sets:]
            assert self.rows(CONTENTS) == before
            return False
        return True


STEPS: Final[dict[str, Callable[[_Desk, int], None]]] = {
    "edit": _Desk.edit,
    "confirm": _Desk.confirm,
    "edit again": _Desk.edit,
    "revise": _Desk.revise,
    "confirm another": _Desk.confirm,
    "bill": _Desk.bill,
    "work": _Desk.work,
    "remove": _Desk.remove,
    "cancel": _Desk.cancel,
    "unmark": _Desk.unmark,
    "refresh": _Desk.refresh,
    "add": _Desk.add,
    "delete": _Desk.delete,
}


def _quantity(number: int) -> Decimal:
    return Decimal(1 + number % 1600) / 100


def _one(candidates: list[Any], number: int) -> list[Any]:
    return [candidates[number % len(candidates)]] if candidates else []


@pytest.fixture
def working(books: Books) -> Books:
    return plant_work(books)


@given(
    percents=st.sampled_from([(0, 0), (Decimal("3.33"), Decimal("7.77")), (100, 0)]),
    history=st.lists(
        st.tuples(st.sampled_from(list(STEPS)), st.integers(0, 10_000)), min_size=10, max_size=30
    ),
)
@settings(
    max_examples=30,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
def test_no_order_of_steps_bills_work_twice_or_loses_it(
    working: Books,
    percents: tuple[Decimal | int, Decimal | int],
    history: list[tuple[str, int]],
) -> None:
    with undone(working.owner_operations) as (connection, transaction):
        connection.execute(AGREED.encode(), percents)
        desk = _Desk(working, connection, transaction)
        for step, number in [("work", 799), ("work", 350), ("bill", 0), *history]:
            STEPS[step](desk, number)
            desk.judge()
