"""Map → SQL over rows as they stand: the source table itself, without a set.

The same map that ships sets is read here from its tables, so that both books can be compared
and rows can be written that no set carries. Every statement names one company; rows whose key
is among ``left_out`` do not exist for either side.

    rows       both    the rows as they travel, with the set that last changed them
    bounds     source  the keys that end each chunk of rows
    row_keys   source  the keys of the rows of a chunk
    untranslated, untranslated_of  source  rows with codes that a value map does not list
    checksums  both    rows and hash per period and bucket of keys
    hashes     both    key and hash of each row of a range of buckets
    values     both    the rows of given keys, column by column as text
    in_flight  source  the keys of rows that sets carry, as ranges
    by_set     source  the keys of rows whose last change belongs to given sets
    bad        target  staged rows that refer to something missing
    settled, settled_over  target  staged rows that are left alone, taken out of the stage
    compared   target  what the staged rows are to the target: absent, same, older, …
    fill, overwrite, repair   target  staged rows → target

A key is bucketed by its *lead*: the first column of it that is not the company. Whole numbers
are bucketed by thousands, so that a bucket is a range of an index; anything else by hash.
"""

from __future__ import annotations

from typing import TypeVar

from twofold.database import compose
from twofold.database.compose import Composable
from twofold.database.statement import Command, Query
from twofold.dualwrite.table_maps.compiled import CompiledMap
from twofold.dualwrite.table_maps.standing_map import (
    Bad,
    Bound,
    Bucket,
    Company,
    Compared,
    Count,
    Keys,
    RowHash,
    RowKey,
    RowValues,
    StandingMap,
    StandingSide,
)
from twofold.dualwrite.table_maps.standing_reads import StandingReads
from twofold.dualwrite.table_maps.standing_writes import StandingWrites

R = TypeVar("R")


def compile_standing(compiled: CompiledMap) -> StandingMap:
    """Compile a map for rows as they stand."""
    made = StandingReads(compiled.map, compiled.columns)
    writing = StandingWrites(compiled.map, compiled.columns)

    def query(name: str, composed: Composable, gives: type[R]) -> Query[R]:
        return compose.query(f"{compiled.map.id}:standing_{name}", composed, gives=gives)

    def command(name: str, composed: Composable) -> Command:
        return compose.command(f"{compiled.map.id}:standing_{name}", composed)

    def side(name: str, rows: Composable, table: str) -> StandingSide:
        return StandingSide(
            query(f"{name}_companies", made.companies(table), Company),
            query(f"{name}_checksums", made.checksums(rows), Bucket),
            query(f"{name}_hashes", made.hashes(rows), RowHash),
            query(f"{name}_values", made.values(rows), RowValues),
        )

    here, there = made.source_rows(), made.target_rows()
    excluded, bad = made.excluded(), writing.bad()
    settled, settled_over = writing.settled(over="older"), writing.settled(over="equal")
    unknown, unknown_of = made.untranslated(of_keys=False), made.untranslated(of_keys=True)
    return StandingMap(
        compiled=compiled,
        fields=tuple(made.fields),
        is_ranged=made.is_ranged,
        source=side("source", here, compiled.map.source.table),
        target=side("target", there, compiled.map.target.table),
        rows=made.between(here),
        rows_of=made.rows_of(here),
        bounds=query("bounds", made.bounds(here), Bound),
        row_keys=query("row_keys", made.row_keys(here), RowKey),
        in_flight=query("in_flight", made.keys(compiled.shipped), Keys),
        by_set=query("by_set", made.by_set(here), Keys),
        excluded=excluded and query("excluded", excluded, Count),
        bad=bad and query("bad", bad, Bad),
        untranslated=unknown and query("untranslated", unknown, Bad),
        untranslated_of=unknown_of and query("untranslated_of", unknown_of, Bad),
        clear=command("clear", writing.clear()),
        drop=command("drop", writing.drop()),
        settled=settled and command("settled", settled),
        settled_over=settled_over and command("settled_over", settled_over),
        compared=query("compared", writing.compared(), Compared),
        differing=command("differing", writing.differing()),
        fill=command("fill", writing.write(over="older")),
        overwrite=command("overwrite", writing.write(over="equal")),
        repair=query("repair", writing.repair(), RowKey),
    )
