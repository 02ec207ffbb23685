"""Whether a sales tax group exists, where a person names one.

A group without codes is one too (exempt); it is known by the setup that uses it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from twofold.database.statement import SqlFile
from twofold.database.transaction import Reader
from twofold.kernel.catalogue import refuse
from twofold.kernel.errors import Refusal


@dataclass(frozen=True, slots=True)
class _Unknown:
    field: str
    value: str


SQL: Final = SqlFile(__name__)
FIND_UNKNOWN: Final = SQL.query("find_unknown", gives=_Unknown)


def unknown_groups(
    reader: Reader, *, company: str, record: str, tax_group: str | None, item_tax_group: str | None
) -> list[Refusal]:
    """Give a refusal (ERR-J13) per group that is named and that no setup has; "" names none."""
    unknown = reader.all(
        FIND_UNKNOWN, company=company, tax_group=tax_group, item_tax_group=item_tax_group
    )
    return [refuse("ERR-J13", record, field=one.field, value=one.value) for one in unknown]
