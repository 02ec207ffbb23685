"""Confirming proformas: the actuals they make, what refuses them, and that it happens once."""

from __future__ import annotations

import threading
from datetime import date
from decimal import Decimal

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.operations.billing import (
    CUTOFF,
    KEEP_SUMS,
    broken,
    confirm,
    create,
    plant_contracts,
    plant_sales,
    rows,
    sell,
    undone,
)
from tests.support.books import Books
from tests.support.clock import NOW, TODAY
from twofold.database.transaction import ConstraintBroken
from twofold.kernel.errors import Refused
from twofold.operations.actuals.reads import (
    actuals_of_proforma,
    connections_of,
    trace_operations,
)
from twofold.operations.proforma.confirm import Confirmed, confirm_proformas
from twofold.operations.proforma.create import create_proformas
from twofold.operations.proforma.edit_header import EditedHeader, HeaderChange, edit_header
from twofold.operations.proforma.reads import (
    list_details,
    list_lines,
    list_proformas,
    show_proforma,
)

COST = """
    operations.entry
    company  entry_id  class  transaction_date  project_id  quantity  unit  state     first_actual_id  last_actual_id  created_by  created_at
    USPM     7         time   2026-10-15        1           8         hour  approved  1                2               bob         2026-10-16

    operations.actual
    company  actual_id  transaction_type  class  billing_type  event     transaction_date  accounting_date  quantity  price  amount  currency  unit  project_id  contract_id  contract_line_id  entry_id  skip_sync  change_set_id
    USPM     1          cost              time   chargeable    approval  2026-10-15        2026-10-15       8         100    800     USD       hour  1           1            10                7         false      1
"""  # noqa: E501

SALE = """
    actual_id  quantity  price  source_id  entry_id
    2          8         200    1          7
"""

MILESTONE = """
    operations.milestone
    company  milestone_id  contract_id  contract_line_id  customer_id  project_id  name   milestone_date  amount  tax_amount  currency  state  change_set_id
    USPM     1             1            11                1            1           Start  2026-10-15      5000    0           USD       ready  1
"""  # noqa: E501


@pytest.fixture
def contracts(books: Books) -> Books:
    return plant_contracts(books)


@pytest.fixture
def draft_id(contracts: Books) -> int:
    """Give a draft over one approved entry of 8 hours at 200, which cost 100 an hour."""
    contracts.given(COST)
    sell(contracts, SALE)
    return create(contracts, 1).proformas[0].proforma_id


def test_an_unchanged_sale_is_reversed_and_billed(contracts: Books, draft_id: int) -> None:
    (confirmed,) = confirm(contracts, draft_id)

    assert confirmed == Confirmed(
        proforma_id=draft_id,
        number="USPM-PF-000001",
        accounting_date=TODAY,
        currency="USD",
        detail_amount=Decimal(1600),
        tax_amount=Decimal(0),
        total_amount=Decimal(1600),
        billed_count=1,
        billable_count=1,
        change_set_id=confirmed.change_set_id,
    )
    contracts.then(f"""
        operations.actual
        actual_id  transaction_type  event      quantity  price  amount  reverses_id  source_id  entry_id  proforma_id  skip_sync  change_set_id
        1          cost              approval   8         100    800     -            -          7         -            false      1
        2          unbilled_sales    approval   8         200    1600    -            1          7         -            false      1
        1001       billed_sales      invoicing  8         200    1600    -            2          7         {draft_id}   false      {confirmed.change_set_id}
        1002       unbilled_sales    invoicing  -8        200    -1600   2            1          7         {draft_id}   true       {confirmed.change_set_id}

        operations.actual_status
        actual_id  adjustment_status  billing_status
        1          -                  -
        2          -                  customer_invoice_posted
        1001       -                  customer_invoice_posted
        1002       unadjustable       -

        operations.backlog_item
        actual_id

        operations.proforma
        proforma_id  state      confirmed_by  accounting_date  first_actual_id  last_actual_id  billable_count
        {draft_id}   confirmed  pm            2026-11-02       1001             1001            1

        operations:dualwrite.outbox
        set_id                     kind          stream                  key_first  key_last
        1                          approval      approval/1              1          1000
        {confirmed.change_set_id}  confirmation  invoice/USPM-PF-000001  1001       1002
    """)  # noqa: E501
    assert broken(contracts) == []


def test_a_milestone_is_billed_without_a_reversal(contracts: Books) -> None:
    contracts.given(MILESTONE)
    (draft,) = create(contracts, 1).proformas

    confirm(contracts, draft.proforma_id)

    contracts.then("""
        operations.actual
        actual_id  transaction_type  class      billing_type  quantity  price  amount  milestone_id  source_id  skip_sync
        1001       billed_sales      milestone  chargeable    1         5000   5000    1             -          false

        operations.milestone
        milestone_id  state
        1             posted
    """)  # noqa: E501
    assert broken(contracts) == []


@pytest.mark.parametrize(
    ("given_date", "accounting_date"),
    [(None, date(2026, 11, 2)), (date(2026, 10, 31), date(2026, 10, 31))],
)
def test_bills_take_the_accounting_date_and_keep_theirs(
    contracts: Books, draft_id: int, given_date: date | None, accounting_date: date
) -> None:
    change_header(contracts, draft_id, HeaderChange(accounting_date=given_date))

    confirm(contracts, draft_id)

    found = rows(
        contracts,
        """SELECT accounting_date, transaction_date FROM operations.actual
        WHERE transaction_type = 'billed_sales'""",
    )
    assert found == [(accounting_date, date(2026, 10, 15))]


def test_a_proforma_is_confirmed_once(contracts: Books, draft_id: int) -> None:
    confirm(contracts, draft_id)

    with pytest.raises(Refused) as refused:
        confirm(contracts, draft_id)

    assert refused.value.codes == ("ERR-B10",)
    assert rows(contracts, "SELECT count(*) FROM operations.actual") == [(4,)]


def test_of_two_confirmations_at_once_the_second_waits_and_is_refused(
    contracts: Books, draft_id: int
) -> None:
    barrier = threading.Barrier(2)
    outcomes: list[str] = []

    def race() -> None:
        try:
            with contracts.operations.transaction() as transaction:
                barrier.wait()
                confirm_proformas(
                    transaction,
                    company="USPM",
                    proforma_ids=(draft_id,),
                    actor="pm",
                    at=NOW,
                    on=TODAY,
                )
            outcomes.append("confirmed")
        except Refused as refused:
            outcomes.extend(refused.codes)

    racers = [threading.Thread(target=race) for _ in range(2)]
    for racer in racers:
        racer.start()
    for racer in racers:
        racer.join()

    assert sorted(outcomes) == ["ERR-B10", "confirmed"]
    assert broken(contracts) == []


def test_a_confirmed_proforma_is_closed_to_the_books_role(contracts: Books, draft_id: int) -> None:
    confirm(contracts, draft_id)

    with contracts.operations.raw() as connection:
        changed = connection.execute("UPDATE operations.proforma SET name = 'x'")
        assert changed.rowcount == 0
        removed = connection.execute("DELETE FROM operations.proforma")
        assert removed.rowcount == 0
    with pytest.raises(Refused) as refused:
        change_header(contracts, draft_id, HeaderChange(accounting_date=TODAY))
    assert refused.value.codes == ("ERR-B10",)


def test_a_header_takes_what_is_given_keeps_the_rest_and_loses_what_is_cleared(
    contracts: Books, draft_id: int
) -> None:
    change = HeaderChange(
        name="October",
        description="Thank you",
        bill_to_name="Accounts payable",
        payment_terms="NET10",
        accounting_date=TODAY,
        state="in_review",
    )
    first = change_header(contracts, draft_id, change)
    kept = change_header(contracts, draft_id, HeaderChange())
    emptied = change_header(
        contracts,
        draft_id,
        HeaderChange(
            state="draft",
            cleared=("description", "bill_to_name", "payment_terms", "accounting_date"),
        ),
    )

    values = ("October", "Thank you", "Accounts payable", "NET10", TODAY)
    assert first == EditedHeader(first.number, 2, "in_review", *values)
    assert kept == EditedHeader(first.number, 3, "in_review", *values)
    assert emptied == EditedHeader(first.number, 4, "draft", "October", None, None, None, None)


def test_of_two_who_edit_a_header_the_second_is_told(contracts: Books, draft_id: int) -> None:
    change_header(contracts, draft_id, HeaderChange(name="Mine"), revision=1)

    with pytest.raises(Refused) as refused:
        change_header(contracts, draft_id, HeaderChange(name="Yours"), revision=1)

    assert refused.value.codes == ("ERR-B24",)
    assert rows(contracts, "SELECT name FROM operations.proforma") == [("Mine",)]


def test_a_proforma_in_review_is_confirmed(contracts: Books, draft_id: int) -> None:
    change_header(contracts, draft_id, HeaderChange(state="in_review"))

    confirm(contracts, draft_id)

    assert broken(contracts) == []


def change_header(
    books: Books, proforma_id: int, change: HeaderChange, *, revision: int | None = None
) -> EditedHeader:
    with books.operations.transaction() as transaction:
        return edit_header(
            transaction,
            company="USPM",
            proforma_id=proforma_id,
            revision=revision,
            change=change,
            actor="pm",
            at=NOW,
        )


def test_all_that_is_wrong_is_reported_at_once_and_nothing_is_written(contracts: Books) -> None:
    sell(contracts, """
        actual_id  contract_id  contract_line_id  project_id
        1          1            10                1
        2          1            10                1
        3          1            10                1
        4          1            10                1
        5          2            20                2
    """)  # fmt: skip
    drafts = create(contracts).proformas
    with contracts.owner_operations.raw() as connection:
        connection.execute("DELETE FROM operations.backlog_item WHERE actual_id = 1")
        connection.execute(
            "UPDATE operations.backlog_item SET not_to_exceed = 'failed', exceeds = 'contract'"
            " WHERE actual_id = 2"
        )
        connection.execute(
            "UPDATE operations.proforma_detail SET class = 'fee' WHERE actual_id = 3"
        )
        connection.execute("UPDATE operations.actual SET currency = 'EUR' WHERE actual_id = 4")
        connection.execute("UPDATE operations.project SET state = 'completed' WHERE project_id = 2")
        connection.execute("UPDATE operations.contract SET state = 'closed' WHERE contract_id = 2")

    with pytest.raises(Refused) as refused:
        confirm(contracts, *(draft.proforma_id for draft in drafts), 99)

    assert [(one.code, one.record) for one in refused.value.refusals] == [
        ("ERR-B22", "proforma/99"),
        ("ERR-B23", "proforma/USPM-PF-000002"),
        ("ERR-B03", "proforma/USPM-PF-000001"),
        ("ERR-B11", "proforma/USPM-PF-000001"),
        ("ERR-B12", "proforma/USPM-PF-000001"),
        ("ERR-B15", "proforma/USPM-PF-000001"),
        ("ERR-B21", "proforma/USPM-PF-000002"),
    ]
    assert rows(contracts, "SELECT DISTINCT state FROM operations.proforma") == [("draft",)]
    assert rows(contracts, "SELECT count(*) FROM operations.actual") == [(5,)]


@pytest.mark.parametrize("change", ["quantity = 7", "price = 1", "amount = 0"])
def test_a_detail_whose_amount_is_not_its_product_is_refused(
    contracts: Books, draft_id: int, change: str
) -> None:
    with contracts.owner_operations.raw() as connection:
        connection.execute(f"UPDATE operations.proforma_detail SET {change}")  # noqa: S608 - one of the list above

    with pytest.raises(Refused) as refused:
        confirm(contracts, draft_id)

    assert refused.value.codes == ("ERR-B11",)


def test_the_company_must_be_known(contracts: Books) -> None:
    with pytest.raises(Refused) as refused, contracts.operations.transaction() as transaction:
        confirm_proformas(
            transaction, company="NONE", proforma_ids=(1,), actor="pm", at=NOW, on=TODAY
        )

    assert refused.value.codes == ("ERR-A02",)


def test_a_neighbours_company_sees_nothing(contracts: Books, draft_id: int) -> None:
    with pytest.raises(Refused) as refused, contracts.operations.transaction() as transaction:
        confirm_proformas(
            transaction, company="GBPM", proforma_ids=(draft_id,), actor="pm", at=NOW, on=TODAY
        )

    assert refused.value.codes == ("ERR-B22",)


@pytest.mark.parametrize("line_count", [1, 999, 1000, 1001, 20000])
def test_there_is_no_limit_on_lines(contracts: Books, line_count: int) -> None:
    with contracts.owner_operations.raw() as connection:
        connection.execute("""
            INSERT INTO operations.actual (
                company, actual_id, transaction_type, class, billing_type, event, transaction_date,
                accounting_date, quantity, price, amount, currency, unit, project_id, contract_id,
                contract_line_id, customer_id, skip_sync, change_set_id
            )
            SELECT
                'USPM', key, 'unbilled_sales', 'time', 'chargeable', 'approval', '2026-10-15',
                '2026-10-15', 1, 10, 10, 'USD', 'hour', 1, 1, 10, 1, false, 1
            FROM generate_series(1, %s) AS key""", (line_count,))  # fmt: skip
        connection.execute("""
            INSERT INTO operations.backlog_item
            SELECT company, actual_id, contract_id, contract_line_id, customer_id, project_id,
                class, billing_type, transaction_date, quantity, amount, currency, 'ready',
                'not_applicable', NULL FROM operations.actual""")  # fmt: skip
        connection.execute(KEEP_SUMS)
        connection.execute("UPDATE dualwrite.outbox SET key_last = 20000")
        connection.execute("SELECT setval('operations.actual_key', 20000)")

    (confirmed,) = confirm(contracts, create(contracts, 1).proformas[0].proforma_id)

    assert (confirmed.billed_count, confirmed.total_amount) == (line_count, 10 * line_count)
    assert broken(contracts) == []


def test_many_are_confirmed_together_each_with_its_own_keys_and_set(contracts: Books) -> None:
    contracts.given(MILESTONE)
    sell(contracts, """
        actual_id  contract_id  contract_line_id  project_id  customer_id  billing_type
        1          1            10                1           1            chargeable
        2          1            10                1           1            non_chargeable
        3          1            10                1           2            complimentary
        4          2            20                2           1            chargeable
    """)  # fmt: skip
    drafts = create(contracts).proformas

    confirmed = confirm(contracts, *(draft.proforma_id for draft in drafts))

    assert [(one.billed_count, one.billable_count) for one in confirmed] == [(3, 2), (1, 0), (1, 1)]
    contracts.then("""
        operations.proforma
        number          first_actual_id  last_actual_id  billable_count
        USPM-PF-000001  1001             1003            2
        USPM-PF-000002  1006             1006            0
        USPM-PF-000003  1008             1008            1
    """)
    assert broken(contracts) == []


def test_connections_lead_from_bill_to_cost(contracts: Books, draft_id: int) -> None:
    confirm(contracts, draft_id)

    with contracts.operations.reader() as reader:
        of_sale = connections_of(reader, company="USPM", actual_id=2)
        of_cost = connections_of(reader, company="USPM", actual_id=1)

    (detail,) = rows(contracts, "SELECT proforma_detail_id FROM operations.proforma_detail")
    assert [
        (one.transaction1_id, one.transaction1_role, one.transaction2_id, one.transaction2_role)
        for one in of_sale
    ] == [
        (2, "unbilled_sales", 1, "cost"),
        (1001, "billed_sales", 2, "unbilled_sales"),
        (1002, "reversing", 2, "original"),
        (detail[0], "billed_sales", 2, "unbilled_sales"),
    ]
    assert of_sale[-1].transaction1_type == "invoice_line_detail"
    assert [(one.transaction1_id, one.transaction2_id) for one in of_cost] == [(2, 1)]


@pytest.mark.parametrize(
    "reference", ["USPM-PF-000001", "INV-9", "actual/1", "2", "actual/1001", "actual/1002"]
)
def test_a_journey_is_found_from_any_of_its_ends(
    contracts: Books, draft_id: int, reference: str
) -> None:
    confirm(contracts, draft_id)
    contracts.given(f"""
        operations.customer_invoice
        company  proforma_id  invoice_number  invoice_date  due_date    voucher  tax_amount  total_amount
        USPM     {draft_id}   INV-9           2026-11-03    2026-12-03  V-1      0           1600

        operations.actual_accounting
        company  actual_id  voucher  accounting_date  accounting_amount  exchange_rate  sales_tax_amount
        USPM     1001       V-1      2026-11-03       1600               100            0
    """)  # noqa: E501

    with contracts.operations.reader() as reader:
        journey = trace_operations(reader, company="USPM", reference=reference)

    assert journey is not None
    assert journey.proforma is not None
    assert journey.entries is not None
    shown = journey.proforma
    assert (shown.number, shown.state, shown.invoice_number) == (
        "USPM-PF-000001",
        "posted",
        "INV-9",
    )
    assert (shown.contract_number, shown.customer_account) == ("K-1", "C-1")
    assert journey.entries.entry_count == 1
    assert [
        (one.kind, one.actual_count, one.amount, one.accounted_count) for one in journey.actuals
    ] == [
        ("unbilled_sales", 1, 1600, 0),
        ("billed_sales", 1, 1600, 1),
    ]


def test_a_journey_without_proforma_is_the_actual_alone(contracts: Books) -> None:
    sell(contracts, """
        actual_id  state
        1          created
    """)  # fmt: skip

    with contracts.operations.reader() as reader:
        alone = trace_operations(reader, company="USPM", reference="actual/1")
        nothing = trace_operations(reader, company="USPM", reference="NO-1")

    assert alone is not None
    assert alone.actual is not None
    assert (alone.actual.billing_status, alone.proforma) == ("unbilled_sales_created", None)
    assert nothing is None


def test_a_proforma_is_shown_with_lines_details_and_actuals(
    contracts: Books, draft_id: int
) -> None:
    confirm(contracts, draft_id)

    with contracts.operations.reader() as reader:
        (listed,) = list_proformas(reader, company="USPM", state="confirmed", limit=10)
        shown = show_proforma(reader, company="USPM", number=listed.number)
        lines = list_lines(reader, company="USPM", proforma_id=draft_id)
        details = list_details(reader, company="USPM", proforma_id=draft_id, limit=10)
        actuals = actuals_of_proforma(reader, company="USPM", proforma_id=draft_id, limit=10)

    assert shown is not None
    assert (shown.name, shown.total_amount, shown.detail_count) == ("Arm", 1600, 1)
    assert [(line.name, line.detail_count) for line in lines] == [("Work", 1), ("Milestones", 0)]
    assert [(detail.actual_id, detail.project_number) for detail in details] == [(2, "P-1")]
    assert [(one.actual_id, one.adjustment_status) for one in actuals] == [
        (2, None),
        (1001, None),
        (1002, "unadjustable"),
    ]


def test_an_item_cannot_be_reversed_twice(contracts: Books, draft_id: int) -> None:
    confirm(contracts, draft_id)

    with (
        pytest.raises(ConstraintBroken, match="actual_is_reversed_once"),
        contracts.operations.raw() as connection,
    ):
        connection.execute("""
            INSERT INTO operations.actual (
                company, actual_id, transaction_type, class, billing_type, event, transaction_date,
                accounting_date, quantity, price, amount, currency, unit, project_id, reverses_id,
                skip_sync, change_set_id
            )
            SELECT company, 5000, transaction_type, class, billing_type, event, transaction_date,
                accounting_date, quantity, price, amount, currency, unit, project_id, reverses_id,
                skip_sync, change_set_id
            FROM operations.actual WHERE reverses_id IS NOT NULL""")


amounts = st.lists(
    st.tuples(
        st.sampled_from(["1  10  1  1", "1  10  1  2", "2  20  2  1"]),
        st.decimals(-100, 100, places=2),
        st.decimals(0, 300, places=2),
        st.sampled_from(["chargeable", "non_chargeable", "complimentary"]),
    ),
    min_size=1,
    max_size=12,
)


@given(sales=amounts)
@settings(max_examples=30, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_whatever_is_billed_leaves_nothing_open_and_bills_what_was_sold(
    contracts: Books, sales: list[tuple[str, Decimal, Decimal, str]]
) -> None:
    header = "actual_id  contract_id  contract_line_id  project_id  customer_id  quantity  price  billing_type"  # noqa: E501
    lines = [
        f"{key}  {where}  {quantity}  {price}  {kind}"
        for key, (where, quantity, price, kind) in enumerate(sales, start=1)
    ]
    with undone(contracts.operations) as (connection, transaction):
        plant_sales(connection, "\n".join((header, *lines)))
        run = create_proformas(
            transaction, company="USPM", contract_ids=None, cutoff=CUTOFF, actor="pm", at=NOW
        )

        confirm_proformas(
            transaction,
            company="USPM",
            proforma_ids=tuple(draft.proforma_id for draft in run.proformas),
            actor="pm",
            at=NOW,
            on=TODAY,
        )

        sums = connection.execute("""
            SELECT
                count(*) FILTER (WHERE event = 'approval'),
                count(*) FILTER (WHERE transaction_type = 'billed_sales'),
                count(*) FILTER (WHERE skip_sync),
                coalesce(sum(amount) FILTER (WHERE transaction_type = 'unbilled_sales'), 0),
                coalesce(sum(amount) FILTER (
                    WHERE transaction_type = 'billed_sales' AND billing_type = 'chargeable'
                ), 0),
                (SELECT count(*) FROM operations.backlog_item)
            FROM operations.actual""").fetchone()
        total = sum(draft.detail_amount for draft in run.proformas)
        assert sums == (len(sales), len(sales), len(sales), 0, total, 0)
