"""Costs that finance posts itself: the words to post them and to take them over."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

from tests.scenarios.support import Story, finance_cast, operations_cast
from tests.support.clock import NOW
from twofold.finance.costs.cost_file import read_costs
from twofold.finance.costs.post_general_journal import post_general_journal
from twofold.finance.costs.post_vendor_invoice import post_vendor_invoice
from twofold.finance.costs.posting import PostedCosts
from twofold.finance.setup.records import (
    FinanceSetup,
    ItemTaxGroup,
    MainAccount,
    PostingRule,
    TaxCode,
    TaxGroup,
    TaxRate,
)
from twofold.operations.finance_costs.take_costs import TakenCosts, take_costs
from twofold.operations.setup.records import OperationsSetup, Resource

JOURNAL = "date,project,cost_price,offset_account,sales_price,quantity,description\n"
INVOICE = "vendor,invoice,date,project,price,quantity,charge,tax_group,item_tax_group,class\n"


def buying(
    *, rate: object = 5, nondeductible: object = 0, tax_is_cost: bool = False
) -> FinanceSetup:
    """Give the cast with vendors: tax BUY at a rate on group VENDOR, and their accounts."""
    cast = finance_cast().company[0]
    return FinanceSetup(
        (
            replace(
                cast,
                accounts=(
                    *cast.accounts,
                    MainAccount("1500", "Tax that comes back", "asset"),
                    MainAccount("2000", "Vendors", "liability"),
                    MainAccount("6500", "Consumables", "expense"),
                ),
                posting_setup=(
                    *cast.posting_setup,
                    PostingRule("vendor_balance", "2000"),
                    PostingRule("sales_tax_receivable", "1500"),
                ),
                tax_codes=(
                    *cast.tax_codes,
                    TaxCode(
                        "BUY",
                        "Tax on purchases",
                        "2100",
                        (
                            TaxRate(
                                valid_from=cast.tax_codes[0].rates[0].valid_from, rate=_number(rate)
                            ),
                        ),
                        nondeductible_percent=_number(nondeductible),
                    ),
                ),
                tax_groups=(*cast.tax_groups, TaxGroup("VENDOR", ("BUY",))),
                item_tax_groups=(*cast.item_tax_groups, ItemTaxGroup("BOUGHT", ("BUY",))),
                parameters=replace(cast.parameters, purchase_tax_is_cost=tax_is_cost),
            ),
        )
    )


def lending() -> tuple[OperationsSetup, FinanceSetup]:
    """Give both casts with Molly Clark, whom the company GBPM employs and lends to USPM."""
    operations, finance = operations_cast(), buying()
    molly = Resource("USPM", "Molly Clark", None, "Field Engineer", None, lent_by="GBPM")
    return (
        replace(operations, resources=(*operations.resources, molly)),
        FinanceSetup((*finance.company, replace(finance.company[0], code="GBPM"))),
    )


def marked_up(percent: object) -> OperationsSetup:
    """Give the cast with travel sold at a markup."""
    cast = operations_cast()
    prices = tuple(
        replace(one, method="markup", percent=_number(percent))
        if (one.price_list, one.category) == ("Dollars", "Travel")
        else one
        for one in cast.category_prices
    )
    return replace(cast, category_prices=prices)


def post_journal_file(story: Story, rows: str, *, header: str = JOURNAL) -> PostedCosts:
    """Post a general journal of these rows."""
    file = read_costs((header + rows).encode(), name="journal.csv", kind="general_journal")
    with story.books.finance.transaction() as transaction:
        return post_general_journal(
            transaction, company=story.company, file=file, actor="accountant", at=NOW
        )


def post_invoice_file(
    story: Story,
    rows: str,
    *,
    prices_include_tax: bool = False,
    is_intercompany: bool = False,
    header: str = INVOICE,
) -> PostedCosts:
    """Post vendor invoices of these rows."""
    file = read_costs(
        (header + rows).encode(),
        name="invoices.csv",
        kind="vendor_invoice",
        prices_include_tax=prices_include_tax,
        is_intercompany=is_intercompany,
    )
    with story.books.finance.transaction() as transaction:
        return post_vendor_invoice(
            transaction, company=story.company, file=file, actor="accountant", at=NOW
        )


def take(story: Story) -> TakenCosts:
    """Take over in operations what finance posted."""
    with story.books.operations.transaction() as transaction:
        return take_costs(transaction, company=story.company, actor="manager", at=NOW)


def _number(value: object) -> Decimal:
    return Decimal(str(value))
