"""Worked cases of costs that finance posts itself: general journals and vendor invoices."""

from __future__ import annotations

from decimal import Decimal

from tests.scenarios.costs import buying, marked_up, post_invoice_file, post_journal_file, take
from tests.scenarios.support import Story
from tests.vectors.case import CONTRACTS, PROJECTS, TYPES, Case, vector

SHORT = {name: short for short, name in TYPES.items()}


def in_journals(story: Story) -> list[dict[str, object]]:
    """Give what the integration journals hold, by type and amount."""
    found = story.in_finance(
        "SELECT staged_actual.transaction_type::text, staged_actual.amount"
        " FROM finance.journal_line"
        " JOIN finance.staged_actual USING (company, actual_id) ORDER BY actual_id"
    )
    return [{"type": SHORT[row["transaction_type"]], "amount": row["amount"]} for row in found]


@vector("GJ-01")
def cost_and_sales_of_a_general_journal(case: Case) -> None:
    # Both come to operations; only the sale comes back, and is invoiced like any other.
    story = case.story(finance=buying())
    line = case.given["line"]
    project = PROJECTS[case.given["contract_line"]]
    post_journal_file(story, f"2026-10-05,{project},{line['cost']},6500,{line['sales']},1,Crane")
    story.deliver()
    take(story)
    story.deliver()
    story.import_()

    lines = story.in_operations(
        "SELECT line.transaction_type::text, round(quantity * price, 2) AS amount"
        " FROM operations.entry_journal_line AS line ORDER BY line_number"
    )
    assert [
        {"type": SHORT[row["transaction_type"]], "amount": row["amount"]} for row in lines
    ] == case.expect["ops_journal_lines"]
    assert in_journals(story) == case.expect["integration_journal"]
    story.post_journals()
    story.deliver()
    (invoice,) = story.invoice(story.draft(CONTRACTS["tm"]))
    assert invoice.total_amount == line["sales"]
    assert story.ledger()["cost"] == line["cost"]
    story.holds()


@vector("TX-02")
def amounts_inclusive_of_tax(case: Case) -> None:
    # Given as: sales taxation rules applied or not, percent of the tax that is not deductible.
    story = case.story(finance=buying(), operations=marked_up(case.given["markup"]))
    for number, row in enumerate(case.expect["rows"]):
        applies_rules, percent = row["in"]
        story.set_up_finance(
            buying(rate=case.given["tax"], nondeductible=percent, tax_is_cost=applies_rules)
        )
        post_invoice_file(
            story,
            f"SUPPLY,{number},2026-10-05,ARM,{case.given['entered']},1,,VENDOR,BOUGHT,expense",
            prices_include_tax=True,
        )
        story.deliver()
        take(story)
        story.deliver()
        found = story.in_operations(
            "SELECT transaction_type::text, amount FROM operations.actual"
            " ORDER BY actual_id DESC LIMIT 2"
        )
        assert {one["transaction_type"]: one["amount"] for one in found} == {
            "cost": Decimal(str(row["cost"])),
            "unbilled_sales": Decimal(str(row["sales"])),
        }
    assert story.ledger()["vendor_balance"] == -3 * case.given["entered"]
    story.post_work()
    story.holds()


@vector("PC-01")
def a_charge_is_cost(case: Case) -> None:
    story = case.story(finance=buying())
    given = case.given

    posted = post_invoice_file(
        story, f"SUPPLY,1,2026-10-05,ARM,{given['net']},1,{given['item_charge']},,,expense"
    )

    assert posted.accounting_amount == case.expect["project_cost"]


@vector("PC-02")
def charges_of_goods_are_cost(case: Case) -> None:
    # Goods are bought for the project: there is no stock in between.
    story = case.story(finance=buying())
    rows = "\n".join(
        f"SUPPLY,1,2026-10-05,ARM,{one['price']},{one['qty']},{one['charge']},,,material"
        for one in case.given.values()
    )

    post_invoice_file(story, rows)

    found = story.in_finance("SELECT amount FROM finance.posted_cost ORDER BY line_number")
    assert [row["amount"] for row in found] == [
        Decimal(str(case.expect[name])) for name in case.given
    ]
    story.deliver()
    take(story)
    story.post_work()
    story.holds()
