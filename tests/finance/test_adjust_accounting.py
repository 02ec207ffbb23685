"""Adjusting posted transactions: the ledger is rewritten by a voucher, never changed."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from tests.finance.company import (
    SETUP,
    arrive,
    bill,
    change,
    finance_of,
    run_import,
    run_journal,
    run_proposals,
)
from tests.finance.dimensions import DIMENSIONS, entries, proposal_dimensions, rows
from tests.support.books import Books
from tests.support.clock import NOW
from twofold.finance.journal.adjust_accounting import (
    AdjustedAccounting,
    Adjustment,
    adjust_accounting,
)
from twofold.kernel.errors import Refused

P4 = "Dept P1, Line L1"
COST = "Dept P1, Line L1, Site S1"
PAYROLL = "Dept W1, Line L1, Site S1"


@pytest.fixture
def company(books: Books) -> Books:
    """Give a company with a posted cost and a posted sale, which is accrued."""
    books.given(SETUP)
    books.given(DIMENSIONS)
    arrive(books, """
        actual_id  transaction_type  resource_id  amount  currency
        1          cost              8            10      USD
        2          unbilled_sales    8            40.10   GBP
    """)  # fmt: skip
    run_import(books)
    run_journal(books, 1)
    return books


def adjust(company: Books, *actual_ids: int, **given: object) -> AdjustedAccounting:
    adjustment = Adjustment(
        **{"actual_ids": actual_ids, "dimensions": {"Dept": "L1"}, "reason": "Moved", **given}  # type: ignore[arg-type]
    )
    with finance_of(company) as transaction:
        return adjust_accounting(
            transaction, company="USPM", adjustment=adjustment, actor="ada", at=NOW
        )


def refused(company: Books, *actual_ids: int, **given: object) -> list[tuple[str, str]]:
    with pytest.raises(Refused) as caught:
        adjust(company, *actual_ids, **given)
    return [(one.code, one.value) for one in caught.value.refusals]


def moved(company: Books, voucher: str = "IJV-0003") -> list[tuple[object, ...]]:
    return sorted(row[1:] for row in entries(company) if row[0] == voucher)


def test_a_voucher_takes_back_and_states_anew(company: Books) -> None:
    adjusted = adjust(company, 1, 2)

    assert adjusted == AdjustedAccounting("IJV-0003", 2, 6)
    assert moved(company) == [
        ("1300", -52.53, P4),
        ("1300", 52.53, "Dept L1, Line L1"),
        ("4200", -52.53, "Dept L1, Line L1"),
        ("4200", 52.53, P4),
        ("5100", -10.0, COST),
        ("5100", 10.0, "Dept L1, Line L1, Site S1"),
    ]
    # Dated as they were, in the currencies they had.
    company.then("""
        finance.accounting_adjustment
        voucher   reason  adjusted_by
        IJV-0003  Moved   ada
    """)
    assert rows(
        company,
        "SELECT DISTINCT accounting_date, currency FROM finance.ledger_entry"
        " WHERE voucher = 'IJV-0003' ORDER BY currency",
    ) == [(date(2026, 8, 27), "GBP"), (date(2026, 8, 27), "USD")]


def test_the_offset_of_a_cost_is_adjusted_by_itself(company: Books) -> None:
    adjust(company, 1, of_offset=True)

    assert moved(company) == [
        ("5200", -10.0, "Dept L1, Line L1, Site S1"),
        ("5200", 10.0, PAYROLL),
    ]


def test_adjusting_again_begins_from_the_newest(company: Books) -> None:
    adjust(company, 2)
    adjust(company, 2, dimensions={"Line": "", "Site": "S2"})

    assert moved(company, "IJV-0004") == [
        ("1300", -52.53, "Dept L1, Line L1"),
        ("1300", 52.53, "Dept L1, Site S2"),
        ("4200", -52.53, "Dept L1, Site S2"),
        ("4200", 52.53, "Dept L1, Line L1"),
    ]
    assert adjust(company, 2, dimensions={"Dept": "L1"}) == AdjustedAccounting(None, 0, 0)


def test_a_proposal_takes_what_was_adjusted(company: Books) -> None:
    adjust(company, 2)
    bill(company, 7, {102: 2})
    run_import(company)

    assert proposal_dimensions(company) == [(102, "Dept L1, Line L1")]
    assert refused(company, 2, dimensions={"Dept": "P1"}) == [("ERR-F03", "")]
    run_proposals(company, 7)
    assert refused(company, 2, dimensions={"Dept": "P1"}) == [("ERR-J17", "")]
    # Work in progress is empty again, for each combination.
    assert (
        rows(
            company,
            "SELECT dimension_set_id FROM finance.ledger_entry WHERE account = '1300'"
            " GROUP BY dimension_set_id HAVING sum(accounting_amount) <> 0",
        )
        == []
    )


def test_a_posted_reversal_follows(company: Books) -> None:
    arrive(company, "actual_id  amount  currency\n3  -40.10  GBP", set_id=2)
    company.given("""
        finance.staged_connection
        company  transaction1_id  transaction1_role  transaction2_id  transaction2_role
        USPM     3                reversing          2                original
    """)
    run_import(company)
    assert refused(company, 3) == [("ERR-J16", "")]
    adjust(company, 2)
    # On the journal still: it takes the new dimensions when it is posted.
    run_journal(company, 2)
    assert {row[3] for row in entries(company) if row[0] == "IJV-0003"} == {"Dept L1, Line L1"}

    adjusted = adjust(company, 2, dimensions={"Dept": "W1"})

    assert adjusted.transaction_count == 2
    # Both together move nothing.
    assert adjusted.entry_count == 0
    assert refused(company, 3) == [("ERR-J12", "")]


def test_a_sale_that_is_not_accrued_has_no_entries(company: Books) -> None:
    arrive(company, "actual_id  billing_type\n5  non_chargeable", set_id=2)
    run_import(company)
    run_journal(company, 2)

    assert adjust(company, 5) == AdjustedAccounting("IJV-0004", 1, 0)


def test_a_day_may_be_given(company: Books) -> None:
    change(
        company,
        "UPDATE finance.fiscal_period SET state = 'closed' WHERE period_start = '2026-08-01'",
    )

    assert refused(company, 2) == [("ERR-J01", "2026-08-27")]
    assert refused(company, 2, accounting_date=date(2026, 9, 1)) == [("ERR-J01", "2026-09-01")]
    adjust(company, 2, accounting_date=date(2026, 11, 30))

    assert {
        row[0]
        for row in rows(
            company, "SELECT accounting_date FROM finance.ledger_entry WHERE voucher = 'IJV-0003'"
        )
    } == {date(2026, 11, 30)}


def test_everything_wrong_is_told_at_once(company: Books) -> None:
    before = entries(company)
    company.given("""
        finance.account_structure
        company  structure  account_from  account_to  required  optional
        USPM     WIP        1300          1300        {Dept}    {Line}
    """)

    assert refused(company, 2, 99, dimensions={"Site": "S1"}) == [
        ("ERR-J04", "account 1300: Site not taken"),
        ("ERR-J16", ""),
    ]
    assert refused(company, 2, dimensions={"Dept": "X"})[0] == ("ERR-J11", "Dept X")
    assert refused(company, 2, dimensions={}) == [("ERR-J15", "")]
    assert refused(company) == [("ERR-J15", "")]
    assert entries(company) == before
    with finance_of(company) as transaction, pytest.raises(Refused):
        adjust_accounting(
            transaction,
            company="OTHER",
            adjustment=Adjustment(actual_ids=(2,), dimensions={"Dept": "L1"}, reason="x"),
            actor="ada",
            at=NOW,
        )


def test_the_reporting_currency_is_moved_to_the_cent(company: Books) -> None:
    change(company, "UPDATE finance.exchange_rate SET rate = 999")
    adjust(company, 1, 2)

    assert (
        rows(
            company,
            "SELECT sum(reporting_amount), sum(transaction_amount) FROM finance.ledger_entry"
            " WHERE voucher = 'IJV-0003' GROUP BY account ORDER BY account",
        )
        == [(Decimal(0), Decimal(0))] * 3
    )
