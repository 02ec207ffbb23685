"""Add to a draft what is ready to invoice and not on it: all of it, or chosen items.

Before  the draft is as the person saw it (``revision``); items are ready, dated up to the cutoff.
After   each item taken is a detail of the draft and on no other; the rest of the backlog is as it
        was. Retainers that are available and not on the draft are applied. Doing it again adds
        nothing.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final

from twofold.database.statement import SqlFile
from twofold.database.statistics import refresh_statistics
from twofold.database.transaction import Transaction
from twofold.kernel.catalogue import refuse
from twofold.kernel.errors import Refused
from twofold.operations.keys import take_keys
from twofold.operations.proforma.available import Applied, apply_available
from twofold.operations.proforma.chosen_items import Chosen, refuse_unaddable
from twofold.operations.proforma.drafts import Draft, DraftTotals, add_up, lock_draft


@dataclass(frozen=True, slots=True)
class Wanted:
    """What to add: all that is ready and dated up to ``cutoff``, or of it the items named.

    Naming items of one kind leaves out the other.
    """

    cutoff: date
    actual_ids: Sequence[int] | None = None
    milestone_ids: Sequence[int] | None = None


@dataclass(frozen=True, slots=True)
class _Claimed:
    detail_count: int
    missing_line_count: int


SQL: Final = SqlFile(__name__)
CLAIM: Final = SQL.query("claim", gives=_Claimed)
OPEN_LINES: Final = SQL.command("open_lines")
OPEN_DETAILS: Final = SQL.command("open_details")


def refresh_proforma(
    transaction: Transaction,
    *,
    company: str,
    proforma_id: int,
    revision: int | None,
    wanted: Wanted,
    actor: str,
    at: datetime,
) -> DraftTotals:
    """Add what is wanted of the backlog of the draft's contract and customer.

    Raises  Refused: as ``lock_draft``; of items that were named: ERR-B22 not in this backlog,
            ERR-B06 on another draft, ERR-B07 after the cutoff, ERR-B25 not marked ready;
            ERR-B05 nothing to add.
    """
    draft = lock_draft(transaction, company=company, proforma_id=proforma_id, revision=revision)
    is_named = wanted.actual_ids is not None or wanted.milestone_ids is not None
    chosen = Chosen(
        sorted(set(wanted.actual_ids or ())), sorted(set(wanted.milestone_ids or ())), wanted.cutoff
    )
    if is_named:
        refuse_unaddable(transaction, company=company, items=chosen, draft=draft)
    claimed = transaction.one(
        CLAIM,
        company=company,
        proforma_id=proforma_id,
        contract_id=draft.contract_id,
        customer_id=draft.customer_id,
        cutoff=wanted.cutoff,
        actual_ids=chosen.actual_ids if is_named else None,
        milestone_ids=chosen.milestone_ids if is_named else None,
    )
    if claimed.detail_count:
        _open(transaction, company, draft, claimed, wanted.cutoff)
    applied = {} if is_named else _apply(transaction, company, proforma_id, wanted.cutoff)
    if not claimed.detail_count and not applied:
        record = f"proforma/{draft.number}"
        raise Refused(refuse("ERR-B05", record, field="cutoff", value=wanted.cutoff.isoformat()))
    return add_up(
        transaction,
        draft,
        company=company,
        by=(actor, at),
        act="proforma_refreshed",
        detail={"count": claimed.detail_count + len(applied)},
    )


def _apply(
    transaction: Transaction, company: str, proforma_id: int, cutoff: date
) -> dict[int, Applied]:
    """Apply what is available of retainers to the draft."""
    drafts = [proforma_id]
    return apply_available(transaction, company=company, proforma_ids=drafts, on=cutoff)


def _open(
    transaction: Transaction, company: str, draft: Draft, claimed: _Claimed, cutoff: date
) -> None:
    """Give what was claimed its details, and contract lines agreed since their lines."""
    asked = {
        "company": company,
        "proforma_id": draft.proforma_id,
        "contract_id": draft.contract_id,
    }
    if claimed.missing_line_count:
        first = take_keys(
            transaction, "operations.proforma_line_key", how_many=claimed.missing_line_count
        )
        transaction.run(OPEN_LINES, first_line_id=first, **asked)
    first = take_keys(transaction, "operations.proforma_detail_key", how_many=claimed.detail_count)
    opened = transaction.run(OPEN_DETAILS, first_detail_id=first, cutoff=cutoff, **asked)
    assert opened == claimed.detail_count, "every item claimed is one detail"
    refresh_statistics(transaction, "operations.proforma_detail", rows_added=opened)
