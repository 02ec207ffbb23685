"""The lock of a company's staging: an import holds it, and whoever takes lines back to staging.

Held until the transaction closes; a lost session gives it back, so a crash leaves nothing behind.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from twofold.database.statement import SqlFile
from twofold.database.transaction import Transaction
from twofold.kernel.catalogue import refuse
from twofold.kernel.errors import Refused


@dataclass(frozen=True, slots=True)
class _Lock:
    is_taken: bool


SQL: Final = SqlFile(__name__)
LOCK_IMPORT: Final = SQL.query("lock_import", gives=_Lock)
AWAIT_IMPORT: Final = SQL.command("await_import")


def lock_import(transaction: Transaction, *, company: str, actor: str) -> None:
    """Take the lock, or be refused with ERR-I09 at once."""
    if not transaction.one(LOCK_IMPORT, company=company).is_taken:
        raise Refused(refuse("ERR-I09", f"company/{company}", field="actor", value=actor))


def await_import(transaction: Transaction, *, company: str) -> None:
    """Take the lock, once nobody else has it: for work that is short and would rather wait."""
    transaction.run(AWAIT_IMPORT, company=company)
