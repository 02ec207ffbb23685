"""Periods close once everything in them is posted; years close to retained earnings."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest

from tests.finance.company import arrive, change, finance_of, run_import, run_journal
from tests.finance.paying import LATER, broken, invoiced_company, pay
from tests.support.books import Books
from twofold.database.transaction import connection_of
from twofold.finance.closing.accruals import imbalances
from twofold.finance.closing.adjust_accruals import (
    AdjustedAccruals,
    Correction,
    adjust_accruals,
)
from twofold.finance.closing.close_period import close_period
from twofold.finance.closing.close_year import ClosedYear, close_year
from twofold.finance.closing.periods import list_periods
from twofold.finance.closing.reopen_period import reopen_period
from twofold.finance.ledger.reads import trial_balance
from twofold.finance.posting.recording import record_posting
from twofold.kernel.errors import Refusal, Refused

AUGUST = date(2026, 8, 15)
NOVEMBER = date(2026, 11, 15)
YEAR = (date(2026, 11, 1), date(2026, 11, 30))


@pytest.fixture
def invoiced(books: Books) -> Books:
    return invoiced_company(books)


def close(books: Books, day: date, explanation: str = "") -> tuple[Refusal, ...]:
    with finance_of(books) as transaction:
        return close_period(
            transaction, company="USPM", day=day, explanation=explanation, actor="cleo", at=LATER
        )


def reopen(books: Books, day: date) -> None:
    with finance_of(books) as transaction:
        reopen_period(
            transaction, company="USPM", day=day, to="open", reason="late", actor="cleo", at=LATER
        )


def end_year(books: Books, day: date = YEAR[1]) -> ClosedYear:
    with finance_of(books) as transaction:
        return close_year(transaction, company="USPM", year_end=day, actor="cleo", at=LATER)


def told(refused: pytest.ExceptionInfo[Refused]) -> list[tuple[str, str, str]]:
    return [(one.code, one.record, one.value) for one in refused.value.refusals]


def test_a_period_closes_takes_nothing_and_opens_again(invoiced: Books) -> None:
    close(invoiced, NOVEMBER)

    with pytest.raises(Refused) as refused:
        pay(invoiced, "reference,date,amount,currency,invoice\nB-1,2026-11-10,1,GBP,INV-9998")
    assert [one.code for one in refused.value.refusals] == ["ERR-L24"]
    with pytest.raises(Refused) as again:
        close(invoiced, NOVEMBER)
    assert told(again) == [("ERR-L02", "period/2026-11-01", "closed")]
    reopen(invoiced, NOVEMBER)
    pay(invoiced, "reference,date,amount,currency,invoice\nB-1,2026-11-10,1,GBP,INV-9998")
    with invoiced.finance.reader() as reader:
        last = list_periods(reader, company="USPM")[-1]
    assert (last.state, last.actor, last.reason) == ("open", "cleo", "late")
    invoiced.then(
        """
        finance.period_event
        period_start  event_number  state   reason
        2026-11-01    1             closed  -
        2026-11-01    2             open    late
    """.replace("closed  -", "closed  ''")
    )


def test_an_unknown_day_has_no_period(invoiced: Books) -> None:
    with pytest.raises(Refused) as refused:
        close(invoiced, date(2030, 1, 1))

    assert told(refused) == [("ERR-L01", "period/2030-01-01", "2030-01-01")]


def test_what_is_not_posted_keeps_its_period_open(invoiced: Books) -> None:
    arrive(invoiced, """
        actual_id  amount  transaction_date  accounting_date
        5          10      2026-08-31        2026-08-31
        6          10      2026-09-01        2026-11-01
    """, set_id=5)  # fmt: skip
    with pytest.raises(Refused) as staged:
        close(invoiced, AUGUST)
    run_import(invoiced)
    with pytest.raises(Refused) as drafted:
        close(invoiced, AUGUST)

    assert ("ERR-L03", "staging/5", "1") in told(staged)
    assert [(one[0], one[2]) for one in told(drafted)] == [("ERR-L03", "1")]
    assert drafted.value.refusals[0].record.startswith("journal/")


def test_a_missing_number_is_explained_or_the_period_stays_open(invoiced: Books) -> None:
    change(invoiced, "UPDATE finance.number_sequence SET next_number = 9 WHERE prefix = 'IJV-'")
    arrive(invoiced, "actual_id  amount\n5          10", set_id=5)
    run_import(invoiced)
    run_journal(invoiced, 2)

    with pytest.raises(Refused) as refused:
        close(invoiced, AUGUST)
    explained = close(invoiced, AUGUST, "a draft was deleted")

    assert told(refused) == [("ERR-L06", "sequence/IJV-", "5 missing, the first is 4")]
    assert explained == refused.value.refusals
    invoiced.then("""
        finance.period_event
        state   reason
        closed  a draft was deleted
    """)


def test_balances_that_are_not_the_entries_cannot_be_explained(invoiced: Books) -> None:
    change(invoiced, "UPDATE finance.account_balance SET debit_amount = 0 WHERE account = '1100'")

    with pytest.raises(Refused) as refused:
        close(invoiced, NOVEMBER, "never mind")

    assert told(refused) == [("ERR-L05", "account/1100", "0.0000 for 1955.0000")]


def post_while_held(books: Books) -> None:
    """Post into November, which somebody puts on hold before the posting is recorded."""
    with finance_of(books) as transaction:
        connection_of(transaction).execute(
            "INSERT INTO finance.ledger_entry (company, voucher, entry_number, accounting_date,"
            " account, posting_type, currency, transaction_amount, accounting_amount,"
            " reporting_amount) SELECT 'USPM', 'X-1', side, '2026-11-10', '1100', 'bank', 'USD',"
            " 3 - 2 * side, 3 - 2 * side, 3 - 2 * side FROM generate_series(1, 2) AS side"
        )
        with finance_of(books) as other:
            reopen_period(
                other,
                company="USPM",
                day=NOVEMBER,
                to="on_hold",
                reason="audit",
                actor="cleo",
                at=LATER,
            )
        record_posting(
            transaction, company="USPM", kind="test", document="X", actor="ada", at=LATER
        )


def test_a_posting_under_way_does_not_slip_into_a_closed_period(invoiced: Books) -> None:
    with pytest.raises(Refused) as refused:
        post_while_held(invoiced)

    assert told(refused) == [("ERR-L10", "test/X", "2026-11-10")]
    assert broken(invoiced) == []


def test_a_year_ends_in_retained_earnings_and_the_next_begins_at_zero(invoiced: Books) -> None:
    closed = end_year(invoiced)

    # Revenue of 1250, 625 and 80; accruals are reversed by the invoices.
    assert (closed.profit_amount, closed.account_count) == (1955, 1)
    with invoiced.finance.reader() as reader:
        old = trial_balance(reader, company="USPM", period_from=YEAR[0], period_to=YEAR[1])
        new = trial_balance(
            reader,
            company="USPM",
            period_from=date(2026, 12, 1),
            period_to=date(2027, 11, 30),
        )
    before = {one.account: one.closing_amount for one in old.accounts if one.closing_amount}
    after = {one.account: one.opening_amount for one in new.accounts if one.opening_amount}
    assert before == {"1100": 1955, "4100": -1955}
    assert after == {"1100": 1955, "3010": -1955}
    assert new.total.opening_amount == 0
    assert broken(invoiced) == []
    with pytest.raises(Refused) as refused:
        end_year(invoiced)
    assert [one.code for one in refused.value.refusals] == ["ERR-L11"]


def test_a_year_is_closed_again_for_what_came_since(invoiced: Books) -> None:
    end_year(invoiced)
    pay(invoiced, "reference,date,amount,currency,invoice\nB-1,2026-11-10,1000,GBP,INV-9998")

    again = end_year(invoiced)

    assert (again.profit_amount, again.account_count) == (150, 1)
    assert broken(invoiced) == []


@pytest.mark.parametrize(
    ("day", "code"), [(date(2026, 11, 29), "ERR-L12"), (date(2026, 9, 30), "ERR-L24")]
)
def test_a_year_ends_with_an_open_period(invoiced: Books, day: date, code: str) -> None:
    with pytest.raises(Refused) as refused:
        end_year(invoiced, day)

    assert code in [one.code for one in refused.value.refusals]


def adjust(
    books: Books, side: str = "both", offset: str | None = None, day: date = YEAR[1]
) -> AdjustedAccruals:
    with finance_of(books) as transaction:
        return adjust_accruals(
            transaction,
            company="USPM",
            correction=Correction(
                *YEAR,
                actual_ids=(),
                side=side,  # pyright: ignore[reportArgumentType]
                offset_account=offset,
                posted_on=day,
                description="reconciled",
            ),
            actor="cleo",
            at=datetime(2026, 11, 30, tzinfo=UTC),
        )


# As books brought over from elsewhere may be: 125 of the 1250 accrued were never reversed.
UNREVERSED = """
    UPDATE finance.invoice_line SET accrual_reversed_amount = 1125 WHERE actual_id = 101;
    UPDATE finance.ledger_entry
    SET accounting_amount = sign(accounting_amount) * 1125,
        reporting_amount = sign(reporting_amount) * 1125
    WHERE voucher = 'CIV-0001' AND posting_type IN ('wip_sales_value', 'accrued_revenue')
"""


def test_accrued_revenue_that_was_not_reversed_is_found_and_corrected(invoiced: Books) -> None:
    change(invoiced, UNREVERSED)
    with pytest.raises(Refused) as refused:
        close(invoiced, NOVEMBER)
    with invoiced.finance.reader() as reader:
        found = {
            view: [
                (one.name, one.accrued_amount, one.reversed_amount, one.imbalance_amount)
                for one in imbalances(
                    reader, company="USPM", period_from=YEAR[0], period_to=YEAR[1], view=view
                )
            ]
            for view in ("transaction", "project", "account")
        }

    adjusted = adjust(invoiced)

    assert ("ERR-L04", "actual/1", "125.0000") in told(refused)
    assert found == {
        "transaction": [("1", 1250, -1125, 125)],
        "project": [("P-1", 1250, -1125, 125)],
        "account": [("1300", 1250, -1125, 125), ("4200", -1250, 1125, -125)],
    }
    assert (adjusted.transaction_count, adjusted.amount) == (1, 125)
    with invoiced.owner_finance.raw() as connection:
        rows = connection.execute(
            "SELECT account, sum(accounting_amount) FROM finance.ledger_entry"
            " WHERE account IN ('1300', '4200') GROUP BY account ORDER BY account"
        ).fetchall()
    assert rows == [("1300", 0), ("4200", 0)]
    # What was changed behind the ledger's back shows; what the correction posted agrees.
    assert broken(invoiced) == ["kept_balances_are_the_entries", "posting_chain_holds"]


def test_one_side_is_corrected_against_an_offset_account(invoiced: Books) -> None:
    change(invoiced, UNREVERSED)

    adjusted = adjust(invoiced, "wip", "6800")

    with invoiced.owner_finance.raw() as connection:
        rows = connection.execute(
            "SELECT account, posting_type::text, accounting_amount FROM finance.ledger_entry"
            " WHERE voucher = %s ORDER BY account",
            (adjusted.voucher,),
        ).fetchall()
    assert rows == [("1300", "wip_sales_value", -125), ("6800", "accrual_offset", 125)]


@pytest.mark.parametrize(
    ("side", "offset", "day", "codes"),
    [
        ("both", None, YEAR[1], ["ERR-L13"]),
        ("wip", None, YEAR[1], ["ERR-J03"]),
        ("revenue", "0000", date(2026, 9, 1), ["ERR-L24", "ERR-J03"]),
    ],
)
def test_what_needs_no_correction_or_cannot_have_it_is_refused(
    invoiced: Books, side: str, offset: str | None, day: date, codes: list[str]
) -> None:
    with pytest.raises(Refused) as refused:
        adjust(invoiced, side, offset, day)

    assert [one.code for one in refused.value.refusals] == codes
