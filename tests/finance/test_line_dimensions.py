"""Dimensions from default to ledger: import gives them, posting judges and writes them."""

# ruff: noqa: E501 - a row of a text table stays on one line

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest

from tests.finance.company import (
    SETUP,
    arrive,
    bill,
    change,
    credit,
    finance_of,
    run_import,
    run_journal,
    run_proposals,
)
from tests.finance.dimensions import (
    DIMENSIONS,
    entries,
    header_dimensions,
    lines,
    proposal_dimensions,
)
from tests.support.books import Books
from twofold.finance.dimensions.changes import change_sets, open_changes
from twofold.finance.proposals.edit_header_dimensions import NAME_SET
from twofold.kernel.errors import Refused

P4 = "Dept P1, Line L1"


@pytest.fixture
def company(books: Books) -> Books:
    books.given(SETUP)
    books.given(DIMENSIONS)
    return books


def rule(
    company: Books, *, priority: str, profile: str = "-", contract: str = "-", project: str = "-"
) -> None:
    company.given(f"""
        finance.dimension_rule
        company  profile    contract_number  project_number  priority
        USPM     {profile}  {contract}       {project}       {priority}
    """)


def structure(
    company: Books, account: str, *, required: str = "{}", optional: str = "{}", allowed: str = "{}"
) -> None:
    company.given(f"""
        finance.account_structure
        company  structure  account_from  account_to  required    optional    allowed
        USPM     {account}  {account}     {account}   {required}  {optional}  {allowed}
    """)


def test_worker_and_project_are_merged_per_side(company: Books) -> None:
    # Feature 118: on the cost the project wins, on the payroll allocation the worker; expenses: the
    # project on both. Material and sales know no worker.
    arrive(company, """
        actual_id  transaction_type  class     category_id  resource_id  amount
        1          cost              time      1            8            10
        2          cost              expense   1            8            20
        3          cost              material  5            8            30
        4          unbilled_sales    time      1            8            40
        5          cost              time      1            9            50
        6          cost              time      1            -            60
    """)  # fmt: skip

    run_import(company)

    merged = "Dept P1, Line L1, Site S1"
    assert lines(company) == [
        (1, merged, "Dept W1, Line L1, Site S1"),
        (2, merged, merged),
        (3, P4, P4),
        (4, P4, P4),
        (5, P4, P4),
        (6, P4, P4),
    ]


def test_a_combination_is_kept_once(company: Books) -> None:
    arrive(company, "actual_id  resource_id\n1  8\n2  9\n3  -")
    run_import(company)
    arrive(company, "actual_id  resource_id\n4  8", set_id=2)
    run_import(company)

    assert {row[1:] for row in lines(company)} == {(P4, P4)}
    company.then("""
        finance.dimension_set
        company  dimensions                    label
        USPM     {"Dept":"P1","Line":"L1"}     Dept P1, Line L1
    """)


def test_two_transactions_that_need_a_new_combination_get_the_same(company: Books) -> None:
    def need() -> None:
        with finance_of(company) as transaction:
            open_changes(transaction)
            transaction.run(NAME_SET, from_id=0)
            change_sets(transaction, company="USPM", changes={"Dept": "P1"})

    with ThreadPoolExecutor(1) as pool, finance_of(company) as first:
        open_changes(first)
        first.run(NAME_SET, from_id=0)
        change_sets(first, company="USPM", changes={"Dept": "P1"})
        other = pool.submit(need)

    other.result()
    company.then("finance.dimension_set\nlabel\nDept P1")


def test_a_project_takes_from_its_customer_until_it_states_its_own(company: Books) -> None:
    arrive(company, """
        actual_id  project_id  contract_id  contract_line_id  customer_id  currency
        1          1           1            1                 1            GBP
        2          2           2            2                 1            USD
    """)  # fmt: skip
    company.given("""
        finance.default_dimension
        company  owner    number  detail  dimensions
        USPM     project  P-2     ''      {}
    """)

    run_import(company)

    assert lines(company) == [(1, "Dept C1", "Dept C1"), (2, "", "")]


def test_without_a_rule_only_fixed_price_lines_fill_in(company: Books) -> None:
    arrive(company, """
        actual_id  contract_line_id
        1          3
        2          100
    """)  # fmt: skip

    run_import(company)

    assert [row[1] for row in lines(company)] == [P4, "Dept P1, Line L1, Site S2"]


@pytest.mark.parametrize(
    ("rules", "dimensions"),
    [
        # A rule makes the contract line count; who wins is its priority.
        ([{"priority": "project"}], "Dept P1, Line L1, Site S2"),
        ([{"priority": "contract_line"}], "Dept L1, Line L1, Site S2"),
        # The rightmost column that is named wins.
        (
            [{"priority": "project"}, {"profile": "TM_WIP", "priority": "contract_line"}],
            "Dept L1, Line L1, Site S2",
        ),
        (
            [
                {"profile": "TM_WIP", "priority": "project"},
                {"contract": "K-3", "priority": "contract_line"},
            ],
            "Dept L1, Line L1, Site S2",
        ),
        (
            [
                {"contract": "K-3", "priority": "project"},
                {"project": "P-4", "priority": "contract_line"},
            ],
            "Dept L1, Line L1, Site S2",
        ),
        # For another profile, contract or project: no rule.
        ([{"profile": "TM_NoWIP", "priority": "contract_line"}], P4),
        ([{"contract": "K-1", "priority": "contract_line"}], P4),
        ([{"project": "P-1", "priority": "contract_line"}], P4),
    ],
)
def test_the_most_specific_rule_says_whose_dimensions_win(
    company: Books, rules: list[dict[str, str]], dimensions: str
) -> None:
    for one in rules:
        rule(company, **one)
    arrive(company, "actual_id\n1")

    run_import(company)

    assert lines(company) == [(1, dimensions, dimensions)]


def test_posting_writes_the_dimensions_of_each_side(company: Books) -> None:
    arrive(company, """
        actual_id  transaction_type  resource_id  amount
        1          cost              8            10
        2          unbilled_sales    8            40
    """)  # fmt: skip
    run_import(company)

    run_journal(company, 1)

    assert entries(company) == [
        ("IJV-0001", "5100", 10, "Dept P1, Line L1, Site S1"),
        ("IJV-0001", "5200", -10, "Dept W1, Line L1, Site S1"),
        ("IJV-0002", "1300", 40, P4),
        ("IJV-0002", "4200", -40, P4),
    ]


def test_lines_of_a_voucher_with_other_dimensions_are_other_entries(company: Books) -> None:
    change(company, "UPDATE finance.parameter SET voucher_per = 'journal'")
    arrive(company, """
        actual_id  transaction_type  resource_id  amount
        1          cost              8            10
        2          cost              8            1
        3          cost              9            20
    """)  # fmt: skip
    run_import(company)

    run_journal(company, 1)

    assert sorted(entries(company)) == [
        ("IJV-0001", "5100", 11, "Dept P1, Line L1, Site S1"),
        ("IJV-0001", "5100", 20, P4),
        ("IJV-0001", "5200", -20, P4),
        ("IJV-0001", "5200", -11, "Dept W1, Line L1, Site S1"),
    ]


@pytest.mark.parametrize(
    ("account", "rules", "problem"),
    [
        ("5100", {"required": "{Dept,Line}", "optional": "{Site}"}, None),
        ("5100", {"optional": "{Dept,Line,Site}"}, None),
        ("5100", {"required": "{Dept}", "optional": "{Line}"}, "account 5100: Site not taken"),
        ("5100", {"required": "{Dept,Line,Site,Cost}"}, "account 5100: Cost missing"),
        (
            "5200",
            {"required": "{Dept,Line,Site}", "allowed": '{"Dept":["P1","L1"]}'},
            "account 5200: Dept W1 not allowed",
        ),
        ("5200", {"required": "{Dept,Line,Site}", "allowed": '{"Dept":["W1"]}'}, None),
        # Not posted to: not judged.
        ("5300", {"required": "{Cost}"}, None),
    ],
)
def test_only_combinations_that_really_post_are_judged(
    company: Books, account: str, rules: dict[str, str], problem: str | None
) -> None:
    structure(company, account, **rules)
    arrive(company, """
        actual_id  transaction_type  resource_id
        1          cost              8
        2          unbilled_sales    8
    """)  # fmt: skip
    run_import(company)

    posted = run_journal(company, 1)

    found = [(one.code, one.value) for one in posted.refusals if one.code != "ERR-J07"]
    assert found == ([] if problem is None else [("ERR-J04", problem)])
    assert posted.posted_count == (2 if problem is None else 1)


def test_no_dimensions_are_not_enough_where_one_is_required(company: Books) -> None:
    structure(company, "1300", required="{Dept}")
    structure(company, "4200", required="{Dept}")
    arrive(
        company,
        "actual_id  project_id  contract_id  contract_line_id  currency\n1  2  2  2  USD\n2  4  3  3  USD",
    )
    company.given("""
        finance.default_dimension
        company  owner    number  detail  dimensions
        USPM     project  P-2     ''      {}
    """)
    change(company, "UPDATE finance.account_structure SET optional = '{Line}'")
    run_import(company)

    posted = run_journal(company, 1)

    assert [(one.code, one.value) for one in posted.refusals] == [
        ("ERR-J07", "USPM-000042"),
        ("ERR-J04", "account 1300: Dept missing; account 4200: Dept missing"),
    ]


def test_a_company_without_dimensions_has_none(books: Books) -> None:
    books.given(SETUP)
    arrive(books, "actual_id\n1")
    run_import(books)
    run_journal(books, 1)

    books.then("finance.dimension_set\nlabel")
    books.then("""
        finance.ledger_entry
        account  dimension_set_id
        1300     -
        4200     -
    """)


def test_an_invoice_carries_the_dimensions_of_its_lines(company: Books) -> None:
    arrive(company, "actual_id  amount\n1  100\n2  10\n3  1")
    run_import(company)
    change(company, "UPDATE finance.default_dimension SET dimensions = '{}' WHERE number = 'P-4'")
    arrive(company, "actual_id  amount\n4  1000", set_id=2)
    run_import(company)
    run_journal(company, 1)
    bill(company, 7, {101: 1, 102: 2, 104: 4})
    run_import(company)

    assert proposal_dimensions(company) == [(101, P4), (102, P4), (104, "")]
    # Not every line carries them, so the header does not.
    assert header_dimensions(company) == [("PF-7", "")]

    run_proposals(company, 7)

    found = sorted(row[1:] for row in entries(company) if row[0] == "CIV-0001")
    assert found == sorted([
        ("1100", 1221.0, ""),
        ("2200", -100.0, ""),
        ("2200", -11.0, P4),
        ("4100", -1000.0, ""),
        ("4100", -110.0, P4),
        ("4200", 1000.0, ""),
        ("4200", 110.0, P4),
        ("1300", -1000.0, ""),
        ("1300", -110.0, P4),
    ])  # fmt: skip


@pytest.mark.parametrize(
    ("customer", "payer", "header"),
    [
        ("", "", P4),
        ('{"Dept":"C1"}', "", "Dept C1, Line L1"),
        ('{"Dept":"C1"}', '{"Site":"S2"}', "Dept P1, Line L1, Site S2"),
    ],
)
def test_a_header_takes_from_the_payer_and_what_all_lines_agree_on(
    company: Books, customer: str, payer: str, header: str
) -> None:
    for owner, number, detail, dimensions in (
        ("customer", "C-2", "''", customer),
        ("funding_source", "K-3", "C-2", payer),
    ):
        if dimensions:
            company.given(f"""
                finance.default_dimension
                company  owner    number    detail    dimensions
                USPM     {owner}  {number}  {detail}  {dimensions}
            """)
    arrive(company, "actual_id  amount\n1  100\n2  10")
    run_import(company)
    run_journal(company, 1)
    bill(company, 7, {101: 1, 102: 2})
    run_import(company)

    assert header_dimensions(company) == [("PF-7", header)]
    run_proposals(company, 7)
    assert [row[3] for row in entries(company) if row[1] == "1100"] == [header]


def test_invoicing_is_refused_where_an_account_does_not_take_the_dimensions(company: Books) -> None:
    arrive(company, "actual_id\n1")
    run_import(company)
    run_journal(company, 1)
    bill(company, 7, {101: 1})
    run_import(company)
    structure(company, "1100", required="{Site}", optional="{Dept,Line}")
    structure(company, "2200", required="{Line}")
    structure(company, "4100", required="{Dept}", optional="{Line}", allowed='{"Dept":["W1"]}')
    # What leaves work in progress goes where it came from.
    structure(company, "1300", required="{Site}")

    with pytest.raises(Refused) as caught:
        run_proposals(company, 7)

    assert [(one.code, one.record, one.value) for one in caught.value.refusals] == [
        ("ERR-J04", "proposal/PF-7", "account 1100: Site missing"),
        ("ERR-J04", "proposal/PF-7", "account 2200: Dept not taken"),
        ("ERR-J04", "proposal/PF-7", "account 4100: Dept P1 not allowed"),
    ]


def test_a_credit_has_the_dimensions_of_what_it_credits(company: Books) -> None:
    arrive(company, "actual_id\n1")
    run_import(company)
    run_journal(company, 1)
    bill(company, 7, {101: 1})
    run_import(company)
    run_proposals(company, 7)
    change(company, 'UPDATE finance.default_dimension SET dimensions = \'{"Dept":"L1"}\'')
    structure(company, "4100", required="{Site}")
    credit(company, 8, {201: 101}, {211: 101})
    run_import(company)
    assert lines(company) == [(211, "Dept L1", "Dept L1")]
    run_journal(company, 2)
    run_import(company)

    run_proposals(company, 8)

    found = [row[1:] for row in entries(company) if row[0] == "CIV-0002" and row[1] == "4100"]
    assert found == [("4100", 100.0, P4)]


def test_a_reversal_carries_what_its_original_was_posted_with(company: Books) -> None:
    arrive(company, "actual_id  amount\n1  100")
    run_import(company)
    run_journal(company, 1)
    change(company, 'UPDATE finance.default_dimension SET dimensions = \'{"Dept":"L1"}\'')
    structure(company, "1300", required="{Site}")
    arrive(company, "actual_id  amount\n2  -100", set_id=2)
    company.given("""
        finance.staged_connection
        company  transaction1_id  transaction1_role  transaction2_id  transaction2_role
        USPM     2                reversing          1                original
    """)
    run_import(company)
    assert lines(company) == [(2, P4, P4)]

    posted = run_journal(company, 2)

    assert posted.refusals == ()
    assert {row[3] for row in entries(company)} == {P4}
