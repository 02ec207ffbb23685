"""Every combination of dimensions once: from attributes and values to the key that lines carry.

A process opens the working table ``wanted_set``, puts the combinations it needs into it, without
the empty one, and joins its rows to it for the keys. Combinations are only ever added; two
transactions that need the same new one get the same key, the later one waits for the earlier.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from twofold.database.statement import SqlFile
from twofold.database.transaction import Reader, Transaction


@dataclass(frozen=True, slots=True)
class _Used:
    is_used: bool


SQL: Final = SqlFile(__name__)
DIMENSIONS_ARE_USED: Final = SQL.query("dimensions_are_used", gives=_Used)
CREATE_WANTED_SET: Final = SQL.command("create_wanted_set")
ADD_NEW_SETS: Final = SQL.command("add_new_sets")
NAME_SETS: Final = SQL.command("name_sets")
DROP_WANTED_SET: Final = SQL.command("drop_wanted_set")


def uses_dimensions(reader: Reader, *, company: str) -> bool:
    """Say whether a company has financial dimensions at all."""
    return reader.one(DIMENSIONS_ARE_USED, company=company).is_used


def open_sets(transaction: Transaction) -> None:
    """Make the empty working table ``wanted_set``."""
    transaction.run(CREATE_WANTED_SET)


def intern_sets(transaction: Transaction, *, company: str) -> None:
    """Give every row of ``wanted_set`` its key; combinations that are new are added."""
    transaction.run(ADD_NEW_SETS, company=company)
    transaction.run(NAME_SETS, company=company)


def close_sets(transaction: Transaction) -> None:
    """Drop the working table, so that the transaction may ask again."""
    transaction.run(DROP_WANTED_SET)
