"""Who funds a contract: rules by priority, shares, limits, and what is taken back."""

from __future__ import annotations

import json
from decimal import Decimal

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.finance.company import (
    SETUP,
    arrive,
    bill,
    change,
    clear,
    credit,
    run_import,
    run_journal,
    run_proposals,
)
from tests.support.books import Books
from twofold.finance.funding.allocation import find_contract, funded_sales, funding_sources

Rules = list[dict[str, str]]


@pytest.fixture
def company(books: Books) -> Books:
    books.given(SETUP)
    return books


def agree(company: Books, rules: Rules, limits: dict[str, str | None]) -> None:
    """Give contract K-3, in USD, these rules in the order of their priority, and these limits."""
    clear(company, ("finance.funding_rule", "finance.funding_limit"))
    for priority, shares in enumerate(rules, start=1):
        change(
            company,
            "INSERT INTO finance.funding_rule VALUES ('USPM', 'K-3', %s::integer, %s::jsonb)",
            str(priority),
            json.dumps([{"payer": payer, "percent": part} for payer, part in shares.items()]),
        )
    for payer, amount in limits.items():
        change(
            company,
            "INSERT INTO finance.funding_limit VALUES ('USPM', 'K-3', %s, %s::numeric)",
            payer,
            amount,
        )


def sell(company: Books, *amounts: str) -> None:
    """Sell milestones of these amounts on contract K-3, and nothing else."""
    change(company, "DELETE FROM finance.on_account_transaction")
    for number, amount in enumerate(amounts, start=1):
        change(
            company,
            "INSERT INTO finance.on_account_transaction VALUES ('USPM', %s::bigint, 3, 100, 2, 4,"
            " '', '2026-11-01', %s::numeric, 'USD', 1)",
            str(number),
            amount,
        )


def funded(company: Books) -> dict[str, Decimal]:
    """Give what each source funds; '' for nobody."""
    with company.finance.reader() as reader:
        found = funding_sources(reader, company="USPM", contract="K-3")
    return {one.payer: one.funded_amount for one in found if one.funded_amount or not one.payer}


def by_sale(company: Books) -> list[tuple[int, int | None, str | None, Decimal]]:
    with company.finance.reader() as reader:
        found = funded_sales(reader, company="USPM", contract="K-3")
    return [(one.document_id, one.priority, one.payer, one.funded_amount) for one in found]


def test_what_a_rule_cannot_take_goes_to_the_next_and_at_last_to_nobody(company: Books) -> None:
    agree(
        company,
        [{"A": "50", "B": "50"}, {"B": "100"}, {}, {"C": "100"}],
        {"A": "500", "B": "750", "C": "100"},
    )
    sell(company, "1000", "250", "100.01", "0.01")

    assert by_sale(company) == [
        (1, 1, "A", 500),
        (1, 1, "B", 500),
        (2, 2, "B", 250),
        (3, 4, "C", 100),
        (4, None, None, 0),
    ]
    assert funded(company) == {"": Decimal("0.02"), "A": 500, "B": 750, "C": 100}


@pytest.mark.parametrize(
    ("rules", "limits", "expected"),
    [
        pytest.param([], {}, {"": 100}, id="no rule: nobody"),
        pytest.param([{"A": "100"}], {}, {"": 0, "A": 100}, id="no limit"),
        pytest.param([{"A": "100"}], {"A": None}, {"": 0, "A": 100}, id="a limit lifted"),
        pytest.param([{"A": "100"}], {"A": "100"}, {"": 0, "A": 100}, id="equal to the limit"),
        pytest.param([{"A": "100"}], {"A": "99.99"}, {"": Decimal("0.01"), "A": Decimal("99.99")},
                     id="a cent above the limit"),
        pytest.param([{"A": "100"}, {"B": "100"}], {"A": "0"}, {"": 0, "B": 100}, id="limit 0"),
        pytest.param([{"A": "10", "B": "90"}, {"B": "100"}], {"A": "1"},
                     {"": 0, "A": 1, "B": 99}, id="the first at its limit stops the rule"),
        pytest.param([{"A": "100"}], {"X": "5"}, {"": 0, "A": 100}, id="a limit of another"),
    ],
)  # fmt: skip
def test_limits_are_met_to_the_cent(
    company: Books, rules: Rules, limits: dict[str, str | None], expected: dict[str, Decimal]
) -> None:
    agree(company, rules, limits)
    sell(company, "100")

    assert funded(company) == expected


def test_what_is_taken_back_gives_back_what_was_taken_last(company: Books) -> None:
    agree(company, [{"A": "100"}, {"B": "100"}], {"A": "100"})
    sell(company, "150", "-70", "30")

    assert by_sale(company) == [
        (1, 1, "A", 100),
        (1, 2, "B", 50),
        (2, 1, "A", -20),
        (2, 2, "B", -50),
        (3, 1, "A", 20),
        (3, 2, "B", 10),
    ]


def test_posted_sales_are_funded_once_also_where_they_are_credited_and_open_again(
    company: Books,
) -> None:
    """Costs, what is not billable, what is not posted and other contracts ask for nothing."""
    agree(company, [{"A": "100"}], {"A": "150"})
    arrive(company, """
        actual_id  transaction_type  billing_type    amount  project_id  contract_id  contract_line_id  customer_id  currency
        1          unbilled_sales    chargeable      100     4           3            3                 2            USD
        2          unbilled_sales    non_chargeable  40      4           3            3                 2            USD
        3          cost              chargeable      60      4           3            3                 2            USD
        4          unbilled_sales    chargeable      70      1           1            1                 1            GBP
    """)  # fmt: skip  # noqa: E501 - a row of a text table stays on one line
    assert funded(company) == {"": 0}
    run_import(company)
    run_journal(company, 1)
    assert funded(company) == {"": 0, "A": 100}
    bill(company, 7, {101: 1})
    run_import(company)
    run_proposals(company, 7)
    credit(company, 8, {201: 101}, {211: 101}, day="2026-11-20")
    run_import(company)
    run_journal(company, 2)
    run_import(company)

    assert by_sale(company) == [(211, 1, "A", 100)]
    with company.finance.reader() as reader:
        sources = funding_sources(reader, company="USPM", contract="K-3")
        assert find_contract(reader, company="OTHER", contract="K-3") is None
    assert [
        (one.payer, one.limit_amount, one.funded_amount, one.left_amount, one.sold_amount)
        for one in sources
    ] == [("", None, 0, None, 0), ("A", 150, 100, 50, 0), ("C-2", None, 0, None, 100)]


cents = st.integers(-50_000, 100_000).map(lambda cent: str(Decimal(cent) / 100))
parts = st.lists(st.integers(1, 9_999), max_size=2).filter(lambda found: sum(found) < 10_000)


@st.composite
def some_rules(draw: st.DrawFn) -> Rules:
    """Draw rules of up to three sources whose percentages make 100."""
    rules: Rules = []
    for _ in range(draw(st.integers(0, 3))):
        shares = draw(parts)
        percents = [*shares, 10_000 - sum(shares)]
        payers = draw(st.permutations(["A", "B", "C"]))
        rules.append({
            payer: str(Decimal(percent) / 100)
            for payer, percent in zip(payers, percents, strict=False)
        })  # fmt: skip
    return rules


@settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    rules=some_rules(),
    limits=st.dictionaries(
        st.sampled_from("ABC"), st.integers(0, 60_000).map(lambda cent: str(Decimal(cent) / 100))
    ),
    amounts=st.lists(cents, min_size=1, max_size=5),
)
def test_shares_make_the_sale_and_no_source_gives_more_than_its_limit(
    company: Books, rules: Rules, limits: dict[str, str | None], amounts: list[str]
) -> None:
    agree(company, rules, limits)
    sell(company, *amounts)

    found = funded(company)

    total = sum(map(Decimal, amounts))
    assert sum(found.values()) == total
    for payer, limit in limits.items():
        assert limit is not None
        assert 0 <= found.get(payer, Decimal()) <= Decimal(limit)
    if total <= 0:
        assert found == {"": total}
    elif found[""] > 0:
        # What nobody funds, no rule could take: each has a source that gives no more.
        for shares in rules:
            assert any(
                payer in limits
                and Decimal(limits[payer] or 0) - found.get(payer, Decimal()) < Decimal("0.02")
                for payer in shares
            )
    again = {
        payer: sum((one[3] for one in by_sale(company) if one[2] == payer), Decimal())
        for payer in "ABC"
    }
    assert again == {payer: found.get(payer, Decimal()) for payer in "ABC"}
