"""Costs that finance posts itself: once in the ledger, once in operations, sold once."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from threading import Thread

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.scenarios.conftest import Tell
from tests.scenarios.costs import (
    INVOICE,
    JOURNAL,
    buying,
    post_invoice_file,
    post_journal_file,
    take,
)
from tests.scenarios.support import Story
from tests.scenarios.test_split_billing import shared_setup
from tests.support.clock import NOW
from twofold.finance.costs.cost_file import read_costs
from twofold.finance.setup.dimension_records import AccountStructure, DimensionAttribute
from twofold.kernel.errors import Refused
from twofold.operations.finance_costs.take_costs import TakenCosts
from twofold.operations.journals.cancel_journal_actuals import cancel_journal_actuals


@pytest.fixture
def story(tell: Tell) -> Story:
    return tell(finance=buying())


def brought(story: Story) -> TakenCosts:
    """Bring what finance posted to operations and take it over."""
    story.deliver()
    taken = take(story)
    story.deliver()
    return taken


def actuals(story: Story) -> list[tuple[str, Decimal, Decimal, str, bool]]:
    found = story.in_operations(
        "SELECT transaction_type::text AS kind, quantity, amount, currency, skip_sync"
        " FROM operations.actual ORDER BY actual_id"
    )
    return [
        (one["kind"], one["quantity"], one["amount"], one["currency"], one["skip_sync"])
        for one in found
    ]


def test_each_line_of_a_journal_is_a_voucher_that_balances(story: Story) -> None:
    posted = post_journal_file(
        story, "2026-10-05,ARM,100,6500,200,1,Crane\n2026-10-06,CELL,10.25,2000,,4,"
    )

    found = story.in_finance(
        "SELECT voucher, account, posting_type::text, accounting_amount, project_id IS NOT NULL"
        " AS has_project FROM finance.ledger_entry ORDER BY voucher, entry_number"
    )
    assert [tuple(row.values()) for row in found] == [
        ("GJV-00000001", "5000", "cost", 100, True),
        ("GJV-00000001", "6500", "general_journal_offset", -100, True),
        ("GJV-00000002", "5000", "cost", 41, True),
        ("GJV-00000002", "2000", "general_journal_offset", -41, True),
    ]
    assert (posted.document, posted.line_count, posted.accounting_amount) == ("GJ-00000001", 2, 141)
    chain = story.in_finance("SELECT kind, document, entry_count FROM finance.posting")
    assert chain == [{"kind": "general_journal", "document": "GJ-00000001", "entry_count": 4}]


def test_fixed_price_and_internal_work_cost_and_sell_nothing(story: Story) -> None:
    post_journal_file(story, "2026-10-05,CELL,100,6500,200,1,\n2026-10-05,BALANCE,7,6500,,1,")

    taken = brought(story)

    assert (taken.cost_count, taken.sale_count, taken.journal_count) == (2, 0, 1)
    assert actuals(story) == [("cost", 1, 100, "USD", True), ("cost", 1, 7, "USD", True)]
    assert story.in_finance("SELECT FROM finance.staged_actual") == []


def test_a_journal_without_a_sales_price_sells_for_nothing(story: Story) -> None:
    # General journals know no price list; a sale is made all the same.
    post_journal_file(story, "2026-10-05,ARM,100,6500,,2,")
    brought(story)

    assert actuals(story) == [
        ("cost", 2, 200, "USD", True),
        ("unbilled_sales", 2, 0, "USD", False),
    ]


def test_a_credit_takes_back_cost_and_sale(story: Story) -> None:
    post_journal_file(story, "2026-10-05,ARM,100,6500,200,1,\n2026-10-05,ARM,100,6500,200,-1,back")
    brought(story)
    story.post_work()

    assert story.ledger().get("cost", 0) == 0
    found = actuals(story)
    assert sum(one[2] for one in found if one[0] == "unbilled_sales") == 0
    assert len(found) == 4


def test_another_currency_is_kept_at_the_rate_of_its_day(story: Story) -> None:
    header = JOURNAL.replace("\n", ",currency\n")
    post_journal_file(story, "2026-10-05,ROLLOUT,100,6500,250,1,,GBP", header=header)
    brought(story)

    (cost,) = story.in_finance("SELECT accounting_amount, exchange_rate FROM finance.posted_cost")
    assert (cost["accounting_amount"], cost["exchange_rate"]) == (131, 131)
    assert actuals(story) == [
        ("cost", 1, 100, "GBP", True),
        ("unbilled_sales", 1, 250, "GBP", False),
    ]


def test_what_was_taken_over_is_not_taken_again(story: Story) -> None:
    post_journal_file(story, "2026-10-05,ARM,100,6500,200,1,")
    brought(story)

    again = brought(story)

    assert (again.cost_count, again.set_id, len(actuals(story))) == (0, None, 2)


def test_two_who_take_over_at_once_take_each_line_once(story: Story) -> None:
    post_journal_file(story, "\n".join(f"2026-10-05,ARM,{n},6500,{n},1," for n in range(1, 40)))
    story.deliver()
    taken: list[TakenCosts] = []
    people = [Thread(target=lambda: taken.append(take(story))) for _ in range(2)]
    for one in people:
        one.start()
    for one in people:
        one.join()

    assert sorted(one.cost_count for one in taken) == [0, 39]
    story.deliver()


def test_a_journal_is_posted_once(story: Story) -> None:
    post_journal_file(story, "2026-10-05,ARM,100,6500,200,1,")

    with pytest.raises(Refused) as refused:
        post_journal_file(story, "2026-10-05,ARM,100,6500,200,1,")

    assert refused.value.codes == ("ERR-J71",)
    assert len(story.in_finance("SELECT FROM finance.posted_cost")) == 1


def test_an_invoice_of_a_vendor_is_posted_once_whatever_file_it_comes_in(story: Story) -> None:
    post_invoice_file(story, "SUPPLY,1,2026-10-05,ARM,100,1,,,,expense")

    with pytest.raises(Refused) as refused:
        post_invoice_file(
            story,
            "SUPPLY,1,2026-10-06,ARM,7,1,,,,expense\nOTHER,1,2026-10-06,ARM,7,1,,,,expense",
        )

    assert [(one.code, one.record) for one in refused.value.refusals] == [("ERR-J71", "SUPPLY/1")]


@pytest.mark.parametrize(
    ("row", "codes"),
    [
        ("2026-10-05,NONE,100,6500,,1,", {"ERR-J72"}),
        ("2026-10-05,ARM,100,9999,,1,", {"ERR-J72"}),
        ("2026-06-30,ARM,100,6500,,1,", {"ERR-J01"}),
        # Lines of both billing methods: the cost account depends on which.
        ("2026-10-05,UPGRADE,100,6500,,1,", {"ERR-J73"}),
        # 0.01 for 3 is no price of four decimals that gives the cent back; 0.001 rounds to nothing.
        ("2026-10-05,ARM,0.001,6500,,1,", {"ERR-J75"}),
    ],
)
def test_a_line_that_cannot_be_posted_posts_nothing(
    story: Story, row: str, codes: set[str]
) -> None:
    with pytest.raises(Refused) as refused:
        post_journal_file(story, f"2026-10-05,ARM,100,6500,,1,\n{row}")

    assert set(refused.value.codes) == codes
    assert {one.record for one in refused.value.refusals} == {"journal.csv:3"}
    assert story.in_finance("SELECT FROM finance.ledger_entry") == []


def test_the_contract_line_decides_where_a_project_has_both(story: Story) -> None:
    header = JOURNAL.replace("\n", ",contract_line\n")
    post_journal_file(story, "2026-10-05,UPGRADE,100,6500,,1,,1", header=header)
    with pytest.raises(Refused) as refused:
        post_journal_file(story, "2026-10-05,UPGRADE,100,6500,,1,,9", header=header)

    assert refused.value.codes == ("ERR-J73",)
    assert brought(story).sale_count == 0


def test_who_pays_is_asked_where_more_than_one_could(tell: Tell, tmp_path: Path) -> None:
    # Given a contract that two customers share
    story = tell(finance=buying(), operations=shared_setup(tmp_path))
    header = JOURNAL.replace("\n", ",customer\n")

    with pytest.raises(Refused) as refused:
        post_journal_file(story, "2026-10-05,ARM,100,6500,200,1,,", header=header)
    post_journal_file(story, "2026-10-05,ARM,100,6500,200,1,,CONTOSO", header=header)
    brought(story)

    assert refused.value.codes == ("ERR-J74",)
    story.ready()
    (draft,) = story.create("TM").proformas
    payer = story.in_operations(
        "SELECT account FROM operations.proforma JOIN operations.customer"
        " USING (company, customer_id) WHERE proforma_id = %s",
        draft.proforma_id,
    )
    assert payer == [{"account": "CONTOSO"}]


def test_what_finance_posted_is_not_taken_back_here(story: Story) -> None:
    post_journal_file(story, "2026-10-05,ARM,100,6500,200,1,")
    brought(story)
    keys = [
        row["actual_id"]
        for row in story.in_operations("SELECT actual_id FROM operations.actual ORDER BY actual_id")
    ]

    with pytest.raises(Refused) as refused, story.books.operations.transaction() as transaction:
        cancel_journal_actuals(
            transaction, company=story.company, actual_ids=keys, actor="manager", at=NOW
        )

    # The sale could be; the cost is finance's.
    assert [(one.code, one.record) for one in refused.value.refusals] == [
        ("ERR-B58", f"actual USPM/{keys[0]}")
    ]


def test_a_cost_on_a_completed_project_waits_and_the_others_do_not(story: Story) -> None:
    post_journal_file(story, "2026-10-05,ARM,100,6500,200,1,\n2026-10-05,CELL,9,6500,,1,")
    with story.books.owner_operations.raw() as connection:
        connection.execute(
            "UPDATE operations.project SET state = 'completed' WHERE number = 'CELL'"
        )
    taken = brought(story)
    with story.books.owner_operations.raw() as connection:
        connection.execute("UPDATE operations.project SET state = 'in_process'")

    assert [(one.code, one.record) for one in taken.refusals] == [("ERR-E24", "GJ-00000001 line 2")]
    assert (taken.cost_count, brought(story).cost_count) == (1, 1)


def test_a_vendor_invoice_is_one_voucher_with_tax_that_comes_back(tell: Tell) -> None:
    # Half of the tax comes back; the other half is cost.
    story = tell(finance=buying(rate=10, nondeductible=50))
    post_invoice_file(
        story,
        "SUPPLY,1,2026-10-05,ARM,100,1,5,VENDOR,BOUGHT,expense\n"
        "SUPPLY,1,2026-10-05,ARM,10,2,,,,material\n"
        "SUPPLY,2,2026-10-05,ARM,1,1,,,,expense",
    )

    assert story.ledger("VIV-00000001") == {
        "cost": Decimal(130), "sales_tax_receivable": Decimal(5), "vendor_balance": Decimal(-135),
    }  # fmt: skip
    assert story.ledger("VIV-00000002")["vendor_balance"] == -1
    brought(story)


@pytest.mark.parametrize(
    ("nondeductible", "rules", "cost"),
    [(0, "", 100), (20, "", 101), (0, "applied", 105), (20, "applied", 105), (100, "", 105)],
)
def test_tax_that_nobody_gives_back_is_cost(
    tell: Tell, nondeductible: int, rules: str, cost: int
) -> None:
    story = tell(finance=buying(nondeductible=nondeductible, tax_is_cost=rules == "applied"))

    posted = post_invoice_file(story, "SUPPLY,1,2026-10-05,ARM,100,1,,VENDOR,BOUGHT,expense")

    assert posted.accounting_amount == cost
    assert story.ledger()["vendor_balance"] == -105
    brought(story)


def test_no_more_than_all_of_a_tax_is_cost(tell: Tell) -> None:
    with pytest.raises(Refused) as refused:
        tell(finance=buying(nondeductible="100.01"))

    assert refused.value.codes == ("ERR-A33",)


def test_an_account_that_takes_no_such_dimensions_posts_nothing(tell: Tell) -> None:
    setup = buying()
    structure = AccountStructure("COSTS", "5000", "5000", required=("Department",))
    company = replace(
        setup.company[0],
        dimension_attributes=(DimensionAttribute("Department", ()),),
        account_structures=(structure,),
    )
    story = tell(finance=replace(setup, company=(company,)))

    with pytest.raises(Refused) as refused:
        post_journal_file(story, "2026-10-05,ARM,100,6500,,1,")

    assert refused.value.codes == ("ERR-J04",)


@pytest.mark.parametrize(
    ("content", "field"),
    [
        ("date,project,cost_price\n2026-10-05,ARM,1", "columns"),
        (JOURNAL.replace("\n", ",colour\n"), "columns"),
        (JOURNAL.replace("\n", ",date\n"), "columns"),
        (JOURNAL, "lines"),
        (JOURNAL + "05.10.2026,ARM,1,6500,,1,", "date"),
        (JOURNAL + "2026-10-05,,1,6500,,1,", "project"),
        (JOURNAL + "2026-10-05,ARM,0,6500,,1,", "cost_price"),
        (JOURNAL + "2026-10-05,ARM,1.00001,6500,,1,", "cost_price"),
        (JOURNAL + "2026-10-05,ARM,1,6500,many,1,", "sales_price"),
        (JOURNAL + "2026-10-05,ARM,1,6500,,0,", "quantity"),
        (JOURNAL + "2026-10-05,ARM,1,,,1,", "offset_account"),
        (
            JOURNAL.replace("\n", ",contract_line\n") + "2026-10-05,ARM,1,6500,,1,,0",
            "contract_line",
        ),
    ],
)
def test_a_file_that_cannot_be_read_names_the_cell(content: str, field: str) -> None:
    with pytest.raises(Refused) as refused:
        read_costs(content.encode(), name="journal.csv", kind="general_journal")

    assert [(one.code, one.field) for one in refused.value.refusals] == [("ERR-J70", field)]


def test_a_class_that_nobody_buys_is_refused() -> None:
    with pytest.raises(Refused) as refused:
        read_costs(
            (INVOICE + "SUPPLY,1,2026-10-05,ARM,1,1,,,,time").encode(),
            name="invoices.csv",
            kind="vendor_invoice",
        )

    assert [one.field for one in refused.value.refusals] == ["class"]


@settings(
    max_examples=8, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None
)
@given(
    price=st.decimals("0.01", "9999.99", places=2),
    quantity=st.integers(-20, 20).filter(bool),
    rate=st.sampled_from(("0", "5", "7.25", "19")),
    nondeductible=st.sampled_from((0, 33, 50, 100)),
    stated=st.sampled_from(("net", "gross")),
)
def test_cost_and_tax_that_comes_back_are_what_the_vendor_gets(
    story: Story,
    price: Decimal,
    quantity: int,
    rate: str,
    nondeductible: int,
    stated: str,
) -> None:
    story.set_up_finance(buying(rate=rate, nondeductible=nondeductible))
    number = len(story.in_finance("SELECT FROM finance.cost_document")) + 1
    row = f"SUPPLY,{number},2026-10-05,ARM,{price},{quantity},,VENDOR,BOUGHT,expense"

    post_invoice_file(story, row, prices_include_tax=stated == "gross")

    (one,) = story.in_finance(
        "SELECT * FROM finance.posted_cost ORDER BY posted_cost_id DESC LIMIT 1"
    )
    entered = (price * quantity).quantize(Decimal("0.01"))
    paid = one["amount"] + one["recoverable_tax_amount"]
    if stated == "gross":
        assert paid == entered
    else:
        assert abs(paid - entered * (1 + Decimal(rate) / 100)) <= Decimal("0.005")
    if nondeductible == 100:
        assert one["recoverable_tax_amount"] == 0
