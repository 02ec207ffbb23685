"""The troubleshooting log of the finance book."""

from __future__ import annotations

from typing import Annotated, Literal

from cyclopts import Parameter

from twofold.cli import printing
from twofold.cli.documents import list_over_companies
from twofold.cli.opening import opened
from twofold.cli.parameters import ROWS_SHOWN, AsJson, Company, LimitOfRows
from twofold.finance.troubleshooting.reads import list_messages


def messages(
    *,
    company: Company = None,
    source: Annotated[
        Literal["import", "journal", "proposal"] | None, Parameter(help="Only messages of this.")
    ] = None,
    limit: LimitOfRows = ROWS_SHOWN,
    as_json: AsJson = False,
) -> None:
    """Show what imports and postings could not do, newest first, and what to do about it."""
    with opened(alone="finance") as system:
        found = list_over_companies(
            system, company, limit,
            lambda reader, code, rows: list_messages(
                reader, company=code, source=source, limit=rows
            ),
        )  # fmt: skip
    printing.show(
        [{"company": code, "message": one, "reason": one.refusal.reason} for code, one in found],
        printing.table(
            ("Company", "When", "Source", "Reference", "About", "Rows", "Code", "Reason", "Field",
             "Value"),
            [
                (
                    code, one.logged_at, one.source, one.reference, one.about, one.row_count,
                    one.code, one.refusal.reason, one.field, one.value,
                )
                for code, one in found
            ],
        ),
        as_json=as_json,
    )  # fmt: skip
    if found and not as_json:
        printing.say("`twofold explain CODE` says what to do.")
