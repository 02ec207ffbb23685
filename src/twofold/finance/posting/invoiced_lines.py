"""The lines of the invoices that are to be posted, with all that posting them depends on.

Taxes, profiles and accounts are found once per combination. A line that credits has what its
original posted.

Before  the working table ``posting_invoice`` has the invoices.
After   ``invoiced_line`` has their lines and fees with rates, dates, stored accruals and accounts,
        ``posting_revenue`` what their accounts depend on. The searches stay open: the invoices are
        posted with what they found.
Next    ``post`` judges them.
"""

from __future__ import annotations

from typing import Final

from twofold.database.statement import SqlFile
from twofold.database.transaction import Transaction
from twofold.finance.posting.accounts import (
    close_account_search,
    find_accounts,
    open_account_search,
)
from twofold.finance.posting.profiles import (
    close_profile_search,
    find_profiles,
    open_profile_search,
)
from twofold.finance.tax.line_tax import close_tax_search, find_line_tax, open_tax_search

SQL: Final = SqlFile(__name__)
CREATE_POSTING_LINE: Final = SQL.command("create_posting_line")
CREATE_PROPOSED_LINE: Final = SQL.command("create_proposed_line")
FILL_PROPOSED_LINE: Final = SQL.command("fill_proposed_line")
ANALYZE_PROPOSED_LINE: Final = SQL.command("analyze_proposed_line")
FILL_POSTING_LINE: Final = SQL.command("fill_posting_line")
FILL_POSTING_FEE: Final = SQL.command("fill_posting_fee")
ANALYZE_POSTING_LINE: Final = SQL.command("analyze_posting_line")
PLACE_RETAINERS: Final = SQL.command("place_retainers")
MIRROR_CREDITS: Final = SQL.command("mirror_credits")
NAME_TAXED_PAIRS: Final = SQL.command("name_taxed_pairs")
NAME_PROFILES: Final = SQL.command("name_profiles")
CREATE_POSTING_REVENUE: Final = SQL.command("create_posting_revenue")
FILL_POSTING_REVENUE: Final = SQL.command("fill_posting_revenue")
ANALYZE_POSTING_REVENUE: Final = SQL.command("analyze_posting_revenue")
NAME_ACCOUNTS: Final = SQL.command("name_accounts")
PLACE_REVENUE: Final = SQL.command("place_revenue")
PLACE_DISCOUNTS: Final = SQL.command("place_discounts")
DROP_INVOICED_LINES: Final = SQL.command("drop_invoiced_lines")


def open_invoiced_lines(transaction: Transaction, *, company: str) -> None:
    """Fill ``invoiced_line``, and find once per combination what its lines depend on."""
    transaction.run(CREATE_POSTING_LINE)
    transaction.run(CREATE_PROPOSED_LINE)
    transaction.run(FILL_PROPOSED_LINE, company=company)
    transaction.run(ANALYZE_PROPOSED_LINE)
    transaction.run(FILL_POSTING_LINE, company=company)
    transaction.run(FILL_POSTING_FEE, company=company)
    transaction.run(ANALYZE_POSTING_LINE)
    transaction.run(PLACE_RETAINERS, company=company)
    transaction.run(MIRROR_CREDITS, company=company)
    open_tax_search(transaction)
    transaction.run(NAME_TAXED_PAIRS)
    find_line_tax(transaction, company=company)
    open_profile_search(transaction)
    transaction.run(NAME_PROFILES)
    find_profiles(transaction, company=company)
    transaction.run(CREATE_POSTING_REVENUE)
    transaction.run(FILL_POSTING_REVENUE, company=company)
    transaction.run(ANALYZE_POSTING_REVENUE)
    open_account_search(transaction)
    transaction.run(NAME_ACCOUNTS, company=company)
    find_accounts(transaction, company=company)
    transaction.run(PLACE_REVENUE)
    transaction.run(PLACE_DISCOUNTS, company=company)


def close_invoiced_lines(transaction: Transaction) -> None:
    """Close the searches and drop the working tables, so that the transaction may post again."""
    close_account_search(transaction)
    close_profile_search(transaction)
    close_tax_search(transaction)
    transaction.run(DROP_INVOICED_LINES)
