"""Deleted journal lines are open again in staging, and the next import makes them anew."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.finance.company import (
    SETUP,
    arrive,
    bill,
    change,
    clear,
    finance_of,
    run_import,
    run_journal,
)
from tests.support.books import Books
from tests.support.clock import NOW, TODAY
from twofold.database.invariants import check_book
from twofold.finance.journal.delete import DeletedLines, delete_lines
from twofold.finance.staging.import_from_staging import ImportRun, import_from_staging
from twofold.kernel.errors import Refused


@pytest.fixture
def company(books: Books) -> Books:
    books.given(SETUP)
    return books


def delete(books: Books, journal_id: int, *actual_ids: int) -> DeletedLines:
    with finance_of(books) as transaction:
        return delete_lines(
            transaction,
            company="USPM",
            journal_id=journal_id,
            actual_ids=actual_ids or None,
            actor="ada",
            at=NOW,
        )


def import_proposal(books: Books, number: str) -> ImportRun:
    with finance_of(books) as transaction:
        return import_from_staging(
            transaction, company="USPM", actor="ada", at=NOW, on=TODAY, proposal_number=number
        )


def broken(books: Books) -> set[str]:
    with books.auditor_finance.reader() as reader:
        return {one.invariant for one in check_book(reader, "finance")}


def test_a_deleted_line_is_made_anew_with_the_setup_of_today(company: Books) -> None:
    arrive(company, "actual_id\n1\n2\n3")
    run_import(company)
    change(company, "UPDATE finance.customer_accounting SET tax_group = 'DOM'")

    deleted = delete(company, 1, 2)

    assert (deleted.deleted_count, deleted.left_count, deleted.state) == (1, 2, "draft")
    company.then("""
        finance.journal_line
        actual_id
        1
        3

        finance.reopened_actual
        actual_id  reopened_by
        2          ada
    """)
    assert not broken(company)

    run = run_import(company)

    assert (run.taken_count, run.line_count) == (1, 1)
    company.then("""
        finance.journal_line
        actual_id  journal_id  voucher   tax_group
        1          1           IJV-0001  STATEONLY
        2          1           IJV-0004  DOM
        3          1           IJV-0003  STATEONLY

        finance.reopened_actual
        actual_id
    """)
    assert not broken(company)


def test_a_journal_without_lines_is_deleted_and_its_number_stays(company: Books) -> None:
    arrive(company, "actual_id\n1\n2")
    run_import(company)

    deleted = delete(company, 1)

    assert (deleted.number, deleted.state) == ("USPM-000041", "deleted")
    assert not broken(company)
    run_import(company)
    company.then("""
        finance.journal
        journal_id  number       state
        1           USPM-000041  deleted
        2           USPM-000042  draft
    """)


def test_a_journal_in_error_may_be_deleted(company: Books) -> None:
    arrive(company, "actual_id  accounting_date\n1  2026-09-01")
    run_import(company)
    run_journal(company, 1)
    change(company, "UPDATE finance.fiscal_period SET state = 'open'")

    delete(company, 1, 1)
    run_import(company)

    assert run_journal(company, 2).posted_count == 1
    assert not broken(company)


@pytest.mark.parametrize(
    ("journal_id", "actual_ids", "code"),
    [
        (1, (), "ERR-J09"),
        (9, (), "ERR-J09"),
        (2, (1,), "ERR-J20"),
        (2, (11, 99), "ERR-J20"),
    ],
)
def test_what_is_not_there_or_posted_is_refused(
    company: Books, journal_id: int, actual_ids: tuple[int, ...], code: str
) -> None:
    arrive(company, "actual_id\n1")
    run_import(company)
    run_journal(company, 1)
    arrive(company, "actual_id\n11", set_id=2)
    run_import(company)

    with pytest.raises(Refused) as refused:
        delete(company, journal_id, *actual_ids)

    assert refused.value.codes == (code,)
    company.then("""
        finance.journal_line
        actual_id
        11

        finance.reopened_actual
        actual_id
    """)


@pytest.mark.parametrize("is_posted", ["posted", ""])
def test_a_line_is_not_deleted_while_its_reversal_stands(company: Books, is_posted: str) -> None:
    arrive(company, "actual_id  transaction_date\n1  2026-08-27\n2  2026-08-27")
    run_import(company)
    arrive(
        company,
        "actual_id  transaction_date  amount\n11  2026-11-02  -100",
        set_id=2,
        kind="cancellation",
    )
    company.given("""
        finance.staged_connection
        company  transaction1_id  transaction1_role  transaction2_id  transaction2_role
        USPM     11               reversing          1                original
    """)
    run_import(company)
    if is_posted:
        run_journal(company, 2)

    with pytest.raises(Refused) as refused:
        delete(company, 1)
    delete(company, 1, 2)

    assert [(one.code, one.value) for one in refused.value.refusals] == [("ERR-J21", "11")]
    if not is_posted:
        delete(company, 2)
        delete(company, 1)
        run_import(company)
    assert not broken(company)


def test_a_line_and_its_reversal_are_deleted_in_one_call(company: Books) -> None:
    arrive(company, "actual_id  amount\n1  100\n2  -100\n3  5")
    company.given("""
        finance.staged_connection
        company  transaction1_id  transaction1_role  transaction2_id  transaction2_role
        USPM     2                reversing          1                original
    """)
    run_import(company)
    with pytest.raises(Refused):
        delete(company, 1, 1, 3)

    deleted = delete(company, 1, 1, 2)

    assert deleted.left_count == 1


def test_an_import_and_a_deletion_take_turns(company: Books) -> None:
    arrive(company, "actual_id\n1")
    run_import(company)
    with finance_of(company) as transaction:
        import_from_staging(transaction, company="USPM", actor="bob", at=NOW, on=TODAY)

        with pytest.raises(Refused) as refused:
            delete(company, 1)

    assert refused.value.codes == ("ERR-I09",)


STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("arrive"), st.integers(1, 4)),
        st.tuples(st.just("import"), st.just(0)),
        st.tuples(st.just("import proposal"), st.just(0)),
        st.tuples(st.just("delete journal"), st.integers(0, 9)),
        st.tuples(st.just("delete line"), st.integers(0, 9)),
        st.tuples(st.just("post"), st.integers(0, 9)),
    ),
    min_size=3,
    max_size=14,
)


def open_lines(books: Books) -> list[tuple[int, int]]:
    with books.finance.raw() as connection:
        return [
            (row[0], row[1])
            for row in connection.execute(
                "SELECT line.journal_id, line.actual_id FROM finance.journal_line AS line"
                " JOIN finance.journal USING (company, journal_id)"
                " WHERE journal.state = 'draft' ORDER BY line.actual_id"
            )
        ]


def take(books: Books, step: tuple[str, int], arrived: int) -> int:
    """Do one step; give how many rows have arrived."""
    kind, number = step
    lines = open_lines(books)
    if kind == "arrive":
        keys = range(arrived + 1, arrived + 1 + number)
        rows = "\n".join(f"{key}  {10 * key}" for key in keys)
        arrive(books, f"actual_id  amount\n{rows}", set_id=arrived + 1)
        return arrived + number
    if kind == "import":
        run_import(books)
    elif kind == "import proposal":
        import_proposal(books, "PF-900")
    elif lines:
        journal_id, actual_id = lines[number % len(lines)]
        if kind == "delete journal":
            delete(books, journal_id)
        elif kind == "delete line":
            delete(books, journal_id, actual_id)
        else:
            run_journal(books, journal_id)
    return arrived


@given(steps=STEPS)
@settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
def test_whatever_is_deleted_and_imported_in_whatever_order_nothing_is_lost_or_made_twice(
    company: Books, steps: list[tuple[str, int]]
) -> None:
    clear(
        company,
        (
            "history.deed", "finance.staged_actual", "finance.staged_connection", "dualwrite.inbox",
            "dualwrite.chain", "finance.import_progress", "finance.message",
            "finance.imported_set", "finance.taken_ahead", "finance.reopened_actual",
            "finance.journal", "finance.journal_line", "finance.journal_total",
            "finance.project_transaction",
            "finance.ledger_entry", "finance.proposal", "finance.proposal_line",
            "finance.proposal_problem",
        ),
    )  # fmt: skip
    arrive(company, "actual_id  amount\n1  1\n2  2\n3  3")
    bill(company, 900, {901: 2, 902: 3})
    arrived = 3
    for step in steps:
        arrived = take(company, step, arrived)
    assert not broken(company) & {
        "imported_actual_is_in_one_place",
        "open_journal_has_lines",
        "posted_journal_is_empty",
    }

    run_import(company)
    for journal_id in sorted({line[0] for line in open_lines(company)}):
        run_journal(company, journal_id)
    last = run_import(company)

    posted = "\n".join(f"        {key}" for key in range(1, arrived + 1))
    company.then(f"""
        finance.project_transaction
        actual_id
{posted}
    """)
    assert (last.taken_count, last.refusals) == (0, ())
