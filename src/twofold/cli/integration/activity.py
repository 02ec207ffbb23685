"""The activity log of the bridge: who did what, when and why."""

from __future__ import annotations

from typing import Annotated

from cyclopts import Parameter

from twofold.cli import printing
from twofold.cli.integration.sets import age_of
from twofold.cli.opening import opened, those_that_answer
from twofold.cli.parameters import ROWS_SHOWN, AsJson, Company, LimitOfRows
from twofold.dualwrite.activity import Activity, Wanted, activities


def log(
    *,
    name: Annotated[
        str | None, Parameter(name="--map", help="Only what was done to this map.")
    ] = None,
    company: Company = None,
    by: Annotated[str | None, Parameter(help="Only what this one did.")] = None,
    people: Annotated[
        bool, Parameter(negative=(), help="Leave out what dual-write did by itself.")
    ] = False,
    within: Annotated[str | None, Parameter(help="Not longer ago than 30m, 12h, 8d.")] = None,
    limit: LimitOfRows = ROWS_SHOWN,
    as_json: AsJson = False,
) -> None:
    """List what people and dual-write did to sets, maps, alerts and the bridge, the last first."""
    wanted = Wanted(name, company, by, people, age_of("--within", within))
    found: list[Activity] = []
    with opened(maps="looked at", pair="as it is", alone="operations") as system:
        for book, reader in those_that_answer(system.auditor_operations, system.auditor_finance):
            found += activities(reader, book=book.name, wanted=wanted, limit=limit)
    found = sorted(found, key=lambda one: one.happened_at, reverse=True)[:limit]
    table = printing.table(
        ("When", "Book", "What", "Map", "Company", "Set", "Code", "Who", "Detail"),
        [
            (
                one.happened_at, one.book, one.event, one.map, one.company, one.set_id,
                one.code, one.actor, one.detail,
            )
            for one in found
        ],
        title="Activity log",
    )  # fmt: skip
    printing.show(found, table, as_json=as_json)
