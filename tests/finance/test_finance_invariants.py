"""Each invariant of the finance book holds for an invoiced book and sees its violation."""

from __future__ import annotations

import pytest

from tests.finance.invoiced import INVOICED
from tests.support.books import Books
from twofold.database.invariants import INVARIANTS, check_book

# A posted credit of the billed sale 20; nothing is open again.
CREDIT = (
    "INSERT INTO finance.proposal_line (company, actual_id, proposal_id, credited_id, tax_group,"
    " item_tax_group, amount, tax_amount)"
    " VALUES ('USPM', 90, 50, 20, 'MA', 'ALL', {amount}, -50);"
    "INSERT INTO finance.staged_connection VALUES ('USPM', 90, 'reversing', 20, 'original');"
    "INSERT INTO finance.invoice_line VALUES ('USPM', 90, 50, 'V3', '2026-11-01', 100, -800, -50,"
    " 0, 'invoiced_revenue', '{account}', 501)"
)
BILLED_AGAIN = (
    "INSERT INTO finance.proposal_line VALUES"
    " ('USPM', 90, 51, NULL, 9, NULL, 'MA', 'ALL', 5000, 312.5)"
)
# A fee that arrived with a sale, and that nobody made a line of.
FEE = "UPDATE finance.staged_actual SET fee_amount = 40 WHERE actual_id = {id}"
PAID = (
    "INSERT INTO finance.customer_payment VALUES ('USPM', 'P1', 1, '2026-11-02', '1010', '130100',"
    " 'B-1', '', '', 'USD', 100, 10, 10, 10, 'hash')"
)
SETTLED = (
    "INSERT INTO finance.settlement VALUES ('USPM', 1, 'V3', 'P1', '2026-11-02', 6162.51, 6162.51,"
    " 6162.51, 6162.51, 6162.51, 6162.51, NULL, 'bea', '2026-11-02')"
)
ADJUSTED = (
    "INSERT INTO finance.accrual_adjustment VALUES ('USPM', 'A1', 11, '2026-11-02', 'both', NULL,"
    " 0.01, 0.01, '', 'bea', '2026-11-02')"
)
ESTIMATED = (
    "INSERT INTO finance.estimate VALUES ('USPM', 'E1', 1, 1, '{kind}', '2026-11-30', 'FP', 'ALL',"
    " 100, 1, 1, 100, {accrued}, 0, 0, 'bea', '2026-11-30')"
)
# Invariant → a change, made as owner, after which it does not hold.
PLANTED = {
    "deed_names_what_is_there": """INSERT INTO history.deed
        (company, at, act, number, names, actor, detail)
        VALUES ('USPM', now(), 'invoice_posted', 'NONE', '{{NONE}}', 'eve', '{{}}')""",
    "voucher_balances": "UPDATE finance.ledger_entry SET {amount} = 0.01 + {amount} "
    "WHERE voucher = 'V1' AND entry_number = 1",
    "wip_is_accrued_less_invoiced": "UPDATE finance.ledger_entry SET project_id = 6 "
    "WHERE posting_type = 'wip_sales_value' AND voucher = 'V3'",
    "invoiced_accrual_is_reversed": "UPDATE finance.invoice_line "
    "SET accrual_reversed_amount = 799.99 WHERE actual_id = 20",
    "proposal_bills_its_billable_sales": "UPDATE finance.staged_actual "
    "SET billing_type = 'complimentary' WHERE actual_id = 20",
    "transaction_is_billed_once": "UPDATE finance.proposal_line "
    "SET transaction_id = 11, milestone_id = NULL WHERE actual_id = 21",
    "proposal_total_is_its_lines": "UPDATE finance.proposal_line SET amount = 799.99 "
    "WHERE actual_id = 20",
    "invoice_agrees_with_receivable": "UPDATE finance.customer_transaction "
    "SET accounting_amount = 6162.49",
    "posted_tax_is_the_tax_of_lines": "UPDATE finance.tax_transaction SET tax_amount = 362.51",
    "posted_journal_is_empty": "UPDATE finance.journal "
    "SET state = 'draft', posted_at = NULL, posted_by = NULL",
    "imported_actual_is_in_one_place": "INSERT INTO finance.held_actual "
    "VALUES ('USPM', 11, 'ERR-I04', 'currency', 'USD', '2026-10-06')",
    "invoice_numbers_have_no_gaps": "UPDATE finance.number_sequence SET next_number = 9",
    "invoice_number_is_not_the_proposal_number": "UPDATE finance.proposal SET number = 'I-0007'",
    "staged_actual_refers_to_what_exists": "UPDATE finance.staged_actual SET category_id = 70 "
    "WHERE actual_id = 10",
    "posted_proposal_is_invoiced": "DELETE FROM finance.invoice_line WHERE actual_id = 21",
    "credit_mirrors_what_it_credits": CREDIT.format(amount="-799.99", account=401100),
    "credited_work_is_open_again": CREDIT.format(amount="-800", account=401100),
    "wip_is_what_is_not_invoiced": "UPDATE finance.ledger_entry SET reporting_amount = -799.99 "
    "WHERE posting_type = 'wip_sales_value' AND voucher = 'V3'",
    "discount_is_posted_once": "UPDATE finance.project_transaction SET discount_amount = 1 "
    "WHERE actual_id = 11",
    "retainer_is_on_account": "UPDATE finance.staged_actual SET class = 'retainer' "
    "WHERE actual_id = 21",
    "milestone_of_before_is_not_billed": "UPDATE finance.on_account_transaction "
    "SET cut_over_status = 'invoiced'",
    "adjustment_moves_dimensions_only": "INSERT INTO finance.accounting_adjustment (company, "
    "voucher, reason, adjusted_by, adjusted_at) VALUES ('USPM', 'V2', 'x', 'ann', '2026-11-01')",
    "wip_carries_the_dimensions_of_its_sales": "UPDATE finance.ledger_entry "
    "SET dimension_set_id = 1 WHERE posting_type = 'wip_sales_value' AND voucher = 'V2'",
    "billed_line_carries_the_dimensions_of_its_sale": "UPDATE finance.proposal_line "
    "SET dimension_set_id = 1 WHERE actual_id = 20",
    "dimensions_are_known": "UPDATE finance.proposal SET dimension_set_id = 1",
    "posting_chain_holds": "UPDATE finance.ledger_entry SET account = '145301' "
    "WHERE voucher = 'V2'",
    "settled_is_what_was_open": SETTLED,
    "payment_agrees_with_ledger": PAID,
    "receivable_is_what_is_open": PAID,
    "kept_balances_are_the_entries": "UPDATE finance.account_balance SET credit_amount = 799.99 "
    "WHERE account = '145300' AND accounting_date = '2026-11-01'",
    "kept_journal_totals_are_its_lines": "UPDATE finance.journal_total SET amount = 799.99 "
    "WHERE transaction_type = 'unbilled_sales'",
    "invoiced_line_knows_its_accrual": "UPDATE finance.invoice_line SET accrued_amount = 799.99 "
    "WHERE actual_id = 20",
    "open_journal_has_lines": "INSERT INTO finance.journal"
    " (company, journal_id, number, description, state, created_at)"
    " VALUES ('USPM', 3, 'J-3', 'October', 'draft', '2026-10-06')",
    "opening_balances_stay_out_of_the_ledger": "UPDATE finance.journal"
    " SET is_beginning_balance = true",
    "voucher_belongs_to_one_document": "UPDATE finance.project_transaction SET voucher = 'V3' "
    "WHERE actual_id = 10",
    "posted_cost_agrees_with_ledger": "INSERT INTO finance.cost_document"
    " VALUES ('USPM', 'general_journal', 'G1', 'f', 'h', false, false, 'ann', '2026-11-01');"
    "INSERT INTO finance.posted_cost (company, posted_cost_id, kind, document, line_number, "
    " voucher, accounting_date, class, project_id, category_number, quantity, price, amount,"
    " currency, exchange_rate, accounting_amount, reporting_amount, recoverable_tax_amount,"
    " profile,"
    " cost_type, cost_account, offset_type, offset_account, change_set_id)"
    " VALUES ('USPM', 1, 'general_journal', 'G1', 1, 'V8', '2026-11-01', 'expense', 5, 'TRAVEL', 1,"
    " 10, 10, 'USD', 100, 10, 10, 0, 'TM', 'cost', '5000', 'general_journal_offset', '2000', 1)",
    "estimate_agrees_with_ledger": ESTIMATED.format(kind="estimate", accrued="0.01"),
    "eliminated_project_leaves_no_wip": ESTIMATED.format(kind="elimination", accrued=0),
    "cost_is_estimated_once": ESTIMATED.format(kind="estimate", accrued=0)  # noqa: S608 - text of this module
    + ";INSERT INTO finance.estimated_cost VALUES ('USPM', 999, 'E1')",
    "review_follows_its_history": "UPDATE finance.proposal SET review = 'approved'",
}
REVENUE_OF_WORK = (
    "UPDATE finance.staged_actual SET class = 'retainer' WHERE actual_id = 21;"
    "UPDATE finance.proposal_line SET milestone_id = NULL, on_account_origin = 'prepayment'"
    " WHERE actual_id = 21;"
    "UPDATE finance.invoice_line SET revenue_type = 'invoiced_revenue' WHERE actual_id = 21"
)
IMPORTED_NOWHERE = (
    "INSERT INTO finance.imported_set VALUES ('USPM', 101, '2026-11-01');"
    "UPDATE finance.staged_actual SET transaction_type = 'cost' WHERE actual_id = 21"
)
LINE_OF_A_DELETED_JOURNAL = (
    "INSERT INTO finance.journal (company, journal_id, number, description, state, created_at)"
    " VALUES ('USPM', 3, 'J-3', 'October', 'deleted', '2026-10-06');"
    "INSERT INTO finance.journal_line (company, actual_id, journal_id, voucher, accounting_date,"
    " category_number, line_property, exchange_rate)"
    " VALUES ('USPM', 12, 3, 'V9', '2026-10-06', 'LABOUR', 'Chargeable', 100)"
)
CLOSED_BY_SOMEBODY = (
    "INSERT INTO finance.proposal_event (company, proposal_id, act, actor, at)"
    " VALUES ('USPM', 50, 'nothing_to_bill', 'ada', '2026-11-01')"
)
MORE = (
    (
        "dimensions_are_known",
        """INSERT INTO finance.dimension_set (company, dimensions) VALUES ('USPM', '{"A":"B"}')""",
    ),
    (
        "billed_line_carries_the_dimensions_of_its_sale",
        "UPDATE finance.invoice_line SET dimension_set_id = 1 WHERE actual_id = 21",
    ),
    ("posting_chain_holds", "DELETE FROM finance.ledger_entry WHERE voucher = 'V2'"),
    ("posting_chain_holds", "DELETE FROM finance.ledger_entry WHERE voucher = 'V3'"),
    ("posting_chain_holds", "UPDATE finance.ledger_entry SET posting_id = 7 WHERE voucher = 'V2'"),
    ("posting_chain_holds", "DELETE FROM finance.posting WHERE chain_number = 1"),
    ("posting_chain_holds", "DELETE FROM finance.posting WHERE chain_number = 2"),
    ("posting_chain_holds", "UPDATE finance.posting SET posted_by = 'x' WHERE chain_number = 1"),
    ("posting_chain_holds", "UPDATE finance.posting SET hash = 'x' WHERE chain_number = 1"),
    ("posting_chain_holds", "UPDATE finance.posting_head SET hash = 'x'"),
    ("posting_chain_holds", "DELETE FROM finance.posting_head"),
    ("kept_balances_are_the_entries", "DELETE FROM finance.account_balance"),
    ("kept_balances_are_the_entries", "DELETE FROM finance.ledger_entry WHERE voucher = 'V2'"),
    ("invoiced_accrual_is_reversed", ADJUSTED),
    ("wip_is_accrued_less_invoiced", ADJUSTED),
    ("open_journal_has_lines", LINE_OF_A_DELETED_JOURNAL),
    (
        "opening_balances_stay_out_of_the_ledger",
        "INSERT INTO finance.brought_over_sale VALUES ('USPM', 20, 50, 11)",
    ),
    ("imported_actual_is_in_one_place", IMPORTED_NOWHERE),
    ("proposal_bills_its_billable_sales", "DELETE FROM finance.proposal_line WHERE actual_id = 21"),
    ("invoice_agrees_with_receivable", "DELETE FROM finance.customer_transaction"),
    ("posted_tax_is_the_tax_of_lines", "DELETE FROM finance.tax_transaction"),
    ("invoice_numbers_have_no_gaps", "UPDATE finance.customer_invoice SET invoice_number = 'I-x'"),
    ("staged_actual_refers_to_what_exists", "DELETE FROM dualwrite.inbox WHERE set_id = 100"),
    ("posted_proposal_is_invoiced", "UPDATE finance.proposal SET state = 'ready'"),
    (
        "voucher_belongs_to_one_document",
        "UPDATE finance.ledger_entry SET voucher = 'V9' WHERE voucher = 'V1'",
    ),
    ("credit_mirrors_what_it_credits", CREDIT.format(amount="-800", account=401500)),
    (
        "credit_mirrors_what_it_credits",
        CREDIT.format(amount="-800", account=401100).replace("'reversing'", "'replacing'"),
    ),
    (
        "credit_mirrors_what_it_credits",
        CREDIT.format(amount="-800", account=401100).replace("-50", "-49.99"),
    ),
    (
        "wip_is_what_is_not_invoiced",
        "UPDATE finance.proposal_line SET transaction_id = 10 WHERE actual_id = 20",
    ),
    (
        "transaction_is_billed_once",
        BILLED_AGAIN,
    ),
    (
        "retainer_is_on_account",
        REVENUE_OF_WORK,
    ),
    (
        "discount_is_posted_once",
        "UPDATE finance.staged_actual SET discount_amount = 1 WHERE actual_id = 20",
    ),
    ("imported_actual_is_in_one_place", FEE.format(id=11)),
    ("proposal_bills_its_billable_sales", FEE.format(id=20)),
    ("review_follows_its_history", CLOSED_BY_SOMEBODY),
    ("wip_is_accrued_less_invoiced", "UPDATE finance.invoice_line SET accrual_reversed_amount = 1"),
)
CASES = [
    *((name, plant.format(amount="reporting_amount")) for name, plant in PLANTED.items()),
    ("voucher_balances", PLANTED["voucher_balances"].format(amount="accounting_amount")),
    ("voucher_balances", PLANTED["voucher_balances"].format(amount="transaction_amount")),
    *MORE,
]


@pytest.fixture
def invoiced(books: Books) -> Books:
    books.given(INVOICED)
    return books


def broken(books: Books) -> dict[str, str]:
    with books.auditor_finance.reader() as reader:
        return {one.invariant: one.sentence for one in check_book(reader, "finance")}


def test_an_invoiced_book_holds_every_invariant(invoiced: Books) -> None:
    assert broken(invoiced) == {}


@pytest.mark.parametrize(("invariant", "plant"), CASES)
def test_a_violation_is_found(invoiced: Books, invariant: str, plant: str) -> None:
    with invoiced.owner_finance.raw() as connection:
        connection.execute(plant.encode())

    assert broken(invoiced)[invariant].endswith(".")


def test_every_invariant_of_finance_has_a_violation_here() -> None:
    files = {path.stem for path in (INVARIANTS / "finance").glob("*.sql")}

    assert files == PLANTED.keys()
