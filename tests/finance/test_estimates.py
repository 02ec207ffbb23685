"""Revenue estimates of fixed prices: created, posted, reversed, eliminated; and what holds of them."""

# ruff: noqa: E501 - a row of a text table stays on one line

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.finance.company import arrive, change, clear, run_import, run_journal
from tests.finance.estimating import Estimating
from tests.finance.laws import CLEAN, LAW
from tests.support.books import Books
from twofold.database.invariants import check_book
from twofold.finance.estimates.forecast_file import ForecastLine, read_forecast
from twofold.kernel.errors import Refused

LINE = "K-3/2"


def amounts(found: dict[str, Decimal], *names: str) -> tuple[Decimal, ...]:
    return tuple(found.get(name, Decimal(0)) for name in names)


# ---- a completed percentage


def test_a_percentage_accrues_what_it_is_complete_and_the_invoice_clears_it(books: Books) -> None:
    estimating = Estimating(books)
    estimating.forecast(1000)
    (first,) = estimating.post_costs(("time", "Service", 3, 333.33))

    (created,) = estimating.create().created
    assert (created.percent, created.accrued_amount, created.moved_amount) == (
        Decimal("33.333"), Decimal("1666.65"), Decimal(0),
    )  # fmt: skip
    assert "wip_sales_value" not in estimating.ledger()
    (posted,) = estimating.post().posted
    assert (posted.voucher, posted.estimated_through) == ("EST-00000001", date(2026, 11, 30))
    books.then("""
        finance.estimate_draft
        contract_line_id
    """)
    books.then(f"""
        finance.transaction_status
        actual_id  state
        {first}    estimated
    """)

    # A falling percentage takes revenue back; the last estimate is complete.
    estimating.forecast(2000)
    (second,) = estimating.estimate(month=1).posted
    assert (second.percent, second.accrued_amount) == (Decimal("16.6665"), Decimal("-833.32"))
    estimating.estimate(month=2, complete=[LINE])
    estimating.invoice()
    (eliminated,) = estimating.eliminate().eliminated

    assert (eliminated.contract_amount, eliminated.variance_amount) == (5000, 0)
    assert estimating.ledger(
        "wip_sales_value", "wip_invoiced_on_account", "accrued_revenue", "cost", "contract_variance"
    ) == {
        "wip_sales_value": 0, "wip_invoiced_on_account": 0, "accrued_revenue": -5000,
        "cost": Decimal("333.33"), "contract_variance": 0,
    }  # fmt: skip
    books.then(f"""
        finance.transaction_status
        actual_id  state
        {first}    eliminated
    """)
    estimating.holds()


def test_costs_in_the_balance_sheet_go_to_profit_and_loss_with_the_revenue(books: Books) -> None:
    estimating = Estimating(books, profile="PERCBAL")
    estimating.forecast(200)
    estimating.post_costs(("time", "Service", 1, 60), ("material", "Parts", 1, 40))
    before = estimating.ledger()
    (posted,) = estimating.estimate().posted
    after = estimating.ledger()

    names = ("cost", "wip_cost_value", "wip_cost_value_item")
    assert amounts(before, *names) == (0, 60, 40)
    assert amounts(after, *names) == (100, 0, 0)
    assert posted.moved_amount == -100
    estimating.holds()


# ---- a completed contract


@pytest.mark.parametrize("profile", ["DONE", "DONEBAL"])
def test_a_completed_contract_keeps_cost_and_revenue_until_the_end(
    books: Books, profile: str
) -> None:
    estimating = Estimating(books, profile=profile)
    estimating.forecast(100)
    estimating.post_costs(("time", "Service", 1, 60), ("material", "Parts", 1, 30))
    estimating.estimate()
    names = ("cost", "wip_cost_value", "wip_cost_value_item", "accrued_revenue")
    assert amounts(estimating.ledger(), *names) == (0, 60, 30, 0)
    estimating.post_costs(("time", "Service", 1, 40), month=1)
    estimating.estimate(month=1)
    assert amounts(estimating.ledger(), *names) == (0, 100, 30, 0)

    estimating.invoice()
    estimating.eliminate()

    assert amounts(estimating.ledger(), *names) == (130, 0, 0, -5000)
    assert not estimating.ledger("wip_invoiced_on_account")["wip_invoiced_on_account"]
    estimating.holds()

    # What comes late is estimated and eliminated once more.
    estimating.post_costs(("time", "Service", 1, 5), month=2)
    estimating.estimate(month=2, complete=[LINE])
    (again,) = estimating.eliminate().eliminated
    assert again.contract_amount == 5000
    assert amounts(estimating.ledger(), *names) == (135, 0, 0, -5000)
    assert estimating.create(month=2).created == ()
    estimating.holds()


# ---- reversal


def test_the_last_estimate_is_reversed_to_the_cent_and_made_anew(books: Books) -> None:
    estimating = Estimating(books, profile="DONE")
    estimating.forecast(100)
    estimating.post_costs(("time", "Service", 1, 60))
    before = estimating.ledger()
    estimating.estimate()
    (taken,) = estimating.reverse(LINE)
    assert (taken.kind, taken.reversed_voucher) == ("estimate", "EST-00000001")
    assert estimating.ledger() == before
    with pytest.raises(Refused) as none:
        estimating.reverse(LINE)
    assert none.value.codes == ("ERR-F87",)

    estimating.estimate(complete=[LINE])
    estimating.invoice()
    estimating.eliminate()
    (taken,) = estimating.reverse(LINE)
    assert taken.kind == "elimination"
    assert amounts(estimating.ledger(), "cost", "wip_cost_value") == (0, 60)
    estimating.holds()
    estimating.eliminate()
    assert amounts(estimating.ledger(), "cost", "wip_cost_value") == (60, 0)
    estimating.holds()


def test_a_reversal_is_refused_with_everything_at_once(books: Books) -> None:
    estimating = Estimating(books, milestones={2: 5000, 3: 10})
    estimating.forecast(100)
    estimating.post_costs(("time", "Service", 1, 60))
    estimating.create()
    estimating.post()
    change(
        books,
        "UPDATE finance.fiscal_period SET state = 'on_hold' WHERE period_start = '2026-11-01'",
    )
    digest = estimating.ledger()

    with pytest.raises(Refused) as refused:
        estimating.reverse(LINE, "K-3/3", "K-9/9", month=0)

    assert sorted(set(refused.value.codes)) == ["ERR-F81", "ERR-F87", "ERR-J01"]
    assert estimating.ledger() == digest


# ---- what is not estimated


def test_what_cannot_be_estimated_says_why_and_holds_nobody_up(books: Books) -> None:
    estimating = Estimating(books, milestones={2: 5000, 3: 10, 4: 20})
    estimating.forecast(100)
    estimating.post_costs(("time", "Service", 1, 50))
    estimating.post_costs(("time", "Service", 1, 50), line=3)
    estimating.forecast(0, line=4)

    found = estimating.create()

    assert [one.number for one in found.created] == [LINE]
    assert [(one.record, one.code) for one in found.declined] == [
        ("estimate/K-3/3", "ERR-F83"),
        ("estimate/K-3/4", "ERR-F83"),
    ]
    estimating.post()
    assert [one.code for one in estimating.create().declined][:1] == ["ERR-F84"]
    for unbuilt in (
        "matching = 'production_and_profit'", "matching = 'no_matching'", "template = NULL",
        "period = NULL, completion = 'completed_percentage', matching = 'sales_value'",
    ):  # fmt: skip
        change(
            books,
            f"UPDATE finance.revenue_profile SET {unbuilt} WHERE profile = 'PERCENT'",  # noqa: S608 - from the list above  # pyright: ignore[reportArgumentType]
        )
        assert {one.code for one in estimating.create(month=1).declined} == {"ERR-F82"}
        assert estimating.create(month=1).created == ()


def test_only_profiles_of_the_period_code_are_estimated(books: Books) -> None:
    estimating = Estimating(books)
    estimating.forecast(100)
    estimating.post_costs(("time", "Service", 1, 50))

    found = estimating.create(period="QUARTER")
    with pytest.raises(Refused) as refused:
        estimating.create(period="WEEK", complete=["K-9/9"])
    estimating.use("FP_NoWIP")
    invoiced = estimating.create()

    assert (found.created, found.declined) == ((), ())
    assert refused.value.codes == ("ERR-F81", "ERR-F81")
    assert (invoiced.created, invoiced.declined) == ((), ())


def test_the_profile_of_the_first_estimate_stays(books: Books) -> None:
    estimating = Estimating(books)
    estimating.forecast(100)
    estimating.post_costs(("time", "Service", 1, 50))
    estimating.estimate()
    estimating.use("DONE")
    estimating.post_costs(("time", "Service", 1, 25), month=1)

    (posted,) = estimating.estimate(month=1).posted

    assert (posted.accrued_amount, posted.moved_amount) == (1250, 0)


def test_a_draft_that_is_out_of_date_is_not_posted(books: Books) -> None:
    estimating = Estimating(books, milestones={2: 5000, 3: 100})
    for line in (2, 3):
        estimating.forecast(100, line=line)
        estimating.post_costs(("time", "Service", 1, 50), line=line)
    estimating.create()
    estimating.post_costs(("time", "Service", 1, 1))

    done = estimating.post()

    assert [one.number for one in done.posted] == ["K-3/3"]
    assert [(one.record, one.code) for one in done.declined] == [(f"estimate/{LINE}", "ERR-F85")]
    estimating.create()
    assert [one.accrued_amount for one in estimating.post().posted] == [2550]
    estimating.holds()


def test_a_cost_on_the_last_day_counts_and_the_next_does_not(books: Books) -> None:
    estimating = Estimating(books)
    estimating.forecast(100)
    for key, day in ((90, "2026-11-30"), (91, "2026-12-01")):
        arrive(
            books,
            f"""
            actual_id  transaction_type  amount  contract_line_id  transaction_date  accounting_date
            {key}      cost              10      100               {day}             {day}
            """,
            set_id=key,
        )
    estimating.post_journals()

    (posted,) = estimating.estimate().posted

    assert posted.percent == 10
    books.then("""
        finance.estimated_cost
        actual_id
        90
    """)


def test_more_than_forecast_is_100_percent_and_less_than_nothing_is_none(books: Books) -> None:
    estimating = Estimating(books)
    estimating.forecast(100)
    estimating.post_costs(("time", "Service", 1, 250))
    whole = [{"class": "time", "uses_forecast": True}]
    assert estimating.percent("amount", whole) == 100
    estimating.post_costs(("time", "Service", -1, -300))
    assert estimating.percent("amount", whole) == 0


# ---- posting


def test_accounts_periods_and_rates_that_are_missing_are_told_one_by_one(books: Books) -> None:
    estimating = Estimating(books, milestones={2: 5000, 3: 100})
    estimating.forecast(100)
    estimating.forecast(100, line=3)
    estimating.post_costs(("time", "Service", 1, 50))
    estimating.create()
    change(books, "DELETE FROM finance.posting_setup WHERE posting_type = 'accrued_revenue'")
    found = estimating.post()
    assert [(one.record, one.code) for one in found.declined] == [(f"estimate/{LINE}", "ERR-J03")]
    # Without a cost there is nothing to post, but the estimate stands.
    assert [(one.number, one.percent) for one in found.posted] == [("K-3/3", 0)]

    change(
        books,
        "UPDATE finance.fiscal_period SET state = 'closed' WHERE period_start = '2026-11-01'",
    )
    change(books, "UPDATE finance.legal_entity SET reporting_currency = 'EUR'")
    codes = {one.code for one in estimating.post().declined}
    assert codes == {"ERR-J01", "ERR-J03", "ERR-I04"}
    estimating.holds()


def test_dimensions_that_an_account_does_not_take_are_refused(books: Books) -> None:
    estimating = Estimating(books)
    estimating.forecast(100)
    estimating.post_costs(("time", "Service", 1, 50))
    books.given("""
        finance.account_structure
        company  structure  account_from  account_to  required  optional  allowed
        USPM     SALES      4200          4200        {Dept}    {}        {}
    """)
    estimating.create()
    assert [one.code for one in estimating.post().declined] == ["ERR-J04"]

    books.given("""
        finance.dimension_value
        company  attribute  value
        USPM     Dept       D1

        finance.default_dimension
        company  owner          number  detail  dimensions
        USPM     contract_line  K-3     2       {"Dept":"D1"}
    """)
    estimating.post()
    with books.owner_finance.raw() as connection:
        labels = connection.execute(
            "SELECT posting_type::text, dimensions ->> 'Dept' FROM finance.ledger_entry"
            " LEFT JOIN finance.dimension_set USING (company, dimension_set_id)"
            " WHERE voucher LIKE 'EST%' ORDER BY 1"
        ).fetchall()
    assert labels == [("accrued_revenue", "D1"), ("wip_sales_value", "D1")]
    estimating.invoice()


# ---- elimination


def test_a_project_is_eliminated_once_it_is_complete_invoiced_and_estimated(books: Books) -> None:
    estimating = Estimating(books)
    estimating.milestone(2, 100)
    estimating.forecast(100)
    estimating.post_costs(("time", "Service", 1, "99.99"))
    estimating.estimate()
    assert estimating.eliminate() == estimating.eliminate()
    estimating.post_costs(("time", "Service", 1, "0.01"), month=1)
    estimating.estimate(month=1)
    estimating.post_costs(("expense", "Service", 1, 1), month=2)

    early = estimating.eliminate(month=0)
    late = estimating.eliminate()

    assert {one.code for one in early.declined} == {"ERR-F84", "ERR-F86"}
    assert [(one.field, one.value) for one in late.declined] == [
        ("costs", "1"),
        ("milestones", "2"),
    ]
    estimating.invoice()
    estimating.estimate(month=2, complete=[LINE])
    assert [one.contract_amount for one in estimating.eliminate().eliminated] == [5100]
    estimating.holds()


def test_invoices_in_another_currency_clear_at_their_own_rate(books: Books) -> None:
    # Estimated at the rates of its days, invoiced at another: revenue is what was invoiced.
    estimating = Estimating(books, milestones={2: 1})
    change(books, "UPDATE finance.contract SET currency = 'GBP' WHERE contract_id = 3")
    change(books, "UPDATE finance.on_account_transaction SET currency = 'GBP', amount = 1000")
    change(
        books, "UPDATE finance.legal_entity SET reporting_currency = 'GBP' WHERE company = 'USPM'"
    )
    change(
        books,
        "INSERT INTO finance.exchange_rate VALUES ('USPM', 'GBP', '2026-11-15', 150, 900),"
        " ('USPM', 'GBP', '2026-12-15', 160, 900)",
    )
    estimating.forecast(100)
    estimating.post_costs(("time", "Service", 1, 50))
    (half,) = estimating.estimate().posted
    assert half.accrued_amount == 750
    estimating.invoice()
    (whole,) = estimating.estimate(month=1, complete=[LINE]).posted
    assert whole.accrued_amount == 650

    (eliminated,) = estimating.eliminate().eliminated

    assert (eliminated.contract_amount, eliminated.variance_amount) == (1400, 0)
    assert amounts(estimating.ledger(), "wip_sales_value", "accrued_revenue") == (0, -1400)
    estimating.holds()


def test_a_rate_that_is_missing_declines_the_estimate(books: Books) -> None:
    estimating = Estimating(books)
    change(books, "UPDATE finance.on_account_transaction SET currency = 'EUR'")
    estimating.forecast(100)
    estimating.post_costs(("time", "Service", 1, 50))

    assert [one.code for one in estimating.create().declined] == ["ERR-I04"]


def test_what_was_invoiced_before_the_cut_over_is_no_revenue_here(books: Books) -> None:
    estimating = Estimating(books)
    estimating.milestone(2, 300)
    change(
        books,
        "UPDATE finance.on_account_transaction SET cut_over_status = 'invoiced' WHERE amount = 5000",
    )
    estimating.forecast(100)

    (created,) = estimating.create(complete=[LINE]).created

    assert (created.contract_amount, created.accrued_amount) == (300, 300)


def test_shares_by_standalone_price_add_up_and_a_line_without_stands_for_its_milestones(
    books: Books,
) -> None:
    estimating = Estimating(books, milestones={2: 100, 3: 100, 4: 100})
    for line, price in ((2, 100), (3, 50)):
        estimating.price(line, price)
    found = estimating.create(complete=["K-3/2", "K-3/3", "K-3/4"])
    assert [one.contract_amount for one in found.created] == [120, 60, 120]
    estimating.price(4, "0.01")
    found = estimating.create(complete=["K-3/2", "K-3/3", "K-3/4"])
    assert [one.contract_amount for one in found.created] == [
        Decimal("199.99"), Decimal("99.99"), Decimal("0.02"),
    ]  # fmt: skip
    for line in (2, 3, 4):
        estimating.price(line, 0)
    found = estimating.create(complete=["K-3/2", "K-3/3", "K-3/4"])
    assert [one.contract_amount for one in found.created] == [100, 100, 100]


# ---- corrections and neighbours


def test_after_an_estimate_correction_lines_still_import(books: Books) -> None:
    estimating = Estimating(books, profile="DONE")
    estimating.forecast(100)
    (cost,) = estimating.post_costs(("time", "Service", 1, 60))
    estimating.estimate()
    arrive(
        books,
        """
        actual_id  transaction_type  quantity  amount  contract_line_id
        95         cost              -1        -60     100
        96         cost              1         70      100
        """,
        set_id=95,
        kind="adjustment",
    )
    change(
        books,
        "INSERT INTO finance.staged_connection VALUES"
        " ('USPM', 95, 'reversing', %s::bigint, 'original'),"
        " ('USPM', 96, 'replacing', %s::bigint, 'original')",
        str(cost),
        str(cost),
    )

    run = run_import(books)

    assert (run.line_count, run.refusals) == (2, ())
    estimating.post_journals()
    estimating.post_costs(("time", "Service", 1, 30), month=1)
    estimating.estimate(month=1)
    assert amounts(estimating.ledger(), "cost", "wip_cost_value") == (0, 100)
    estimating.invoice()
    estimating.eliminate()
    assert amounts(estimating.ledger(), "cost", "wip_cost_value") == (100, 0)
    estimating.holds()


def test_the_costs_of_other_lines_and_companies_are_left_alone(books: Books) -> None:
    estimating = Estimating(books)
    estimating.forecast(100)
    arrive(
        books,
        """
        actual_id  transaction_type  amount  contract_line_id
        90         cost              10      3
        91         cost              10      -
        """,
        set_id=90,
    )
    run_import(books)
    run_journal(books, 1)

    (posted,) = estimating.estimate().posted

    assert (posted.percent, posted.accrued_amount) == (0, 0)
    books.then("""
        finance.estimated_cost
        actual_id
    """)


# ---- the forecast


def test_a_forecast_takes_the_place_of_the_older(books: Books) -> None:
    estimating = Estimating(books, milestones={2: 5000, 3: 10})
    estimating.forecast(100)
    estimating.forecast(7, line=3)

    loaded = estimating.load(
        ForecastLine(LINE, "time", "Design", Decimal(2), Decimal(20)),
        ForecastLine(LINE, "expense", "", Decimal(0), Decimal("30.5")),
    )

    assert (loaded.project_count, loaded.line_count) == (1, 2)
    books.then(
        """
        finance.cost_forecast
        contract_line_id  class    category_number  quantity  amount
        100               time     Design           2         20
        100               expense  -                0         30.5
        101               time     -                0         7
    """.replace("  -   ", "  ''  ")
    )


def test_a_forecast_that_names_what_is_unknown_is_refused_whole(books: Books) -> None:
    estimating = Estimating(books)

    with pytest.raises(Refused) as refused:
        estimating.load(
            ForecastLine("K-9/1", "time", "", Decimal(0), Decimal(1)),
            ForecastLine(LINE, "time", "Parts", Decimal(0), Decimal(1)),
            ForecastLine(LINE, "time", "", Decimal(0), Decimal(1)),
            ForecastLine(LINE, "time", "", Decimal(0), Decimal(2)),
        )

    assert sorted(refused.value.codes) == ["ERR-F80", "ERR-F80", "ERR-F81"]


@pytest.mark.parametrize(
    ("content", "fields"),
    [
        (b"\xff", [""]),
        (b"", ["columns"]),
        (b"project,class,category,quantity,amount\nK-3/2,ti\0me,,1,2\n", [""]),
        (b"project,class,category,quantity,amount\nK-3/2,time,," + b"1" * 200_000 + b",2\n", [""]),
        (b"project,class\n", ["columns"]),
        (b"project;class;category;quantity;amount\nK-3/2;time;;1;2;3\n", ["columns"]),
        (
            b"project,class,category,quantity,amount\n,hour,,-1,1e3x\nK-1/1,time,,,NaN\n",
            ["project", "class", "quantity", "amount", "amount"],
        ),
        (
            b"project,class,category,quantity,amount\nK-1/1,time,,1.00001,Infinity\n",
            ["quantity", "amount"],
        ),
    ],
)
def test_every_mistake_of_a_forecast_file_is_told(content: bytes, fields: list[str]) -> None:
    with pytest.raises(Refused) as refused:
        read_forecast(content)

    assert [one.field for one in refused.value.refusals] == fields
    assert set(refused.value.codes) == {"ERR-F80"}


def test_a_forecast_file_is_read_in_any_order_of_columns() -> None:
    content = "\ufeffamount;project;quantity;category;class\n12.50;K-3/2;;;time\n".encode()

    assert read_forecast(content) == (ForecastLine(LINE, "time", "", Decimal(0), Decimal("12.50")),)


# ---- invariants


PLANTED = {
    "eliminated_project_leaves_no_wip": "UPDATE finance.ledger_entry SET reporting_amount ="
    " reporting_amount - 0.01 WHERE posting_type = 'wip_cost_value' AND voucher = 'EST-00000001'",
    "estimate_agrees_with_ledger": "UPDATE finance.estimate SET moved_amount = moved_amount - 0.01"
    " WHERE kind = 'estimate'",
    "cost_is_estimated_once": "INSERT INTO finance.estimated_cost"
    " SELECT company, actual_id, 'EST-00000002' FROM finance.estimated_cost",
}


@pytest.mark.parametrize("invariant", PLANTED)
def test_an_invariant_sees_its_violation(books: Books, invariant: str) -> None:
    estimating = Estimating(books, profile="DONE")
    estimating.forecast(60)
    estimating.post_costs(("time", "Service", 1, 60))
    estimating.estimate()
    estimating.invoice()
    estimating.eliminate()
    estimating.holds()

    change(books, PLANTED[invariant])  # pyright: ignore[reportArgumentType]

    with books.owner_finance.reader() as reader:
        assert invariant in {one.invariant for one in check_book(reader, "finance")}


# ---- laws


@pytest.fixture
def estimated(books: Books) -> Estimating:
    return Estimating(books)


ESTIMATED = (
    *CLEAN, "finance.cost_forecast", "finance.estimate_draft", "finance.estimate",
    "finance.estimated_cost", "finance.estimate_reversal", "finance.on_account_transaction",
    "finance.on_account_accounting",
)  # fmt: skip
AMOUNTS = st.decimals(min_value=Decimal("0.01"), max_value=Decimal(9999), places=2)


@LAW
@given(
    months=st.lists(st.lists(AMOUNTS, max_size=2), min_size=1, max_size=3),
    price=AMOUNTS,
    planned=AMOUNTS,
    profile=st.sampled_from(["PERCENT", "DONE", "PERCBAL", "DONEBAL"]),
    reversed_month=st.integers(0, 2),
)
def test_whatever_the_split_revenue_is_the_price_and_nothing_is_left_in_progress(
    estimated: Estimating,
    months: list[list[Decimal]],
    price: Decimal,
    planned: Decimal,
    profile: str,
    reversed_month: int,
) -> None:
    clear(estimated.books, ESTIMATED)
    estimated.use(profile)
    estimated.milestone(2, price)
    estimated.forecast(planned)
    for month, costs in enumerate(months):
        if costs:
            estimated.post_costs(*(("time", "Service", 1, cost) for cost in costs), month=month)
        last = month == len(months) - 1
        estimated.estimate(month=month, complete=[LINE] if last else [])
        if month == reversed_month:
            estimated.reverse(LINE)
            estimated.estimate(month=month, complete=[LINE] if last else [])
    estimated.invoice()
    (eliminated,) = estimated.eliminate().eliminated

    assert (eliminated.contract_amount, eliminated.variance_amount) == (price, 0)
    assert amounts(
        estimated.ledger(), "accrued_revenue", "wip_sales_value", "wip_cost_value",
        "wip_invoiced_on_account", "cost",
    ) == (-price, 0, 0, 0, sum(map(sum, months), Decimal(0)))  # fmt: skip
    estimated.holds()
