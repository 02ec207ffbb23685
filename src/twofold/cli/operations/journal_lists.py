"""Journals of operations as lists: corrections, and those without an entry."""

from __future__ import annotations

from twofold.cli import printing
from twofold.cli.companies import chosen_companies
from twofold.cli.opening import opened
from twofold.operations.journals.reads import list_journals
from twofold.operations.journals.states import Kind


def show_journals(
    kind: Kind,
    company: str | None,
    *,
    title: str,
    columns: tuple[str, str],
    limit: int,
    as_json: bool,
) -> None:
    """Show the journals of a kind, the newest first; ``columns`` name the key and the rows."""
    with opened(alone="operations") as system, system.operations.reader() as reader:
        found = [
            one
            for code in chosen_companies(system, company)
            for one in list_journals(reader, company=code, kind=kind, row_count_max=limit)
        ]
    key, rows = columns
    table = printing.table(
        ("Company", key, "Description", "State", rows, "By", "Closed by"),
        [
            (
                one.company, one.journal_id, one.description, one.state, one.row_count,
                one.created_by, one.closed_by,
            )
            for one in found
        ],
        title=title,
    )  # fmt: skip
    printing.show({"journals": found}, table, as_json=as_json)
