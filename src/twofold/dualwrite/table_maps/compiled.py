"""A compiled map and the rows its statements give."""

from __future__ import annotations

from dataclasses import dataclass

from twofold.database import compose
from twofold.database.compose import Composable
from twofold.database.statement import Command, Query
from twofold.dualwrite.table_maps.language import TableMap


@dataclass(frozen=True, slots=True)
class ColumnType:
    """One column of a target, or a named lookup: its type there and the type it travels in.

    ``lookup_is_shared`` tells that the table its lookup names has no company,
    ``lookup_is_enumerated`` that the looked-up column is an enumeration; ``gives_type`` is the
    type of what the lookup gives.
    """

    column: str
    type: str
    stage_type: str
    lookup_is_shared: bool = False
    lookup_is_enumerated: bool = False
    gives_type: str = ""


@dataclass(frozen=True, slots=True)
class Measured:
    """What one set carries through one map. ``totals`` is JSON text, in a fixed order."""

    set_id: int
    row_count: int
    content_hash: str
    totals: str


@dataclass(frozen=True, slots=True)
class Excluded:
    """How many rows of a set the map's filter leaves out."""

    set_id: int
    row_count: int


@dataclass(frozen=True, slots=True)
class Value:
    """A value of a column in the sets asked about; ``key`` is the row's, where it matters."""

    column: str
    value: str
    key: str


@dataclass(frozen=True, slots=True)
class Missing:
    """A value that a lookup of the target does not find."""

    set_id: int
    column: str
    value: str


@dataclass(frozen=True, slots=True)
class CompiledMap:
    """A map and its statements; ``shipped`` is SQL for COPY, the others are ready to run."""

    map: TableMap
    columns: tuple[ColumnType, ...]
    stage_name: str
    shipped: Composable
    standing: Query[Measured] | None
    capture: Command | None
    measure: Query[Measured]
    excluded: Query[Excluded] | None
    distinct: Query[Value] | None
    unknown: Query[Value] | None
    stage: Command
    received: Query[Measured]
    missing: Query[Missing] | None
    apply: Command
    patch: Command | None

    def missing_code(self, name: str) -> str:
        """Give the error code shown when a column's or named lookup's value is not found."""
        return self.map.part(name).missing

    def statements(self) -> tuple[tuple[str, str], ...]:
        """Every statement with its name, for people to read and for golden files."""
        named = (
            self.standing, self.capture, self.measure, self.excluded, self.distinct,
            self.unknown, self.stage, self.received, self.missing, self.apply, self.patch,
        )  # fmt: skip
        ready = ((one.name.partition(":")[2], one.text) for one in named if one is not None)
        return (("shipped", compose.text(self.shipped)), *ready)


def not_known(table_map: TableMap, column: str, value: str) -> str:
    """Say in words that the target lacks what a column refers to."""
    thing = column.removesuffix("_id").replace("_", " ")
    lookup = table_map.part(column).lookup
    where = f"map «{table_map.name}», lookup {lookup}"
    return f"{table_map.target_book} does not know {thing} {value} ({where})"
