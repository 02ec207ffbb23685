"""Each invariant of the operations book catches what it is there for, and nothing else does."""

from __future__ import annotations

from collections.abc import Generator
from typing import Final

import pytest

from tests.operations.billing import broken_in, confirm, create, plant_contracts, sell, undone
from tests.operations.test_confirm_proforma import COST, MILESTONE, SALE
from tests.support.books import Books
from tests.support.server import TestServer
from twofold.database.invariants import INVARIANTS

RETAINER: Final = """
    operations.retainer
    company  retainer_id  contract_id  customer_id  project_id  description  invoice_date  amount  currency  state
    USPM     1            1            1            1           Advance      2026-10-01    100     USD       ready
"""  # noqa: E501

# What is planted, and the invariants that must catch it: the one it is about first.
PLANTED: Final = {
    "a bill of another amount": (
        """UPDATE operations.actual SET price = 1, amount = 8
        WHERE transaction_type = 'billed_sales' AND class = 'time'""",
        ("billed_sales_equal_confirmed_details",),
    ),
    "a proforma that is complete, and a draft": (
        """INSERT INTO operations.bulk_confirmation
        SELECT company, proforma_id, 'complete', NULL, 'pm', now() FROM operations.proforma
        WHERE state = 'draft'""",
        ("bulk_status_agrees",),
    ),
    "a deed of somebody else": (
        """INSERT INTO history.deed (company, at, act, number, names, actor, detail)
        SELECT company, now(), 'proforma_confirmed', number, ARRAY[number], 'eve', '{}'
        FROM operations.proforma WHERE state = 'confirmed' LIMIT 1""",
        ("deed_names_what_is_there",),
    ),
    "a deed about what never was": (
        """INSERT INTO history.deed (company, at, act, number, names, actor, detail)
        VALUES ('USPM', now(), 'proforma_created', 'NONE', '{NONE}', 'pm', '{}')""",
        ("deed_names_what_is_there",),
    ),
    "an open sale that left the backlog": (
        "DELETE FROM operations.backlog_item WHERE actual_id = 4",
        ("backlog_is_open_unbilled_sales", "kept_backlog_is_counted"),
    ),
    "an item of another amount than its sale": (
        "UPDATE operations.backlog_item SET amount = 1 WHERE actual_id = 4",
        ("backlog_is_open_unbilled_sales", "kept_backlog_is_counted"),
    ),
    "a ready item past a limit": (
        """UPDATE operations.backlog_item
        SET state = 'ready', not_to_exceed = 'failed', exceeds = 'contract', proforma_id = NULL
        WHERE actual_id = 4""",
        ("ready_item_is_within_limits", "kept_backlog_is_counted"),
    ),
    "an invoiced sale back in the backlog": (
        """INSERT INTO operations.backlog_item
        SELECT company, actual_id, contract_id, contract_line_id, customer_id, project_id, class,
            billing_type, transaction_date, quantity, amount, currency, 'created', 'not_applicable'
        FROM operations.actual WHERE actual_id = 2""",
        ("backlog_is_open_unbilled_sales", "kept_backlog_is_counted", "reversal_decides_status"),
    ),
    "a kept sum of an item too many": (
        "UPDATE operations.backlog_sum SET item_count = item_count + 1",
        ("kept_backlog_is_counted",),
    ),
    "a kept sum a cent off": (
        "UPDATE operations.backlog_sum SET amount = amount + 0.01",
        ("kept_backlog_is_counted",),
    ),
    "a kept sum of another day": (
        "UPDATE operations.backlog_sum SET transaction_date = transaction_date + 1",
        ("kept_backlog_is_counted",),
    ),
    "a kept sum that is gone": ("DELETE FROM operations.backlog_sum", ("kept_backlog_is_counted",)),
    "a reversal with another attribute": (
        "UPDATE operations.actual SET transaction_date = '2026-01-01' WHERE reverses_id = 2",
        ("reversal_mirrors_original",),
    ),
    "a reversal of another amount": (
        "UPDATE operations.actual SET quantity = -1, amount = -200 WHERE reverses_id = 2",
        ("reversal_mirrors_original",),
    ),
    "a second reversal": (
        """DROP INDEX operations.actual_is_reversed_once;
        INSERT INTO operations.actual
        SELECT (jsonb_populate_record(actual, '{"actual_id": 900}')).*
        FROM operations.actual WHERE reverses_id = 2""",
        ("reversal_mirrors_original",),
    ),
    "a bill without its reversal": (
        "DELETE FROM operations.actual WHERE reverses_id = 2",
        ("reversal_decides_status", "backlog_is_open_unbilled_sales"),
    ),
    "a detail taken off its draft": (
        "DELETE FROM operations.proforma_detail WHERE actual_id = 3",
        ("item_is_on_one_open_proforma", "proforma_adds_up"),
    ),
    "a sale on a draft twice": (
        """INSERT INTO operations.proforma_detail
        SELECT (jsonb_populate_record(detail, '{"proforma_detail_id": 900}')).*
        FROM operations.proforma_detail AS detail WHERE actual_id = 3""",
        ("item_is_on_one_open_proforma", "proforma_adds_up"),
    ),
    "a posted milestone without its bill": (
        "UPDATE operations.actual SET milestone_id = NULL WHERE class = 'milestone'",
        ("milestone_is_posted_once",),
    ),
    "a cost of finance that became another cost": (
        """INSERT INTO operations.finance_cost (company, finance_cost_id, kind, document,
            line_number, voucher, transaction_date, class, project_id, quantity, price, amount,
            currency)
        VALUES ('USPM', 1, 'general_journal', 'G1', 1, 'V1', '2026-10-15', 'expense', 1, 8, 100,
            800, 'USD');
        INSERT INTO operations.journal (company, journal_id, kind, description, state, created_by,
            created_at, closed_by, closed_at, change_set_id, first_actual_id, last_actual_id)
        VALUES ('USPM', 1, 'entry', 'G1', 'confirmed', 'pm', now(), 'pm', now(), 1, 1, 2);
        INSERT INTO operations.finance_cost_taken (company, finance_cost_id, journal_id,
            cost_actual_id) VALUES ('USPM', 1, 1, 1)""",
        ("finance_cost_is_its_actuals", "skip_sync_marks_billing_reversals"),
    ),
    "a billed sale that is not sent": (
        "UPDATE operations.actual SET skip_sync = true WHERE transaction_type = 'billed_sales'",
        ("skip_sync_marks_billing_reversals",),
    ),
    "a billing reversal that is sent": (
        "UPDATE operations.actual SET skip_sync = false WHERE reverses_id = 2",
        ("skip_sync_marks_billing_reversals",),
    ),
    "an amount a cent off": (
        "UPDATE operations.actual SET amount = amount + 0.01 WHERE transaction_type = 'cost'",
        ("amounts_are_rounded_products",),
    ),
    "a header that is not the sum of its lines": (
        """UPDATE operations.proforma SET detail_amount = 1, total_amount = 1 + tax_amount
        WHERE state = 'draft'""",
        ("proforma_adds_up",),
    ),
    "a line that is not the sum of its details": (
        "UPDATE operations.proforma_line SET complimentary_amount = 1",
        ("proforma_adds_up",),
    ),
    "a hash over other bills": (
        "UPDATE operations.proforma SET billable_hash = 1 WHERE state = 'confirmed'",
        ("confirmed_proforma_names_its_bills",),
    ),
    "a number that was skipped": (
        "UPDATE operations.proforma_number SET last_number = last_number + 1",
        ("proforma_numbers_have_no_gap",),
    ),
    "a role that does not exist": (
        "UPDATE operations.actual SET role_id = 77 WHERE actual_id = 1",
        ("actual_refers_to_what_exists",),
    ),
    "a sale in another currency": (
        """UPDATE operations.actual SET currency = 'EUR' WHERE actual_id = 4;
        UPDATE operations.backlog_item SET currency = 'EUR' WHERE actual_id = 4""",
        ("sales_are_in_contract_currency",),
    ),
    "an investment project that sells": (
        """UPDATE operations.project SET project_type = 'investment', contract_id = NULL
        WHERE project_id = 1""",
        ("investment_projects_sell_nothing",),
    ),
    "an approved entry without its cost": (
        "UPDATE operations.actual SET entry_id = NULL WHERE actual_id = 1",
        ("entry_has_its_actuals",),
    ),
    "a live actual of an entry that was recalled": (
        """UPDATE operations.entry
        SET state = 'returned', first_actual_id = NULL, last_actual_id = NULL""",
        ("entry_has_its_actuals",),
    ),
    "shares of a line that leave something over": (
        """UPDATE operations.contract_line_customer SET split_percent = 99.99
        WHERE contract_line_id = 10""",
        ("shares_are_a_whole",),
    ),
    "a line whose rounding nobody takes": (
        """UPDATE operations.contract_line_customer SET is_rounding = false
        WHERE contract_line_id = 10""",
        ("shares_are_a_whole",),
    ),
    "a payer of a line who is not on its contract": (
        """INSERT INTO operations.contract_line_customer
        VALUES ('USPM', 20, 2, 0, false, NULL)""",
        ("shares_are_a_whole",),
    ),
    "a contract whose customer is not its primary one": (
        "UPDATE operations.contract_customer SET is_primary = NOT is_primary WHERE contract_id = 1",
        ("shares_are_a_whole",),
    ),
    "a sale of less than was submitted": (
        "UPDATE operations.entry SET quantity = 8.01",
        ("shares_of_a_sale_are_its_quantity",),
    ),
    "a contract line of another contract": (
        "UPDATE operations.actual SET contract_line_id = 20 WHERE actual_id = 1",
        ("keys_agree",),
    ),
    "a schedule that names a draft of another contract": (
        """INSERT INTO operations.contract_line_schedule
        SELECT 'USPM', 1, 10, '2026-10-05', '2026-10-04', 'successful', proforma_id, proforma_id,
            NULL, '2026-10-05'
        FROM operations.proforma WHERE contract_id = 2""",
        ("schedule_names_its_drafts",),
    ),
    "parts of a milestone beyond the line": (
        """UPDATE operations.contract_line SET schedule_type = 'progress', contracted_amount = 1
        WHERE contract_line_id = 11""",
        ("milestone_parts_are_of_one",),
    ),
    "an actual of no change set": (
        "UPDATE operations.actual SET change_set_id = 500 WHERE actual_id = 1",
        ("row_is_tagged_with_its_change_set",),
    ),
    "a retainer that is used more than was billed": (
        "UPDATE operations.retainer SET used_amount = 0.01",
        ("retainer_is_used_as_billed",),
    ),
    "a retainer of another amount than its bill": (
        "UPDATE operations.retainer SET amount = amount + 0.01",
        ("retainer_is_used_as_billed",),
    ),
    "an invoiced retainer without its open sale": (
        "DELETE FROM operations.actual WHERE class = 'retainer' AND amount < 0",
        ("retainer_is_used_as_billed",),
    ),
    "a bill of a retainer that is not there": (
        "DELETE FROM operations.retainer",
        ("retainer_is_used_as_billed", "actual_refers_to_what_exists"),
    ),
    "a retainer marked as on a draft it is not on": (
        "UPDATE operations.retainer SET state = 'on_proforma', proforma_id = 1",
        ("item_is_on_one_open_proforma", "retainer_is_used_as_billed"),
    ),
    "a retainer of another amount than its proforma says": (
        "UPDATE operations.proforma_detail SET price = 1, amount = 1 WHERE class = 'retainer'",
        ("proforma_adds_up",),
    ),
    "a retainer in another currency": (
        "UPDATE operations.retainer SET currency = 'EUR'",
        ("sales_are_in_contract_currency",),
    ),
    "a discount that is not its percent of the amount": (
        """UPDATE operations.actual SET discount_percent = 10, discount_amount = 159.99
        WHERE actual_id = 4""",
        ("discount_and_fee_are_percents",),
    ),
    "a fee on what is not charged": (
        """UPDATE operations.actual
        SET billing_type = 'complimentary', fee_percent = 5, fee_amount = 80
        WHERE actual_id = 4""",
        ("discount_and_fee_are_percents",),
    ),
    "a discount of a fixed price": (
        """UPDATE operations.actual SET discount_percent = 10, discount_amount = amount / 10
        WHERE class = 'milestone'""",
        ("discount_and_fee_are_percents", "billed_sales_equal_confirmed_details"),
    ),
    "shares whose discounts leave a cent": (
        """UPDATE operations.actual SET price = 200.1, amount = 1600.80, discount_percent = 1,
            discount_amount = 16.00, entry_id = (SELECT min(entry_id) FROM operations.entry)
        WHERE actual_id = 2""",
        ("shares_of_a_discount_are_whole",),
    ),
    "a reversal of another fee": (
        "UPDATE operations.actual SET fee_amount = 1 WHERE reverses_id = 2",
        ("reversal_mirrors_original",),
    ),
    "an item of another discount than its sale": (
        "UPDATE operations.backlog_item SET discount_amount = 1 WHERE actual_id = 4",
        ("backlog_is_open_unbilled_sales",),
    ),
    "an actual outside the keys of its change set": (
        "UPDATE dualwrite.outbox SET key_first = 2 WHERE set_id = 1",
        ("row_is_tagged_with_its_change_set",),
    ),
}  # fmt: skip


@pytest.fixture(scope="module")
def billed(server: TestServer) -> Generator[Books]:
    """Give a book with a confirmed proforma (one item of each kind), a draft, and an open sale."""
    with server.fresh_pair() as pair:
        books = plant_contracts(Books(server, pair))
        books.given(COST)
        books.given(MILESTONE)
        books.given(RETAINER)
        sell(books, SALE)
        confirm(books, create(books, 1).proformas[0].proforma_id)
        sell(books, """
            actual_id  contract_id  contract_line_id  project_id  state
            3          2            20                2           ready
        """)  # fmt: skip
        create(books, 2)
        sell(books, """
            actual_id  state
            4          created
        """)  # fmt: skip
        yield books
        books.close()


def test_a_book_in_order_offends_none(billed: Books) -> None:
    with billed.auditor_operations.reader() as reader:
        assert broken_in(reader) == []


@pytest.mark.parametrize("planted", PLANTED)
def test_a_violation_is_caught(billed: Books, planted: str) -> None:
    statement, caught_by = PLANTED[planted]

    found = _broken_after(billed, statement)

    assert set(caught_by) <= set(found)


def test_every_invariant_is_shown_to_catch_something() -> None:
    files = {path.stem for path in (INVARIANTS / "operations").glob("*.sql")}

    assert files == {caught_by[0] for _, caught_by in PLANTED.values()}


def _broken_after(books: Books, statement: str) -> list[str]:
    """Plant as owner, look, and take it back."""
    found: list[str] = []
    with undone(books.owner_operations) as (connection, transaction):
        connection.execute(statement)
        found += broken_in(transaction)
    return found
