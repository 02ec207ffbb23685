"""What happened to those who may enter: one row for each event, which nobody changes.

Written in the transaction that does what it tells of, so that neither is there without the other.
"""

from __future__ import annotations

from datetime import datetime
from typing import Final

from twofold.database.statement import SqlFile
from twofold.database.transaction import Transaction

SQL: Final = SqlFile(__name__)
RECORD: Final = SQL.command("record")


def record_event(
    transaction: Transaction,
    kind: str,
    *,
    login: str,
    actor: str,
    at: datetime,
    address: str = "",
    detail: str = "",
) -> None:
    """Record what happened to a login, by whom, and from which address where one is known."""
    transaction.run(
        RECORD, kind=kind, login=login, actor=actor, address=address, at=at, detail=detail
    )
