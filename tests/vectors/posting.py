"""Worked cases of posting: journals, invoices, the ledger, and what is written back."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any, Final

from tests.scenarios.support import Story, Work, finance_cast
from tests.support.clock import NOW
from tests.vectors.case import CONTRACTS, Case, compare_ledger, vector
from tests.vectors.proformas import with_milestones_of
from tests.vectors.staging import setup
from twofold.finance.journal.reads import list_journals
from twofold.finance.journal.update_to_draft import update_to_draft
from twofold.finance.setup.records import (
    CustomerAccounting,
    FinanceSetup,
    PostingRule,
    ProfileRule,
    TaxRate,
)

CUSTOMER: Final = "ADATUM"


def taxed(rate: object, **changes: Any) -> FinanceSetup:  # noqa: ANN401 - fields of the record
    """Give the cast's finance setup with its customer taxed at this rate."""
    company = finance_cast().company[0]
    rates = (TaxRate(date(2026, 1, 1), Decimal(str(rate))),)
    return setup(
        tax_codes=tuple(replace(code, rates=rates) for code in company.tax_codes),
        customers=(CustomerAccounting(CUSTOMER, tax_group="TAXED"),),
        **changes,
    )


@vector("AC-01")
def accrued_hour(case: Case) -> None:
    # An hour posts its cost, and accrues what it sells for.
    given = case.given
    profile = "TM_WIP" if given["accrue"] else "TM_NoWIP"
    rules = (ProfileRule("time_and_material", profile),)
    story = case.story(cost=given["cost"], bill=given["sales"], finance=setup(profile_rules=rules))
    story.approve(Work("ARM", given["hours"]))

    story.post_work()

    ledger = story.ledger()
    compare_ledger(ledger, case.expect["ledger"])
    revenue = -ledger["accrued_revenue"]
    recognised = {"revenue": revenue, "profit": revenue - ledger["cost"]}
    assert recognised == case.expect["recognised"]
    story.holds()


@vector("AC-02")
def accrual_reversed(case: Case) -> None:
    # The invoice takes the accrual back and recognises revenue.
    given = case.given
    story = case.story(bill=given["accrued"], finance=taxed(given["tax"]))
    story.approve(Work("ARM"))
    story.post_work()

    (invoice,) = story.invoice(story.draft(CONTRACTS["tm"]))

    found = story.in_finance(
        "SELECT posting_type::text AS type, accounting_amount AS acct FROM finance.ledger_entry"
        " WHERE voucher = %s",
        invoice.voucher,
    )
    wanted = case.expect["ledger"]
    assert sorted((row["type"], row["acct"]) for row in found) == sorted(
        (one["type"], one["acct"]) for one in wanted
    )
    story.holds()


@vector("AC-07")
def cost_of_hours(case: Case) -> None:
    # The profile decides where the cost of an hour goes: somewhere, later, or nowhere.
    projects = {
        "no_ledger": "NO-LEDGER",
        "balance": "BALANCE",
        "profit_and_loss": "PROFIT-LOSS",
        "never_ledger": "NEVER",
    }
    story = case.story(cost=case.given["cost"])
    story.approve(*(Work(projects[name]) for name in case.expect))

    story.post_work()

    posted = story.in_finance(
        "SELECT project.number, entry.posting_type::text, entry.accounting_amount"
        " FROM finance.ledger_entry AS entry JOIN finance.project USING (company, project_id)"
    )
    for name, wanted in case.expect.items():
        found = [
            f"{'dr' if row['accounting_amount'] > 0 else 'cr'} {row['posting_type']}"
            for row in posted
            if row["number"] == projects[name]
        ]
        assert sorted(found) == sorted(wanted), name
    assert {abs(row["accounting_amount"]) for row in posted} == {Decimal(case.given["cost"])}
    story.holds()


@vector("AC-09")
def milestone_posted(case: Case) -> None:
    # A milestone is revenue at once, or waits in the balance sheet, as its profile says.
    contracts = {"FP_NoWIP": "FIXED", "FP_CompP": "PERCENT"}
    story = case.story(
        operations=with_milestones_of(case.given["milestone"]),
        finance=taxed(case.given["tax_rate"]),
    )

    for profile, wanted in case.expect.items():
        story.ready(contract_id=story.contract_id(contracts[profile]))
        (draft,) = story.create(contracts[profile]).proformas
        (invoice,) = story.invoice([draft.proforma_id])
        compare_ledger(story.ledger(invoice.voucher), wanted)
    story.holds()


@vector("IM-07")
def bad_lines_move(case: Case) -> None:
    # Good lines are posted; bad ones wait in a journal of their own until somebody acts.
    given, wanted = case.given, case.expect
    company = finance_cast().company[0]
    missing = "wip_cost_value"
    accounts = tuple(one for one in company.posting_setup if one.posting_type != missing)
    story = case.story(finance=setup(posting_setup=accounts))
    good = Work("PROFIT-LOSS")
    bad = Work("BALANCE")
    story.approve(*[good] * (given["lines"] - given["invalid"]), *[bad] * given["invalid"])
    story.deliver()
    story.import_()
    (journal,) = story.draft_journals()

    posted = story.post_journal(journal)

    first, new = (one for one in journals(story).values())
    assert {"posted": posted.posted_count, "status": first.state} == wanted[given["journal"]]
    names = {first.number: given["journal"]}
    assert {
        "lines": new.line_count,
        "status": new.state,
        "original_journal": names[str(new.original_number)],
    } == wanted["new_journal"]
    assert bool(story.post_journals()) == wanted["auto_retry"]

    story.change_finance(posting_setup=(*accounts, PostingRule(missing, "1450")))
    with story.books.finance.transaction() as transaction:
        update_to_draft(
            transaction,
            company=story.company,
            journal_id=new.journal_id,
            actor="accountant",
            at=NOW,
        )
    assert wanted["after_update_to_draft"] == "retry"
    assert [one.posted_count for one in story.post_journals()] == [given["invalid"]]
    story.deliver()
    story.holds()


def journals(story: Story) -> dict[str, Any]:
    """Give the journals by number, oldest first."""
    with story.books.finance.reader() as reader:
        found = list_journals(reader, company=story.company)
    return {one.number: one for one in sorted(found, key=lambda one: one.journal_id)}


FIELDS: Final = {
    "accounting_currency_amount": "accounting_amount",
    "exchange_rate": "exchange_rate",
    "voucher_number": "voucher",
    "sales_tax_amount": "sales_tax_amount",
}


@vector("IM-14")
def written_back(case: Case) -> None:
    # What posting found out reaches the actual: of a journal line, and of a proposal.
    story = case.story(finance=taxed(10))
    assert case.given["posted"] == ["integration journal line", "proposal"]
    story.approve(Work("ARM", 8))
    story.post_work()
    story.invoice(story.draft(CONTRACTS["tm"]))

    columns = [FIELDS[name] for name in case.expect["fields"]]
    here = story.in_operations("SELECT * FROM operations.actual_accounting ORDER BY actual_id")
    there = story.in_finance("SELECT * FROM finance.accounting_detail ORDER BY actual_id")

    assert len(here) == 3  # cost and sale of the journal, bill of the proposal
    assert [[row[name] for name in columns] for row in here] == [
        [row[name] for name in columns] for row in there
    ]
    assert all(row[name] is not None for row in here for name in columns)
    story.holds()
