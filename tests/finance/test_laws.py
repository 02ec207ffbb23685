"""Laws of finance over generated work and steps: tax and balances add up, facts stay.

Each example empties what was posted and begins anew in the same company.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable
from contextlib import suppress
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from typing import Final

import pytest
from hypothesis import given
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
    run_proposals,
)
from tests.finance.dimensions import rows
from tests.finance.laws import CLEAN, LAW
from tests.finance.review import holds
from tests.support.books import Books
from tests.support.clock import NOW
from twofold.finance.journal.adjust_accounting import Adjustment, adjust_accounting
from twofold.finance.journal.delete import delete_lines as delete_journal_lines
from twofold.finance.journal.edit_lines import LineChange, edit_lines
from twofold.finance.ledger.reads import trial_balance
from twofold.finance.proposals.delete_lines import delete_lines
from twofold.finance.proposals.edit_header import HeaderChange, edit_header
from twofold.finance.proposals.edit_taxes import edit_taxes
from twofold.finance.proposals.line_taxes import TaxGroups
from twofold.kernel.errors import Refused


@pytest.fixture
def company(books: Books) -> Books:
    books.given(SETUP)
    books.given("""
        finance.project_accounting
        company  project_number  project_group
        USPM     P-1             Small
        USPM     P-2             Small

        finance.dimension_value
        company  attribute  value
        USPM     Dept       D1
        USPM     Dept       D2
    """)
    return books


# ---- tax, balances, and posting once

cents = st.integers(-900_000, 900_000).map(lambda number: Decimal(number) / 100)


def post_all_journals(company: Books) -> None:
    for (journal_id,) in rows(company, "SELECT journal_id FROM finance.journal"):
        assert isinstance(journal_id, int)
        run_journal(company, journal_id)


STEPS: Final[dict[str, Callable[[Books], object]]] = {
    "import": run_import,
    "journal": post_all_journals,
    "proposal": lambda company: run_proposals(company, 7),
}


def cent(amount: Decimal) -> Decimal:
    return amount.quantize(Decimal("0.01"), rounding=ROUND_HALF_UP)


@given(
    amounts=st.lists(cents, min_size=1, max_size=8),
    rate=st.integers(0, 300_000).map(lambda number: Decimal(number) / 10_000),
    steps=st.lists(st.sampled_from(sorted(STEPS)), max_size=8),
)
@LAW
def test_in_whatever_order_and_however_often_an_invoice_is_posted_once_and_adds_up(
    company: Books, amounts: list[Decimal], rate: Decimal, steps: list[str]
) -> None:
    clear(company, CLEAN)
    change(company, "UPDATE finance.tax_rate SET rate = %s WHERE tax_code = 'STATE'", str(rate))
    arrive(
        company,
        "actual_id  amount\n" + "\n".join(f"{n}  {a}" for n, a in enumerate(amounts, start=1)),
    )
    keys = range(1, len(amounts) + 1)
    bill(company, 7, {100 + key: key for key in keys})

    for step in [*steps, "import", "journal", "import", "proposal", *steps]:
        with suppress(Refused):
            STEPS[step](company)

    # Tax per code is the sum of the lines' taxes, within half a cent a line of the tax of the base.
    ((code, base, tax),) = rows(
        company, "SELECT tax_code, base_amount, tax_amount FROM finance.tax_transaction"
    )
    assert (code, base) == ("STATE", sum(amounts))
    assert isinstance(tax, Decimal)
    assert tax == sum(cent(amount * rate / 100) for amount in amounts)
    assert abs(tax - sum(amounts) * rate / 100) <= len(amounts) * Decimal("0.005")
    # The trial balance is what a fold over all entries gives; it balances, and no work is left
    # in progress.
    folded: defaultdict[str, Decimal] = defaultdict(Decimal)
    for account, amount in rows(
        company, "SELECT account, accounting_amount FROM finance.ledger_entry"
    ):
        assert isinstance(amount, Decimal)
        folded[str(account)] += amount
    with company.auditor_finance.reader() as reader:
        balance = trial_balance(
            reader, company="USPM", period_from=date(2026, 1, 1), period_to=date(2026, 12, 31)
        )
    assert {one.account: one.closing_amount for one in balance.accounts} == folded
    assert sum(folded.values()) == 0
    assert (folded["1300"], folded["4200"]) == (0, 0)
    assert folded["4100"] == -sum(amounts)
    assert folded["1100"] == sum(amounts) + tax
    holds(company)


# ---- facts


def adjust(company: Books) -> None:
    with finance_of(company) as transaction:
        adjust_accounting(
            transaction,
            company="USPM",
            adjustment=Adjustment(actual_ids=(2, 3), dimensions={"Dept": "D1"}, reason="moved"),
            actor="ada",
            at=NOW,
        )


def edit(company: Books) -> None:
    with finance_of(company) as transaction:
        edit_lines(
            transaction,
            company="USPM",
            journal_id=1,
            change=LineChange(tax_group="STATEONLY", dimensions={"Dept": "D2"}),
            actual_ids=(2,),
            actor="ann",
            at=NOW,
        )


def delete_draft(company: Books) -> None:
    with finance_of(company) as transaction:
        delete_journal_lines(
            transaction, company="USPM", journal_id=1, actual_ids=None, actor="ada", at=NOW
        )


def empty(company: Books) -> None:
    with finance_of(company) as transaction:
        delete_lines(transaction, company="USPM", proposal_id=7, revision=None, actor="ada", at=NOW)


def redate(company: Books) -> None:
    with finance_of(company) as transaction:
        edit_header(
            transaction,
            company="USPM",
            proposal_id=7,
            revision=None,
            change=HeaderChange(invoice_date=date(2026, 11, 20)),
            actor="ada",
            at=NOW,
        )


def retax(company: Books) -> None:
    with finance_of(company) as transaction:
        edit_taxes(
            transaction,
            company="USPM",
            proposal_id=7,
            revision=None,
            groups=TaxGroups(tax_group="DOM", item_tax_group="FULL"),
            actor="ada",
            at=NOW,
        )


ACTIONS: Final[dict[str, Callable[[Books], object]]] = {
    "import": run_import,
    "edit lines": edit,
    "delete journal": delete_draft,
    "post journal": lambda company: run_journal(company, 1),
    "adjust": adjust,
    "delete lines": empty,
    "date": redate,
    "tax": retax,
    "post proposal": lambda company: run_proposals(company, 7),
}
# What operations said, as it stands in the finance book.
FACTS: Final = (
    "SELECT 'actual', staged_actual::text FROM finance.staged_actual",
    "SELECT 'connection', staged_connection::text FROM finance.staged_connection",
    "SELECT 'contract', contract::text FROM finance.contract",
    "SELECT 'line', contract_line::text FROM finance.contract_line",
    "SELECT 'project', project::text FROM finance.project",
    "SELECT 'customer', customer::text FROM finance.customer",
    (
        "SELECT 'proposal', (proposal_id, number, name, description, contract_id, customer_id,"
        " currency, payment_terms, bill_to_name, accounting_date, confirmed_at, first_actual_id,"
        " last_actual_id, billable_count, billable_hash)::text FROM finance.proposal"
    ),
)


def facts(company: Books) -> list[tuple[object, ...]]:
    return sorted((row for statement in FACTS for row in rows(company, statement)), key=str)


@given(steps=st.lists(st.sampled_from(sorted(ACTIONS)), max_size=14))
@LAW
def test_nothing_an_accountant_does_changes_what_operations_said(
    company: Books, steps: list[str]
) -> None:
    clear(company, CLEAN)
    change(company, "UPDATE finance.number_sequence SET next_number = 1")
    change(company, "SELECT setval('finance.journal_key', 1, false)")
    arrive(company, """
        actual_id  transaction_type  amount
        1          cost              10
        2          unbilled_sales    40.10
        3          unbilled_sales    7
    """)  # fmt: skip
    bill(company, 7, {102: 2, 103: 3})
    before = facts(company)

    for step in ["import", *steps]:
        with suppress(Refused):
            ACTIONS[step](company)

    assert facts(company) == before
    lines = rows(company, "SELECT amount FROM finance.proposal_line ORDER BY actual_id")
    assert lines in ([], [(Decimal("40.10"),), (Decimal(7),)])
    holds(company)
