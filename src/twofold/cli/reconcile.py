"""Reconcile: show that both books hold the same rows, or which rows and fields differ."""

from __future__ import annotations

from typing import Annotated

from cyclopts import Parameter

from twofold.cli import printing
from twofold.cli.opening import opened
from twofold.cli.parameters import ActorName, AsJson, Company, Misused, actor_name
from twofold.dualwrite.standing.reconcile import Asked, Reconciliation
from twofold.dualwrite.standing.reconcile import reconcile as reconcile_route

DIFFERENT = 4


def reconcile(
    *,
    map_id: Annotated[str | None, Parameter(name="--map", help="One map; left out: all.")] = None,
    company: Company = None,
    period: Annotated[str | None, Parameter(help="One month, such as 2026-10.")] = None,
    locate: Annotated[
        bool, Parameter(negative=(), help="Find the rows and fields that differ.")
    ] = False,
    actor: ActorName = None,
    as_json: AsJson = False,
) -> int:
    """Compare the rows of both books, map by map, while sets may be on their way."""
    asked = Asked(company=company, period=period, locate=locate)
    with opened() as system, printing.working("Comparing the books"):
        known = {one.compiled.map.id for one in system.maps}
        if map_id is not None and map_id not in known:
            raise Misused(f"there is no map {map_id}; there are {', '.join(sorted(known))}")
        found = [
            result
            for route in (system.forward, system.back)
            for result in reconcile_route(
                route,
                maps=tuple(
                    one
                    for one in system.maps
                    if one.compiled.map.source_book == route.source.name
                    and map_id in {None, one.compiled.map.id}
                ),
                asked=asked,
                actor=actor_name(actor),
            )
        ]
    printing.show(
        [_document(one) for one in found], _summary(found), _differences(found), as_json=as_json
    )
    return DIFFERENT if any(not one.is_equal for one in found) else 0


def _document(one: Reconciliation) -> dict[str, object]:
    return {
        "run": one.run,
        "map": one.map,
        "company": one.company,
        "is_equal": one.is_equal,
        "periods": one.periods,
        "in_flight_rows": one.standing.in_flight_rows,
        "overdue_sets": one.standing.watermark.overdue,
        "lost_sets": one.standing.watermark.lost,
        "accepted_rows": one.standing.accepted_rows,
        "gap_rows": one.standing.gap_rows,
        "excluded_rows": one.excluded_rows,
        "differing_buckets": one.differing_buckets,
        "differences": one.differences,
        "is_complete": one.is_complete,
    }


def _summary(found: list[Reconciliation]) -> printing.RenderableType:
    columns = (
        "Map", "Company", "Source rows", "Target rows", "In flight", "Accepted", "Gap",
        "Excluded", "Result",
    )  # fmt: skip
    rows = [
        (
            one.map,
            one.company,
            sum(part.source_rows for part in one.periods),
            sum(part.target_rows for part in one.periods),
            one.standing.in_flight_rows,
            one.standing.accepted_rows,
            one.standing.gap_rows,
            one.excluded_rows,
            "equal" if one.is_equal else f"{one.differing_buckets} buckets differ",
        )
        for one in found
    ]
    return printing.table(columns, rows)


def _differences(found: list[Reconciliation]) -> printing.RenderableType:
    return printing.table(
        ("Map", "Company", "Key", "What", "Field", "Source", "Target"),
        [
            (
                one.map,
                one.company,
                row.row_key,
                row.kind,
                row.field,
                row.source_value,
                row.target_value,
            )
            for one in found
            for row in one.differences
        ],
        title="Differences",
    )
