"""Compare the rows of a map in both books: checksums per bucket, then rows, then fields.

Both books add up their own rows at the same time; a bucket that differs is read row by row (key
and hash), a row that differs field by field. What crosses is small however many rows there are.

Facts are judged by the version of the map that fits them: a fact that is as an older version made
it is no difference, because what was delivered once is not rewritten when a map changes. State is
judged by the active version: it can be brought up to date, and should be.
"""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from dataclasses import field as given_by
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
# A period and a bucket, and what one book adds up there: rows and hash.
Place = tuple[str, int]
AddedUp = dict[Place, tuple[int, int]]


@dataclass(frozen=True, slots=True)
class Difference:
    """One field that differs; a whole row that is missing or extra in the target has no field.

    The hashes are those of the row as it was seen in each book.
    """

    row_key: str
    kind: Kind
    field: str = ""
    source_value: str | None = None
    target_value: str | None = None
    source_hash: int | None = given_by(default=None, compare=False)
    target_hash: int | None = given_by(default=None, compare=False)


@dataclass(frozen=True, slots=True)
class PeriodSums:
    """What one period adds up to in both books."""

    period: str
    source_rows: int
    target_rows: int
    differing_buckets: int


@dataclass(frozen=True, slots=True)
class Sums:
    """What a map adds up to in both books, and the places that differ.

    ``older_rows`` are those of places that are as an older version of the map made them.
    """

    periods: tuple[PeriodSums, ...]
    differing: tuple[Place, ...]
    older_rows: int = 0


@dataclass(frozen=True, slots=True)
class Located:
    """The rows and fields that differ, and whether every differing bucket was looked into."""

    differences: tuple[Difference, ...]
    is_complete: bool
    older_rows: int = 0


@dataclass(frozen=True, slots=True)
class Sides:
    """The rows that count, and a reader of each book that reads the watermark's snapshot.

    ``older`` are the older versions of the map that facts may have been delivered with.
    """

    standing: Standing
    here: Reader
    there: Reader
    older: tuple[StandingMap, ...] = ()

    def both(self, here: Query[R], there: Query[R], **more: object) -> tuple[list[R], list[R]]:
        """Ask both books at the same time."""
        given = self.standing.given
        with ThreadPoolExecutor(2) as threads:
            asked = threads.submit(self.there.all, there, **given(there, **more))
            found = self.here.all(here, **given(here, **more))
            return found, asked.result()

    def by_older(self) -> Iterator[Sides]:
        """Give the same rows as each older version of the map makes them."""
        return (replace(self, standing=replace(self.standing, map=one)) for one in self.older)


def compare_sums(sides: Sides, *, period: str | None = None) -> Sums:
    """Add up the rows in both books; of one period, when one is named."""
    here, there = _added_up(sides)
    places = sorted({place for place in here.keys() | there.keys() if period in {None, place[0]}})
    differing = {place for place in places if here.get(place) != there.get(place)}
    return Sums(_periods(places, here, there, differing), tuple(sorted(differing)))


def settle_older(sides: Sides, sums: Sums) -> Sums:
    """Take out the places whose rows are all as an older version of the map made them."""
    differing, older_rows = set(sums.differing), 0
    for older in sides.by_older():
        here, there = _added_up(older)
        settled = {place for place in differing if here.get(place) == there.get(place)}
        older_rows += sum(there[place][0] for place in settled if place in there)
        differing -= settled
        if not differing:
            break
    left = [period for period, _ in differing]
    periods = (replace(one, differing_buckets=left.count(one.period)) for one in sums.periods)
    return Sums(tuple(periods), tuple(sorted(differing)), older_rows)


def _added_up(sides: Sides) -> tuple[AddedUp, AddedUp]:
    one = sides.standing.map
    found = sides.both(one.source.checksums, one.target.checksums)
    here, there = (
        {(b.period, b.bucket): (b.row_count, b.content_hash) for b in side} for side in found
    )
    return here, there


def _periods(
    places: list[Place], here: AddedUp, there: AddedUp, differing: set[Place]
) -> tuple[PeriodSums, ...]:
    periods: list[PeriodSums] = []
    for name, of_period in groupby(places, key=lambda place: place[0]):
        mine = list(of_period)
        periods.append(
            PeriodSums(
                period=name,
                source_rows=sum(here[place][0] for place in mine if place in here),
                target_rows=sum(there[place][0] for place in mine if place in there),
                differing_buckets=len(differing.intersection(mine)),
            )
        )
    return tuple(periods)


def locate(
    sides: Sides, sums: Sums, *, period: str | None = None, differences_max: int = DIFFERENCES_MAX
) -> Located:
    """Find the rows and fields that differ."""
    found: list[Difference] = []
    rows: set[str] = set()
    older_rows = 0
    for first, last in _runs(tuple(sorted({bucket for _, bucket in sums.differing}))):
        if len(rows) >= differences_max:
            return Located(tuple(found), is_complete=False, older_rows=older_rows)
        differences, older = _in_buckets(sides, first, last, period)
        older_rows += older
        found += differences
        rows.update(one.row_key for one in differences)
    return Located(tuple(found), is_complete=True, older_rows=older_rows)


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


def _in_buckets(
    sides: Sides, first: int, last: int, period: str | None
) -> tuple[list[Difference], int]:
    """Compare a run of buckets; give what differs, and how many rows are of an older version."""
    differing = _differing_rows(sides, first, last, period)
    found = len(differing)
    for older in sides.by_older():
        if not differing:
            break
        theirs = _differing_rows(older, first, last, None)
        differing = {key: lead for key, lead in differing.items() if key in theirs}
    if not differing:
        return [], found
    given = {"leads": sorted(set(differing.values())), "row_keys": sorted(differing)}
    best = _by_row(compare_rows(sides, **given))
    for older in sides.by_older():
        for key, fields in _by_row(compare_rows(older, **given)).items():
            if key not in best or len(fields) < len(best[key]):
                best[key] = fields
    return [one for key in sorted(best) for one in best[key]], found - len(differing)


def _differing_rows(sides: Sides, first: int, last: int, period: str | None) -> dict[str, str]:
    """Give the key and the lead of each row of a run of buckets that differs."""
    one = sides.standing.map
    found = sides.both(one.source.hashes, one.target.hashes, first=first, last=last)
    here, there = ({row.row_key: row for row in side} for side in found)
    return {
        key: (here.get(key) or there[key]).lead
        for key in here.keys() | there.keys()
        if _differs(here.get(key), there.get(key), period)
    }


def _by_row(differences: list[Difference]) -> dict[str, list[Difference]]:
    return {key: list(fields) for key, fields in groupby(differences, key=lambda one: one.row_key)}


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
        if source is not None and target is None:
            yield Difference(key, "missing", source_hash=source.content_hash)
        elif source is None and target is not None:
            yield Difference(key, "extra", target_hash=target.content_hash)
        elif source is not None and target is not None:
            yield from _fields(fields, source, target)


def _fields(fields: tuple[str, ...], source: RowValues, target: RowValues) -> Iterator[Difference]:
    if source.content_hash == target.content_hash:
        return
    hashes = (source.content_hash, target.content_hash)
    for name, mine, theirs in zip(fields, source.fields, target.fields, strict=True):
        if mine != theirs:
            yield Difference(source.row_key, "differs", name, mine, theirs, *hashes)


def companies_of(one: StandingMap, here: Reader, there: Reader) -> list[str]:
    """Name the companies that have rows of a map in either book."""
    found = [*here.all(one.source.companies), *there.all(one.target.companies)]
    return sorted({company.company for company in found})
