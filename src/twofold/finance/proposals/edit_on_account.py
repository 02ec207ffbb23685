"""Give an on-account transaction its tax groups and dimensions, until a proposal bills it (P28.2).

Before  the milestone has arrived, and no proposal line bills it (or its line was credited).
After   the next import from staging gives its line these groups and dimensions, whatever the
        defaults say.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

from twofold.database.deeds import record_deed
from twofold.database.statement import SqlFile
from twofold.database.transaction import Transaction
from twofold.finance.dimensions.changes import (
    change_sets,
    close_changes,
    open_changes,
    unknown_dimensions,
)
from twofold.finance.staging.import_lock import await_import
from twofold.finance.tax.groups import unknown_groups
from twofold.kernel.catalogue import refuse
from twofold.kernel.errors import Refused


@dataclass(frozen=True, slots=True, kw_only=True)
class OnAccountChange:
    """What changes. None keeps a tax group, "" means none.

    ``dimensions`` are all that the transaction shall have of its own, ``{}`` for none; None keeps
    them, and until some are given the defaults count.
    """

    tax_group: str | None = None
    item_tax_group: str | None = None
    dimensions: Mapping[str, str] | None = field(default=None)


@dataclass(frozen=True, slots=True)
class _OnAccount:
    state: str


SQL: Final = SqlFile(__name__)
FIND_ON_ACCOUNT: Final = SQL.query("find_on_account", gives=_OnAccount)
NAME_SET: Final = SQL.command("name_set")
PUT_ACCOUNTING: Final = SQL.command("put_accounting")


def edit_on_account(
    transaction: Transaction,
    *,
    company: str,
    milestone_id: int,
    change: OnAccountChange,
    actor: str,
    at: datetime,
) -> None:
    """Change the accounting of one on-account transaction.

    Refused with everything at once: unknown (ERR-F12), on a proposal or invoiced (ERR-F03),
    dimension (ERR-J11) or tax group (ERR-J13) unknown, nothing given (ERR-J15).
    """
    record = f"on-account/{milestone_id}"
    await_import(transaction, company=company)
    found = transaction.first(FIND_ON_ACCOUNT, company=company, milestone_id=milestone_id)
    stated = {name: value for name, value in (change.dimensions or {}).items() if value}
    refusals = unknown_dimensions(transaction, company=company, record=record, changes=stated)
    refusals += unknown_groups(
        transaction,
        company=company,
        record=record,
        tax_group=change.tax_group,
        item_tax_group=change.item_tax_group,
    )
    if found is None:
        refusals.append(refuse("ERR-F12", record, field="milestone_id", value=str(milestone_id)))
    elif found.state != "open":
        refusals.append(refuse("ERR-F03", record, field="state", value=found.state))
    if change == OnAccountChange():
        refusals.append(refuse("ERR-J15", record, field="change"))
    if refusals:
        raise Refused(*refusals)
    open_changes(transaction)
    transaction.run(NAME_SET)
    change_sets(transaction, company=company, changes=stated)
    transaction.run(
        PUT_ACCOUNTING,
        company=company,
        milestone_id=milestone_id,
        tax_group=change.tax_group,
        item_tax_group=change.item_tax_group,
        is_of_dimensions=change.dimensions is not None,
        actor=actor,
        at=at,
    )
    close_changes(transaction)
    _record(transaction, company, milestone_id, change, (actor, at))


def _record(
    transaction: Transaction,
    company: str,
    milestone_id: int,
    change: OnAccountChange,
    by: tuple[str, datetime],
) -> None:
    """Keep who gave it which values."""
    record_deed(
        transaction,
        company=company,
        act="on_account_edited",
        by=by,
        number=str(milestone_id),
        detail={"changes": _told(change)},
    )


def _told(change: OnAccountChange) -> dict[str, object]:
    """Say for the history what it has now."""
    groups = {"tax_group": change.tax_group, "item_tax_group": change.item_tax_group}
    given = {name: one for name, one in groups.items() if one is not None}
    return {**given, **(change.dimensions or {})}
