"""Other dimensions for what has some already: each combination in use becomes another one.

Given are the attributes to change, with their new values; an empty value takes the attribute away,
the others stay. Reckoned once per combination. A process opens the working table ``changed_set``,
puts the keys of the combinations it has into ``from_id`` (0 where there are none), and joins its
rows to it for ``to_id``, which is NULL where no dimensions are left.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from twofold.database.statement import SqlFile
from twofold.database.transaction import Reader, Transaction
from twofold.finance.dimensions.sets import close_sets, intern_sets, open_sets
from twofold.kernel.catalogue import refuse
from twofold.kernel.errors import Refusal

# Attribute to new value; "" takes the attribute away.
Changes = Mapping[str, str]


@dataclass(frozen=True, slots=True)
class _Unknown:
    attribute: str
    value: str


SQL: Final = SqlFile(__name__)
FIND_UNKNOWN: Final = SQL.query("find_unknown", gives=_Unknown)
CREATE_CHANGED_SET: Final = SQL.command("create_changed_set")
CHANGE_SETS: Final = SQL.command("change_sets")
WANT_CHANGED: Final = SQL.command("want_changed")
NAME_CHANGED: Final = SQL.command("name_changed")
DROP_CHANGED_SET: Final = SQL.command("drop_changed_set")


def unknown_dimensions(
    reader: Reader, *, company: str, record: str, changes: Changes
) -> list[Refusal]:
    """Give a refusal (ERR-J11) per attribute or value that the company does not have."""
    unknown = reader.all(FIND_UNKNOWN, company=company, changes=json.dumps(dict(changes)))
    return [
        refuse("ERR-J11", record, field="dimensions", value=f"{one.attribute} {one.value}".strip())
        for one in unknown
    ]


def open_changes(transaction: Transaction) -> None:
    """Make the empty working table ``changed_set``."""
    transaction.run(CREATE_CHANGED_SET)


def change_sets(transaction: Transaction, *, company: str, changes: Changes) -> None:
    """Find what every combination in ``changed_set`` becomes."""
    transaction.run(
        CHANGE_SETS,
        company=company,
        stated=json.dumps({name: value for name, value in changes.items() if value}),
        removed=[name for name, value in changes.items() if not value],
    )
    open_sets(transaction)
    transaction.run(WANT_CHANGED)
    intern_sets(transaction, company=company)
    transaction.run(NAME_CHANGED)
    close_sets(transaction)


def close_changes(transaction: Transaction) -> None:
    """Drop the working table, so that the transaction may change again."""
    transaction.run(DROP_CHANGED_SET)
