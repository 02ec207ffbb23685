"""A contract that two customers pay: two proformas, two invoices, and nothing lost between them."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import pytest

from tests.scenarios.support import CAST, Story, Work, finance_changed, operations_cast
from tests.support.books import Books
from tests.support.clock import NOW
from twofold.finance.setup.records import CustomerAccounting
from twofold.operations.entries.change_approval import change_approval
from twofold.operations.setup.file import read_setup
from twofold.operations.setup.records import OperationsSetup

PARTNER = """
[[company.customer]]
account = "CONTOSO"
name = "Contoso Ltd"
currency = "USD"
payment_terms = "D30"

[[company.contract]]
number = "TM"
"""
# Adatum pays 60 percent and the rounding, Contoso 40.
PAYERS = """
[[company.contract.payer]]
account = "ADATUM"
percent = 60
rounding = true

[[company.contract.payer]]
account = "CONTOSO"
percent = 40
bill_to_name = "Contoso, Accounts Payable"
payment_terms = "D30"
"""


def shared_setup(folder: Path) -> OperationsSetup:
    """Give the cast's setup with contracts TM and FIXED paid by two customers."""
    text = (CAST / "operations.toml").read_text(encoding="utf-8")
    text = text.replace('\n[[company.contract]]\nnumber = "TM"\n', PARTNER, 1)
    for name in ("Arm installation", "Robot cell"):
        line = f'\n[[company.contract.line]]\nnumber = 1\nname = "{name}"'
        assert line in text
        text = text.replace(line, PAYERS + line)
    path = folder / "operations.toml"
    path.write_text(text, encoding="utf-8")
    return read_setup(path)


@pytest.fixture
def story(books: Books, tmp_path: Path) -> Story:
    """Give both books with two payers; only Adatum is taxed."""
    customers = (CustomerAccounting("ADATUM", tax_group="TAXED"),)
    return Story(
        books,
        operations=shared_setup(tmp_path),
        finance=finance_changed(customers=customers),
    )


def test_two_customers_pay_odd_hours_to_the_cent(story: Story) -> None:
    entries = story.record(
        Work("ARM", Decimal("7.33")),
        Work("ARM", Decimal("0.01")),
        Work("ARM", Decimal("3.17")),
        Work("ARM", cls="expense", category="Travel", quantity=Decimal("1"), unit_price=99),
        Work("ARM", cls="fee", category="Licence fee", quantity=3),
    )
    with story.books.operations.transaction() as transaction:
        change_approval(
            transaction,
            company=story.company,
            entry_id=entries[2],
            billable_quantity=Decimal("2.05"),
            actor="ann",
            at=NOW,
        )
    story.approve_entries(entries)
    story.post_work()
    story.holds()
    drafts = story.draft("TM")
    found = story.in_operations(
        "SELECT account, detail_amount, proforma.payment_terms, bill_to_name"
        " FROM operations.proforma JOIN operations.customer USING (company, customer_id)"
        " ORDER BY account"
    )
    # 2.93 + 0.00 + 0.82 hours, 0.4 travel, 1.2 licences are Contoso's 40 percent.
    contoso = Decimal("2.93") * 200 + Decimal("0.82") * 200 + Decimal("39.60") + Decimal("119.40")
    adatum = (
        Decimal("4.40") * 200 + 2 + Decimal("1.23") * 200 + Decimal("59.40") + Decimal("179.10")
    )
    assert [tuple(row.values()) for row in found] == [
        ("ADATUM", adatum, "D14", "Adatum Corporation"),
        ("CONTOSO", contoso, "D30", "Contoso, Accounts Payable"),
    ]
    whole = Decimal("7.33") + Decimal("0.01") + Decimal("2.05")
    assert adatum + contoso == whole * 200 + 99 + Decimal("298.50")

    invoices = story.invoice(drafts)

    assert sorted(one.net_amount for one in invoices) == sorted([adatum, contoso])
    assert sorted(one.tax_amount for one in invoices) == [0, round(adatum / 10, 2)]
    funded = story.in_finance(
        "SELECT invoice_name, funding_source.payment_terms FROM finance.funding_source"
        " JOIN finance.contract USING (company, contract_id) WHERE contract.number = 'TM'"
        " ORDER BY invoice_name"
    )
    assert [tuple(row.values()) for row in funded] == [
        ("Adatum Corporation", "D14"), ("Contoso, Accounts Payable", "D30"),
    ]  # fmt: skip
    story.holds()


def test_one_customer_s_share_is_billed_and_the_other_s_stays_open(story: Story) -> None:
    story.approve(Work("ARM", 5))
    story.post_work()
    adatum, contoso = story.in_operations(
        "SELECT actual_id, customer_id, quantity FROM operations.backlog_item ORDER BY actual_id"
    )
    story.ready(actual_ids=(contoso["actual_id"],))

    (invoice,) = story.invoice([one.proforma_id for one in story.create("TM").proformas])

    assert invoice.net_amount == 400
    open_work = story.in_operations(
        "SELECT actual_id, quantity, state FROM operations.backlog_item"
    )
    assert [tuple(row.values()) for row in open_work] == [(adatum["actual_id"], 3, "created")]
    story.holds()


def test_a_split_cancelled_before_billing_leaves_nothing_behind(story: Story) -> None:
    entries = story.approve(Work("ARM", Decimal("7.77")))
    story.post_work()

    story.cancel(entries)

    story.post_work()
    assert story.ledger() == {}
    assert story.in_operations("SELECT actual_id FROM operations.backlog_item") == []
    story.holds()


def test_a_milestone_travels_and_is_invoiced_in_parts(story: Story) -> None:
    parts = story.in_finance(
        "SELECT account, amount FROM finance.on_account_transaction"
        " JOIN finance.customer USING (company, customer_id)"
        " JOIN finance.contract USING (company, contract_id)"
        " WHERE contract.number = 'FIXED' ORDER BY account"
    )
    assert [tuple(row.values()) for row in parts] == [("ADATUM", 3000), ("CONTOSO", 2000)]

    invoices = story.invoice(story.draft("FIXED"))

    assert sorted(one.net_amount for one in invoices) == [2000, 3000]
    (header,) = story.in_operations(
        "SELECT amount, part_count, milestone_header.state::text FROM operations.milestone_header"
        " JOIN operations.contract USING (company, contract_id) WHERE contract.number = 'FIXED'"
    )
    assert header == {"amount": 5000, "part_count": 2, "state": "completed"}
    story.holds()


def test_the_contract_s_customer_changes_and_the_former_one_still_pays(story: Story) -> None:
    # S-7: a primary row comes in beside the former one; what was agreed of lines stays.
    contracts = tuple(
        replace(one, customer="NORTHWIND") if one.number == "MIXED" else one
        for one in operations_cast().contracts
    )
    story.set_up_operations(replace(story.operations, contracts=contracts))
    story.deliver()

    payers = story.in_operations(
        "SELECT account, split_percent, is_rounding, is_primary"
        " FROM operations.contract_customer AS payer"
        " JOIN operations.customer USING (company, customer_id)"
        " JOIN operations.contract ON contract.contract_id = payer.contract_id"
        " WHERE contract.number = 'MIXED' ORDER BY account"
    )
    assert [tuple(row.values()) for row in payers] == [
        ("ADATUM", 100, True, False), ("NORTHWIND", 0, False, True),
    ]  # fmt: skip
    story.approve(Work("UPGRADE", 2))
    assert story.in_operations(
        "SELECT account FROM operations.backlog_item"
        " JOIN operations.customer USING (company, customer_id)"
    ) == [{"account": "ADATUM"}]
    story.holds()
