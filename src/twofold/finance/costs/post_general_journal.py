"""Post a general journal: costs on projects against accounts of the accountant's choice.

Before  the file was never posted; its lines name projects, accounts and days that are there.
After   each line has a voucher that balances (debit cost, credit its offset account), and one set
        takes the lines to operations. A line that is wrong keeps the whole journal from posting.
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


@dataclass(frozen=True, slots=True)
class _Number:
    number: str


SQL: Final = SqlFile(__name__)
KNOWN_FILE: Final = SQL.query("known_file", gives=_Known)
SHOW_NUMBER: Final = SQL.query("show_number", gives=_Number)


def post_general_journal(
    transaction: Transaction, *, company: str, file: CostFile, actor: str, at: datetime
) -> PostedCosts:
    """Post the lines of a file (5.4, feature 102), or refuse it with all that is wrong.

    The file was posted before (ERR-J71); a line names what is unknown (ERR-J72, I05), needs its
    contract line or its customer (ERR-J73, J74), has no cost per unit (ERR-J75), no open period
    (ERR-J01), a finished project (ERR-J06), no profile, account or rate (ERR-I08, J03, I04), or
    dimensions that its accounts do not take (ERR-J04).
    """
    hold_postings(transaction, company=company)
    known = transaction.first(KNOWN_FILE, company=company, content_hash=file.content_hash)
    problems = load_costs(transaction, company=company, file=file)
    if known is not None:
        problems.insert(0, refuse("ERR-J71", file.name, field="journal", value=known.number))
    if problems:
        raise Refused(*problems)
    journals = draw_numbers(transaction, company=company, reference="general_journal", count=1)
    vouchers = draw_numbers(
        transaction,
        company=company,
        reference="general_journal_voucher",
        count=count_loaded(transaction).voucher_count,
    )
    number = transaction.one(
        SHOW_NUMBER,
        prefix=journals.prefix,
        digits=journals.digits,
        first_number=journals.first_number,
    ).number
    return post_costs(
        transaction,
        company=company,
        file=file,
        vouchers=vouchers,
        document=number,
        actor=actor,
        at=at,
    )
