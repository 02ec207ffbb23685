"""Record a posting: its link in the company's chain, and the balances its entries move.

Every process that adds ledger entries calls this last. The entries themselves carry the key of
their posting without being told (``finance.this_posting``).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Final

from twofold.database.statement import SqlFile
from twofold.database.transaction import Transaction
from twofold.kernel.catalogue import refuse
from twofold.kernel.errors import Refused


@dataclass(frozen=True, slots=True)
class _Posting:
    posting_id: int


@dataclass(frozen=True, slots=True)
class _Content:
    entry_count: int
    first_voucher: str | None
    last_voucher: str | None
    content_hash: str


@dataclass(frozen=True, slots=True)
class _Day:
    accounting_date: date


SQL: Final = SqlFile(__name__)
THIS_POSTING: Final = SQL.query("this_posting", gives=_Posting)
READ_CONTENT: Final = SQL.query("read_content", gives=_Content)
LOCK_HEAD: Final = SQL.command("lock_head")
ADD_LINK: Final = SQL.command("add_link")
KEEP_BALANCES: Final = SQL.query("keep_balances", gives=_Day)
END_POSTING: Final = SQL.command("end_posting")


def hold_postings(transaction: Transaction, *, company: str) -> None:
    """Let no posting of the company commit before this transaction ends."""
    transaction.run(LOCK_HEAD, company=company)


def record_posting(
    transaction: Transaction, *, company: str, kind: str, document: str, actor: str, at: datetime
) -> int:
    """Link what this transaction posted since it last called this; give the number of entries.

    Before  the entries are in the ledger. ``document`` is the journal, batch or file they are of.
    After   the chain has one link more and the kept balances hold the entries; whoever posts for
            the company next waits here for the commit. Without entries nothing happens.
    Refused with ERR-L10 where a period was closed while the posting was made.
    """
    posting_id = transaction.one(THIS_POSTING).posting_id
    content = transaction.one(READ_CONTENT, company=company, posting_id=posting_id)
    if not content.entry_count:
        return 0
    transaction.run(LOCK_HEAD, company=company)
    transaction.run(
        ADD_LINK,
        company=company,
        posting_id=posting_id,
        kind=kind,
        document=document,
        entry_count=content.entry_count,
        first_voucher=content.first_voucher,
        last_voucher=content.last_voucher,
        content_hash=content.content_hash,
        actor=actor,
        at=at,
    )
    closed = transaction.all(KEEP_BALANCES, company=company, posting_id=posting_id)
    if closed:
        raise Refused(
            *(
                refuse(
                    "ERR-L10",
                    f"{kind}/{document}",
                    field="accounting_date",
                    value=str(one.accounting_date),
                )
                for one in closed
            )
        )
    transaction.run(END_POSTING)
    return content.entry_count
