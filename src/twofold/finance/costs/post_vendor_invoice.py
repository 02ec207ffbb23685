"""Post vendor invoices on projects: cost, tax that comes back, and what the vendor gets.

Before  none of the invoices of the file was posted; the lines name what is there.
After   each invoice has a voucher (debit cost and recoverable tax, credit vendor balance), and one
        set takes its lines to operations. A line that is wrong keeps the whole file from posting.
Next    ``operations.finance_costs.take_costs`` makes the cost and the sale of each line.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from twofold.database.statement import SqlFile
from twofold.database.transaction import Transaction
from twofold.finance.costs.costing import count_loaded, load_costs
from twofold.finance.costs.posting import PostedCosts, post_costs
from twofold.finance.costs.stated_cost import CostFile
from twofold.finance.posting.numbering import draw_numbers
from twofold.finance.posting.recording import hold_postings
from twofold.kernel.catalogue import refuse
from twofold.kernel.errors import Refused


@dataclass(frozen=True, slots=True)
class _Known:
    number: str
    file_name: str


SQL: Final = SqlFile(__name__)
FIND_KNOWN: Final = SQL.query("find_known", gives=_Known)


def post_vendor_invoice(
    transaction: Transaction, *, company: str, file: CostFile, actor: str, at: datetime
) -> PostedCosts:
    """Post the invoices of a file (P01.13, feature 101), or refuse it with all that is wrong.

    An invoice of the vendor was posted before (ERR-J71); a tax code has no rate (ERR-F10); and
    what ``post_general_journal`` refuses.
    """
    hold_postings(transaction, company=company)
    problems = load_costs(transaction, company=company, file=file)
    known = transaction.all(FIND_KNOWN, company=company)
    problems += [refuse("ERR-J71", one.number, field="file", value=one.file_name) for one in known]
    if problems:
        raise Refused(*problems)
    vouchers = draw_numbers(
        transaction,
        company=company,
        reference="vendor_invoice_voucher",
        count=count_loaded(transaction).voucher_count,
    )
    return post_costs(
        transaction,
        company=company,
        file=file,
        vouchers=vouchers,
        document=f"{vouchers.prefix}{vouchers.first_number:0{vouchers.digits}}",
        actor=actor,
        at=at,
    )
