"""Drift: what a book's tables became since the maps that use them were activated.

The engine asks inside the transaction that writes (``sets/drifted``); people
ask with ``twofold map plan``. Compared is the fingerprint recorded at the last activation with the
catalogue as it is at that moment, column by column.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final, Literal

from twofold.database.statement import SqlFile
from twofold.database.transaction import Reader
from twofold.dualwrite.table_maps.activate import ActiveMap
from twofold.kernel.catalogue import refuse
from twofold.kernel.errors import Refusal

DRIFTED: Final = "ERR-D64"

BookSide = Literal["source", "target"]


@dataclass(frozen=True, slots=True)
class Drift:
    """One column that is not what it was. ``halts`` tells a cause to halt the map from a note."""

    map: str
    table: str
    column: str
    effect: str
    halts: bool

    @property
    def refusal(self) -> Refusal:
        """The drift as a refusal, with the remedy of its code."""
        return refuse(
            DRIFTED, f"map/{self.map}", field=self.table, value=self.column, reason=self.effect
        )


@dataclass(frozen=True, slots=True)
class _Difference:
    map: str
    table_name: str
    column_name: str
    was_type: str | None
    is_type: str | None
    is_used: bool
    was_nullable: bool
    is_nullable: bool
    was_required: bool
    is_required: bool


SQL: Final = SqlFile(__name__)
DIFFERENCES: Final = SQL.query("differences", gives=_Difference)


def drift(reader: Reader, maps: Sequence[ActiveMap], *, side: BookSide) -> tuple[Drift, ...]:
    """Give what changed in the tables of maps, in the book of ``reader``; one statement for all.

    Before  ``side`` says what the book is to the maps: their source, or their target (with the
            tables they look into). In a transaction that is about to write, ask after the first
            statement that locks the target table, or once more after it: the lock of INSERT
            keeps the table as it is until the commit, so what was asked then stays true.
    After   nothing is changed. The map halts for every drift with ``halts`` (ERR-D64): a column
            it uses is gone, has another type or became required, or a new column is required.
            Others are notes: a column was added that the map does not know, or may be absent now.
    """
    found = reader.all(
        DIFFERENCES,
        maps=[one.compiled.map.id for one in maps],
        content_hashes=[one.content_hash for one in maps],
        side=side,
    )
    return tuple(_drift(one, side) for one in found)


def halting(found: Iterable[Drift]) -> tuple[Drift, ...]:
    """Give those for which the map must halt."""
    return tuple(one for one in found if one.halts)


def _drift(one: _Difference, side: BookSide) -> Drift:
    effect, halts = _effect(one, side)
    return Drift(one.map, one.table_name, one.column_name, effect, halts)


def _effect(one: _Difference, side: BookSide) -> tuple[str, bool]:
    is_newly_required = side == "target" and one.is_required and not one.was_required
    if one.is_type is None:
        return "the column is gone", one.is_used
    if one.was_type is None:
        new = f"a new column ({one.is_type}) that the map does not fill"
        return (f"{new}, and the table requires", True) if is_newly_required else (new, False)
    return _effect_on_known(one, side, is_newly_required=is_newly_required)


def _effect_on_known(
    one: _Difference, side: BookSide, *, is_newly_required: bool
) -> tuple[str, bool]:
    if one.was_type != one.is_type:
        return f"it was {one.was_type} and is {one.is_type}", one.is_used
    if is_newly_required or (side == "target" and one.was_nullable and not one.is_nullable):
        return "it is required now", is_newly_required or one.is_used
    return f"it may {'be' if one.is_nullable else 'not be'} absent now", False
