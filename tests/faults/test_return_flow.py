"""The way back: what finance posted comes back whole, unchanged, and never undoes a posting."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from tests.dualwrite.planted import back as back_route
from tests.faults.checker import broken_promises
from tests.scenarios.conftest import Tell, story, tell
from tests.scenarios.support import Story, Work, finance_changed
from tests.support.clock import NOW, TODAY
from twofold.database.connection import Book
from twofold.database.invariants import check
from twofold.dualwrite.sets.wake import wake_awaiting
from twofold.finance.posting.post import post_proposals
from twofold.finance.setup.records import CustomerAccounting, FixedRateAgreement

__all__ = ["story", "tell"]


class PowerCut(Exception):
    """Something between the posting and its commit."""


def change(book: Book, *statements: str) -> None:
    """Do what no role may do, as owner."""
    with book.raw() as connection:
        for statement in statements:
            connection.execute(statement.encode())


def ready(story: Story, *contracts: str) -> tuple[int, ...]:
    """Confirm and import what is ready; give the proposals to post."""
    story.confirm(story.draft(*contracts))
    return story.import_().ready_proposal_ids


def broken(story: Story) -> set[str]:
    """Name the invariants and agreements that do not hold."""
    with (
        story.books.owner_operations.reader() as operations,
        story.books.owner_finance.reader() as finance,
    ):
        return {one.invariant for one in check(operations=operations, finance=finance)}


def returned(story: Story) -> list[tuple[Any, ...]]:
    """Give what operations knows of its billed sales, in the order of the actuals."""
    rows = story.in_operations(
        "SELECT actual.amount, detail.accounting_amount, detail.exchange_rate,"
        " detail.sales_tax_amount, detail.voucher"
        " FROM operations.actual JOIN operations.actual_accounting AS detail"
        " USING (company, actual_id)"
        " WHERE actual.transaction_type = 'billed_sales' ORDER BY actual_id"
    )
    return [tuple(row.values()) for row in rows]


@pytest.mark.fault("F144")
def test_a_posting_that_is_rolled_back_leaves_nothing_to_return(story: Story) -> None:
    story.approve(Work("ARM", 8))
    story.post_work()
    proposals = ready(story, "TM")
    before = story.digest()

    def post_and_break() -> None:
        with story.books.finance.transaction() as transaction:
            post_proposals(
                transaction,
                company=story.company,
                proposal_ids=proposals,
                actor="accountant",
                at=NOW,
                invoice_date=None,
            )
            assert len(transaction.sets) == 1, "there was a set to return"
            raise PowerCut

    with pytest.raises(PowerCut):
        post_and_break()

    assert story.digest() == before
    story.deliver()
    assert returned(story) == []
    # The same invoice is posted afterwards, with the number that was drawn and given back.
    (invoice,) = story.post_proposals(proposals)
    story.deliver()
    assert (invoice.invoice_number, len(returned(story))) == ("INV07001", 1)


@pytest.mark.fault("F145")
def test_a_return_that_operations_refuses_is_a_dead_letter_and_never_undoes_the_posting(
    story: Story,
) -> None:
    story.approve(Work("ARM", 8))
    story.post_work()
    change(
        story.books.owner_operations,
        "ALTER TABLE operations.customer_invoice ADD CONSTRAINT no_invoice_of_november"
        " CHECK (invoice_date < '2026-11-01')",
    )
    (invoice,) = story.post_proposals(ready(story, "TM"))
    ledger = story.ledger()

    _, back = story.deliver_what_can()

    (problem,) = back.problems
    assert (problem.code, problem.state) == ("ERR-D18", "stopped")
    assert "no_invoice_of_november" in str(problem)
    # All or nothing, on the way back too: not even the accounting detail is there.
    assert returned(story) == []
    assert story.in_operations("SELECT FROM operations.customer_invoice") == []
    assert story.in_finance("SELECT state::text FROM finance.proposal") == [{"state": "posted"}]
    assert story.ledger() == ledger
    (letter,) = story.in_finance("SELECT state::text, code, problem FROM dualwrite.pending")
    assert (letter["state"], letter["code"]) == ("stopped", "ERR-D18")
    assert not broken_promises(story.books)

    change(
        story.books.owner_operations,
        "ALTER TABLE operations.customer_invoice DROP CONSTRAINT no_invoice_of_november",
    )
    change(
        story.books.owner_finance,
        "UPDATE dualwrite.pending SET state = 'waiting', next_attempt_at = NULL",
    )
    story.deliver()
    assert [row[4] for row in returned(story)] == [invoice.voucher]


@pytest.mark.fault("F146")
def test_a_contract_posted_in_two_invoices_comes_back_with_both_vouchers(story: Story) -> None:
    story.approve(Work("ARM", 8))
    story.post_work()
    (first,) = story.invoice(story.draft("TM"))
    story.approve(Work("ARM", 3))
    story.post_work()
    (second,) = story.invoice(story.draft("TM"))

    assert [(row[0], row[4]) for row in returned(story)] == [
        (1600, first.voucher),
        (600, second.voucher),
    ]
    found = story.in_operations(
        "SELECT invoice_number, total_amount FROM operations.customer_invoice"
        " ORDER BY invoice_number"
    )
    assert [tuple(row.values()) for row in found] == [
        (first.invoice_number, 1600),
        (second.invoice_number, 600),
    ]
    # Each unbilled sale was accrued with a voucher of its own; it keeps that one.
    vouchers = story.in_operations("SELECT voucher FROM operations.actual_accounting")
    assert len({row["voucher"] for row in vouchers}) == len(vouchers) == 6


@pytest.mark.fault("F148")
def test_tax_that_posting_works_out_comes_back_and_nothing_is_written_over(tell: Tell) -> None:
    story = tell(
        finance=finance_changed(customers=(CustomerAccounting("ADATUM", tax_group="TAXED"),))
    )
    story.approve(Work("ARM", 8), Work("ARM", Decimal("0.25")))
    story.post_work()
    drafts = story.draft("TM")
    (confirmed,) = story.confirm(drafts).proformas
    assert confirmed.detail_amount == 1650
    planned = story.in_operations("SELECT tax_amount, total_amount FROM operations.proforma")

    (invoice,) = story.post_proposals(story.import_().ready_proposal_ids)
    story.deliver()

    assert invoice.tax_amount == 165
    assert [row[3] for row in returned(story)] == [160, 5]
    # The proforma keeps what it said; what finance charged stands beside it.
    assert (
        story.in_operations("SELECT tax_amount, total_amount FROM operations.proforma") == planned
    )
    assert planned == [{"tax_amount": 0, "total_amount": 1650}]
    (posted,) = story.in_operations(
        "SELECT tax_amount, total_amount FROM operations.customer_invoice"
    )
    assert (posted["tax_amount"], posted["total_amount"]) == (165, 1815)


@pytest.mark.fault("F149")
@pytest.mark.parametrize("rate", [Decimal(131), Decimal("127.123456789")])
def test_the_rate_that_comes_back_is_the_rate_that_was_posted(tell: Tell, rate: Decimal) -> None:
    agreed = FixedRateAgreement("POUNDS", "GBP", rate)
    story = tell(finance=finance_changed(fixed_rate_agreements=(agreed,)))
    story.approve(*(Work("ROLLOUT", Decimal(tenths) / 10) for tenths in (1, 3, 7, 80)))
    story.post_work()

    (invoice,) = story.invoice(story.draft("POUNDS"))

    rows = returned(story)
    assert [row[0] for row in rows] == [25, 75, 175, 2000]
    for amount, accounting_amount, exchange_rate, _, voucher in rows:
        assert (exchange_rate, voucher) == (rate, invoice.voucher)
        # Rounded half away from zero to the cent of the accounting currency.
        cents = (amount * rate).quantize(Decimal(1))
        assert abs(accounting_amount * 100 - cents) <= Decimal(1)
        assert abs(accounting_amount - amount * rate / 100) <= Decimal("0.005")
    posted = story.in_finance("SELECT DISTINCT exchange_rate FROM finance.invoice_line")
    assert posted == [{"exchange_rate": rate}]


@pytest.mark.fault("F150")
def test_a_voucher_that_is_missing_is_listed_whatever_its_age(story: Story) -> None:
    story.approve(Work("ARM", 8))
    story.post_work()
    story.invoice(story.draft("TM"))
    assert broken(story) == set()

    change(
        story.books.owner_operations,
        "DELETE FROM operations.actual_accounting WHERE actual_id = 2",
    )
    for book in (story.books.owner_operations, story.books.owner_finance):
        change(book, "UPDATE dualwrite.outbox SET created_at = '1999-01-01'")

    assert "agree_accounting_detail" in broken(story)
    # Put back, so that the story ends in order.
    change(
        story.books.owner_operations,
        "UPDATE dualwrite.outbox SET created_at = '2026-11-02'",
    )
    (detail,) = story.in_finance(
        "SELECT voucher, accounting_date, accounting_amount, exchange_rate, sales_tax_amount"
        " FROM finance.accounting_detail WHERE actual_id = 2"
    )
    with story.books.owner_operations.raw() as connection:
        connection.execute(
            "INSERT INTO operations.actual_accounting VALUES ('USPM', 2, %s, %s, %s, %s, %s)",
            tuple(detail.values()),
        )


@pytest.mark.fault("F151")
def test_a_return_for_an_invoice_operations_does_not_know_stops_that_key_only(
    story: Story,
) -> None:
    story.approve(Work("ARM", 8), Work("UPGRADE", 4))
    story.post_work()
    proposals = ready(story, "TM", "MIXED")
    change(
        story.books.owner_operations,
        "CREATE TABLE operations.put_aside AS SELECT proforma.* FROM operations.proforma"
        " JOIN operations.contract USING (company, contract_id) WHERE contract.number = 'TM'",
        "DELETE FROM operations.proforma USING operations.put_aside AS lost"
        " WHERE proforma.company = lost.company AND proforma.proforma_id = lost.proforma_id",
    )
    (lost,) = story.rows(
        story.books.owner_operations, "SELECT proforma_id FROM operations.put_aside"
    )
    story.post_proposals(proposals)

    _, back = story.deliver_what_can()

    # The other invoice is back; this one waits on exactly the number operations lacks.
    assert [(one.code, one.state) for one in back.problems] == [("ERR-D05", "parked")]
    assert f"proforma {lost['proforma_id']}" in str(back.problems[0])
    assert len(story.in_operations("SELECT FROM operations.customer_invoice")) == 1
    assert story.in_finance(
        "SELECT count(*) AS posted FROM finance.proposal WHERE state = 'posted'"
    ) == [{"posted": 2}]

    change(
        story.books.owner_operations,
        "INSERT INTO operations.proforma SELECT * FROM operations.put_aside",
        "DROP TABLE operations.put_aside",
    )
    assert wake_awaiting(back_route(story.books)) == 1
    story.deliver()
    assert len(story.in_operations("SELECT FROM operations.customer_invoice")) == 2


@pytest.mark.fault("F017")
def test_the_way_back_writes_only_what_finance_owns(story: Story) -> None:
    """Every table of operations but those two is as it was before the return."""
    story.approve(Work("ARM", 8))
    story.post_work()
    proposals = ready(story, "TM")
    before = story.digest()
    story.post_proposals(proposals, invoice_date=TODAY)

    story.deliver()

    after = story.digest()
    changed = {name for name in before if before[name] != after[name]}
    of_operations = {name for name in changed if name.startswith("operations:operations.")}
    assert of_operations == {
        "operations:operations.actual_accounting",
        "operations:operations.customer_invoice",
    }
