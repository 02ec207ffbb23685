"""Credit lines: made of reversed billed sales, posted as the mirror of what they credit."""

# ruff: noqa: E501 - a row of a text table stays on one line

from __future__ import annotations

from datetime import date
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
    finance_of,
    run_import,
    run_journal,
    run_proposals,
)
from tests.support.books import Books
from tests.support.clock import NOW
from twofold.finance.posting.post import post_proposals
from twofold.finance.proposals.edit_taxes import edit_taxes
from twofold.finance.proposals.line_taxes import TaxGroups
from twofold.finance.proposals.reads import show_proposal
from twofold.kernel.errors import Refused

GBP = "1           1            1                 1"
CLEAN = (
    "history.deed", "finance.staged_actual", "finance.staged_connection", "dualwrite.inbox", "dualwrite.chain",
    "finance.import_progress", "finance.message", "finance.imported_set", "finance.journal",
    "finance.journal_line", "finance.journal_total", "finance.project_transaction", "finance.ledger_entry",
    "finance.proposal", "finance.proposal_line", "finance.proposal_problem",
    "finance.customer_invoice", "finance.invoice_line", "finance.invoiced_tax",
    "finance.customer_transaction", "finance.tax_transaction",
)  # fmt: skip


@pytest.fixture
def company(books: Books) -> Books:
    books.given(SETUP)
    return books


@pytest.fixture
def billed(company: Books) -> Books:
    """Give a company with two hours in GBP on proposal 7, which is ready."""
    arrive(company, f"""
        actual_id  amount  currency  project_id  contract_id  contract_line_id  customer_id  category_id
        1          1000    GBP       {GBP}            1
        2          0.20    GBP       {GBP}            2
    """)  # fmt: skip
    run_import(company)
    run_journal(company, 1)
    bill(company, 7, {101: 1, 102: 2})
    run_import(company)
    return company


def post_all_journals(company: Books) -> None:
    with company.finance.raw() as connection:
        drafts = connection.execute(
            "SELECT journal_id FROM finance.journal WHERE state = 'draft' ORDER BY journal_id"
        ).fetchall()
    for (journal_id,) in drafts:
        run_journal(company, journal_id)


def test_a_credit_line_mirrors_the_line_it_credits(billed: Books) -> None:
    run_proposals(billed, 7)
    credit(billed, 8, {201: 101, 202: 102}, {211: 101, 212: 102}, day="2026-11-20")
    run_import(billed)
    post_all_journals(billed)
    run_import(billed)

    # Tax was 10 and 2.5 percent on the invoice; on the day of the credit it is 12 and 2.5.
    billed.then("""
        finance.proposal_line
        actual_id  proposal_id  transaction_id  credited_id  tax_group  item_tax_group  amount    tax_amount
        101        7            1               -            DOM        FULL            1000      125
        102        7            2               -            DOM        FULL            0.20      0.03
        201        8            -               101          DOM        FULL            -1000     -125
        202        8            -               102          DOM        FULL            -0.20     -0.03

        finance.proposal
        number  state   invoice_date  due_date    net_amount  tax_amount  total_amount
        PF-7    posted  2026-11-02    2026-11-16  1000.20     125.03      1125.23
        PF-8    ready   2026-11-20    2026-12-04  -1000.20    -125.03     -1125.23
    """)
    with billed.auditor_finance.reader() as reader:
        shown = show_proposal(reader, company="USPM", number="PF-8")
    assert shown is not None
    assert [one.credited_invoice_number for one in shown.lines] == ["INV-9998", "INV-9998"]

    (note,) = run_proposals(billed, 8)

    assert (note.invoice_number, note.total_amount) == ("INV-9999", Decimal("-1125.23"))
    billed.then("""
        finance.ledger_entry
        voucher   account  posting_type       project_id  transaction_amount  accounting_amount  reporting_amount
        IJV-0001  1300     wip_sales_value    1           1000                1250               1250
        IJV-0001  4200     accrued_revenue    1           -1000               -1250              -1250
        IJV-0002  1300     wip_sales_value    1           0.20                0.25               0.25
        IJV-0002  4200     accrued_revenue    1           -0.20               -0.25              -0.25
        CIV-0001  1100     customer_balance   -           1125.23             1406.54            1406.54
        CIV-0001  4100     invoiced_revenue   1           -1000               -1250              -1250
        CIV-0001  4110     invoiced_revenue   1           -0.20               -0.25              -0.25
        CIV-0001  1300     wip_sales_value    1           -1000.20            -1250.25           -1250.25
        CIV-0001  4200     accrued_revenue    1           1000.20             1250.25            1250.25
        CIV-0001  2200     sales_tax_payable  -           -125.03             -156.29            -156.29
        IJV-0003  1300     wip_sales_value    1           1000                1250               1250
        IJV-0003  4200     accrued_revenue    1           -1000               -1250              -1250
        IJV-0004  1300     wip_sales_value    1           0.20                0.25               0.25
        IJV-0004  4200     accrued_revenue    1           -0.20               -0.25              -0.25
        CIV-0002  1100     customer_balance   -           -1125.23            -1406.54           -1406.54
        CIV-0002  4100     invoiced_revenue   1           1000                1250               1250
        CIV-0002  4110     invoiced_revenue   1           0.20                0.25               0.25
        CIV-0002  2200     sales_tax_payable  -           125.03              156.29             156.29

        finance.transaction_status
        actual_id  state
        1          invoiced
        2          invoiced
        211        posted
        212        posted
    """)


@pytest.mark.parametrize(("tax_group", "tax"), [("STATEONLY", -100), (None, 0)])
def test_a_credit_of_other_tax_groups_is_taxed_by_them_on_the_day_of_its_original(
    billed: Books, tax_group: str | None, tax: int
) -> None:
    run_proposals(billed, 7)
    credit(billed, 8, {201: 101}, {211: 101}, day="2026-11-20")
    run_import(billed)
    post_all_journals(billed)
    run_import(billed)
    change(
        billed,
        "UPDATE finance.proposal_line SET tax_group = %s WHERE proposal_id = 8",
        tax_group,
    )

    (note,) = run_proposals(billed, 8)

    assert (note.net_amount, note.tax_amount) == (-1000, tax)


@pytest.mark.parametrize(
    ("tax_on", "tax"), [("invoice_date", Decimal(-120)), ("document_date", Decimal(-100))]
)
def test_a_credit_of_other_tax_groups_has_the_day_its_original_was_taxed_on(
    billed: Books, tax_on: str, tax: Decimal
) -> None:
    """P26.3: the proforma is of 2 November, its invoice of the 20th, when the rate changes."""
    change(billed, "UPDATE finance.parameter SET tax_on = %s::finance.tax_day", tax_on)
    with finance_of(billed) as transaction:
        post_proposals(
            transaction,
            company="USPM",
            proposal_ids=(7,),
            actor="ada",
            at=NOW,
            invoice_date=date(2026, 11, 20),
        )
    credit(billed, 8, {201: 101}, {211: 101}, day="2026-11-21")
    run_import(billed)
    post_all_journals(billed)
    run_import(billed)
    with finance_of(billed) as transaction:
        edit_taxes(
            transaction,
            company="USPM",
            proposal_id=8,
            revision=None,
            groups=TaxGroups(tax_group="STATEONLY"),
            actor="ada",
            at=NOW,
        )
    assert line_tax(billed) == tax

    (note,) = run_proposals(billed, 8)

    assert (note.net_amount, note.tax_amount) == (-1000, tax)
    assert line_tax(billed) == tax


def line_tax(books: Books) -> Decimal:
    with books.owner_finance.raw() as connection:
        row = connection.execute(
            "SELECT tax_amount FROM finance.proposal_line WHERE actual_id = 201"
        ).fetchone()
    assert row is not None
    return row[0]


def test_what_a_credit_waits_for_is_told_by_name(billed: Books) -> None:
    credit(billed, 8, {201: 101, 202: 102}, {211: 101, 212: 102})

    waiting = run_import(billed)

    assert [(one.code, one.field, one.value) for one in waiting.refusals] == [
        ("ERR-I01", "corrects_number", "PF-7"),
        ("ERR-I01", "unbilled_sales", "2 rows"),
    ]
    assert waiting.refusals[0].reason.startswith(
        "What it corrects is not posted, invoice proposal PF-7: 2 of"
    )
    with billed.auditor_finance.reader() as reader:
        shown = show_proposal(reader, company="USPM", number="PF-8")
    assert shown is not None
    assert [(one.actual_id, one.field, one.journal_number) for one in shown.problems] == [
        (201, "corrects_number", None),
        (202, "corrects_number", None),
        (211, "unbilled_sales", "USPM-000042"),
        (212, "unbilled_sales", "USPM-000042"),
    ]
    with pytest.raises(Refused) as refused:
        run_proposals(billed, 8)
    assert refused.value.codes == ("ERR-F02",)

    run_proposals(billed, 7)
    post_all_journals(billed)
    assert run_import(billed).ready_proposal_ids == (8,)


def test_a_billed_sale_is_credited_once(billed: Books) -> None:
    run_proposals(billed, 7)
    change(
        billed,
        "INSERT INTO finance.proposal_line SELECT company, 201, 8, NULL, NULL, 101, tax_group, item_tax_group, -amount, -tax_amount FROM finance.proposal_line WHERE actual_id = 101",
    )

    with pytest.raises(Exception, match="line_is_credited_once"):
        change(
            billed,
            "INSERT INTO finance.proposal_line SELECT company, 202, 9, NULL, NULL, 101, tax_group, item_tax_group, -amount, -tax_amount FROM finance.proposal_line WHERE actual_id = 101",
        )


def test_a_finished_project_takes_a_credit_and_no_new_bill(billed: Books) -> None:
    run_proposals(billed, 7)
    credit(billed, 8, {201: 101}, {211: 101})
    run_import(billed)
    post_all_journals(billed)
    bill(billed, 9, {301: 211})
    run_import(billed)
    change(billed, "UPDATE finance.project SET state = 'completed' WHERE project_id = 1")

    with pytest.raises(Refused) as refused:
        run_proposals(billed, 8, 9)
    run_proposals(billed, 8)

    assert [(one.code, one.record, one.value) for one in refused.value.refusals] == [
        ("ERR-J06", "proposal/PF-9", "project P-1")
    ]


cents = st.integers(-900_000, 900_000).map(lambda number: Decimal(number) / 100)
rates = st.integers(1, 300_000).map(lambda number: Decimal(number) / 1000)
sales = st.lists(
    st.tuples(
        cents,
        st.sampled_from([("1", "1", "1", "GBP"), ("2", "2", "1", "GBP"), ("4", "3", "2", "USD")]),
        st.sampled_from(["time", "expense", "fee"]),
    ),
    min_size=1,
    max_size=8,
)


@given(lines=sales, rate=rates, tax=rates)
@settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
def test_a_full_credit_leaves_only_work_in_progress_whatever_changes_between(
    company: Books,
    lines: list[tuple[Decimal, tuple[str, str, str, str], str]],
    rate: Decimal,
    tax: Decimal,
) -> None:
    clear(company, CLEAN)
    change(company, "UPDATE finance.legal_entity SET reporting_currency = 'GBP'")
    change(company, "UPDATE finance.exchange_rate SET rate = 140 WHERE valid_from = '2026-11-01'")
    change(company, "UPDATE finance.tax_rate SET rate = 10 WHERE valid_from = '2026-01-01'")
    rows = "\n".join(
        f"{key}  {amount}  {project}  {contract}  {contract}  {customer}  {currency}  {kind}"
        for key, (amount, (project, contract, customer, currency), kind) in enumerate(
            lines, start=1
        )
    )
    arrive(
        company,
        f"actual_id  amount  project_id  contract_id  contract_line_id  customer_id  currency  class\n{rows}",
    )
    run_import(company)
    post_all_journals(company)
    keys = range(1, len(lines) + 1)
    bill(company, 7, {100 + key: key for key in keys})
    run_import(company)
    (invoice,) = run_proposals(company, 7)

    change(company, "UPDATE finance.exchange_rate SET rate = %s", str(rate))
    change(company, "UPDATE finance.tax_rate SET rate = %s", str(tax / 10))
    credit(
        company, 8, {200 + key: 100 + key for key in keys}, {300 + key: 100 + key for key in keys}
    )
    run_import(company)
    post_all_journals(company)
    assert run_import(company).ready_proposal_ids == (8,)
    (note,) = run_proposals(company, 8)

    assert (note.net_amount, note.tax_amount) == (-invoice.net_amount, -invoice.tax_amount)
    with company.finance.raw() as connection:
        open_balances = connection.execute(
            """
            SELECT account FROM finance.ledger_entry
            WHERE posting_type NOT IN ('wip_sales_value', 'accrued_revenue')
            GROUP BY account, currency
            HAVING sum(transaction_amount) <> 0 OR sum(accounting_amount) <> 0 OR sum(reporting_amount) <> 0
            """
        ).fetchall()
        in_progress = connection.execute(
            """
            SELECT
                (SELECT coalesce(sum(accounting_amount), 0) FROM finance.ledger_entry
                WHERE posting_type = 'wip_sales_value')
                - (SELECT coalesce(sum(accrued_amount), 0) FROM finance.project_transaction
                WHERE actual_id > 300)
            """
        ).fetchone()
    assert (open_balances, in_progress) == ([], (0,))
