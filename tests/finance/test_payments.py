"""Payments are posted, settle what they name, and realise differences of exchange rates."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from threading import Thread

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.finance.company import change, credit, run_import, run_journal, run_proposals
from tests.finance.paying import broken, invoiced_company, pay, settle_now, undo_now
from tests.support.books import Books
from twofold.finance.receivables.reads import (
    ageing,
    expected_cash,
    open_transactions,
    statement,
)
from twofold.kernel.errors import Refused

HEADER = "reference,date,amount,currency,invoice,remittance\n"


@pytest.fixture
def invoiced(books: Books) -> Books:
    return invoiced_company(books)


def codes(refused: pytest.ExceptionInfo[Refused]) -> list[tuple[str, str]]:
    return [(one.code, one.record) for one in refused.value.refusals]


def test_a_payment_in_full_settles_its_invoice_and_realises_the_difference(invoiced: Books) -> None:
    imported = pay(invoiced, HEADER + "B-1,2026-11-10,1000.00,GBP,INV-9998,")

    # Invoiced at 125, paid at 140: a gain of 150.
    (settled,) = imported.settled
    assert (settled.debit_amount, settled.exchange_difference) == (1000, -150)
    assert imported.payments[0].open_amount == 0
    invoiced.then("""
        finance.customer_position
        voucher       kind     document   currency  amount  open_amount  open_accounting_amount
        CIV-0001      invoice  INV-9998   GBP       1000    0            0
        CIV-0002      invoice  INV-9999   GBP       500     500          625
        CIV-0003      invoice  INV-10000  USD       80      80           80
        CPV-00000001  payment  B-1        GBP       -1000   0            0
    """)
    with invoiced.owner_finance.raw() as connection:
        found = connection.execute(
            "SELECT voucher, account, posting_type::text, transaction_amount, accounting_amount"
            " FROM finance.ledger_entry WHERE voucher LIKE 'CPV%' ORDER BY voucher, entry_number"
        ).fetchall()
    assert found == [
        ("CPV-00000001", "1010", "bank", 1000, 1400),
        ("CPV-00000001", "1100", "customer_balance", -1000, -1400),
        ("CPV-00000002", "1100", "customer_balance", 0, 150),
        ("CPV-00000002", "6800", "exchange_rate_difference", 0, -150),
    ]
    assert broken(invoiced) == []


@pytest.mark.parametrize(
    ("amount", "open_invoice", "open_payment"),
    [("999.99", "0.01", "0"), ("1000.00", "0", "0"), ("1000.01", "0", "0.01")],
)
def test_less_or_more_than_the_invoice_stays_open_on_its_side(
    invoiced: Books, amount: str, open_invoice: str, open_payment: str
) -> None:
    imported = pay(invoiced, f"{HEADER}B-1,2026-11-10,{amount},GBP,INV-9998,")

    assert imported.payments[0].open_amount == Decimal(open_payment)
    with invoiced.owner_finance.raw() as connection:
        row = connection.execute(
            "SELECT open_amount FROM finance.customer_position WHERE document = 'INV-9998'"
        ).fetchone()
    assert row == (Decimal(open_invoice),)
    assert broken(invoiced) == []


def test_two_payments_of_one_invoice_and_one_payment_of_two(invoiced: Books) -> None:
    imported = pay(
        invoiced,
        HEADER
        + """B-1,2026-11-10,700,GBP,INV-9998,
        B-2,2026-11-11,700,GBP,,"thanks for inv-9998, INV-9999."
        B-3,2026-11-12,50,GBP,,INV-9998 INV-9999""",
    )

    assert [
        (one.credit_document, one.debit_document, one.debit_amount) for one in imported.settled
    ] == [
        ("B-1", "INV-9998", 700),
        ("B-2", "INV-9998", 300),
        ("B-2", "INV-9999", 400),
        ("B-3", "INV-9999", 50),
    ]
    assert broken(invoiced) == []


def test_an_invoice_named_in_its_column_comes_before_one_in_the_text(invoiced: Books) -> None:
    imported = pay(invoiced, HEADER + "B-1,2026-11-10,500,GBP,INV-9999,and INV-9998")

    assert [one.debit_document for one in imported.settled] == ["INV-9999"]


def test_a_payment_in_another_currency_settles_at_the_rates_of_its_day(invoiced: Books) -> None:
    # 1000 GBP at 140 are 1400 USD.
    imported = pay(invoiced, HEADER + "B-1,2026-11-10,1500,USD,INV-9998,")

    (settled,) = imported.settled
    assert (settled.debit_amount, settled.credit_amount) == (1000, 1400)
    assert settled.exchange_difference == -150
    assert imported.payments[0].open_amount == 100
    assert broken(invoiced) == []


def test_everything_wrong_with_a_file_is_told_at_once(invoiced: Books) -> None:
    pay(invoiced, HEADER + "B-1,2026-11-10,1,GBP,INV-9998,")

    with pytest.raises(Refused) as refused:
        pay(
            invoiced,
            HEADER
            + """B-1,2026-11-10,1,GBP,INV-9998,
            B-2,2026-09-10,1,GBP,INV-9998,
            B-3,2026-11-10,1,EUR,INV-9998,
            B-4,2026-11-10,1,GBP,INV-0,for nothing""",
        )

    assert codes(refused) == [
        ("ERR-L28", "line/2"),
        ("ERR-L24", "line/3"),
        ("ERR-I04", "line/4"),
        ("ERR-L22", "line/5"),
    ]
    invoiced.then("""
        finance.payment_file
        payment_count
        1
    """)


def test_a_bank_account_must_exist(invoiced: Books) -> None:
    change(invoiced, "DELETE FROM finance.main_account WHERE account = '1010'")

    with pytest.raises(Refused) as refused:
        pay(invoiced, HEADER + "B-1,2026-11-10,1,GBP,INV-9998,")

    assert codes(refused) == [("ERR-L23", "file")]


def test_bad_cells_are_told_at_once() -> None:
    with pytest.raises(Refused) as refused:
        pay(
            Books.__new__(Books),
            HEADER
            + """,10.11.2026,-1,gbp,INV-9998,
            B-2,2026-11-10,0,GBP,,
            B-3,2026-11-10,1.00001,GBP,,""",
        )

    assert [(one.record, one.field) for one in refused.value.refusals] == [
        ("line/2", "reference"),
        ("line/2", "date"),
        ("line/2", "amount"),
        ("line/2", "currency"),
        ("line/3", "amount"),
        ("line/4", "amount"),
    ]


def test_a_file_is_known_again_and_a_customer_may_be_named(invoiced: Books) -> None:
    text = HEADER + "B-1,2026-11-10,30,USD,,on account"
    pay(invoiced, text, customers={"B-1": "C-2"})

    with pytest.raises(Refused) as refused:
        pay(invoiced, text, customers={"B-1": "C-2"}, name="copy.csv")

    assert codes(refused) == [("ERR-L21", "file/copy.csv")]
    invoiced.then("""
        finance.customer_payment
        voucher       customer_id  amount  accounting_amount
        CPV-00000001  2            30      30
    """)


def test_a_payment_on_account_is_settled_later_and_undone(invoiced: Books) -> None:
    pay(invoiced, HEADER + "B-1,2026-11-10,600,GBP,,", customers={"B-1": "C-1"})

    settled = settle_now(invoiced, "B-1", "INV-9998", "600")
    voucher = undo_now(invoiced, settled.settlement_id)

    # 600 of 1000 at 125 against 600 at 140.
    assert (settled.exchange_difference, settled.voucher) == (-90, "CPV-00000002")
    assert voucher == "CPV-00000003"
    invoiced.then("""
        finance.customer_position
        document   open_amount  open_accounting_amount
        INV-9998   1000         1250
        INV-9999   500          625
        INV-10000  80           80
        B-1        -600         -840
    """)
    assert broken(invoiced) == []
    with pytest.raises(Refused) as refused:
        undo_now(invoiced, settled.settlement_id)
    assert codes(refused) == [("ERR-L27", f"settlement/{settled.settlement_id}")]


@pytest.mark.parametrize(
    ("credit", "debit", "amount", "code"),
    [
        ("B-1", "INV-9998", "100.01", "ERR-L26"),
        ("B-1", "INV-9998", "0", "ERR-L26"),
        ("B-1", "INV-10000", None, "ERR-L26"),
        ("INV-9998", "B-1", None, "ERR-L26"),
        ("B-1", "INV-0", None, "ERR-L25"),
    ],
)
def test_what_does_not_fit_is_not_settled(
    invoiced: Books, credit: str, debit: str, amount: str | None, code: str
) -> None:
    pay(invoiced, HEADER + "B-1,2026-11-10,100,GBP,,", customers={"B-1": "C-1"})

    with pytest.raises(Refused) as refused:
        settle_now(invoiced, credit, debit, amount)

    assert [one.code for one in refused.value.refusals] == [code]
    assert broken(invoiced) == []


def test_a_difference_without_an_account_refuses_the_file(invoiced: Books) -> None:
    change(
        invoiced,
        "DELETE FROM finance.posting_setup WHERE posting_type = 'exchange_rate_difference'",
    )

    with pytest.raises(Refused) as refused:
        pay(invoiced, HEADER + "B-1,2026-11-10,1000,GBP,INV-9998,")

    assert codes(refused) == [("ERR-J03", "company/USPM")]
    assert broken(invoiced) == []


def test_a_difference_goes_to_the_account_for_all_whatever_else_is_set_up(invoiced: Books) -> None:
    invoiced.given("""
        finance.posting_setup
        company  posting_type              contract_number  payer  tax_group  account
        USPM     exchange_rate_difference  -                -      DOM        4100
        USPM     exchange_rate_difference  K-1              C-1    -          4100
        USPM     retained_earnings         K-1              C-1    -          1100
    """)

    pay(invoiced, HEADER + "B-1,2026-11-10,1000,GBP,INV-9998,")

    with invoiced.owner_finance.raw() as connection:
        row = connection.execute(
            "SELECT account FROM finance.ledger_entry"
            " WHERE posting_type = 'exchange_rate_difference'"
        ).fetchone()
    assert row == ("6800",)


def test_what_is_open_ages_from_the_day_it_was_due(invoiced: Books) -> None:
    pay(invoiced, HEADER + "B-1,2026-11-10,100,GBP,,", customers={"B-1": "C-1"})

    with invoiced.finance.reader() as reader:
        # C-1 is due on 2026-11-16, C-2 on the day of the invoice.
        found = {
            day: {one.customer_account: one for one in ageing(reader, company="USPM", on=day)}
            for day in (
                date(2026, 11, 16),
                date(2026, 11, 17),
                date(2026, 12, 16),
                date(2026, 12, 17),
            )
        }
        lines = statement(
            reader,
            company="USPM",
            customer="C-1",
            period_from=date(2026, 11, 5),
            period_to=date(2026, 11, 30),
        )

    first, last = found[date(2026, 11, 16)]["C-1"], found[date(2026, 12, 17)]["C-1"]
    assert (first.not_due_amount, first.unused_amount, first.total_amount) == (1875, -140, 1735)
    assert found[date(2026, 11, 17)]["C-1"].to_30_amount == 1875
    assert found[date(2026, 12, 16)]["C-1"].to_30_amount == 1875
    assert last.to_60_amount == 1875
    assert [(one.document, one.balance_amount) for one in lines] == [("B-1", 1400)]


def owed(books: Books, day: date) -> tuple[Decimal, Decimal, Decimal]:
    """Give what C-1 owes at the end of a day: not due or older, unused, in all."""
    with books.finance.reader() as reader:
        (one,) = (
            one for one in ageing(reader, company="USPM", on=day) if one.customer_account == "C-1"
        )
    return one.total_amount - one.unused_amount, one.unused_amount, one.total_amount


def test_what_was_open_on_a_day_knows_nothing_of_later_days(invoiced: Books) -> None:
    # Invoiced on 2 November: 1250 and 625 USD; paid on the 10th: 600 GBP at 140; settled on the
    # 20th, taken back on the 25th.
    pay(invoiced, HEADER + "B-1,2026-11-10,600,GBP,,", customers={"B-1": "C-1"})
    settled = settle_now(invoiced, "B-1", "INV-9998")
    with invoiced.finance.reader() as reader:
        before = ageing(reader, company="USPM", on=date(2026, 11, 1))

    assert before == ()
    assert owed(invoiced, date(2026, 11, 9)) == (1875, 0, 1875)
    assert owed(invoiced, date(2026, 11, 10)) == (1875, -840, 1035)
    assert owed(invoiced, date(2026, 11, 19)) == (1875, -840, 1035)
    assert owed(invoiced, date(2026, 11, 20)) == (1125, 0, 1125)

    undo_now(invoiced, settled.settlement_id, at=datetime(2026, 11, 25, tzinfo=UTC))

    assert owed(invoiced, date(2026, 11, 24)) == (1125, 0, 1125)
    assert owed(invoiced, date(2026, 11, 25)) == (1875, -840, 1035)
    with invoiced.finance.reader() as reader:
        opened = {
            last: [
                (one.document, one.open_amount)
                for one in statement(
                    reader, company="USPM", customer="C-1", period_from=last, period_to=last
                )
            ]
            for last in (date(2026, 11, 2), date(2026, 11, 10))
        }
    assert opened == {
        date(2026, 11, 2): [("INV-9998", 1000), ("INV-9999", 500)],
        date(2026, 11, 10): [("B-1", -600)],
    }


def test_money_is_expected_the_buffers_of_terms_and_company_after_it_is_due(
    invoiced: Books,
) -> None:
    """DD-01: C-1 is due on 16 November, C-2 has no terms and is due on the 2nd."""
    change(invoiced, "UPDATE finance.payment_terms SET buffer_days = 10 WHERE company = 'USPM'")
    change(invoiced, "UPDATE finance.parameter SET payment_buffer_days = 3")
    pay(invoiced, HEADER + "B-1,2026-11-10,100,GBP,,", customers={"B-1": "C-1"})

    with invoiced.finance.reader() as reader:
        expected = {
            one.document: one.expected_on
            for one in open_transactions(reader, company="USPM", customer=None)
        }
        weeks = {
            day: [
                (one.week_from, one.invoice_count, one.amount, one.overdue_amount, one.total_amount)
                for one in expected_cash(reader, company="USPM", on=day)
            ]
            for day in (
                date(2026, 11, 1),
                date(2026, 11, 5),
                date(2026, 11, 6),
                date(2026, 11, 30),
            )
        }

    assert expected == {
        "INV-9998": date(2026, 11, 29),
        "INV-9999": date(2026, 11, 29),
        "INV-10000": date(2026, 11, 5),
        "B-1": None,
    }
    late = (date(2026, 11, 23), 2, 1875, 0, 1955)
    assert weeks == {
        date(2026, 11, 1): [],
        date(2026, 11, 5): [(date(2026, 11, 2), 1, 80, 0, 80), late],
        date(2026, 11, 6): [(date(2026, 11, 2), 1, 80, 80, 80), late],
        date(2026, 11, 30): [(date(2026, 11, 30), 3, 1955, 1955, 1955)],
    }


def credited_company(books: Books) -> None:
    """Credit INV-9998 over GBP 1000 whole: INV-10001."""
    credit(books, 10, {201: 101}, {211: 101}, day="2026-11-20")
    run_import(books)
    run_journal(books, 2)
    run_import(books)
    run_proposals(books, 10)


@pytest.mark.parametrize(
    ("debit", "amount", "taken", "open_credit", "in_dollars"),
    [
        ("INV-9998", None, "1000", "0", "0"),
        ("INV-9999", None, "500", "-500", "-625"),
        ("INV-9999", "499.99", "499.99", "-500.01", "-625.01"),
    ],
)
def test_a_credit_note_settles_an_invoice_like_a_payment(
    invoiced: Books, debit: str, amount: str | None, taken: str, open_credit: str, in_dollars: str
) -> None:
    """P26: it came in at the rate of what it credits, so nothing is realised."""
    credited_company(invoiced)

    settled = settle_now(invoiced, "INV-10001", debit, amount)

    assert (settled.debit_amount, settled.credit_amount) == (Decimal(taken), Decimal(taken))
    assert (settled.exchange_difference, settled.voucher) == (0, None)
    with invoiced.owner_finance.raw() as connection:
        row = connection.execute(
            "SELECT kind, open_amount, open_accounting_amount FROM finance.customer_position"
            " WHERE document = 'INV-10001'"
        ).fetchone()
    assert row == ("credit_note", Decimal(open_credit), Decimal(in_dollars))
    assert broken(invoiced) == []


def test_a_credit_note_settles_no_more_than_it_has_and_no_other_credit(invoiced: Books) -> None:
    credited_company(invoiced)
    pay(invoiced, HEADER + "B-1,2026-11-10,10,GBP,,", customers={"B-1": "C-1"})
    settle_now(invoiced, "INV-10001", "INV-9999")

    for pair in (("INV-10001", "INV-9998", "500.01"), ("B-1", "INV-10001", None)):
        with pytest.raises(Refused) as refused:
            settle_now(invoiced, *pair)
        assert [one.code for one in refused.value.refusals] == ["ERR-L26"]

    assert settle_now(invoiced, "INV-10001", "INV-9998").debit_amount == 500
    assert broken(invoiced) == []


def test_two_who_settle_the_same_invoice_settle_it_once(invoiced: Books) -> None:
    pay(
        invoiced,
        HEADER + "B-1,2026-11-10,1000,GBP,,\nB-2,2026-11-10,1000,GBP,,",
        customers={"B-1": "C-1", "B-2": "C-1"},
    )
    refused: list[str] = []

    def work(credit: str) -> None:
        try:
            settle_now(invoiced, credit, "INV-9998")
        except Refused as told:
            refused.extend(one.code for one in told.refusals)

    threads = [Thread(target=work, args=(credit,)) for credit in ("B-1", "B-2")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert refused == ["ERR-L26"]
    assert broken(invoiced) == []


@settings(
    max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(cents=st.lists(st.integers(1, 99_999), min_size=1, max_size=5))
def test_parts_add_up_to_the_cent_in_every_currency(invoiced: Books, cents: list[int]) -> None:
    with invoiced.owner_finance.raw() as connection:
        row = connection.execute("SELECT count(*) FROM finance.customer_payment").fetchone()
    assert row is not None
    rows = "\n".join(
        f"B-{row[0] + number},2026-11-10,{Decimal(part) / 100},GBP,INV-9998,"
        for number, part in enumerate(cents)
    )

    pay(invoiced, HEADER + rows)

    assert broken(invoiced) == []
