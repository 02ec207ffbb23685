"""The troubleshooting log: the newest message of each record, and nothing that is put right."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from tests.finance.company import (
    SETUP,
    arrive,
    bill,
    change,
    finance_of,
    run_import,
    run_journal,
)
from tests.finance.test_posting_run import to_draft
from tests.support.books import Books
from tests.support.clock import NOW, TODAY
from twofold.finance.journal.delete import delete_lines
from twofold.finance.staging.import_from_staging import import_from_staging
from twofold.finance.troubleshooting.reads import Message, list_messages


@pytest.fixture
def company(books: Books) -> Books:
    books.given(SETUP)
    return books


def import_at(books: Books, at: datetime) -> None:
    with finance_of(books) as transaction:
        import_from_staging(transaction, company="USPM", actor="ada", at=at, on=TODAY)


def log(books: Books, source: str | None = None, limit: int = 100) -> tuple[Message, ...]:
    with books.finance.reader() as reader:
        return list_messages(reader, company="USPM", source=source, limit=limit)


def test_a_held_row_has_one_message_until_it_is_imported(company: Books) -> None:
    arrive(company, "actual_id  currency\n1  EUR\n2  USD")
    import_at(company, NOW)
    import_at(company, NOW + timedelta(hours=1))

    (message,) = log(company)

    assert (message.source, message.reference, message.code) == ("import", "actual/1", "ERR-I04")
    assert (message.field, message.value) == ("exchange_rate", "EUR 2026-08-27")
    assert message.about == "unbilled sales time of 2026-08-27 P-4"
    assert message.logged_at == NOW + timedelta(hours=1)
    assert message.refusal.reason == "The exchange rate is missing"

    company.given("""
        finance.exchange_rate
        company  currency  valid_from  rate  change_set_id
        USPM     EUR       2026-08-27  110   1
    """)
    import_at(company, NOW + timedelta(hours=2))

    assert log(company) == ()


def test_a_proposal_has_one_message_per_reason(company: Books) -> None:
    arrive(company, "actual_id\n1\n2")
    bill(company, 7, {101: 1, 102: 2})
    run_import(company)

    (message,) = log(company, "proposal")

    assert (message.reference, message.code, message.row_count) == ("proposal/PF-7", "ERR-I01", 2)
    run_journal(company, 1)
    run_import(company)
    assert log(company) == ()


def test_a_line_that_could_not_be_posted_is_told_until_it_is(company: Books) -> None:
    arrive(company, "actual_id  accounting_date\n1  2026-09-01\n2  2026-08-27")
    run_import(company)
    run_journal(company, 1)

    (message,) = log(company)

    assert (message.reference, message.code) == ("journal/USPM-000042 actual/1", "ERR-J01")
    to_draft(company, 2)
    run_journal(company, 2)
    assert len(log(company)) == 1
    change(company, "UPDATE finance.fiscal_period SET state = 'open'")
    to_draft(company, 2)
    run_journal(company, 2)
    assert log(company) == ()


def test_a_deleted_line_says_nothing_any_more(company: Books) -> None:
    arrive(company, "actual_id  accounting_date\n1  2026-09-01")
    run_import(company)
    run_journal(company, 1)

    with finance_of(company) as transaction:
        delete_lines(
            transaction, company="USPM", journal_id=1, actual_ids=None, actor="ada", at=NOW
        )

    assert log(company) == ()


def test_messages_older_than_ninety_days_are_purged_and_the_newest_come_first(
    company: Books,
) -> None:
    days = {1: 91, 2: 90, 3: 1}
    for key, age in days.items():
        change(
            company,
            "INSERT INTO finance.message VALUES"
            " ('USPM', 'journal', %s::bigint, 'ERR-J01', 'day', '', 1, %s::timestamptz)",
            str(key),
            (NOW - timedelta(days=age)).isoformat(),
        )
    change(
        company,
        "INSERT INTO finance.message SELECT 'OTHER', source, record_id, code, field, value,"
        " row_count, logged_at FROM finance.message",
    )

    run_import(company)

    assert [one.reference for one in log(company)] == ["actual/3", "actual/2"]
    assert [one.reference for one in log(company, limit=1)] == ["actual/3"]
    with company.finance.reader() as reader:
        assert len(list_messages(reader, company="OTHER")) == len(days)
