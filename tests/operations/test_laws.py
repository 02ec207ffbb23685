"""Laws of billing: whatever people do in whatever order, no work is billed twice, and none is lost.

People of one company record, approve and cancel, mark, bill, edit, take apart, confirm and revise;
they correct entries, write entry journals, change prices, take advances and pay them back, in any
order, on a contract line with a discount and a fee, or without. Two customers pay 60 and 40 percent
of the work, under limits. After every step all invariants of the book hold; of every entry the open
and the billed quantity add up to what was approved, and what was added by hand on top; nothing is
billed past a limit; and of an advance no more is used than was invoiced. What is refused leaves the
book as it was.
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
from twofold.operations.contracts.re_evaluate import re_evaluate_contract
from twofold.operations.entries.approve import approve_entries
from twofold.operations.entries.cancel_approval import cancel_approvals
from twofold.operations.entries.create_entry import NewEntry, create_entry
from twofold.operations.entries.reject import reject_entries
from twofold.operations.entries.submit import submit_entries
from twofold.operations.journals.confirm_correction import confirm_correction
from twofold.operations.journals.confirm_entry_journal import confirm_entry_journal
from twofold.operations.journals.discard_correction import discard_correction
from twofold.operations.journals.journal_line import NewJournalLine
from twofold.operations.journals.open_correction import NewValues, open_correction
from twofold.operations.journals.write_entry_journal import write_entry_journal
from twofold.operations.proforma.add_details import NewDetail, add_details
from twofold.operations.proforma.confirm import confirm_proformas
from twofold.operations.proforma.create import create_proformas
from twofold.operations.proforma.edit_details import DetailChange, edit_details
from twofold.operations.proforma.refresh import Wanted, refresh_proforma
from twofold.operations.proforma.remove_details import delete_proforma, remove_details
from twofold.operations.proforma.revise import revise_proforma
from twofold.operations.proforma.use_retainer import RetainerUse, use_retainer
from twofold.operations.retainers.add import RetainerPlan, add_retainers
from twofold.operations.retainers.refund import cancel_refund, refund_retainer

WHO: Final[dict[str, Any]] = {"company": "USPM", "actor": "pm", "at": NOW}

# Two customers pay the work of contract 1, under a limit of the contract and one of the second.
CONTRACT_LIMIT: Final = 4000
CUSTOMER_LIMIT: Final = 1000
TWO_PAYERS: Final = """
    UPDATE operations.contract SET not_to_exceed = 4000 WHERE contract_id = 1;
    UPDATE operations.contract_customer SET split_percent = 60 WHERE contract_customer_id = 1;
    UPDATE operations.contract_line_customer SET split_percent = 60 WHERE contract_line_id = 10;
    INSERT INTO operations.contract_customer (
        company, contract_customer_id, contract_id, customer_id, split_percent, is_rounding,
        is_primary, change_set_id
    )
    VALUES ('USPM', 1001, 1, 2, 40, false, false, 1);
    INSERT INTO operations.contract_line_customer (
        company, contract_line_id, customer_id, split_percent, is_rounding, not_to_exceed
    )
    VALUES ('USPM', 10, 2, 40, false, 1000)
"""
# What was billed of the work, of all customers and of the second.
BILLED: Final = """
    SELECT
        coalesce(sum(amount - discount_amount + fee_amount), 0),
        coalesce(sum(amount - discount_amount + fee_amount) FILTER (WHERE customer_id = 2), 0)
    FROM operations.actual
    WHERE
        contract_id = 1 AND transaction_type = 'billed_sales' AND billing_type = 'chargeable'
        AND class NOT IN ('milestone', 'retainer')
"""
# Of each invoiced advance: its amount, what is used, and what its bills and its open sale say.
ADVANCES: Final = """
    SELECT
        one.amount,
        one.used_amount,
        sum(actual.amount) FILTER (WHERE actual.transaction_type = 'billed_sales'),
        -sum(actual.amount) FILTER (WHERE actual.transaction_type = 'unbilled_sales')
    FROM operations.retainer AS one
    JOIN operations.actual USING (company, retainer_id)
    WHERE one.state = 'posted'
    GROUP BY one.retainer_id, one.amount, one.used_amount
"""

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
JOURNALS: Final = """
    SELECT journal_id FROM operations.journal WHERE kind = 'correction' AND state = 'open'
    ORDER BY 1
"""
# What is neither on a draft nor billed may be corrected.
CORRECTABLE: Final = """
    SELECT entry_id FROM operations.entry
    WHERE state = 'approved' AND entry_id NOT IN (
        SELECT actual.entry_id FROM operations.actual
        LEFT JOIN operations.backlog_item USING (company, actual_id)
        WHERE
            actual.entry_id IS NOT NULL
            AND (actual.transaction_type = 'billed_sales' OR backlog_item.state = 'on_proforma')
    )
    ORDER BY 1
"""
INVOICED: Final = """
    SELECT retainer_id, amount FROM operations.retainer WHERE state = 'posted' ORDER BY 1
"""
DRAFTS_AND_ADVANCES: Final = """
    SELECT proforma.proforma_id, retainer.retainer_id, retainer.amount
    FROM operations.proforma
    JOIN operations.retainer USING (company, contract_id, customer_id)
    WHERE proforma.state = 'draft' AND retainer.state = 'posted'
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
        (SELECT sum(hashtextextended(one::text, 0)) FROM operations.correction AS one),
        (SELECT sum(hashtextextended(one::text, 0)) FROM operations.journal AS one),
        (SELECT sum(hashtextextended(one::text, 0)) FROM operations.journal_line AS one),
        (SELECT sum(hashtextextended(one::text, 0)) FROM operations.entry_journal_line AS one),
        (SELECT sum(hashtextextended(one::text, 0)) FROM operations.actual_in_process AS one),
        (SELECT sum(hashtextextended(one::text, 0)) FROM operations.retainer AS one)
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
                reject_entries(self.transaction, entry_ids=[entry_id], reason="No", **WHO)
                del self.expected[entry_id]

    def unmark(self, number: int) -> None:
        for (actual_id,) in _one(self.rows(ITEMS), number):
            selection = Selection(actual_ids=(actual_id,))
            mark_not_ready(
                self.transaction, company="USPM", selection=selection, actor="ann", at=NOW
            )

    def bill(self, number: int) -> None:
        mark_ready(self.transaction, company="USPM", selection=Selection(), actor="ann", at=NOW)
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

    def correct(self, number: int) -> None:
        for (entry_id,) in _one(self.rows(CORRECTABLE), number):
            values = [
                NewValues(role="Trainee"),
                NewValues(on=DAY.replace(day=1 + number % 28)),
                NewValues(project_number="P-5"),
                NewValues(role="Engineer", project_number="P-1"),
            ][number % 4]
            self._try(open_correction, entry_ids=[entry_id], values=values, description="")

    def confirm_correction(self, number: int) -> None:
        for (journal_id,) in _one(self.rows(JOURNALS), number):
            self._try(confirm_correction, journal_id=journal_id)

    def discard_correction(self, number: int) -> None:
        for (journal_id,) in _one(self.rows(JOURNALS), number):
            self._try(discard_correction, journal_id=journal_id)

    def reprice(self, number: int) -> None:
        self.connection.execute(
            "UPDATE operations.role_price SET price = %s WHERE price_list_id = 2 AND role_id = 1",
            (150 + number % 100,),
        )
        self._try(re_evaluate_contract, number=["K-1", "K-5"][number % 2])

    def journal(self, number: int) -> None:
        line = NewJournalLine(
            "unbilled_sales",
            "time",
            DAY,
            "P-1",
            _quantity(number) * (-1 if number % 5 == 0 else 1),
            role="Engineer",
            customer=["C-1", "C-2", None][number % 3],
        )
        journal_id = write_entry_journal(self.transaction, lines=[line], description="", **WHO)
        self._try(confirm_entry_journal, journal_id=journal_id)

    def advance(self, number: int) -> None:
        plan = RetainerPlan(Decimal(1 + number % 900), DAY, "Advance", number=1)
        add_retainers(
            self.transaction,
            company="USPM",
            contract_id=1,
            customer=["C-1", "C-2"][number % 2],
            plan=plan,
            actor="ann",
            at=NOW,
        )

    def apply(self, number: int) -> None:
        for proforma_id, retainer_id, amount in _one(self.rows(DRAFTS_AND_ADVANCES), number):
            use = RetainerUse(
                retainer_id,
                "refunded" if number % 4 == 0 else "applied",
                round(amount * (number % 11) / 10, 2),
                DAY,
            )
            self._try(use_retainer, proforma_id=proforma_id, revision=None, wanted=use)

    def refund(self, number: int) -> None:
        for retainer_id, amount in _one(self.rows(INVOICED), number):
            if number % 3 == 0:
                self._attempt(cancel_refund, retainer_id=retainer_id, **WHO)
            else:
                part = None if number % 3 == 1 else round(amount * (1 + number % 10) / 10, 2)
                self._attempt(refund_retainer, retainer_id=retainer_id, amount=part, **WHO)

    def judge(self) -> None:
        self.seal(self.transaction)
        assert broken_in(self.transaction) == []
        assert dict(self.rows(ENTRY_BALANCES)) == self.expected
        ((billed, billed_to_second),) = self.rows(BILLED)
        assert billed <= CONTRACT_LIMIT
        assert billed_to_second <= CUSTOMER_LIMIT
        for amount, used, on_bills, as_open_sale in self.rows(ADVANCES):
            assert 0 <= used <= amount
            assert on_bills == as_open_sale == amount - used

    def rows(self, query: str, *given: object) -> list[tuple[Any, ...]]:
        return self.connection.execute(query.encode(), given).fetchall()

    def _try(self, process: Callable[..., object], **given: object) -> bool:
        return self._attempt(process, **WHO, **given)

    def _attempt(self, process: Callable[..., object], **given: object) -> bool:
        """Do it as a person would; what is refused must have left the book as it was."""
        before, sets = self.rows(CONTENTS), len(self.transaction.sets)
        try:
            with self.connection.transaction():
                process(self.transaction, **given)
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
    "correct": _Desk.correct,
    "confirm correction": _Desk.confirm_correction,
    "discard correction": _Desk.discard_correction,
    "reprice": _Desk.reprice,
    "journal": _Desk.journal,
    "advance": _Desk.advance,
    "apply": _Desk.apply,
    "refund": _Desk.refund,
}


# An hour's work billed and an advance invoiced, for the history to go on with.
BEGINNING: Final = (
    ("work", 799),
    ("advance", 500),
    ("advance", 301),
    ("bill", 0),
    ("confirm", 0),
    ("work", 350),
    ("work", 99),
    ("bill", 1),
)


def _quantity(number: int) -> Decimal:
    return Decimal(1 + number % 1600) / 100


def _one(candidates: list[Any], number: int) -> list[Any]:
    return [candidates[number % len(candidates)]] if candidates else []


@pytest.fixture
def working(books: Books) -> Books:
    plant_work(books)
    with books.owner_operations.raw() as connection:
        connection.execute(TWO_PAYERS.encode())
    return books


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
        for step, number in [*BEGINNING, *history]:
            STEPS[step](desk, number)
            desk.judge()
