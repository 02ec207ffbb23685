"""Creating proformas: what is billed, what waits, and that nothing is billed twice."""

from __future__ import annotations

import threading
from datetime import date
from decimal import Decimal

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.operations.billing import (
    CUTOFF,
    broken,
    broken_in,
    confirm,
    create,
    plant_contracts,
    plant_sales,
    rows,
    sell,
    undone,
)
from tests.support.books import Books
from tests.support.clock import NOW
from twofold.kernel.errors import Refused
from twofold.operations.proforma.create import create_proformas


@pytest.fixture
def contracts(books: Books) -> Books:
    return plant_contracts(books)


def test_a_proforma_is_made_and_no_actual_is(contracts: Books) -> None:
    sell(contracts, """
        actual_id  quantity  price  state
        1          8         200    ready
    """)  # fmt: skip

    (draft,) = create(contracts, 1).proformas

    assert (draft.number, draft.detail_count, draft.total_amount) == ("USPM-PF-000001", 1, 1600)
    contracts.then(f"""
        operations.proforma
        proforma_id  number          name  contract_id  customer_id  currency  payment_terms  bill_to_name  state  detail_amount  total_amount  created_by
        {draft.proforma_id}  USPM-PF-000001  Arm  1  1  USD  NET30  Adatum AP  draft  1600  1600  pm

        operations.proforma_detail
        actual_id  class  billing_type  transaction_date  quantity  price  amount  unit
        1          time   chargeable    2026-10-15        8         200    1600    hour

        operations.backlog_item
        actual_id  state        proforma_id
        1          on_proforma  {draft.proforma_id}

        operations.actual
        actual_id
        1
    """)  # fmt: skip # noqa: E501
    assert rows(contracts, "SELECT billing_status FROM operations.actual_status") == [
        ("customer_invoice_created",)
    ]
    assert broken(contracts) == []


def test_takes_what_is_ready_up_to_the_cutoff_of_the_contract(contracts: Books) -> None:
    sell(contracts, """
        actual_id  contract_id  contract_line_id  project_id  transaction_date  state
        1          1            10                1           2026-10-01        ready
        2          1            10                1           2026-10-31        ready
        3          1            10                1           2026-11-01        ready
        4          1            10                1           2026-10-01        created
        5          2            20                2           2026-10-01        ready
    """)  # fmt: skip

    create(contracts, 1)

    contracts.then("""
        operations.backlog_item
        actual_id  state
        1          on_proforma
        2          on_proforma
        3          ready
        4          created
        5          ready
    """)
    assert broken(contracts) == []


def test_each_customer_gets_a_proforma_with_every_line_of_the_contract(contracts: Books) -> None:
    sell(contracts, """
        actual_id  customer_id  quantity  price  billing_type
        1          1            2         10.00  chargeable
        2          2            3         10.00  chargeable
        3          2            1         7.00   non_chargeable
        4          2            1         5.00   complimentary
        5          2            -1        4.00   chargeable
        6          2            0         10.00  chargeable
    """)  # fmt: skip

    first, second = create(contracts, 1).proformas

    assert [first.customer_account, second.customer_account] == ["C-1", "C-2"]
    contracts.then(f"""
        operations.proforma
        number          customer_id  detail_amount  detail_count  payment_terms  bill_to_name
        USPM-PF-000001  1            20.00          1             NET30          Adatum AP
        USPM-PF-000002  2            26.00          5             -              Contoso

        operations.proforma_line
        proforma_id contract_line_id  chargeable_amount  non_chargeable_amount  complimentary_amount
        {first.proforma_id}   10  20.00  0     0
        {first.proforma_id}   11  0      0     0
        {second.proforma_id}  10  26.00  7.00  5.00
        {second.proforma_id}  11  0      0     0
    """)
    assert broken(contracts) == []


def test_details_are_numbered_by_date(contracts: Books) -> None:
    sell(contracts, """
        actual_id  transaction_date
        1          2026-10-20
        2          2026-10-10
        3          2026-10-20
        4          2026-10-05
    """)  # fmt: skip

    create(contracts, 1)

    found = rows(
        contracts, "SELECT actual_id FROM operations.proforma_detail ORDER BY proforma_detail_id"
    )
    assert [key for (key,) in found] == [4, 2, 1, 3]


def test_milestones_are_billed_by_their_date_with_their_tax(contracts: Books) -> None:
    contracts.given("""
        operations.milestone
        company  milestone_id  contract_id  contract_line_id  customer_id  project_id  name    milestone_date  amount  tax_amount  currency  state      change_set_id
        USPM     1             1            11                1            1           Start   2026-10-31      5000    400         USD       ready      1
        USPM     2             1            11                1            1           Middle  2026-11-01      5000    0           USD       ready      1
        USPM     3             1            11                1            1           End     2026-10-01      5000    0           USD       not_ready  1
    """)  # fmt: skip # noqa: E501

    (draft,) = create(contracts).proformas

    assert (draft.detail_amount, draft.tax_amount, draft.total_amount) == (5000, 400, 5400)
    contracts.then(f"""
        operations.milestone
        milestone_id  state        proforma_id
        1             on_proforma  {draft.proforma_id}
        2             ready        -
        3             not_ready    -

        operations.proforma_detail
        milestone_id  actual_id  class      billing_type  quantity  price  amount  tax_amount  description
        1             -          milestone  chargeable    1         5000   5000    400         Start
    """)  # fmt: skip # noqa: E501
    assert broken(contracts) == []


def test_a_named_contract_without_anything_to_bill_is_refused(contracts: Books) -> None:
    sell(contracts, """
        actual_id  transaction_date
        1          2026-11-01
    """)  # fmt: skip

    with pytest.raises(Refused) as refused:
        create(contracts, 1, 99)

    assert [(one.code, one.record) for one in refused.value.refusals] == [
        ("ERR-B22", "contract/99"),
        ("ERR-B05", "contract/K-1"),
    ]
    contracts.then("operations.proforma\nproforma_id")
    assert create(contracts).proformas == ()


def test_what_may_not_be_billed_stays_and_says_why(contracts: Books) -> None:
    sell(contracts, """
        actual_id  contract_id  contract_line_id  project_id  customer_id
        1          1            10                1           1
        2          1            10                3           1
        3          3            30                1           1
        4          2            20                2           2
    """)  # fmt: skip

    run = create(contracts)

    assert [draft.contract_number for draft in run.proformas] == ["K-1"]
    assert [(one.code, one.record, one.value) for one in run.refusals] == [
        ("ERR-B21", "contract/K-1", "P-3"),
        ("ERR-B04", "contract/K-2", "C-2"),
        ("ERR-B23", "contract/K-3", "on_hold"),
    ]
    contracts.then("""
        operations.backlog_item
        actual_id  state
        1          on_proforma
        2          ready
        3          ready
        4          ready
    """)


def test_a_line_tells_what_confirmed_proformas_billed_before(contracts: Books) -> None:
    sell(contracts, """
        actual_id  quantity  price  transaction_date
        1          1         100    2026-10-01
        2          1         30     2026-11-02
        3          1         7      2026-11-20
    """)  # fmt: skip
    (billed,) = create(contracts, 1).proformas
    confirm(contracts, billed.proforma_id)
    (draft,) = create(contracts, 1, cutoff=date(2026, 11, 10)).proformas

    (second,) = create(contracts, 1, cutoff=date(2026, 11, 30)).proformas

    assert (draft.number, second.number) == ("USPM-PF-000002", "USPM-PF-000003")
    found = rows(
        contracts,
        """SELECT proforma_id, invoiced_till_date_amount FROM operations.proforma_line
        WHERE contract_line_id = 10 ORDER BY proforma_id""",
    )
    assert [amount for _, amount in found] == [0, 100, 100]


def test_a_creation_that_fails_leaves_no_gap_in_the_numbers(contracts: Books) -> None:
    sell(contracts, """
        actual_id  contract_id  contract_line_id  project_id
        1          1            10                1
        2          2            20                2
    """)  # fmt: skip
    with undone(contracts.operations) as (_, transaction):
        create_proformas(
            transaction, company="USPM", contract_ids=(1,), cutoff=CUTOFF, actor="pm", at=NOW
        )

    (draft,) = create(contracts, 2).proformas

    assert draft.number == "USPM-PF-000001"
    assert broken(contracts) == []


def test_two_creations_at_once_share_the_items_out(contracts: Books) -> None:
    sell(
        contracts,
        "actual_id  transaction_date\n" + "\n".join(f"{key}  2026-10-15" for key in range(1, 201)),
    )
    barrier = threading.Barrier(2)
    counts: list[int] = []
    with contracts.operations.reader():
        pass  # the pool is open before two ask for it

    def race() -> None:
        with contracts.operations.transaction() as transaction:
            barrier.wait()
            run = create_proformas(
                transaction, company="USPM", contract_ids=None, cutoff=CUTOFF, actor="pm", at=NOW
            )
            counts.append(sum(draft.detail_count for draft in run.proformas))

    racers = [threading.Thread(target=race) for _ in range(2)]
    for racer in racers:
        racer.start()
    for racer in racers:
        racer.join()

    assert sorted(counts) == [0, 200]
    assert rows(contracts, "SELECT count(*), count(DISTINCT actual_id) FROM operations.proforma_detail") == [(200, 200)]  # noqa: E501 # fmt: skip
    assert broken(contracts) == []


sales = st.lists(
    st.tuples(
        st.sampled_from(["1  10  1  1", "1  10  1  2", "2  20  2  1"]),
        st.sampled_from(["2026-10-01", "2026-10-31", "2026-11-01"]),
        st.decimals(-100, 100, places=2),
        st.decimals(0, 300, places=2),
        st.sampled_from(["chargeable", "non_chargeable", "complimentary"]),
        st.sampled_from(["ready", "ready", "created"]),
    ),
    min_size=1,
    max_size=15,
)


@given(sales=sales)
@settings(max_examples=30, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_each_item_is_billed_once_and_headers_are_what_is_chargeable(
    contracts: Books, sales: list[tuple[str, str, Decimal, Decimal, str, str]]
) -> None:
    lines = [
        "  ".join((str(key), where, day, str(quantity), str(price), kind, state))
        for key, (where, day, quantity, price, kind, state) in enumerate(sales, start=1)
    ]
    header = (
        "actual_id  contract_id  contract_line_id  project_id  customer_id"
        "  transaction_date  quantity  price  billing_type  state"
    )
    with undone(contracts.operations) as (connection, transaction):
        plant_sales(connection, "\n".join((header, *lines)))

        run = create_proformas(
            transaction, company="USPM", contract_ids=None, cutoff=CUTOFF, actor="pm", at=NOW
        )

        due = [sale for sale in sales if sale[1] <= "2026-10-31" and sale[5] == "ready"]
        assert sum(draft.detail_count for draft in run.proformas) == len(due)
        chargeable = connection.execute(
            """SELECT coalesce(sum(amount), 0) FROM operations.backlog_item
            WHERE state = 'on_proforma' AND billing_type = 'chargeable'"""
        ).fetchone()
        assert chargeable == (sum(draft.total_amount for draft in run.proformas),)
        assert len(run.proformas) == len({sale[0] for sale in due})
        assert broken_in(transaction) == []
