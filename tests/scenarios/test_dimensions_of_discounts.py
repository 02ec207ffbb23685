"""Dimensions of work that is sold with a discount and a fee: every entry has those of its line.

Work and fee of the project carry its dimensions, and so do revenue, tax and the discount that is
posted on its own; the allocation of payroll carries the worker's, the receivable the customer's.
"""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from typing import Final

import pytest

from tests.scenarios.conftest import Tell
from tests.scenarios.discounted import GROSS, NET, agreed, posting
from tests.scenarios.support import Story, Work
from tests.support.clock import NOW
from twofold.finance.journal.adjust_accounting import Adjustment, adjust_accounting
from twofold.finance.posting.invoices import PostedInvoice
from twofold.finance.posting.trace import proposal_journals
from twofold.finance.proposals.delete_lines import delete_lines
from twofold.finance.proposals.document import read_document
from twofold.finance.proposals.edit_taxes import edit_taxes
from twofold.finance.proposals.line_taxes import TaxGroups
from twofold.finance.setup.dimension_records import (
    AccountStructure,
    AllowedValues,
    DefaultDimension,
    DimensionAttribute,
)
from twofold.finance.setup.records import FinanceSetup
from twofold.kernel.errors import Refused
from twofold.operations.proforma.edit_details import DetailChange


def structured(how: str) -> FinanceSetup:
    """Give a company whose revenue and work in progress must say who sold, and where."""
    (company,) = posting(how).company
    return FinanceSetup(
        (
            replace(
                company,
                dimension_attributes=(
                    DimensionAttribute("Dept", ("SALES", "STAFF", "NORTH", "BUYER")),
                    DimensionAttribute("Line", ("ARMS",)),
                ),
                account_structures=(
                    AccountStructure("sold", "4000", "4999", required=("Dept", "Line")),
                    AccountStructure("progress", "1470", "1470", required=("Dept", "Line")),
                    AccountStructure(
                        "owed", "1100", "1100", required=("Dept",), optional=("Line",)
                    ),
                    AccountStructure("other", "2000", "2999", optional=("Dept", "Line")),
                    AccountStructure(
                        "cost", "5000", "6999", required=("Dept",), optional=("Line",)
                    ),
                ),
                default_dimensions=(
                    DefaultDimension(project="ARM", dimensions={"Dept": "SALES", "Line": "ARMS"}),
                    DefaultDimension(resource="Bob Kozack", dimensions={"Dept": "STAFF"}),
                    DefaultDimension(contract="TM", payer="ADATUM", dimensions={"Dept": "BUYER"}),
                ),
            ),
        )
    )


def entries(story: Story) -> dict[tuple[str, str], Decimal]:
    """Add up the ledger by account and dimensions; what comes to nothing is left out."""
    found = story.in_finance("""
        SELECT
            entry.account, coalesce(own.label, '') AS label, sum(entry.accounting_amount) AS amount
        FROM finance.ledger_entry AS entry
        LEFT JOIN finance.dimension_set AS own USING (company, dimension_set_id)
        GROUP BY entry.account, own.label
        HAVING sum(entry.accounting_amount) <> 0 OR sum(entry.transaction_amount) <> 0
    """)
    return {(row["account"], row["label"]): row["amount"] for row in found}


# What each stage leaves in the ledger: account, dimensions, amount. 1470 is work in progress, 4200
# accrued revenue, 4010 fees, 4300 discounts, 1100 the receivable.
SOLD: Final = "Dept SALES, Line ARMS"
COSTS: Final = {
    ("5000", SOLD): Decimal(500),
    ("6000", "Dept STAFF, Line ARMS"): Decimal(-500),
}
OWED: Final = ("1100", "Dept BUYER, Line ARMS")


def ledger(sold: str = SOLD, **amounts: str) -> dict[tuple[str, str], Decimal]:
    """Give what is expected besides the costs: ``a4000`` is account 4000, on these dimensions."""
    found = {(account[1:], sold): Decimal(amount) for account, amount in amounts.items()}
    if ("1100", sold) in found:
        found[OWED] = found.pop(("1100", sold))
    return {**COSTS, **found}


def stages(how: str, sold: str) -> tuple[dict[tuple[str, str], Decimal], ...]:
    """Give the ledger after posting, after the invoice, and after a credit of two hours of five."""
    if how == NET:
        return (
            ledger(sold, a1470="950", a4200="-950"),
            ledger(sold, a1100="1045", a2100="-95", a4000="-900", a4010="-50"),
            ledger(sold, a1100="627", a2100="-57", a4000="-540", a4010="-30"),
        )
    return (
        ledger(sold, a1470="1050", a4200="-1050"),
        ledger(sold, a1100="1045", a2100="-95", a4000="-1000", a4010="-50", a4300="100"),
        ledger(sold, a1100="627", a2100="-57", a4000="-600", a4010="-30", a4300="60"),
    )


def reopened(how: str) -> dict[tuple[str, str], Decimal]:
    """Give what two hours that are open again have in progress: they are new, with the defaults."""
    amount = {NET: "380", GROSS: "420"}[how]
    return {
        ("1470", SOLD): Decimal(amount),
        ("4200", SOLD): -Decimal(amount),
    }


def adjust(story: Story, *actual_ids: int, **dimensions: str) -> None:
    """Give posted transactions other dimensions; a fee goes by its sale, negated."""
    with story.books.finance.transaction() as transaction:
        adjust_accounting(
            transaction,
            company=story.company,
            adjustment=Adjustment(actual_ids=actual_ids, dimensions=dimensions, reason="Moved"),
            actor="accountant",
            at=NOW,
        )


def billed(story: Story) -> int:
    """Bill five hours that are posted, up to the lines of the proposal; give it."""
    story.approve(Work("ARM", 5))
    story.post_work()
    (draft,) = story.draft("TM")
    story.confirm([draft])
    assert story.import_().ready_proposal_ids == (draft,)
    return draft


def delete_all(story: Story, proposal_id: int) -> None:
    """Delete the lines of a proposal."""
    with story.books.finance.transaction() as transaction:
        delete_lines(
            transaction,
            company=story.company,
            proposal_id=proposal_id,
            revision=None,
            actor="accountant",
            at=NOW,
        )


def sale_with_fee(story: Story) -> tuple[int, int]:
    """Give the keys of the one posted sale and of its fee."""
    (row,) = story.in_finance(
        "SELECT -actual_id AS sale_id FROM finance.project_transaction WHERE actual_id < 0"
    )
    return row["sale_id"], -row["sale_id"]


def post(story: Story) -> PostedInvoice:
    """Import lines of what waits, post the one proposal that is ready, report back."""
    (invoice,) = story.post_proposals(story.import_().ready_proposal_ids)
    story.deliver()
    return invoice


@pytest.mark.parametrize("how", [NET, GROSS])
def test_every_entry_carries_the_dimensions_of_its_line(tell: Tell, how: str) -> None:
    posted, invoiced, credited = stages(how, SOLD)
    story = tell(operations=agreed(), finance=structured(how))
    story.approve(Work("ARM", 5))

    story.post_work()
    assert entries(story) == posted

    (draft,) = story.draft("TM")
    story.invoice([draft])
    assert entries(story) == invoiced

    story.correct(draft, DetailChange(quantity=Decimal(3)))
    assert entries(story) == {**credited, **reopened(how)}

    (rest,) = story.draft("TM")
    story.invoice([rest])
    assert entries(story) == invoiced


@pytest.mark.parametrize("how", [NET, GROSS])
def test_lines_deleted_and_imported_again_carry_what_was_adjusted(tell: Tell, how: str) -> None:
    moved = "Dept NORTH, Line ARMS"
    posted, invoiced, _ = stages(how, moved)
    story = tell(operations=agreed(), finance=structured(how))
    draft = billed(story)

    delete_all(story, draft)
    assert story.in_finance("SELECT actual_id FROM finance.proposal_line") == []
    adjust(story, *sale_with_fee(story), Dept="NORTH")
    assert entries(story) == posted
    story.holds()

    post(story)
    assert entries(story) == invoiced
    story.holds()

    # The credit mirrors its invoice; the sales that take its place are new, with the defaults.
    story.correct(draft, DetailChange(quantity=Decimal(3)))
    assert entries(story) == {**stages(how, SOLD)[2], **reopened(how)}


def test_a_fee_may_have_other_dimensions_than_its_sale(tell: Tell) -> None:
    story = tell(operations=agreed(), finance=structured(GROSS))
    draft = billed(story)
    delete_all(story, draft)
    sale, _ = sale_with_fee(story)
    moved = "Dept NORTH, Line ARMS"

    adjust(story, sale, Dept="NORTH")
    assert entries(story) == {
        **ledger(moved, a1470="1000", a4200="-1000"), **ledger(a1470="50", a4200="-50"),
    }  # fmt: skip
    post(story)

    # Tax goes with what is taxed, the discount with the work it is given on.
    assert entries(story) == {
        **ledger(moved, a1100="1045", a2100="-90", a4000="-1000", a4300="100"),
        **ledger(a2100="-5", a4010="-50"),
    }  # fmt: skip


@pytest.mark.parametrize("account", ["4010", "4300"])
def test_the_accounts_of_fees_and_discounts_are_judged_by_their_structures(
    tell: Tell, account: str
) -> None:
    finance = structured(GROSS)
    (company,) = finance.company
    narrow = AccountStructure(
        "narrow", account, account, required=("Dept",),
        allowed=(AllowedValues("Dept", ("NORTH",)),), optional=("Line",),
    )  # fmt: skip
    around = tuple(
        replace(one, structure=name, account_from=first, account_to=last)
        for one in company.account_structures
        if one.structure == "sold"
        for name, first, last in (
            ("below", "4000", str(int(account) - 1)),
            ("above", str(int(account) + 1), "4999"),
        )
    )
    others = tuple(one for one in company.account_structures if one.structure != "sold")
    story = tell(
        operations=agreed(),
        finance=FinanceSetup((replace(company, account_structures=(*others, *around, narrow)),)),
    )
    draft = billed(story)
    before = story.digest()

    with pytest.raises(Refused) as refused:
        story.post_proposals([draft])

    assert set(refused.value.codes) == {"ERR-J04"}
    assert {account in str(one) for one in refused.value.refusals} == {True}
    assert story.digest() == before


def test_a_fee_is_taxed_anew_with_its_proposal(tell: Tell) -> None:
    story = tell(operations=agreed(), finance=structured(NET))
    draft = billed(story)

    edit_taxes_of(story, draft, TaxGroups(tax_group="", class_="fee"))
    assert taxes(story, draft) == {"time": 90, "fee": 0, "header": 90}

    edit_taxes_of(story, draft, TaxGroups(tax_group="TAXED"))
    assert taxes(story, draft) == {"time": 90, "fee": 5, "header": 95}

    edit_taxes_of(story, draft, TaxGroups(tax_group="", class_="time"))
    assert taxes(story, draft) == {"time": 0, "fee": 5, "header": 5}
    story.holds()

    (invoice,) = story.post_proposals([draft])
    story.deliver()
    assert (invoice.net_amount, invoice.tax_amount) == (950, 5)


def edit_taxes_of(story: Story, proposal_id: int, groups: TaxGroups) -> None:
    """Give lines of a proposal tax groups."""
    with story.books.finance.transaction() as transaction:
        edit_taxes(
            transaction,
            company=story.company,
            proposal_id=proposal_id,
            revision=None,
            groups=groups,
            actor="accountant",
            at=NOW,
        )


def taxes(story: Story, proposal_id: int) -> dict[str, Decimal]:
    """Give the tax of a proposal by class, and that of its header."""
    (header,) = story.in_finance(
        "SELECT tax_amount FROM finance.proposal WHERE proposal_id = %s", proposal_id
    )
    lines = story.in_finance(
        "SELECT CASE WHEN actual_id < 0 THEN 'fee' ELSE 'time' END AS class, tax_amount"
        " FROM finance.proposal_line WHERE proposal_id = %s",
        proposal_id,
    )
    return {
        **{row["class"]: row["tax_amount"] for row in lines},
        "header": header["tax_amount"],
    }


@pytest.mark.parametrize("how", [NET, GROSS])
def test_the_document_shows_fees_and_comes_to_the_net_amount(tell: Tell, how: str) -> None:
    story = tell(operations=agreed(), finance=structured(how))
    draft = billed(story)
    story.post_proposals([draft])
    story.deliver()

    with story.books.auditor_finance.reader() as reader:
        document = read_document(reader, company=story.company, proposal_id=draft)

    assert document is not None
    assert [(one.class_, one.quantity, one.price, one.amount) for one in document.lines] == [
        ("time", 5, 200, 900),
        ("fee", 1, 50, 50),
    ]
    assert [(one.class_, one.line_count, one.amount) for one in document.sections] == [
        ("time", 1, 900),
        ("fee", 1, 50),
    ]
    assert sum(one.amount for one in document.lines) == document.header.net_amount


def test_the_trace_counts_the_fee_of_a_sale(tell: Tell) -> None:
    story = tell(operations=agreed(), finance=structured(NET))
    draft = billed(story)

    with story.books.auditor_finance.reader() as reader:
        (journal,) = proposal_journals(reader, company=story.company, proposal_id=draft)

    assert (journal.line_count, journal.accrued_amount) == (2, 950)
