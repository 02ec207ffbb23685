"""What people may ask of the finance book, on a book with one invoice (see ``invoiced``)."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest

from tests.finance.invoiced import INVOICED
from tests.support.books import Books
from twofold.finance.journal.reads import journal_lines, list_journals, show_journal
from twofold.finance.ledger.reads import account_entries, show_voucher, trial_balance
from twofold.finance.posting.reads import invoice_lines, list_invoices, show_invoice
from twofold.finance.posting.trace import (
    connected_actuals,
    find_documents,
    proposal_actuals,
    proposal_journals,
    trace_actuals,
    trace_proposal,
)
from twofold.finance.proposals.reads import (
    list_proposals,
    proposal_lines,
    proposal_problems,
    show_proposal,
)
from twofold.kernel.catalogue import CATALOGUE

OCTOBER = {"period_from": date(2026, 10, 1), "period_to": date(2026, 10, 31)}
NOVEMBER = {"period_from": date(2026, 11, 1), "period_to": date(2026, 11, 30)}


@pytest.fixture
def invoiced(books: Books) -> Books:
    books.given(INVOICED)
    return books


def test_the_trial_balance_opens_moves_and_closes(invoiced: Books) -> None:
    with invoiced.finance.reader() as reader:
        balance = trial_balance(reader, company="USPM", **NOVEMBER)

    rows = {
        row.account: (row.opening_amount, row.debit_amount, row.credit_amount, row.closing_amount)
        for row in balance.accounts
    }
    assert rows == {
        "130100": (0, Decimal("6162.5"), 0, Decimal("6162.5")),
        "145300": (800, 0, 800, 0),
        "202100": (0, 0, Decimal("362.5"), Decimal("-362.5")),
        "401100": (0, 0, 800, -800),
        "401500": (0, 0, 5000, -5000),
        "402100": (-800, 800, 0, 0),
        "501100": (400, 0, 0, 400),
        "601900": (-400, 0, 0, -400),
    }
    total = balance.total
    assert (total.opening_amount, total.closing_amount) == (0, 0)
    assert total.debit_amount == total.credit_amount == Decimal("6962.5")


def test_the_trial_balance_comes_in_pages_of_one_company(invoiced: Books) -> None:
    with invoiced.finance.reader() as reader:
        page = trial_balance(reader, company="USPM", **OCTOBER, after="145300", limit=2)
        other = trial_balance(reader, company="GBPM", **OCTOBER)

    assert [(row.account, row.name) for row in page.accounts] == [("402100", ""), ("501100", "")]
    assert other.accounts == ()


def test_a_balance_drills_down_to_entries_and_to_lines(invoiced: Books) -> None:
    whole = {"period_from": date(2026, 10, 1), "period_to": date(2026, 11, 30)}
    with invoiced.finance.reader() as reader:
        (first,) = account_entries(reader, company="USPM", account="145300", **whole, limit=1)
        (second,) = account_entries(reader, company="USPM", account="145300", **whole, after=first)
        voucher = show_voucher(reader, company="USPM", voucher="V3")
        of_journal = show_voucher(reader, company="USPM", voucher="V2")
        unknown = show_voucher(reader, company="USPM", voucher="V0")

    assert (first.voucher, first.project_number, first.invoice_number) == ("V2", "P-5", None)
    assert (second.voucher, second.invoice_number) == ("V3", "I-0007")
    assert voucher is not None
    assert [entry.entry_number for entry in voucher.entries] == [1, 2, 3, 4, 5, 6]
    assert [(line.actual_id, line.document) for line in voucher.lines] == [
        (20, "I-0007"),
        (21, "I-0007"),
    ]
    assert of_journal is not None
    assert [(line.actual_id, line.document) for line in of_journal.lines] == [(11, "J-2")]
    assert unknown is None


def test_journals_show_their_lines_posted_or_not(invoiced: Books) -> None:
    invoiced.given("""
        finance.journal
        company  journal_id  number  description  state  original_journal_id  created_at
        USPM     3           J-3     Bad lines    error  2                    2026-10-07

        finance.journal_line
        company  actual_id  journal_id  voucher  accounting_date  category_number  line_property  exchange_rate  state  code     field            value
        USPM     21         3           V7       2026-10-05       LABOUR           Chargeable     100            error  ERR-J01  accounting_date  2026-10-05
    """)  # noqa: E501
    with invoiced.finance.reader() as reader:
        newest, oldest = list_journals(reader, company="USPM")
        drafts = list_journals(reader, company="USPM", state="draft")
        after = list_journals(reader, company="USPM", after=newest.journal_id, limit=1)
        posted = show_journal(reader, company="USPM", number="J-2")
        bad = show_journal(reader, company="USPM", number="J-3")
        rest = journal_lines(reader, company="USPM", journal_id=2, after=10)

    assert (newest.number, newest.original_number, newest.line_count) == ("J-3", "J-2", 1)
    assert newest.problem_count == 1
    assert (oldest.state, oldest.line_count, oldest.problem_count) == ("posted", 2, 0)
    assert drafts == ()
    assert after == (oldest,)
    assert posted is not None
    assert [(line.voucher, line.accrued_amount) for line in posted.lines] == [
        ("V1", 0),
        ("V2", 800),
    ]
    assert [total.amount for total in posted.totals] == [400, 800]
    assert bad is not None
    problem = bad.lines[0].problem
    assert problem is not None
    assert (problem.code, problem.value) == ("ERR-J01", "2026-10-05")
    assert problem.remedy
    assert [line.actual_id for line in rest] == [11]


def test_a_proposal_shows_lines_totals_and_customer(invoiced: Books) -> None:
    with invoiced.finance.reader() as reader:
        (summary,) = list_proposals(reader, company="USPM")
        proposal = show_proposal(reader, company="USPM", number="PF-50")
        rest = proposal_lines(reader, company="USPM", proposal_id=50, after=20)
        unknown = show_proposal(reader, company="USPM", number="PF-51")

    assert (summary.customer_name, summary.contract_number) == ("Adatum", "C-3")
    assert summary.invoice_number == "I-0007"
    assert proposal is not None
    assert proposal.summary == summary
    assert [(line.resource_name, line.description) for line in proposal.lines] == [
        ("Bob Kozack", "Design"),
        (None, "Start-up"),
    ]
    assert [(total.class_, total.net_amount, total.tax_amount) for total in proposal.totals] == [
        ("time", 800, 50),
        ("milestone", 5000, Decimal("312.5")),
    ]
    assert [line.actual_id for line in rest] == [21]
    assert unknown is None


def test_a_proposal_says_what_it_waits_for(invoiced: Books) -> None:
    invoiced.given("""
        finance.proposal
        company  proposal_id  number  name  contract_id  customer_id  currency  accounting_date  confirmed_at  first_actual_id  last_actual_id  billable_count  billable_hash
        USPM     51           PF-51   Bill  3            1            USD       2026-11-01       2026-11-01    30               30              1               0

        finance.staged_actual
        company  actual_id  transaction_type  class  billing_type  transaction_date  accounting_date  quantity  price  amount  currency  unit  project_id  proforma_id  source_set_id
        USPM     12         unbilled_sales    time   chargeable    2026-10-06        2026-10-06       1         100    100     USD       hour  5           -            100
        USPM     30         billed_sales      time   chargeable    2026-10-06        2026-11-01       1         100    100     USD       hour  5           51           101

        finance.staged_connection
        company  transaction1_id  transaction1_role  transaction2_id  transaction2_role
        USPM     30               billed_sales       12               unbilled_sales

        finance.journal
        company  journal_id  number  description  state  created_at
        USPM     3           J-3     October      draft  2026-10-07

        finance.journal_line
        company  actual_id  journal_id  voucher  accounting_date  category_number  line_property  exchange_rate
        USPM     12         3           V7       2026-10-06       LABOUR           Chargeable     100

        finance.proposal_problem
        company  proposal_id  actual_id  code     field   value
        USPM     51           0          ERR-I02  number  PF-51
        USPM     51           30         ERR-I01  actual  12
    """)  # noqa: E501
    with invoiced.finance.reader() as reader:
        (summary,) = list_proposals(reader, company="USPM", state="header_only")
        whole, line = proposal_problems(reader, company="USPM", proposal_id=51)
        rest = proposal_problems(reader, company="USPM", proposal_id=51, after=whole)

    assert (summary.problem_count, summary.total_amount) == (2, 0)
    assert whole.refusal.reason == "The staged rows are not the expected set"
    assert line.refusal.reason == (
        "time of 2026-10-06 on P-5, 100.00 USD: "
        "The related unbilled sales are not posted (journal J-3, draft)"
    )
    assert line.refusal.remedy == CATALOGUE["ERR-I01"].remedy
    assert rest == (line,)


def test_an_invoice_shows_everything_it_posted(invoiced: Books) -> None:
    with invoiced.finance.reader() as reader:
        (summary,) = list_invoices(reader, company="USPM")
        invoice = show_invoice(reader, company="USPM", number="I-0007")
        rest = invoice_lines(reader, company="USPM", proposal_id=50, after=20)
        older = list_invoices(reader, company="USPM", after="I-0007")

    assert invoice is not None
    assert invoice.summary == summary
    assert (summary.proposal_number, summary.total_amount) == ("PF-50", Decimal("6162.5"))
    assert sum(entry.accounting_amount for entry in invoice.entries) == 0
    assert [(tax.name, tax.tax_amount) for tax in invoice.taxes] == [("MA tax", Decimal("362.5"))]
    assert invoice.customer_transaction is not None
    assert invoice.customer_transaction.due_date == date(2026, 12, 1)
    assert [line.accrual_reversed_amount for line in invoice.lines] == [800, 0]
    assert [line.actual_id for line in rest] == [21]
    assert older == ()


@pytest.mark.parametrize("number", ["PF-50", "I-0007", "V3", "50"])
def test_a_number_finds_its_proposal(invoiced: Books, number: str) -> None:
    with invoiced.finance.reader() as reader:
        (found,) = find_documents(reader, company="USPM", number=number)

    assert (found.kind, found.key, found.name) == ("proposal", 50, "PF-50")


def test_a_key_finds_its_actual(invoiced: Books) -> None:
    with invoiced.finance.reader() as reader:
        (found,) = find_documents(reader, company="USPM", number="11")
        none = find_documents(reader, company="USPM", number="9" * 30)

    assert (found.kind, found.key) == ("actual", 11)
    assert none == ()


def test_a_proposal_is_traced_with_the_time_of_each_station(invoiced: Books) -> None:
    with invoiced.finance.reader() as reader:
        path = trace_proposal(reader, company="USPM", proposal_id=50)
        (journal,) = proposal_journals(reader, company="USPM", proposal_id=50)
        actuals = proposal_actuals(reader, company="USPM", proposal_id=50)
        unknown = trace_proposal(reader, company="USPM", proposal_id=51)

    assert path is not None
    assert (path.staged_count, path.line_count, path.invoice_number) == (2, 2, "I-0007")
    assert path.arrived_at == datetime(2026, 11, 1, 8, 0, 1, tzinfo=UTC)
    assert path.posted_at == datetime(2026, 11, 1, 10, tzinfo=UTC)
    assert path.reported_at == datetime(2026, 11, 1, 10, 0, 2, tzinfo=UTC)
    assert (journal.number, journal.line_count, journal.accrued_amount) == ("J-2", 1, 800)
    assert [(one.billed_id, one.unbilled_id, one.cost_id) for one in actuals] == [
        (20, 11, 10),
        (21, None, None),
    ]
    assert unknown is None


def test_actuals_are_traced_with_all_they_are_connected_with(invoiced: Books) -> None:
    with invoiced.finance.reader() as reader:
        family = connected_actuals(reader, company="USPM", actual_id=10)
        cost, unbilled, billed = trace_actuals(reader, company="USPM", actual_ids=family)

    assert family == (10, 11, 20)
    assert (cost.journal_number, cost.voucher, cost.accounting_amount) == ("J-2", "V1", 400)
    assert unbilled.accrued_amount == 800
    assert unbilled.imported_at == datetime(2026, 10, 6, 9, tzinfo=UTC)
    assert (billed.proposal_number, billed.invoice_number, billed.voucher) == (
        "PF-50",
        "I-0007",
        "V3",
    )
    assert (billed.sales_tax_amount, billed.accrued_amount) == (50, -800)
    assert billed.reported_at == datetime(2026, 11, 1, 10, 0, 2, tzinfo=UTC)


def test_a_held_actual_says_why(invoiced: Books) -> None:
    invoiced.given("""
        finance.held_actual
        company  actual_id  code     field     value  held_since
        USPM     21         ERR-I04  currency  GBP    2026-10-06
    """)
    with invoiced.finance.reader() as reader:
        (path,) = trace_actuals(reader, company="USPM", actual_ids=[21, 99])

    assert (path.held_code, path.held_field, path.held_value) == ("ERR-I04", "currency", "GBP")
