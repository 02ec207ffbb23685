"""What costs come to: the lines of a file, with all they name and all that is wrong with them.

Tax, per code of the line's groups: of the amount without tax, which is what is left of an
amount that includes it. The part that is not deductible, or all of it where the company applies
the sales taxation rules, is cost; the rest is recoverable.

Before  a general journal or vendor invoices have been read from a file.
After   ``costing_line`` has every line: what it names, its tax and its accounting.
Next    ``posting`` posts them.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from twofold.database.copy import copy_rows
from twofold.database.statement import SqlFile
from twofold.database.transaction import Transaction
from twofold.finance.costs.accounting import place_costs
from twofold.finance.costs.stated_cost import CostFile
from twofold.finance.tax.line_tax import close_tax_search, find_line_tax, open_tax_search
from twofold.kernel.catalogue import refuse
from twofold.kernel.errors import Refusal

_COLUMNS: Final = (
    "number", "place", "document", "accounting_date", "project", "quantity", "price",
    "charge_amount", "sales_price", "currency", "class", "category", "task", "customer",
    "contract_line", "offset_account", "tax_group", "item_tax_group", "description",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class LoadedCosts:
    """How many vouchers the loaded lines need, how many lines, and what they cost together.

    The amount is in the accounting currency.
    """

    voucher_count: int
    line_count: int
    accounting_amount: Decimal


@dataclass(frozen=True, slots=True)
class _Problem:
    number: int
    place: str
    code: str
    field: str
    value: str


SQL: Final = SqlFile(__name__)
CREATE_STATED: Final = SQL.command("create_stated")
ANALYZE_STATED: Final = SQL.command("analyze_stated")
CREATE_COSTING: Final = SQL.command("create_costing")
FILL_COSTING: Final = SQL.command("fill_costing")
ANALYZE_COSTING: Final = SQL.command("analyze_costing")
NAME_TAXES: Final = SQL.command("name_taxes")
TAX_COSTS: Final = SQL.command("tax_costs")
READ_PROBLEMS: Final = SQL.query("read_problems", gives=_Problem)
READ_LOADED: Final = SQL.query("read_loaded", gives=LoadedCosts)
DROP_COSTING: Final = SQL.command("drop_costing")


def load_costs(
    transaction: Transaction,
    *,
    company: str,
    file: CostFile,
) -> list[Refusal]:
    """Fill ``pg_temp.costing_line`` with the lines of a file; give all that is wrong with them.

    ERR-J72 to J75, ERR-I04, I05, I08, ERR-J01, J03, J04, J06, ERR-F10.
    """
    transaction.run(CREATE_STATED)
    copy_rows(
        transaction,
        "pg_temp.stated_cost",
        _COLUMNS,
        (
            (
                number, one.place, one.document, one.accounting_date, one.project, one.quantity,
                one.price, one.charge_amount, one.sales_price, one.currency, one.cls, one.category,
                one.task, one.customer, one.contract_line, one.offset_account, one.tax_group,
                one.item_tax_group, one.description,
            )
            for number, one in enumerate(file.lines, start=1)
        ),
    )  # fmt: skip
    transaction.run(ANALYZE_STATED)
    transaction.run(CREATE_COSTING)
    transaction.run(
        FILL_COSTING,
        company=company,
        is_journal=file.kind == "general_journal",
        is_intercompany=file.is_intercompany,
    )
    transaction.run(ANALYZE_COSTING)
    open_tax_search(transaction)
    transaction.run(NAME_TAXES)
    find_line_tax(transaction, company=company)
    transaction.run(TAX_COSTS, company=company, prices_include_tax=file.prices_include_tax)
    close_tax_search(transaction)
    place_costs(transaction, company=company)
    problems = transaction.all(READ_PROBLEMS)
    return [refuse(one.code, one.place, field=one.field, value=one.value) for one in problems]


def count_loaded(transaction: Transaction) -> LoadedCosts:
    """Tell what the loaded lines come to."""
    return transaction.one(READ_LOADED)


def drop_costs(transaction: Transaction) -> None:
    """Drop the working tables."""
    transaction.run(DROP_COSTING)
