"""Import from staging: every row becomes a line or says what it waits for."""

# ruff: noqa: E501 - a row of a text table stays on one line

from __future__ import annotations

import pytest

from tests.finance.company import (
    SETUP,
    announce,
    arrive,
    bill,
    change,
    finance_of,
    run_import,
    run_journal,
)
from tests.support.books import Books
from tests.support.clock import NOW, TODAY
from twofold.finance.staging.import_from_staging import import_from_staging
from twofold.kernel.errors import Refused


@pytest.fixture
def company(books: Books) -> Books:
    books.given(SETUP)
    return books


def test_sales_use_the_agreed_rate_and_costs_never_do(company: Books) -> None:
    arrive(company, """
        actual_id  transaction_type  amount  currency  project_id  contract_id  customer_id
        1          cost              480     USD       1           1            1
        2          unbilled_sales    1000    GBP       1           1            1
        3          cost              480     GBP       1           1            1
        4          unbilled_sales    1000    GBP       2           2            1
        5          unbilled_sales    1000    USD       1           1            1
    """)  # fmt: skip

    run = run_import(company)

    assert (run.taken_count, run.line_count, run.held_count) == (5, 5, 0)
    company.then("""
        finance.journal_line
        actual_id  journal_id  voucher   exchange_rate  category_number  line_property  tax_group  item_tax_group
        1          1           IJV-0001  100            Service          Billable       -          -
        2          1           IJV-0002  125            Service          Billable       DOM        FULL
        3          1           IJV-0003  131            Service          Billable       -          -
        4          1           IJV-0004  131            Service          Billable       DOM        FULL
        5          1           IJV-0005  100            Service          Billable       DOM        FULL

        finance.journal
        journal_id  number       state  period_start
        1           USPM-000041  draft  2026-08-01
    """)  # fmt: skip


def test_the_rate_is_that_of_the_accounting_date(company: Books) -> None:
    arrive(company, """
        actual_id  currency  accounting_date  contract_id
        1          GBP       2026-10-31       2
        2          GBP       2026-11-01       2
    """)  # fmt: skip

    run_import(company)

    company.then("""
        finance.journal_line
        actual_id  exchange_rate
        1          131
        2          140
    """)


def test_a_row_that_lacks_something_waits_alone(company: Books) -> None:
    arrive(company, """
        actual_id  currency  category_id  class    billing_type
        1          EUR       1            time     chargeable
        2          USD       1            time     chargeable
        3          USD       4            time     chargeable
        4          USD       3            time     chargeable
        5          USD       -            time     chargeable
        6          USD       -            expense  chargeable
        7          USD       1            time     complimentary
    """)  # fmt: skip

    run = run_import(company)

    assert [(one.code, one.record, one.value) for one in run.refusals] == [
        ("ERR-I04", "actual/1", "EUR 2026-08-27"),
        ("ERR-I05", "actual/3", "Unknown"),
        ("ERR-I05", "actual/4", "Retired"),
        ("ERR-I05", "actual/6", ""),
        ("ERR-D02", "actual/7", "complimentary"),
    ]
    assert "unbilled sales, time of 2026-08-27 on project P-4 Dock" in run.refusals[0].reason
    company.then("""
        finance.journal_line
        actual_id  category_number  voucher
        2          Service          IJV-0001
        5          Service          IJV-0002

        finance.held_actual
        actual_id  code     field
        1          ERR-I04  exchange_rate
        3          ERR-I05  category
        4          ERR-I05  category
        6          ERR-I05  category
        7          ERR-D02  billing_type
    """)

    company.given("""
        finance.exchange_rate
        company  currency  valid_from  rate  change_set_id
        USPM     EUR       2026-08-27  110   1
    """)
    again = run_import(company)

    assert (again.taken_count, again.line_count, again.held_count) == (5, 1, 4)
    company.then("""
        finance.journal_line
        actual_id  journal_id
        1          1
        2          1
        5          1
    """)


def test_importing_again_without_news_changes_nothing(company: Books) -> None:
    arrive(company, "actual_id\n1\n2")
    run_import(company)
    run_journal(company, 1)

    again = run_import(company)

    assert (again.taken_count, again.journals) == (0, ())
    company.then("""
        finance.journal_line
        actual_id
    """)


def test_retainers_and_billed_sales_make_no_journal_line(company: Books) -> None:
    arrive(company, """
        actual_id  transaction_type  class
        1          unbilled_sales    retainer
        2          billed_sales      time
        3          cost              time
    """)  # fmt: skip

    run = run_import(company)

    assert run.taken_count == 1


@pytest.mark.parametrize(
    ("moves", "dates"),
    [
        ("true", ("2026-08-31", "2026-11-01", "2026-11-01")),
        ("false", ("2026-08-31", "2026-09-01", "2026-10-31")),
    ],
)
def test_the_accounting_date_moves_to_the_next_open_period_if_it_may(
    company: Books, moves: str, dates: tuple[str, ...]
) -> None:
    change(company, "UPDATE finance.parameter SET moves_accounting_date_to_open_period = %s", moves)
    arrive(company, """
        actual_id  transaction_date  accounting_date
        1          2026-08-31        2026-08-31
        2          2026-09-01        2026-09-01
        3          2026-10-31        2026-10-31
    """)  # fmt: skip

    run_import(company)

    lines = "\n".join(f"        {key}  {day}" for key, day in enumerate(dates, start=1))
    company.then(f"""
        finance.journal_line
        actual_id  accounting_date
{lines}

        finance.journal
        journal_id  period_start
        1           2026-08-01
        2           2026-09-01
        3           2026-10-01
    """)


def test_a_date_after_every_open_period_waits(company: Books) -> None:
    change(company, "UPDATE finance.parameter SET moves_accounting_date_to_open_period = true")
    arrive(company, "actual_id  accounting_date\n1  2026-12-01")

    run = run_import(company)

    assert [(one.code, one.value) for one in run.refusals] == [("ERR-J02", "2026-12-01")]


@pytest.mark.parametrize(
    ("limit", "added"), [(None, [5]), ("6", [5]), ("5", [5]), ("4", [4, 1]), ("2", [2, 2, 1])]
)
def test_journals_split_at_the_limit(company: Books, limit: str | None, added: list[int]) -> None:
    change(company, "UPDATE finance.parameter SET journal_lines_max = %s", limit)
    arrive(company, "actual_id\n1\n2\n3\n4\n5")

    run = run_import(company)

    assert [journal.line_count for journal in run.journals] == added


def test_an_open_draft_is_continued_up_to_the_limit(company: Books) -> None:
    change(company, "UPDATE finance.parameter SET journal_lines_max = 3")
    arrive(company, "actual_id\n1\n2")
    run_import(company)
    arrive(company, "actual_id\n11\n12\n13", set_id=2)

    run = run_import(company)

    assert [(one.journal_id, one.line_count) for one in run.journals] == [(1, 1), (2, 2)]
    company.then("""
        finance.journal_line
        actual_id  journal_id  voucher
        1          1           IJV-0001
        2          1           IJV-0002
        11         1           IJV-0003
        12         2           IJV-0004
        13         2           IJV-0005
    """)


@pytest.mark.parametrize(
    ("unit", "starts"),
    [
        ("days", ["2026-08-01", "2026-08-31", "2026-09-01"]),
        ("months", ["2026-08-01", "2026-09-01"]),
        ("years", ["2026-01-01"]),
        ("all", ["-"]),
    ],
)
def test_journals_follow_the_period_unit(company: Books, unit: str, starts: list[str]) -> None:
    change(company, "UPDATE finance.parameter SET period_unit = %s", unit)
    arrive(company, """
        actual_id  transaction_date
        1          2026-08-01
        2          2026-08-31
        3          2026-09-01
    """)  # fmt: skip

    run_import(company)

    rows = "\n".join(f"{key}  {start}" for key, start in enumerate(starts, start=1))
    company.then(f"finance.journal\njournal_id  period_start\n{rows}")


@pytest.mark.parametrize(
    ("unit", "vouchers"),
    [
        ("line", ["IJV-0001", "IJV-0002", "IJV-0003", "IJV-0004"]),
        ("journal_and_date", ["IJV-0001", "IJV-0001", "IJV-0002", "IJV-0002"]),
        ("journal", ["IJV-0001", "IJV-0001", "IJV-0001", "IJV-0001"]),
    ],
)
def test_vouchers_are_drawn_per_the_parameter(
    company: Books, unit: str, vouchers: list[str]
) -> None:
    change(company, "UPDATE finance.parameter SET voucher_per = %s", unit)
    arrive(company, """
        actual_id  accounting_date
        1          2026-08-01
        2          2026-08-01
        3          2026-08-02
    """)  # fmt: skip
    run_import(company)
    arrive(company, "actual_id  accounting_date\n11  2026-08-02", set_id=2)

    run_import(company)

    keys = ("1", "2", "3", "11")
    rows = "\n".join(f"{key}  {one}" for key, one in zip(keys, vouchers, strict=True))
    company.then(f"finance.journal_line\nactual_id  voucher\n{rows}")


@pytest.mark.parametrize(
    ("method", "group"),
    [("project", "PRJ"), ("contract", "CTR"), ("customer", "STATEONLY"), ("search", "PRJ")],
)
def test_the_sales_tax_group_follows_the_method(company: Books, method: str, group: str) -> None:
    change(company, "UPDATE finance.parameter SET tax_group_method = %s", method)
    company.given("""
        finance.project_accounting
        company  project_number  tax_group
        USPM     P-4             PRJ

        finance.contract_accounting
        company  contract_number  tax_group
        USPM     K-3              CTR
    """)
    arrive(company, "actual_id\n1")

    run_import(company)

    company.then(f"finance.journal_line\nactual_id  tax_group\n1  {group}")


def test_the_search_takes_the_first_group_that_is_not_blank(company: Books) -> None:
    company.given("""
        finance.project_accounting
        company  project_number  tax_group
        USPM     P-4             ''

        finance.contract_accounting
        company  contract_number  tax_group
        USPM     K-3              CTR
    """)
    arrive(company, "actual_id\n1")

    run_import(company)

    company.then("finance.journal_line\nactual_id  tax_group\n1  CTR")


@pytest.mark.parametrize(("method", "material"), [("item", "RELEASED"), ("category", "STATE")])
def test_the_item_tax_group_is_that_of_the_category_or_the_product(
    company: Books, method: str, material: str
) -> None:
    change(company, "UPDATE finance.parameter SET item_tax_group_method = %s", method)
    company.given("""
        finance.item_accounting
        company  product_number  item_tax_group
        USPM     BOLT            RELEASED
    """)
    arrive(company, """
        actual_id  class     category_id  product_number
        1          time      1            -
        2          expense   1            -
        3          fee       1            -
        4          material  5            BOLT
    """)  # fmt: skip

    run_import(company)

    company.then(f"""
        finance.journal_line
        actual_id  item_tax_group
        1          FULL
        2          STATE
        3          STATE
        4          {material}
    """)


def test_a_reversal_repeats_the_facts_of_its_original(company: Books) -> None:
    arrive(company, "actual_id  currency  contract_id\n1  GBP  2\n2  GBP  2")
    run_import(company)
    run_journal(company, 1)
    change(company, "UPDATE finance.exchange_rate SET rate = 200")
    change(company, "UPDATE finance.customer_accounting SET tax_group = 'OLDONLY'")
    arrive(
        company,
        "actual_id  currency  contract_id  amount\n11  GBP  2  -100\n12  GBP  2  -100",
        set_id=2,
        kind="cancellation",
    )
    company.given("""
        finance.staged_connection
        company  transaction1_id  transaction1_role  transaction2_id  transaction2_role
        USPM     11               reversing          1                original
    """)

    run_import(company)

    company.then("""
        finance.journal_line
        actual_id  exchange_rate  tax_group
        11         131            STATEONLY
        12         200            OLDONLY
    """)


def test_a_second_import_of_the_company_is_told_so(company: Books) -> None:
    with finance_of(company) as first, finance_of(company) as second:
        import_from_staging(first, company="USPM", actor="ada", at=NOW, on=TODAY)

        with pytest.raises(Refused) as refused:
            import_from_staging(second, company="USPM", actor="bob", at=NOW, on=TODAY)

    assert refused.value.codes == ("ERR-I09",)


def test_a_company_without_parameters_is_refused(company: Books) -> None:
    with finance_of(company) as transaction, pytest.raises(Refused) as refused:
        import_from_staging(transaction, company="OTHER", actor="ada", at=NOW, on=TODAY)

    assert refused.value.codes == ("ERR-J08",)


@pytest.mark.fault("F070")
def test_a_proposal_gets_all_its_lines_or_none(company: Books) -> None:
    arrive(company, "actual_id  amount\n1  600\n2  600\n3  400")
    bill(company, 7, {101: 1, 102: 2, 103: 3})

    early = run_import(company)

    assert early.waiting_proposal_count == 1
    assert [(one.code, one.record) for one in early.refusals] == [("ERR-I01", "proposal/PF-7")]
    assert early.refusals[0].reason.endswith("3 of 2026-08-27 to 2026-08-27, together 1600.00 USD")
    company.then("""
        finance.proposal_problem
        proposal_id  actual_id  code     value
        7            101        ERR-I01  2026-08-27 600.00 USD
        7            102        ERR-I01  2026-08-27 600.00 USD
        7            103        ERR-I01  2026-08-27 400.00 USD

        finance.proposal_line
        actual_id
    """)

    run_journal(company, 1)
    ready = run_import(company)

    assert ready.ready_proposal_ids == (7,)
    company.then("""
        finance.proposal_line
        actual_id  proposal_id  transaction_id  tax_group  item_tax_group  amount  tax_amount
        101        7            1               STATEONLY  FULL            600     60
        102        7            2               STATEONLY  FULL            600     60
        103        7            3               STATEONLY  FULL            400     40

        finance.proposal
        number  state  invoice_date  due_date    net_amount  tax_amount  total_amount  line_count
        PF-7    ready  2026-11-02    2026-11-02  1600        160         1760          3

        finance.proposal_problem
        proposal_id
    """)


def test_one_unposted_sale_keeps_the_whole_proposal_waiting(company: Books) -> None:
    arrive(company, "actual_id\n1\n2")
    run_import(company)
    run_journal(company, 1)
    arrive(company, "actual_id\n3", set_id=2)
    bill(company, 7, {101: 1, 102: 2, 103: 3})
    bill(company, 8, {111: 1})

    run = run_import(company)

    assert run.ready_proposal_ids == (8,)
    assert [(one.code, one.value) for one in run.refusals] == [("ERR-I01", "2026-08-27 100.00 USD")]


@pytest.mark.fault("F070")
def test_the_set_must_be_exactly_the_announced_one(company: Books) -> None:
    arrive(company, "actual_id\n1\n2\n3")
    run_import(company)
    run_journal(company, 1)
    bill(company, 7, {101: 1, 103: 3})
    bill(company, 8, {111: 1, 112: 2})
    change(company, "UPDATE finance.proposal SET billable_count = 3 WHERE proposal_id = 7")
    change(company, "UPDATE finance.proposal SET billable_hash = 1 WHERE proposal_id = 8")

    run = run_import(company)

    assert [(one.code, one.value) for one in run.refusals] == [
        ("ERR-I02", "2 of 3"),
        ("ERR-I02", "2 of 2"),
    ]
    company.then("finance.proposal_line\nactual_id")


def test_what_is_not_chargeable_is_no_line(company: Books) -> None:
    arrive(company, "actual_id  billing_type\n1  chargeable\n2  non_chargeable")
    run_import(company)
    run_journal(company, 1)
    bill(company, 7, {101: 1})
    arrive(
        company,
        """
        actual_id  transaction_type  billing_type    proforma_id
        102        billed_sales      non_chargeable  7
        """,
        set_id=2,
        kind="confirmation",
    )
    announce(company, 8, (), day="2026-11-02")

    run = run_import(company)

    assert (run.ready_proposal_ids, run.empty_proposal_count) == ((7,), 1)
    company.then("""
        finance.proposal
        number  state            line_count
        PF-7    ready            1
        PF-8    nothing_to_bill  0
    """)


def test_a_milestone_needs_its_on_account_transaction(company: Books) -> None:
    arrive(
        company,
        """
        actual_id  transaction_type  class      amount  milestone_id  proforma_id  contract_line_id
        201        billed_sales      milestone  5000    9             7            100
        """,
        kind="confirmation",
    )
    announce(company, 7, (201,), day="2026-11-02")

    early = run_import(company)
    company.given("""
        finance.on_account_transaction
        company  milestone_id  contract_id  contract_line_id  customer_id  project_id  description  transaction_date  amount  currency  source_version
        USPM     9             3            100               2            4           Delivered    2026-08-27        5000    USD       1
    """)  # fmt: skip
    run_import(company)

    assert [one.code for one in early.refusals] == ["ERR-I07"]
    company.then("""
        finance.proposal_line
        actual_id  milestone_id  transaction_id  tax_group  item_tax_group  amount  tax_amount
        201        9             -               STATEONLY  STATE           5000    500
    """)


def test_a_retainer_is_an_on_account_line_by_itself(company: Books) -> None:
    arrive(
        company,
        """
        actual_id  transaction_type  class     amount  proforma_id  contract_line_id
        201        billed_sales      retainer  1000    7            -
        202        billed_sales      retainer  -0.01   7            -
        203        billed_sales      retainer  0       7            -
        204        unbilled_sales    retainer  -1000   7            -
        """,
        kind="confirmation",
    )
    announce(company, 7, (201, 202, 203), day="2026-11-02")

    run = run_import(company)

    assert (run.ready_proposal_ids, run.line_count, run.refusals) == ((7,), 0, ())
    company.then("""
        finance.proposal_line
        actual_id  on_account_origin  milestone_id  transaction_id  tax_group  item_tax_group  amount  tax_amount
        201        prepayment         -             -               STATEONLY  STATE           1000    100
        202        deduction          -             -               STATEONLY  STATE           -0.01   0
        203        prepayment         -             -               STATEONLY  STATE           0       0
    """)  # fmt: skip


def test_tax_is_rounded_per_line_and_code_at_the_rate_of_the_invoice_date(company: Books) -> None:
    arrive(company, """
        actual_id  amount  currency  project_id  contract_id  contract_line_id  customer_id
        1          0.20    GBP       1           1            1                 1
        2          -0.20   GBP       1           1            1                 1
        3          0.19    GBP       1           1            1                 1
        4          0       GBP       1           1            1                 1
    """)  # fmt: skip
    run_import(company)
    run_journal(company, 1)
    bill(company, 7, {101: 1}, day="2026-11-19")
    bill(company, 8, {111: 2, 112: 3, 113: 4}, day="2026-11-20")

    run_import(company)

    company.then("""
        finance.proposal_line
        actual_id  amount  tax_amount
        101        0.20    0.03
        111        -0.20   -0.03
        112        0.19    0.02
        113        0       0

        finance.proposal
        number  due_date    total_amount
        PF-7    2026-12-03  0.23
        PF-8    2026-12-04  -0.02
    """)


def test_a_code_without_a_rate_and_unknown_terms_keep_a_proposal_waiting(company: Books) -> None:
    change(company, "UPDATE finance.customer_accounting SET tax_group = 'OLDONLY'")
    change(company, "UPDATE finance.project_category SET item_tax_group = 'OLD'")
    arrive(company, "actual_id\n1")
    run_import(company)
    run_journal(company, 1)
    bill(company, 7, {101: 1})
    change(company, "UPDATE finance.proposal SET payment_terms = 'D99'")

    run = run_import(company)

    assert [(one.code, one.value) for one in run.refusals] == [
        ("ERR-A10", "D99"),
        ("ERR-F10", "OLD 2026-11-02"),
    ]


def test_a_due_date_set_by_a_person_stays(company: Books) -> None:
    arrive(company, "actual_id\n1")
    run_import(company)
    run_journal(company, 1)
    bill(company, 7, {101: 1})
    change(
        company,
        "UPDATE finance.proposal SET due_date = '2027-01-15', due_date_is_manual = true",
    )

    run_import(company)

    company.then("finance.proposal\nnumber  due_date  state\nPF-7  2027-01-15  ready")
