"""Approval, its change and its cancellation: which actuals come of it, and what is undone."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.operations.billing import broken, broken_in, rows, undone
from tests.operations.entries.working import approve, plant_work, submitted
from tests.support.books import Books
from tests.support.clock import NOW
from twofold.kernel.errors import Refused
from twofold.operations.entries.approve import approve_entries
from twofold.operations.entries.approve_recall import approve_recall
from twofold.operations.entries.cancel_approval import CancelResult, cancel_approvals
from twofold.operations.entries.change_approval import change_approval
from twofold.operations.entries.refuse_recall import refuse_recall
from twofold.operations.entries.request_recall import request_recall


@pytest.fixture
def work(books: Books) -> Books:
    return plant_work(books)


def change(books: Books, entry_id: int, billable: str | None, billing_type: str | None) -> None:
    assert billing_type in {None, "chargeable", "non_chargeable", "complimentary"}
    with books.operations.transaction() as transaction:
        change_approval(
            transaction,
            company="USPM",
            entry_id=entry_id,
            billable_quantity=None if billable is None else Decimal(billable),
            billing_type=billing_type,  # type: ignore[arg-type]
            actor="ann",
            at=NOW,
        )


def cancel(books: Books, *entry_ids: int) -> CancelResult:
    with books.operations.transaction() as transaction:
        return cancel_approvals(
            transaction, company="USPM", entry_ids=entry_ids, actor="pm", at=NOW
        )


def test_approval_makes_cost_and_sale_and_puts_the_sale_into_the_backlog(work: Books) -> None:
    submitted(work)

    result = approve(work)

    assert (result.entry_count, result.first_actual_id, result.last_actual_id) == (1, 1, 2)
    work.then("""
        operations.actual
        actual_id  transaction_type  billing_type  event     quantity  amount  currency  source_id  customer_id  accounting_date  skip_sync
        1          cost              chargeable    approval  8         800     USD       -          -            2026-10-05       false
        2          unbilled_sales    chargeable    approval  8         1600    USD       1          1            2026-10-05       false

        operations.backlog_item
        actual_id  contract_id  quantity  amount  state    not_to_exceed
        2          1            8         1600    created  not_applicable

        operations.entry
        entry_id  state     first_actual_id  last_actual_id
        1         approved  1                2

        operations.approval
        entry_id

        operations:dualwrite.outbox
        company  kind      stream      key_first  key_last
        USPM     approval  approval/1  1          2
    """)  # noqa: E501
    assert not broken(work)


@pytest.mark.parametrize(
    ("billable", "billing_type", "sales"),
    [
        ("8", None, ["chargeable 8 1600"]),
        ("6", None, ["chargeable 6 1200", "non_chargeable 2 400"]),
        ("10", None, ["chargeable 10 2000"]),
        ("7.9999", None, ["chargeable 7.9999 1599.98", "non_chargeable 0.0001 0.02"]),
        ("0", None, ["non_chargeable 8 1600"]),
        (None, "non_chargeable", ["non_chargeable 8 1600"]),
        ("6", "complimentary", ["complimentary 8 1600"]),
    ],
)
def test_the_approver_decides_what_is_billed(
    work: Books, billable: str | None, billing_type: str | None, sales: list[str]
) -> None:
    change(work, submitted(work), billable, billing_type)

    approve(work)

    made = rows(
        work,
        "SELECT concat_ws(' ', billing_type, trim_scale(quantity), trim_scale(amount)) "
        "FROM operations.actual WHERE transaction_type = 'unbilled_sales' ORDER BY actual_id",
    )
    assert [row for (row,) in made] == sales
    cost = "SELECT quantity FROM operations.actual WHERE transaction_type = 'cost'"
    assert rows(work, cost) == [(8,)]
    assert not broken(work)


def test_work_without_a_sale_cannot_be_billed_otherwise(work: Books) -> None:
    entry_id = submitted(work, project_number="P-2")

    with pytest.raises(Refused) as refused:
        change(work, entry_id, "4", None)

    assert refused.value.codes == ("ERR-E29",)
    assert approve(work).last_actual_id == 1


def test_a_fee_is_a_sale_without_a_cost(work: Books) -> None:
    submitted(work, cls="fee", category="Licence fee", quantity=Decimal(2), person=None)

    approve(work)

    work.then("""
        operations.actual
        actual_id  transaction_type  class  amount  source_id
        1          unbilled_sales    fee    199     -
    """)
    assert not broken(work)


def test_only_what_is_asked_for_is_approved(work: Books) -> None:
    first = submitted(work, on=date(2026, 10, 4))
    submitted(work, on=date(2026, 10, 5))
    submitted(work, on=date(2026, 10, 6))
    submitted(work, on=date(2026, 10, 5), project_number="P-2")

    assert approve(work, entry_ids=[first]).entry_count == 1
    assert approve(work, project_number="P-1", up_to=date(2026, 10, 5)).entry_count == 1
    assert approve(work, project_number="P-2").entry_count == 1
    assert approve(work).entry_count == 1
    nothing = approve(work)
    assert (nothing.entry_count, nothing.set_id) == (0, None)
    assert not broken(work)


def test_an_entry_that_does_not_wait_is_refused_and_the_others_go_on(work: Books) -> None:
    done, waiting = submitted(work), submitted(work)
    approve(work, entry_ids=[done])

    result = approve(work, entry_ids=[done, waiting, 999])

    assert result.entry_count == 1
    assert [refusal.code for refusal in result.refusals] == ["ERR-E27", "ERR-E28"]


def test_another_company_s_entries_wait_on(work: Books) -> None:
    submitted(work)

    with work.operations.transaction() as transaction:
        result = approve_entries(transaction, company="GBPM", actor="pm", at=NOW)

    assert result.entry_count == 0


def test_cancelling_reverses_every_actual_and_restores_the_approval(work: Books) -> None:
    entry_id = submitted(work)
    change(work, entry_id, "6", None)
    approve(work)

    result = cancel(work, entry_id)

    assert result.entry_count == 1
    work.then("""
        operations.actual
        actual_id  transaction_type  billing_type    event         quantity  amount  reverses_id  source_id
        1          cost              chargeable      approval      8         800     -            -
        2          unbilled_sales    chargeable      approval      6         1200    -            1
        3          unbilled_sales    non_chargeable  approval      2         400     -            1
        4          cost              chargeable      cancellation  -8        -800    1            -
        5          unbilled_sales    chargeable      cancellation  -6        -1200   2            1
        6          unbilled_sales    non_chargeable  cancellation  -2        -400    3            1

        operations.actual_status
        actual_id  adjustment_status  billing_status
        1          adjusted           canceled
        2          adjusted           canceled
        3          adjusted           canceled
        4          unadjustable       canceled
        5          unadjustable       canceled
        6          unadjustable       canceled

        operations.entry
        entry_id  state      first_actual_id
        1         submitted  -

        operations.approval
        entry_id  billable_quantity  billing_type
        1         6                  chargeable

        operations.backlog_item
        actual_id
    """)  # noqa: E501
    assert not broken(work)


def test_a_recall_that_is_granted_gives_the_entry_back(work: Books) -> None:
    time = submitted(work)
    expense = submitted(
        work,
        cls="expense",
        category="Travel",
        quantity=Decimal(1),
        unit_price=Decimal(10),
        currency="USD",
    )
    kept = submitted(work)
    approve(work)

    with work.operations.transaction() as transaction:
        request_recall(
            transaction, company="USPM", entry_ids=[time, expense, kept], actor="ann", at=NOW
        )
    with work.operations.transaction() as transaction:
        refuse_recall(transaction, company="USPM", entry_ids=[kept], actor="ann", at=NOW)
        approve_recall(transaction, company="USPM", entry_ids=[time, expense], actor="pm", at=NOW)

    work.then("""
        operations.entry
        entry_id  class    state     first_actual_id
        1         time     returned  -
        2         expense  rejected  -
        3         time     approved  5

        operations.approval
        entry_id

        operations.backlog_item
        actual_id
        6
    """)
    assert not broken(work)


def test_what_is_on_a_draft_cannot_be_cancelled(work: Books) -> None:
    on_draft, free = submitted(work), submitted(work)
    approve(work)
    with work.owner_operations.raw() as connection:
        connection.execute(
            "UPDATE operations.backlog_item SET state = 'on_proforma', proforma_id = 7"
            " WHERE actual_id = 2"
        )

    result = cancel(work, on_draft, free)

    assert result.entry_count == 1
    assert [(refusal.code, refusal.record) for refusal in result.refusals] == [
        ("ERR-B20", f"entry USPM/{on_draft}")
    ]
    with work.operations.transaction() as transaction:
        refused = request_recall(
            transaction, company="USPM", entry_ids=[on_draft], actor="ann", at=NOW
        )
    assert [refusal.code for refusal in refused.refusals] == ["ERR-B20"]


def test_nothing_to_cancel_makes_no_change_set(work: Books) -> None:
    result = cancel(work, submitted(work))

    assert (result.entry_count, result.reversed) == (0, None)
    work.then("""
        operations:dualwrite.outbox
        set_id
    """)


STEPS = st.lists(
    st.tuples(
        st.sampled_from(["approve", "cancel", "change"]),
        st.integers(1, 4),
        st.integers(0, 100_000),
    ),
    max_size=12,
)

LIVE = """
    SELECT
        coalesce(sum(amount) FILTER (WHERE billing_type = 'chargeable'), 0),
        coalesce(sum(amount) FILTER (WHERE billing_type = 'chargeable' AND item IS NOT NULL), 0)
    FROM operations.actual
    LEFT JOIN LATERAL (
        SELECT 1 AS item FROM operations.backlog_item AS i WHERE i.actual_id = actual.actual_id
    ) AS backlog ON true
    WHERE transaction_type = 'unbilled_sales'
"""


@given(steps=STEPS)
@settings(
    max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None
)
def test_live_sales_are_what_is_approved_whatever_was_cancelled_before(
    work: Books, steps: list[tuple[str, int, int]]
) -> None:
    with undone(work.owner_operations) as (connection, transaction):
        connection.execute("""
            INSERT INTO operations.entry (company, entry_id, class, transaction_date, project_id, resource_id,
                role_id, quantity, unit, state, created_by, created_at)
            SELECT 'USPM', n, 'time', '2026-10-05', 1, 1, 1, n, 'hour', 'submitted', 'bob', now()
            FROM generate_series(1, 4) AS n""")  # noqa: E501
        connection.execute("""
            INSERT INTO operations.journal_line (company, journal_line_id, entry_id, transaction_type,
                billing_type, quantity, price, amount, currency, contract_id, contract_line_id)
            SELECT 'USPM', 2 * n + k, n, t::operations.transaction_type, 'chargeable', n, p, n * p, 'USD', 1, 10
            FROM generate_series(1, 4) AS n, (VALUES (0, 'cost', 100), (1, 'unbilled_sales', 200)) AS l (k, t, p)""")  # noqa: E501
        connection.execute("""
            INSERT INTO operations.approval SELECT 'USPM', n, n, 'chargeable', 'bob', now()
            FROM generate_series(1, 4) AS n""")
        billable = {n: Decimal(n) for n in range(1, 5)}
        approved: dict[int, Decimal] = {}

        for step, entry_id, quantity in steps:
            if step == "approve":
                approve_entries(
                    transaction, company="USPM", actor="pm", at=NOW, entry_ids=[entry_id]
                )
                approved.setdefault(entry_id, billable[entry_id])
            elif step == "cancel":
                cancel_approvals(
                    transaction, company="USPM", entry_ids=[entry_id], actor="pm", at=NOW
                )
                approved.pop(entry_id, None)
            elif entry_id not in approved:
                billable[entry_id] = Decimal(quantity) / 10_000
                change_approval(
                    transaction,
                    company="USPM",
                    entry_id=entry_id,
                    billable_quantity=billable[entry_id],
                    actor="ann",
                    at=NOW,
                )

        total = sum((round(quantity * 200, 2) for quantity in approved.values()), Decimal(0))
        live, backlog = connection.execute(LIVE).fetchone() or (None, None)
        assert (live, backlog) == (total, total)
        assert "reversal_mirrors_original" not in broken_in(transaction)
        assert "entry_has_its_actuals" not in broken_in(transaction)
