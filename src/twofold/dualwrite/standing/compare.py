"""Compare the rows of a map in both books: checksums per bucket, then rows, then fields.

Both books add up their own rows at the same time; a bucket that differs is read row by row (key
and hash), a row that differs field by field. What crosses is small however many rows there are.
"""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import groupby
from typing import Final, Literal, TypeVar

from twofold.database.statement import Query
from twofold.database.transaction import Reader
from twofold.dualwrite.standing.watermark import Standing
from twofold.dualwrite.table_maps.standing_map import RowHash, RowValues, StandingMap

R = TypeVar("R")

# Differing rows that are listed; from there on the buckets are counted only.
DIFFERENCES_MAX: Final = 10_000
_BUCKETS_AT_ONCE: Final = 50

Kind = Literal["missing", "extra", "differs"]


@dataclass(frozen=True, slots=True)
class Difference:
    """One field that differs; a whole row that is missing or extra in the target has no field."""

    row_key: str
    kind: Kind
    field: str = ""
    source_value: str | None = None
    target_value: str | None = None


@dataclass(frozen=True, slots=True)
class PeriodSums:
    """What one period adds up to in both books."""

    period: str
    source_rows: int
    target_rows: int
    differing_buckets: int


@dataclass(frozen=True, slots=True)
class Sums:
    """What a map adds up to in both books, and the buckets that differ."""

    periods: tuple[PeriodSums, ...]
    differing: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Sides:
    """The rows that count, and a reader of each book that reads the watermark's snapshot."""

    standing: Standing
    here: Reader
    there: Reader

    def both(self, here: Query[R], there: Query[R], **more: object) -> tuple[list[R], list[R]]:
        """Ask both books at the same time."""
        given = self.standing.given
        with ThreadPoolExecutor(2) as threads:
            asked = threads.submit(self.there.all, there, **given(there, **more))
            found = self.here.all(here, **given(here, **more))
            return found, asked.result()


def compare_sums(sides: Sides, *, period: str | None = None) -> Sums:
    """Add up the rows in both books; of one period, when one is named."""
    one = sides.standing.map
    found = sides.both(one.source.checksums, one.target.checksums)
    here, there = (
        {(b.period, b.bucket): (b.row_count, b.content_hash) for b in side} for side in found
    )
    places = sorted({place for place in here.keys() | there.keys() if period in {None, place[0]}})
    periods: list[PeriodSums] = []
    for name, of_period in groupby(places, key=lambda place: place[0]):
        mine = list(of_period)
        periods.append(
            PeriodSums(
                period=name,
                source_rows=sum(here[place][0] for place in mine if place in here),
                target_rows=sum(there[place][0] for place in mine if place in there),
                differing_buckets=sum(here.get(place) != there.get(place) for place in mine),
            )
        )
    differing = {place[1] for place in places if here.get(place) != there.get(place)}
    return Sums(tuple(periods), tuple(sorted(differing)))


def locate(
    sides: Sides, sums: Sums, *, period: str | None = None, differences_max: int = DIFFERENCES_MAX
) -> tuple[list[Difference], bool]:
    """Find the rows and fields that differ; tell also whether every bucket was looked into."""
    found: list[Difference] = []
    rows: set[str] = set()
    for first, last in _runs(sums.differing):
        if len(rows) >= differences_max:
            return found, False
        for difference in _in_buckets(sides, first, last, period):
            found.append(difference)
            rows.add(difference.row_key)
    return found, True


def compare_rows(sides: Sides, *, leads: list[str], row_keys: list[str]) -> list[Difference]:
    """Compare the rows of some keys, field by field."""
    one = sides.standing.map
    here, there = sides.both(one.source.values, one.target.values, leads=leads, row_keys=row_keys)
    return list(_differences(one.fields, _by_key(here), _by_key(there)))


def _runs(buckets: tuple[int, ...]) -> Iterator[tuple[int, int]]:
    """Give runs of neighbouring buckets, none longer than what is read at once."""
    run: list[int] = []
    for bucket in buckets:
        if run and (bucket != run[-1] + 1 or len(run) == _BUCKETS_AT_ONCE):
            yield run[0], run[-1]
            run = []
        run.append(bucket)
    if run:
        yield run[0], run[-1]


def _in_buckets(sides: Sides, first: int, last: int, period: str | None) -> list[Difference]:
    one = sides.standing.map
    found = sides.both(one.source.hashes, one.target.hashes, first=first, last=last)
    here, there = ({row.row_key: row for row in side} for side in found)
    differing = [
        key
        for key in sorted(here.keys() | there.keys())
        if _differs(here.get(key), there.get(key), period)
    ]
    if not differing:
        return []
    leads = sorted({(here.get(key) or there[key]).lead for key in differing})
    return compare_rows(sides, leads=leads, row_keys=differing)


def _differs(here: RowHash | None, there: RowHash | None, period: str | None) -> bool:
    periods = {one.period for one in (here, there) if one is not None}
    if period is not None and period not in periods:
        return False
    return here is None or there is None or here.content_hash != there.content_hash


def _by_key(rows: list[RowValues]) -> dict[str, RowValues]:
    return {row.row_key: row for row in rows}


def _differences(
    fields: tuple[str, ...], here: dict[str, RowValues], there: dict[str, RowValues]
) -> Iterator[Difference]:
    for key in sorted(here.keys() | there.keys()):
        source, target = here.get(key), there.get(key)
        if target is None:
            yield Difference(key, "missing")
        elif source is None:
            yield Difference(key, "extra")
        elif source.content_hash != target.content_hash:
            yield from _fields(fields, source, target)


def _fields(fields: tuple[str, ...], source: RowValues, target: RowValues) -> Iterator[Difference]:
    for name, mine, theirs in zip(fields, source.fields, target.fields, strict=True):
        if mine != theirs:
            yield Difference(source.row_key, "differs", name, mine, theirs)


def companies_of(one: StandingMap, here: Reader, there: Reader) -> list[str]:
    """Name the companies that have rows of a map in either book."""
    found = [*here.all(one.source.companies), *there.all(one.target.companies)]
    return sorted({company.company for company in found})
