"""Dual-write at a glance: each map in each company, how late it is, and what holds up the queue."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Final

from twofold.dualwrite.run.alerts import alert_rules
from twofold.dualwrite.run.heartbeat import engines
from twofold.dualwrite.sets.reads import Hour, Lag, flow, held_up, lag
from twofold.dualwrite.table_maps.states import Gap, MapState, gaps, map_states
from twofold.web.answers import Answer
from twofold.web.asked import Asked, Page
from twofold.web.both_books import Found, reading_books
from twofold.web.charts import Chart, bars
from twofold.web.integration.scope import Scope, scope_of
from twofold.web.listing import Column, Listing, answer, whole

# An engine that was not heard of for so long is not at work.
SILENT_SECONDS: Final = 30


@dataclass(frozen=True, slots=True)
class MapLine:
    """A map in a company: its state, what is on its way, and how long the last sets took."""

    map: str
    name: str
    source: str
    company: str
    state: str
    pending_count: int
    failing_count: int
    oldest: datetime | None
    arrived_count: int
    day_rows: int
    p50: timedelta | None
    p95: timedelta | None
    gap_rows: int


@dataclass(frozen=True, slots=True)
class Held:
    """A part of the queue of one book, by what holds it up."""

    book: str
    reason: str
    code: str | None
    company: str
    set_count: int
    oldest: datetime


def seconds(length: timedelta | None) -> Decimal | None:
    """Give a length of time in seconds, to the tenth."""
    if length is None:
        return None
    return Decimal(round(length.total_seconds() * 10)) / 10


def _show(asked: Asked) -> Answer:
    """Show every map and what is on its way."""
    scope = scope_of(asked)
    found = Found()
    books = reading_books(asked)
    company = scope.company
    late = found.of(books, lambda reader: lag(reader, company=company))
    queue = found.of(books, lambda reader: held_up(reader, company=company))
    hours = found.of(books, lambda reader: flow(reader, company=company))
    left = found.of(books, lambda reader: gaps(reader, maps=None, company=company))
    with asked.system.auditor_operations.reader() as reader:
        states = map_states(reader)
        known = engines(reader)
        firing = [one.alert for one in alert_rules(reader) if one.firing_since]
    lines = _lines(
        asked,
        scope,
        states,
        [one for _, each in late for one in each],
        [one for _, each in left for one in each],
    )
    held = [
        Held(book, one.reason, one.code, one.company, one.set_count, one.oldest)
        for book, each in queue
        for one in each
    ]
    return answer(
        asked,
        "dual_write.html",
        _of_maps(lines),
        _of_queue(held),
        scope=scope,
        away=found.away,
        engine=next((one for one in known if one.seconds_silent < SILENT_SECONDS), None),
        firing=firing,
        queued=sum(one.set_count for one in held),
        oldest=min((one.oldest for one in held), default=None),
        stopped=sum(one.set_count for one in held if one.code),
        resting=sorted({one.map for one in states if one.state != "running"}),
        charts=_charts(hours),
    )


def _lines(
    asked: Asked,
    scope: Scope,
    states: Sequence[MapState],
    late: Sequence[Lag],
    left: Sequence[Gap],
) -> list[MapLine]:
    """Put together what is known of each map in each company."""
    by_key = {(one.map, one.company): one for one in late}
    state_of = {(one.map, one.company): one.state for one in states}
    gap_of = {(one.map, one.company): one.row_count for one in left}
    companies = scope.companies if scope.company is None else (scope.company,)
    lines: list[MapLine] = []
    for active in asked.system.maps:
        one = active.compiled.map
        for company in companies:
            found = by_key.get((one.id, company))
            whole_state = state_of.get((one.id, None), active.state)
            own_state = state_of.get((one.id, company), "running")
            lines.append(
                MapLine(
                    map=one.id,
                    name=one.name,
                    source=one.source_book,
                    company=company,
                    state=whole_state if whole_state != "running" else own_state,
                    pending_count=found.pending_count if found else 0,
                    failing_count=found.failing_count if found else 0,
                    oldest=found.oldest if found else None,
                    arrived_count=found.arrived_count if found else 0,
                    day_rows=found.day_rows if found else 0,
                    p50=found.p50 if found else None,
                    p95=found.p95 if found else None,
                    gap_rows=gap_of.get((one.id, company), 0),
                )
            )
    return lines


def _of_maps(lines: Sequence[MapLine]) -> Listing[MapLine]:
    columns: tuple[Column[MapLine], ...] = (
        Column(
            "Map",
            lambda one: one.map,
            to=lambda one: f"/integration/maps/{one.map}",
            sort="map",
        ),
        Column("Company", lambda one: one.company, sort="company"),
        Column("Sent by", lambda one: one.source, "term"),
        Column("Status", lambda one: one.state, "status", sort="state"),
        Column("On their way", lambda one: one.pending_count, "quantity", sort="pending"),
        Column(
            "Errors",
            lambda one: one.failing_count or None,
            "quantity",
            to=lambda one: f"/integration/sets?company={one.company}&map={one.map}",
        ),
        Column("Oldest since", lambda one: one.oldest, "moment"),
        Column("Rows in 24 hours", lambda one: one.day_rows or None, "quantity"),
        Column("Sets arrived", lambda one: one.arrived_count or None, "quantity"),
        Column("Half within (s)", lambda one: seconds(one.p50), "quantity"),
        Column("95 % within (s)", lambda one: seconds(one.p95), "quantity"),
        Column("Rows left behind", lambda one: one.gap_rows or None, "quantity"),
    )
    return Listing(
        title="Table maps",
        columns=columns,
        page=whole(lines, columns),
        place=lambda one: f"{one.map} {one.company}",
        total=len(lines),
        per_page=max(len(lines), 1),
    )


def _of_queue(held: Sequence[Held]) -> Listing[Held]:
    columns: tuple[Column[Held], ...] = (
        Column("Held up by", lambda one: one.reason),
        Column("Code", lambda one: one.code),
        Column("Company", lambda one: one.company),
        Column("Sent by", lambda one: one.book, "term"),
        Column(
            "Sets",
            lambda one: one.set_count,
            "quantity",
            to=lambda one: f"/integration/sets?company={one.company}&code={one.code or ''}",
        ),
        Column("Oldest since", lambda one: one.oldest, "moment"),
    )
    return Listing(
        key="queue",
        title="Queue",
        empty="Nothing is on its way: both books have everything.",
        columns=columns,
        page=whole(held, columns),
        place=lambda one: one.reason,
        per_page=max(len(held), 1),
    )


def _charts(hours: Sequence[tuple[str, Sequence[Hour]]]) -> list[Chart]:
    """Draw what arrived from each book, and what failed in both."""
    titles = {"operations": "Sets from operations", "finance": "Sets from finance"}
    charts = [
        bars(titles[book], [(one.hour, one.set_count) for one in each], kind="flow")
        for book, each in hours
    ]
    failed: dict[datetime, int] = {}
    for _, each in hours:
        for one in each:
            failed[one.hour] = failed.get(one.hour, 0) + one.error_count
    return [*charts, bars("Failed attempts", sorted(failed.items()), kind="errors")]


PAGES: Final = (Page("/integration/maps", _show, None),)
