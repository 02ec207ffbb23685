"""Change sets a transaction opens: what it will send to the other book, named once.

A process opens a set, tags the rows it writes with ``set_id``, and says which keys they cover.
The set is sealed when the transaction closes (``twofold.dualwrite.sets.seal``): its outbox row,
with a manifest per map, commits together with the rows or not at all.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from twofold.database.change_set import ChangeSet
from twofold.database.statement import SqlFile
from twofold.database.transaction import Transaction

SQL: Final = SqlFile(__name__)


@dataclass(frozen=True, slots=True)
class _SetKey:
    set_id: int


TAKE_SET_KEY: Final = SQL.query("take_set_key", gives=_SetKey)
TAKE_SET_KEYS: Final = SQL.query("take_set_keys", gives=_SetKey)


def open_change_set(
    transaction: Transaction, *, company: str, kind: str, stream: str, actor: str, at: datetime
) -> ChangeSet:
    """Open a change set in this transaction.

    Before  no other set of this transaction has the same company and stream.
    After   the set is sealed and committed with the transaction, or never existed.
    """
    set_id = transaction.one(TAKE_SET_KEY).set_id
    change_set = ChangeSet(set_id, company, kind, stream, actor, at)
    transaction.sets.append(change_set)
    return change_set


def open_change_sets(
    transaction: Transaction,
    *,
    company: str,
    kind: str,
    streams: Sequence[str],
    actor: str,
    at: datetime,
) -> list[ChangeSet]:
    """Open a change set for each stream, in their order; each as ``open_change_set`` does."""
    keys = transaction.all(TAKE_SET_KEYS, count=len(streams))
    sets = [
        ChangeSet(key.set_id, company, kind, stream, actor, at)
        for key, stream in zip(keys, streams, strict=True)
    ]
    transaction.sets += sets
    return sets
