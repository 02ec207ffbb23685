"""Edit lines of a draft journal: billing tax groups and dimensions, nothing else (spec 4.18).

A cost has dimensions on its own side and others on its offset; a sale has the same on both. A line
whose reversal waits too is changed together with it, and a reversal is not changed by itself: what
takes back carries what it takes back.

Before  the journal is a draft.
After   every line chosen carries what was given; quantities, prices and amounts are as before.
Next    ``post`` judges the dimensions against the account structures.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

from twofold.database.deeds import record_deed, those
from twofold.database.statement import SqlFile
from twofold.database.transaction import Transaction
from twofold.finance.dimensions.changes import (
    change_sets,
    close_changes,
    open_changes,
    unknown_dimensions,
)
from twofold.finance.journal.unposted import lock_unposted
from twofold.finance.tax.groups import unknown_groups
from twofold.kernel.catalogue import refuse
from twofold.kernel.errors import Refusal, Refused


@dataclass(frozen=True, slots=True, kw_only=True)
class LineChange:
    """What lines shall have. None keeps a tax group, "" takes it away.

    ``dimensions`` are those to change, "" takes one away; ``of_offset`` turns them to the offset
    side of costs, which sales do not have.
    """

    tax_group: str | None = None
    item_tax_group: str | None = None
    dimensions: Mapping[str, str] = field(default_factory=dict[str, str])
    of_offset: bool = False

    @property
    def is_of_tax(self) -> bool:
        """Whether a billing tax group changes."""
        return self.tax_group is not None or self.item_tax_group is not None


@dataclass(frozen=True, slots=True)
class EditedLines:
    """How many lines were edited, and how many reversals followed their originals."""

    journal_number: str
    edited_count: int
    followed_count: int


@dataclass(frozen=True, slots=True)
class _Chosen:
    actual_id: int
    code: str
    field: str


SQL: Final = SqlFile(__name__)
CREATE_EDITED_LINE: Final = SQL.command("create_edited_line")
FILL_EDITED_LINE: Final = SQL.command("fill_edited_line")
READ_REFUSED: Final = SQL.query("read_refused", gives=_Chosen)
ADD_REVERSALS: Final = SQL.command("add_reversals")
NAME_SETS: Final = SQL.command("name_sets")
EDIT_LINES: Final = SQL.command("edit_lines")
DROP_EDITED_LINE: Final = SQL.command("drop_edited_line")


def edit_lines(
    transaction: Transaction,
    *,
    company: str,
    journal_id: int,
    change: LineChange,
    actual_ids: tuple[int, ...] = (),
    actor: str,
    at: datetime,
) -> EditedLines:
    """Change the lines named by their actuals; without any, every line the change can be about.

    Refused with everything at once: journal not a draft (ERR-J09), line not on it (ERR-J10),
    dimension (ERR-J11) or tax group (ERR-J13) unknown, a reversal (ERR-J12), tax groups of a cost
    (ERR-J14), nothing given (ERR-J15).
    """
    journal = lock_unposted(transaction, company=company, journal_id=journal_id, states=("draft",))
    number = journal.number
    transaction.run(CREATE_EDITED_LINE)
    transaction.run(
        FILL_EDITED_LINE,
        company=company,
        journal_id=journal_id,
        actual_ids=list(actual_ids) or None,
        is_of_tax=change.is_of_tax,
        of_offset=change.of_offset,
    )
    refusals = _refusals(
        transaction, f"journal/{number}", company=company, change=change, actual_ids=actual_ids
    )
    if refusals:
        raise Refused(*refusals)
    followed_count = transaction.run(ADD_REVERSALS, company=company)
    open_changes(transaction)
    transaction.run(NAME_SETS)
    change_sets(transaction, company=company, changes=change.dimensions)
    count = transaction.run(
        EDIT_LINES,
        company=company,
        tax_group=change.tax_group,
        item_tax_group=change.item_tax_group,
        of_offset=change.of_offset,
    )
    close_changes(transaction)
    transaction.run(DROP_EDITED_LINE)
    _record(transaction, company, number, actual_ids, change, count, (actor, at))
    return EditedLines(number, count - followed_count, followed_count)


def _record(
    transaction: Transaction,
    company: str,
    number: str,
    actual_ids: tuple[int, ...],
    change: LineChange,
    count: int,
    by: tuple[str, datetime],
) -> None:
    """Keep who gave the lines which values."""
    record_deed(
        transaction,
        company=company,
        act="journal_lines_edited",
        by=by,
        number=number,
        detail={**those(actual_ids), "count": count, "changes": _told(change)},
    )


def _told(change: LineChange) -> dict[str, object]:
    """Say for the history what the lines have now."""
    groups = {"tax_group": change.tax_group, "item_tax_group": change.item_tax_group}
    given = {name: one for name, one in groups.items() if one is not None}
    return {**given, **change.dimensions}


def _refusals(
    transaction: Transaction,
    record: str,
    *,
    company: str,
    change: LineChange,
    actual_ids: tuple[int, ...],
) -> list[Refusal]:
    refusals = unknown_dimensions(
        transaction, company=company, record=record, changes=change.dimensions
    )
    refusals += unknown_groups(
        transaction,
        company=company,
        record=record,
        tax_group=change.tax_group,
        item_tax_group=change.item_tax_group,
    )
    if not change.is_of_tax and not change.dimensions:
        refusals.append(refuse("ERR-J15", record, field="change"))
    if actual_ids:
        chosen = transaction.all(READ_REFUSED, actual_ids=list(actual_ids))
        refusals += [
            refuse(one.code, f"{record} actual/{one.actual_id}", field=one.field) for one in chosen
        ]
    return refusals
