"""What has arrived for the headers that wait: billed sales, and what their corrections open again.

Work and its fees, milestones and retainers, each with what its line will say. A sale that is not
posted yet, a milestone without its transaction: what keeps a sale from becoming a line stands
beside it as a code. A credit has what its original posted.

Before  the working table ``open_proposal`` has the headers, and a tax search is open.
After   ``billed_sale`` has their chargeable billed sales, ``reopened_sale`` what corrections among
        them open again; their tax is found.
Next    ``proposal_lines`` judges them, and makes lines.
"""

from __future__ import annotations

from typing import Final

from twofold.database.statement import SqlFile
from twofold.database.transaction import Transaction
from twofold.finance.staging.proposal_dimensions import give_on_account_accounting
from twofold.finance.tax.line_tax import find_line_tax

SQL: Final = SqlFile(__name__)
CREATE_BILLED_SALE: Final = SQL.command("create_billed_sale")
TAKE_BILLED_WORK: Final = SQL.command("take_billed_work")
TAKE_BILLED_ON_ACCOUNT: Final = SQL.command("take_billed_on_account")
TAKE_BILLED_FEES: Final = SQL.command("take_billed_fees")
ANALYZE_BILLED_SALE: Final = SQL.command("analyze_billed_sale")
COMPLETE_CREDITS: Final = SQL.command("complete_credits")
CREATE_REOPENED_SALE: Final = SQL.command("create_reopened_sale")
FILL_REOPENED_SALE: Final = SQL.command("fill_reopened_sale")
FILL_REOPENED_FEE: Final = SQL.command("fill_reopened_fee")
ANALYZE_REOPENED_SALE: Final = SQL.command("analyze_reopened_sale")
NAME_TAXED_PAIRS: Final = SQL.command("name_taxed_pairs")
DROP_BILLED_SALES: Final = SQL.command("drop_billed_sales")


def take_billed_sales(transaction: Transaction, *, company: str) -> None:
    """Fill ``billed_sale`` and ``reopened_sale`` for all of ``open_proposal``, and find the tax."""
    transaction.run(CREATE_BILLED_SALE)
    transaction.run(TAKE_BILLED_WORK, company=company)
    transaction.run(TAKE_BILLED_ON_ACCOUNT, company=company)
    transaction.run(ANALYZE_BILLED_SALE)
    transaction.run(TAKE_BILLED_FEES, company=company)
    give_on_account_accounting(transaction, company=company)
    transaction.run(COMPLETE_CREDITS, company=company)
    transaction.run(CREATE_REOPENED_SALE)
    transaction.run(FILL_REOPENED_SALE, company=company)
    transaction.run(FILL_REOPENED_FEE, company=company)
    transaction.run(ANALYZE_REOPENED_SALE)
    transaction.run(NAME_TAXED_PAIRS)
    find_line_tax(transaction, company=company)


def drop_billed_sales(transaction: Transaction) -> None:
    """Drop the working tables."""
    transaction.run(DROP_BILLED_SALES)
