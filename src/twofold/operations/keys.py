"""Blocks of keys: taken at once, numbered by the caller, so that no row asks a sequence."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from twofold.database.statement import SqlFile
from twofold.database.transaction import Transaction


@dataclass(frozen=True, slots=True)
class _Block:
    first_key: int


SQL: Final = SqlFile(__name__)
TAKE_KEYS: Final = SQL.query("take_keys", gives=_Block)


def take_keys(transaction: Transaction, sequence: str, *, how_many: int) -> int:
    """Take ``how_many`` keys of a sequence and give the first: they follow one another."""
    assert how_many > 0, f"{sequence}: a block has keys"
    return transaction.one(TAKE_KEYS, sequence=sequence, how_many=how_many).first_key
