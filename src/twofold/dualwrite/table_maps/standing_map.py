"""Rows of a map as they stand: the statements over them, and the rows they give."""

from __future__ import annotations

from dataclasses import dataclass

from twofold.database.compose import Composable
from twofold.database.statement import Command, Query
from twofold.dualwrite.table_maps.compiled import CompiledMap


@dataclass(frozen=True, slots=True)
class Company:
    """A company that has rows in a table."""

    company: str


@dataclass(frozen=True, slots=True)
class Bound:
    """The last lead of a chunk, and how many rows the chunks up to here hold."""

    upto: str
    row_count: int


@dataclass(frozen=True, slots=True)
class Bucket:
    """Rows of one period and bucket: how many, and the hash over them."""

    period: str
    bucket: int
    row_count: int
    content_hash: int


@dataclass(frozen=True, slots=True)
class RowHash:
    """One row of a bucket."""

    row_key: str
    lead: str
    period: str
    content_hash: int


@dataclass(frozen=True, slots=True)
class RowKey:
    """The key of one row, and its lead."""

    row_key: str
    lead: str


@dataclass(frozen=True, slots=True)
class RowValues:
    """One row: its values as text, in the order of the map's columns that travel."""

    row_key: str
    content_hash: int
    fields: list[str | None]


@dataclass(frozen=True, slots=True)
class Keys:
    """Keys as text that ``left_out`` takes, and how many rows they are."""

    keys: str
    row_count: int


@dataclass(frozen=True, slots=True)
class Count:
    """How many rows."""

    row_count: int


@dataclass(frozen=True, slots=True)
class Bad:
    """A row with a value that the target lacks, or with a code that no one translates."""

    row_key: str
    lead: str
    field: str
    value: str


@dataclass(frozen=True, slots=True)
class Compared:
    """What staged rows are to the target's: rows per relation."""

    absent: int
    same: int
    older: int
    equal: int
    newer: int


@dataclass(frozen=True, slots=True)
class StandingSide:
    """How one book is asked for the rows of a map as they stand."""

    companies: Query[Company]
    checksums: Query[Bucket]
    hashes: Query[RowHash]
    values: Query[RowValues]


@dataclass(frozen=True, slots=True)
class StandingMap:
    """A map and its statements over rows as they stand. ``rows`` and ``rows_of`` are for COPY."""

    compiled: CompiledMap
    fields: tuple[str, ...]
    is_ranged: bool
    source: StandingSide
    target: StandingSide
    rows: Composable
    rows_of: Composable
    bounds: Query[Bound]
    row_keys: Query[RowKey]
    in_flight: Query[Keys]
    by_set: Query[Keys]
    excluded: Query[Count] | None
    bad: Query[Bad] | None
    untranslated: Query[Bad] | None
    untranslated_of: Query[Bad] | None
    clear: Command
    drop: Command
    settled: Command | None
    settled_over: Command | None
    compared: Query[Compared]
    differing: Command
    fill: Command
    overwrite: Command
    repair: Query[RowKey]
