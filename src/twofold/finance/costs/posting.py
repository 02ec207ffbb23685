"""Post costs on projects: what general journals and vendor invoices have in common.

A process loads the lines of a file (``load_costs``), which finds what they name, their tax,
profile, accounts and dimensions, once per combination; then it posts them (``post_costs``). Both
work on ``pg_temp.costing_line``.

Tax, per code of the line's groups: of the amount without tax, which is what is left of an
amount that includes it. The part that is not deductible, or all of it where the company applies
the sales taxation rules, is cost; the rest is recoverable.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import datetime
from decimal import Decimal
from typing import Final

from twofold.database.copy import copy_rows
from twofold.database.deeds import record_deed
from twofold.database.outbox import open_change_set
from twofold.database.statement import SqlFile
from twofold.database.transaction import Transaction
from twofold.finance.costs.stated_cost import CostFile
from twofold.finance.dimensions.sets import uses_dimensions
from twofold.finance.dimensions.structures import (
    close_combination_check,
    has_structures,
    judge_combinations,
    open_combination_check,
)
from twofold.finance.posting.accounts import (
    close_account_search,
    find_accounts,
    open_account_search,
)
from twofold.finance.posting.numbering import NumberBlock
from twofold.finance.posting.profiles import (
    close_profile_search,
    find_profiles,
    open_profile_search,
)
from twofold.finance.posting.recording import record_posting
from twofold.finance.staging.default_dimensions import (
    close_default_search,
    find_defaults,
    open_default_search,
)
from twofold.finance.tax.line_tax import close_tax_search, find_line_tax, open_tax_search
from twofold.kernel.catalogue import refuse
from twofold.kernel.errors import Refusal

_COLUMNS: Final = (
    "number", "place", "document", "accounting_date", "project", "quantity", "price",
    "charge_amount", "sales_price", "currency", "class", "category", "task", "customer",
    "contract_line", "offset_account", "tax_group", "item_tax_group", "description",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class PostedCosts:
    """What was posted: how many vouchers, lines, and the accounting amount of the costs."""

    document: str
    set_id: int
    voucher_count: int
    line_count: int
    accounting_amount: Decimal
    entry_count: int


@dataclass(frozen=True, slots=True)
class _Problem:
    number: int
    place: str
    code: str
    field: str
    value: str


@dataclass(frozen=True, slots=True)
class _Key:
    first_key: int


@dataclass(frozen=True, slots=True)
class _Loaded:
    voucher_count: int
    line_count: int
    accounting_amount: Decimal


SQL: Final = SqlFile(__name__)
CREATE_STATED: Final = SQL.command("create_stated")
ANALYZE_STATED: Final = SQL.command("analyze_stated")
CREATE_COSTING: Final = SQL.command("create_costing")
FILL_COSTING: Final = SQL.command("fill_costing")
ANALYZE_COSTING: Final = SQL.command("analyze_costing")
NAME_TAXES: Final = SQL.command("name_taxes")
TAX_COSTS: Final = SQL.command("tax_costs")
NAME_PROFILES: Final = SQL.command("name_profiles")
NAME_ACCOUNTS: Final = SQL.command("name_accounts")
PLACE_COSTS: Final = SQL.command("place_costs")
NAME_DEFAULTS: Final = SQL.command("name_defaults")
TAKE_DEFAULTS: Final = SQL.command("take_defaults")
NAME_COMBINATIONS: Final = SQL.command("name_combinations")
REFUSE_COMBINATIONS: Final = SQL.command("refuse_combinations")
READ_PROBLEMS: Final = SQL.query("read_problems", gives=_Problem)
READ_LOADED: Final = SQL.query("read_loaded", gives=_Loaded)
TAKE_KEYS: Final = SQL.query("take_keys", gives=_Key)
ADD_DOCUMENTS: Final = SQL.command("add_documents")
ADD_COSTS: Final = SQL.command("add_costs")
ADD_LEDGER_ENTRIES: Final = SQL.command("add_ledger_entries")
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
    _place(transaction, company=company)
    problems = transaction.all(READ_PROBLEMS)
    return [refuse(one.code, one.place, field=one.field, value=one.value) for one in problems]


def post_costs(
    transaction: Transaction,
    *,
    company: str,
    file: CostFile,
    vouchers: NumberBlock,
    document: str,
    actor: str,
    at: datetime,
) -> PostedCosts:
    """Post what ``load_costs`` loaded and open the set that takes it to operations.

    ``document`` names the posting, and is the number of a general journal.
    """
    loaded = transaction.one(READ_LOADED)
    first_key = transaction.one(TAKE_KEYS, count=loaded.line_count).first_key
    change_set = open_change_set(
        transaction,
        company=company,
        kind="cost_posting",
        stream=f"{file.kind}/{document}",
        actor=actor,
        at=at,
    )
    change_set.covers(first_key, first_key + loaded.line_count - 1)
    stated = {
        "company": company,
        "kind": file.kind,
        "journal_number": document,
        "is_intercompany": file.is_intercompany,
    }
    transaction.run(
        ADD_DOCUMENTS,
        **stated,
        file_name=file.name,
        content_hash=file.content_hash,
        prices_include_tax=file.prices_include_tax,
        actor=actor,
        at=at,
    )
    numbered = asdict(vouchers)
    set_id = change_set.set_id
    transaction.run(ADD_COSTS, **stated, **numbered, first_key=first_key, change_set_id=set_id)
    transaction.run(ADD_LEDGER_ENTRIES, company=company, **numbered)
    transaction.run(DROP_COSTING)
    entry_count = record_posting(
        transaction, company=company, kind=file.kind, document=document, actor=actor, at=at
    )
    _record(transaction, company, document, file, loaded, (actor, at))
    return PostedCosts(document, set_id, **asdict(loaded), entry_count=entry_count)


def _record(
    transaction: Transaction,
    company: str,
    document: str,
    file: CostFile,
    loaded: _Loaded,
    by: tuple[str, datetime],
) -> None:
    """Keep who posted the documents of a file."""
    record_deed(
        transaction,
        company=company,
        act="general_journal_posted" if file.kind == "general_journal" else "vendor_invoice_posted",
        by=by,
        number=document,
        detail={"count": loaded.line_count, "file": file.name},
    )


def count_vouchers(transaction: Transaction) -> int:
    """Tell how many vouchers the loaded lines need."""
    return transaction.one(READ_LOADED).voucher_count


def _place(transaction: Transaction, *, company: str) -> None:
    """Find profile, accounts and dimensions of every line."""
    open_profile_search(transaction)
    transaction.run(NAME_PROFILES)
    find_profiles(transaction, company=company)
    open_account_search(transaction)
    transaction.run(NAME_ACCOUNTS, company=company)
    find_accounts(transaction, company=company)
    transaction.run(PLACE_COSTS, company=company)
    close_account_search(transaction)
    close_profile_search(transaction)
    if uses_dimensions(transaction, company=company):
        open_default_search(transaction)
        transaction.run(NAME_DEFAULTS)
        find_defaults(transaction, company=company)
        transaction.run(TAKE_DEFAULTS)
        close_default_search(transaction)
    if has_structures(transaction, company=company):
        open_combination_check(transaction)
        transaction.run(NAME_COMBINATIONS)
        if judge_combinations(transaction, company=company):
            transaction.run(REFUSE_COMBINATIONS)
        close_combination_check(transaction)
