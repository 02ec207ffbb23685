"""Post costs on projects: what general journals and vendor invoices have in common.

Before  ``costing`` has loaded the lines of a file, and nothing is wrong with them.
After   the documents, their costs and their ledger entries stand, and one set takes the costs to
        operations.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import datetime
from decimal import Decimal
from typing import Final

from twofold.database.deeds import record_deed
from twofold.database.outbox import open_change_set
from twofold.database.statement import SqlFile
from twofold.database.transaction import Transaction
from twofold.finance.costs.costing import LoadedCosts, count_loaded, drop_costs
from twofold.finance.costs.stated_cost import CostFile
from twofold.finance.posting.numbering import NumberBlock
from twofold.finance.posting.recording import record_posting


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
class _Key:
    first_key: int


SQL: Final = SqlFile(__name__)
TAKE_KEYS: Final = SQL.query("take_keys", gives=_Key)
ADD_DOCUMENTS: Final = SQL.command("add_documents")
ADD_COSTS: Final = SQL.command("add_costs")
ADD_LEDGER_ENTRIES: Final = SQL.command("add_ledger_entries")


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
    loaded = count_loaded(transaction)
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
    drop_costs(transaction)
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
    loaded: LoadedCosts,
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
