"""Agreements between the books: each difference that somebody makes is named."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import replace
from typing import Final, Literal, LiteralString

import pytest

from tests.scenarios.costs import buying, post_journal_file
from tests.scenarios.support import COMPANY, Story, Work, operations_cast
from tests.support.books import Books
from twofold.database.invariants import INVARIANTS, check
from twofold.database.transaction import Reader
from twofold.operations.setup.records import Task

Book = Literal["operations", "finance"]

# What an owner of the database could do behind everybody's back.
PLANTED: Final[tuple[tuple[str, Book, LiteralString], ...]] = (
    (
        "agree_sets_of_operations",
        "finance",
        "DELETE FROM dualwrite.inbox WHERE source = 'operations' AND kind = 'confirmation'",
    ),
    (
        "agree_sets_of_operations",
        "finance",
        "UPDATE dualwrite.inbox SET row_count = row_count + 1 WHERE kind = 'approval'",
    ),
    (
        "agree_sets_of_finance",
        "operations",
        "DELETE FROM dualwrite.inbox WHERE source = 'finance' AND kind = 'invoice_posting'",
    ),
    (
        "agree_actuals",
        "finance",
        "DELETE FROM finance.staged_actual WHERE transaction_type = 'billed_sales'",
    ),
    (
        "agree_actuals",
        "finance",
        "UPDATE finance.staged_actual SET amount = amount + 0.01 WHERE transaction_type = 'cost'",
    ),
    ("agree_actuals", "finance", "UPDATE finance.staged_actual SET customer_id = NULL"),
    (
        "agree_actuals",
        "operations",
        "UPDATE operations.actual SET quantity = 9 WHERE transaction_type = 'cost'",
    ),
    (
        "agree_connections",
        "finance",
        "DELETE FROM finance.staged_connection WHERE transaction1_role = 'billed_sales'",
    ),
    (
        "agree_connections",
        "finance",
        "UPDATE finance.staged_connection SET transaction2_id = transaction2_id + 1",
    ),
    ("agree_proposals", "finance", "UPDATE finance.proposal SET number = 'PF-OTHER'"),
    ("agree_proposals", "finance", "UPDATE finance.proposal SET billable_hash = 0"),
    (
        "agree_proposals",
        "operations",
        "UPDATE operations.proforma SET detail_amount = 1, total_amount = 1, tax_amount = 0",
    ),
    (
        "agree_accounting_detail",
        "operations",
        "UPDATE operations.actual_accounting SET accounting_amount = accounting_amount + 0.01",
    ),
    (
        "agree_accounting_detail",
        "operations",
        "UPDATE operations.actual_accounting SET voucher = 'X'",
    ),
    (
        "agree_accounting_detail",
        "operations",
        (
            "INSERT INTO operations.actual_accounting"
            " SELECT company, actual_id, 'X', accounting_date, 0, 100, 0"
            " FROM operations.actual WHERE skip_sync"
        ),
    ),
    (
        "agree_customer_invoices",
        "operations",
        "UPDATE operations.customer_invoice SET invoice_number = 'INV0'",
    ),
    (
        "agree_customer_invoices",
        "finance",
        (
            "UPDATE finance.customer_invoice SET net_amount = net_amount + 1,"
            " total_amount = total_amount + 1"
        ),
    ),
    (
        "agree_posted_hours",
        "finance",
        "DELETE FROM finance.project_transaction WHERE accrued_amount <> 0",
    ),
    (
        "agree_waiting_actuals",
        "finance",
        (
            "DELETE FROM finance.journal_line WHERE actual_id = (SELECT min(actual_id)"
            " FROM finance.journal_line)"
        ),
    ),
    ("agree_companies", "operations", "UPDATE operations.company SET name = 'Other'"),
    ("agree_ledgers", "operations", "UPDATE operations.ledger SET reporting_currency = 'JPY'"),
    ("agree_exchange_rates", "operations", "UPDATE operations.exchange_rate SET rate = rate + 1"),
    ("agree_exchange_rates", "operations", "DELETE FROM operations.exchange_rate"),
    (
        "agree_customer_accounting",
        "operations",
        "UPDATE operations.customer_accounting SET tax_group = 'OTHER'",
    ),
    ("agree_setup_records", "finance", "UPDATE finance.customer SET name = 'Other'"),
    ("agree_setup_records", "finance", "UPDATE finance.task SET wbs = '99'"),
    ("agree_setup_records", "operations", "UPDATE operations.task SET name = 'Other'"),
    ("agree_setup_records", "operations", "UPDATE operations.project SET number = number || '-2'"),
    ("agree_setup_records", "finance", "UPDATE finance.on_account_transaction SET amount = 1"),
    ("agree_setup_records", "finance", "UPDATE finance.category SET number = 'X' || number"),
    (
        "agree_finance_costs",
        "operations",
        "UPDATE operations.finance_cost SET transaction_date = transaction_date + 1",
    ),
    ("agree_finance_costs", "finance", "UPDATE finance.posted_cost SET sales_price = 1"),
)


@pytest.fixture
def invoiced(books: Books) -> Story:
    """One invoice posted, work that waits on a journal, and a cost that finance posted itself."""
    cast = operations_cast()
    task = Task(COMPANY, cast.projects[0].number, "Design", "1")
    story = Story(books, operations=replace(cast, tasks=(*cast.tasks, task)), finance=buying())
    story.approve(Work("ARM", 8), Work("ROLLOUT", 4))
    story.post_work()
    story.invoice(story.draft("TM"))
    story.approve(Work("ARM", 3))
    post_journal_file(story, "2026-10-05,ARM,100,6500,200,1,Crane")
    story.deliver()
    story.import_()
    story.holds()
    return story


class Undone(Exception):
    """Rolls a transaction back."""


def broken_by(story: Story, book: Book, planted: LiteralString) -> set[str]:
    """Make a difference, give what is broken by it, and take it back."""
    found: set[str] = set()
    books = story.books
    owner = books.owner_operations if book == "operations" else books.owner_finance
    other = books.owner_finance if book == "operations" else books.owner_operations
    with suppress(Undone), owner.raw() as connection, other.reader() as beside:
        changed = connection.execute(planted).rowcount
        assert changed, planted
        here = Reader(connection)
        ours, theirs = (here, beside) if book == "operations" else (beside, here)
        found = {one.invariant for one in check(operations=ours, finance=theirs)}
        raise Undone
    return found


def test_each_difference_is_named(invoiced: Story) -> None:
    missed = [
        (name, planted)
        for name, book, planted in PLANTED
        if name not in broken_by(invoiced, book, planted)
    ]

    assert missed == []
    invoiced.holds()


def test_every_agreement_has_its_difference() -> None:
    pairs = {
        path.name.removesuffix(".operations.sql")
        for path in INVARIANTS.glob("agree_*.operations.sql")
    }

    assert pairs == {name for name, _, _ in PLANTED}


def test_what_is_on_its_way_breaks_nothing(invoiced: Story) -> None:
    invoiced.approve(Work("ARM", 5))
    invoiced.confirm_queued(invoiced.draft("POUNDS"))
    setup = invoiced.operations
    renamed = tuple(replace(one, name=f"{one.name} (new)") for one in setup.projects)
    invoiced.set_up_operations(replace(setup, projects=renamed))
    invoiced.post_journals()
    invoiced.holds()

    invoiced.deliver()

    invoiced.holds()
