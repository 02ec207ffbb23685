"""Who did what in both books."""

from __future__ import annotations

import json
from typing import Annotated

from cyclopts import Parameter

from twofold.cli import printing
from twofold.cli.companies import chosen_companies
from twofold.cli.opening import opened, those_that_answer
from twofold.cli.parameters import ROWS_SHOWN, AsJson, Company, LimitOfRows
from twofold.database.deeds import Asked, Deed, list_deeds


def history(
    *,
    number: Annotated[
        str | None,
        Parameter(help="Only what was done to this: a proforma, contract, journal, entry ..."),
    ] = None,
    by: Annotated[str | None, Parameter(help="Only what this one did.")] = None,
    company: Company = None,
    limit: LimitOfRows = ROWS_SHOWN,
    as_json: AsJson = False,
) -> None:
    """List who did what in both books, the last first."""
    found: list[tuple[str, str, Deed]] = []
    with opened(maps="looked at", pair="as it is", alone="operations") as system:
        companies = chosen_companies(system, company)
        for book, reader in those_that_answer(system.auditor_finance, system.auditor_operations):
            for code in companies:
                asked = Asked(code, number, by)
                deeds = list_deeds(reader, asked=asked, before=None, limit=limit)
                found += ((book.name, code, one) for one in deeds)
    found = sorted(found, key=lambda told: told[2].at, reverse=True)[:limit]
    printing.show(
        [{"book": book, "company": code, "deed": one} for book, code, one in found],
        printing.table(
            ("When", "Book", "Company", "What", "Number", "Who", "Detail"),
            [
                (one.at, book, code, one.act, one.number, one.actor, _detail(one))
                for book, code, one in found
            ],
            title="History",
        ),
        as_json=as_json,
    )


def _detail(deed: Deed) -> str:
    return json.dumps(deed.detail, ensure_ascii=False).strip("{}") if deed.detail else ""
