"""Estimates at the edges: rates, shares and templates, what comes late, and two people at once."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal
from typing import TypeVar

import pytest

from tests.concurrency.waiting import sessions_waiting_for_a_lock, wait_until
from tests.finance.company import change, finance_of
from tests.finance.dimensions import DIMENSIONS
from tests.finance.estimating import MONTHS, Estimating
from tests.support.books import Books
from tests.support.clock import NOW
from twofold.database.transaction import Transaction
from twofold.finance.estimates.eliminate import EliminatedProjects, eliminate_estimates
from twofold.finance.estimates.post import PostedEstimates, post_estimates
from twofold.finance.estimates.reverse import ReversedEstimate, reverse_estimates
from twofold.finance.journal.adjust_accounting import Adjustment, adjust_accounting
from twofold.kernel.errors import Refused

R = TypeVar("R")

LINE = "K-3/2"
NOTHING = EliminatedProjects((), ())


def in_pounds(books: Books) -> None:
    """Let the contract and its milestones be in GBP, which is 140 in November."""
    change(books, "UPDATE finance.contract SET currency = 'GBP' WHERE contract_id = 3")
    change(books, "UPDATE finance.on_account_transaction SET currency = 'GBP'")


def reported_in_pounds(books: Books) -> None:
    """Let the books be reported in GBP, which is 160 from December on."""
    change(
        books, "UPDATE finance.legal_entity SET reporting_currency = 'GBP' WHERE company = 'USPM'"
    )
    change(
        books, "INSERT INTO finance.exchange_rate VALUES ('USPM', 'GBP', '2026-12-01', 160, 900)"
    )


def reported(books: Books, posting_type: str) -> Decimal:
    """Add up the ledger in the reporting currency."""
    with books.owner_finance.raw() as connection:
        (found,) = connection.execute(
            "SELECT coalesce(sum(reporting_amount), 0) FROM finance.ledger_entry"
            " WHERE posting_type = %s::finance.posting_type",
            (posting_type,),
        ).fetchone() or (Decimal(0),)
    return found


# ---- what a milestone is worth


@pytest.mark.parametrize(("currency", "worth"), [("GBP", 1200), ("USD", 1000)])
def test_the_rate_agreed_for_a_contract_goes_before_that_of_the_day(
    books: Books, currency: str, worth: int
) -> None:
    estimating = Estimating(books, milestones={2: 1000})
    if currency == "GBP":
        in_pounds(books)
    books.given("""
        finance.fixed_rate_agreement
        company  contract_number  currency  rate
        USPM     K-3              GBP       120
        USPM     K-3              USD       50
    """)

    (created,) = estimating.create(complete=[LINE]).created

    assert created.contract_amount == worth


def test_a_standalone_price_is_in_the_currency_of_its_contract(books: Books) -> None:
    # 300 GBP are 420 USD, and the other line stands for its milestone of 140.
    estimating = Estimating(books, milestones={2: 100, 3: 100})
    in_pounds(books)
    estimating.price(2, 300)

    found = estimating.create(complete=[LINE, "K-3/3"])

    assert [one.contract_amount for one in found.created] == [210, 70]


def test_what_is_invoiced_needs_no_rate_any_more(books: Books) -> None:
    estimating = Estimating(books, milestones={2: 1000})
    in_pounds(books)
    estimating.invoice()
    change(books, "DELETE FROM finance.exchange_rate")

    (created,) = estimating.create(complete=[LINE]).created

    assert created.contract_amount == 1400


def test_a_template_of_the_same_name_in_another_company_is_another(books: Books) -> None:
    estimating = Estimating(books)
    books.given("""
        finance.cost_template
        company  template  name   completion_based_on  lines
        OTHER    ALL       Costs  amount               [{"class":"time","categories":[],"is_counted":true,"uses_forecast":true}]
    """)  # noqa: E501 - a row of a text table stays on one line
    estimating.forecast(100)
    estimating.post_costs(("time", "Service", 1, 20), ("expense", "Service", 1, 50))

    (created,) = estimating.create().created

    assert created.percent == Decimal("46.6667")


# ---- drafts


def test_a_project_that_is_declared_complete_costs_what_was_spent(books: Books) -> None:
    estimating = Estimating(books)
    estimating.forecast(100)
    estimating.post_costs(("time", "Service", 1, 60))

    estimating.estimate(complete=[LINE])

    books.then("""
        finance.estimate
        percent  counted_amount  total_amount
        100      60              60
    """)


def test_a_month_before_the_last_estimate_is_declined(books: Books) -> None:
    estimating = Estimating(books)
    estimating.forecast(100)
    estimating.post_costs(("time", "Service", 1, 50))
    estimating.estimate(month=1)

    found = estimating.create(month=0)

    assert [(one.code, one.value) for one in found.declined] == [("ERR-F84", "2026-12-31")]


@pytest.mark.parametrize(
    "happens",
    [
        lambda estimating: estimating.use("PERCBAL"),
        lambda estimating: estimating.post_costs(
            ("time", "Service", 1, 10), ("time", "Service", -1, -10)
        ),
    ],
    ids=["another profile", "costs that cancel each other"],
)
def test_a_draft_is_out_of_date_even_where_no_amount_changed(
    books: Books, happens: Callable[[Estimating], object]
) -> None:
    estimating = Estimating(books)
    estimating.forecast(100)
    estimating.post_costs(("time", "Service", 1, 50))
    estimating.use("PERCENT")
    estimating.create()
    happens(estimating)

    done = estimating.post()

    assert (done.posted, [one.code for one in done.declined]) == ((), ["ERR-F85"])


def test_the_drafts_of_another_period_code_stay(books: Books) -> None:
    # What was estimated keeps its profile; what was not has the one of today.
    estimating = Estimating(books, milestones={2: 5000, 3: 10})
    estimating.forecast(100)
    estimating.post_costs(("time", "Service", 1, 50))
    estimating.create()
    estimating.post()
    change(books, "UPDATE finance.revenue_profile SET period = 'QUARTER' WHERE profile = 'DONE'")
    estimating.use("DONE")
    estimating.create(month=1, period="QUARTER", complete=["K-3/3"])

    estimating.create(month=1)

    books.then("""
        finance.estimate_draft
        contract_line_id  profile
        100               PERCENT
        101               DONE
    """)


# ---- vouchers


def test_revenue_goes_to_the_accounts_of_the_sales_value_category(books: Books) -> None:
    estimating = Estimating(books)
    books.given("""
        finance.posting_setup
        company  posting_type     category_number  account
        USPM     wip_sales_value  Design           1320
        USPM     accrued_revenue  Design           4110
    """)
    change(
        books,
        "UPDATE finance.revenue_profile SET sales_value_category = 'Design'"
        " WHERE profile = 'PERCENT'",
    )
    estimating.forecast(100)
    estimating.post_costs(("time", "Service", 1, 50))

    estimating.estimate()

    with books.owner_finance.raw() as connection:
        legs = connection.execute(
            "SELECT account, accounting_amount FROM finance.ledger_entry"
            " WHERE voucher LIKE 'EST%' ORDER BY account"
        ).fetchall()
    assert legs == [("1320", 2500), ("4110", -2500)]


def test_a_cost_leaves_with_the_dimensions_it_was_adjusted_to(books: Books) -> None:
    estimating = Estimating(books, profile="DONE")
    books.given(DIMENSIONS)
    estimating.forecast(100)
    (cost,) = estimating.post_costs(("time", "Service", 1, 60))
    with finance_of(books) as transaction:
        adjust_accounting(
            transaction,
            company="USPM",
            adjustment=Adjustment(actual_ids=(cost,), dimensions={"Dept": "W1"}, reason="moved"),
            actor="ada",
            at=NOW,
        )

    estimating.estimate()

    with books.owner_finance.raw() as connection:
        moved = connection.execute(
            "SELECT posting_type::text, dimensions ->> 'Dept' FROM finance.ledger_entry"
            " LEFT JOIN finance.dimension_set USING (company, dimension_set_id)"
            " WHERE voucher LIKE 'EST%' ORDER BY 1"
        ).fetchall()
    assert moved == [("cost", "W1"), ("wip_cost_value", "W1")]


@pytest.mark.parametrize("profile", ["PERCENT", "DONE"])
def test_nothing_is_left_in_the_reporting_currency_at_the_rates_of_other_days(
    books: Books, profile: str
) -> None:
    estimating = Estimating(books, profile=profile)
    reported_in_pounds(books)
    change(books, "DELETE FROM finance.posting_setup WHERE posting_type = 'contract_variance'")
    estimating.forecast(100)
    estimating.post_costs(("time", "Service", 1, 60))
    estimating.estimate(month=1, complete=[LINE])
    assert (reported(books, "cost") == 0) == (profile == "DONE")
    estimating.invoice()

    estimating.eliminate()

    for posting_type in ("wip_sales_value", "wip_cost_value", "wip_invoiced_on_account"):
        assert reported(books, posting_type) == 0, posting_type
    # Once more with what comes late: what was cleared stays cleared.
    estimating.post_costs(("time", "Service", 1, 5), month=2)
    estimating.estimate(month=2, complete=[LINE])
    estimating.eliminate()
    for posting_type in ("wip_sales_value", "wip_cost_value", "wip_invoiced_on_account"):
        assert reported(books, posting_type) == 0, posting_type
    assert estimating.ledger("wip_invoiced_on_account") == {"wip_invoiced_on_account": 0}
    estimating.holds()


# ---- elimination


def test_only_what_is_complete_is_eliminated_and_only_once(books: Books) -> None:
    estimating = Estimating(books)
    estimating.forecast(100)
    estimating.post_costs(("time", "Service", 1, "99.99"))
    estimating.estimate()
    estimating.invoice()

    assert estimating.eliminate() == NOTHING
    estimating.estimate(month=1, complete=[LINE])
    assert len(estimating.eliminate().eliminated) == 1
    assert estimating.eliminate() == NOTHING
    assert estimating.create(month=2).created == ()
    books.then("""
        finance.estimate_draft
        contract_line_id
    """)


def test_a_line_invoiced_other_than_its_share_leaves_the_difference_as_variance(
    books: Books,
) -> None:
    # 300 in all, shared two to one: line 2 earns 200 and is invoiced 100, line 3 the other way.
    estimating = Estimating(books, milestones={2: 100, 3: 200})
    for line, price in ((2, 20), (3, 10)):
        estimating.price(line, price)
    estimating.estimate(complete=[LINE, "K-3/3"])
    estimating.invoice()

    found = estimating.eliminate().eliminated

    assert [(one.contract_amount, one.variance_amount) for one in found] == [
        (200, -100),
        (100, 100),
    ]
    assert estimating.ledger("accrued_revenue", "contract_variance", "wip_sales_value") == {
        "accrued_revenue": -300, "contract_variance": 0, "wip_sales_value": 0,
    }  # fmt: skip
    estimating.holds()


@pytest.mark.parametrize("price", [None, 10])
def test_a_rate_that_the_contract_lacks_by_then_declines_the_elimination(
    books: Books, price: int | None
) -> None:
    # Line 2 is invoiced, but what it earns depends on what line 3 is worth.
    estimating = Estimating(books, milestones={2: 100, 3: 100})
    in_pounds(books)
    if price is not None:
        estimating.price(2, price)
    estimating.estimate(complete=[LINE, "K-3/3"])
    estimating.invoice(2)
    change(books, "DELETE FROM finance.exchange_rate")

    found = estimating.eliminate()

    assert found.eliminated == ()
    assert [(one.record, one.code) for one in found.declined] == [
        ("estimate/K-3/2", "ERR-I04"), ("estimate/K-3/3", "ERR-F86"), ("estimate/K-3/3", "ERR-I04"),
    ]  # fmt: skip


# ---- reversal


def test_a_reversal_is_not_dated_before_its_estimate(books: Books) -> None:
    estimating = Estimating(books)
    estimating.forecast(100)
    estimating.post_costs(("time", "Service", 1, 60))
    estimating.estimate(month=1)

    with pytest.raises(Refused) as refused:
        estimating.reverse(LINE, month=0)

    assert [(one.code, one.value) for one in refused.value.refusals] == [("ERR-F84", "2026-12-31")]
    assert len(estimating.reverse(LINE, month=1)) == 1


def test_a_reversal_has_the_dimensions_of_what_it_takes_back(books: Books) -> None:
    estimating = Estimating(books)
    books.given(DIMENSIONS)
    estimating.forecast(100)
    estimating.post_costs(("time", "Service", 1, 60))
    estimating.estimate()

    estimating.reverse(LINE)

    with books.owner_finance.raw() as connection:
        left = connection.execute(
            "SELECT dimension_set_id FROM finance.ledger_entry WHERE voucher LIKE 'EST%'"
            " GROUP BY posting_type, dimension_set_id HAVING sum(accounting_amount) <> 0"
        ).fetchall()
    assert left == []


# ---- two at once


def meanwhile(
    books: Books, first: Callable[[Transaction], object], second: Callable[[], R]
) -> R | Refused:
    """Let a second person begin before the first has committed; give what the second gets."""

    def try_it() -> R | Refused:
        try:
            return second()
        except Refused as refused:
            return refused

    with ThreadPoolExecutor(1) as pool:
        with finance_of(books) as transaction:
            first(transaction)
            later = pool.submit(try_it)
            wait_until(lambda: sessions_waiting_for_a_lock(books) > 0)
        return later.result()


def post(transaction: Transaction) -> PostedEstimates:
    return post_estimates(transaction, company="USPM", actor="ben", at=NOW)


def eliminate(transaction: Transaction) -> EliminatedProjects:
    return eliminate_estimates(transaction, company="USPM", day=MONTHS[2], actor="ben", at=NOW)


def reverse(transaction: Transaction) -> tuple[ReversedEstimate, ...]:
    return reverse_estimates(
        transaction, company="USPM", numbers=(LINE,), day=MONTHS[2], reason="x", actor="ben", at=NOW
    )


def test_an_estimate_that_two_post_at_once_is_posted_once(books: Books) -> None:
    estimating = Estimating(books)
    estimating.forecast(100)
    estimating.post_costs(("time", "Service", 1, 50))
    estimating.create()

    second = meanwhile(books, post, estimating.post)

    assert second == PostedEstimates((), ())
    assert estimating.ledger("wip_sales_value") == {"wip_sales_value": 2500}
    estimating.holds()


def test_an_estimate_that_two_reverse_at_once_is_reversed_once(books: Books) -> None:
    estimating = Estimating(books)
    estimating.forecast(100)
    estimating.post_costs(("time", "Service", 1, 50))
    estimating.estimate()

    second = meanwhile(books, reverse, lambda: estimating.reverse(LINE))

    assert isinstance(second, Refused)
    assert second.codes == ("ERR-F87",)
    assert estimating.ledger("wip_sales_value") == {"wip_sales_value": 0}
    estimating.holds()


def test_who_eliminates_while_another_posts_eliminates_that_too(books: Books) -> None:
    estimating = Estimating(books)
    estimating.post_costs(("time", "Service", 1, 50))
    estimating.invoice()
    estimating.create(complete=[LINE])

    second = meanwhile(books, post, estimating.eliminate)

    assert isinstance(second, EliminatedProjects)
    assert [one.contract_amount for one in second.eliminated] == [5000]
    assert estimating.ledger("wip_sales_value", "accrued_revenue") == {
        "wip_sales_value": 0, "accrued_revenue": -5000,
    }  # fmt: skip
    estimating.holds()


def test_who_posts_while_another_eliminates_finds_no_draft_any_more(books: Books) -> None:
    estimating = Estimating(books)
    estimating.post_costs(("time", "Service", 1, 50))
    estimating.invoice()
    estimating.estimate(complete=[LINE])
    estimating.create(month=1, complete=[LINE])

    second = meanwhile(books, eliminate, estimating.post)

    assert second == PostedEstimates((), ())
    assert estimating.ledger("wip_sales_value") == {"wip_sales_value": 0}
    estimating.holds()
