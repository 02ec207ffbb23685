"""Take details off a draft, or delete the draft: what they billed is ready to invoice again.

Before  the draft is as the person saw it (``revision``).
After   sales, milestones and retainers behind the details are ready, on no draft; what was to be
        applied of a retainer is not, and what was to be corrected stands. A deleted draft leaves a
        record of its number, and the schedules whose run opened it are to run again.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Final

from twofold.database.deeds import record_deed, those
from twofold.database.statement import SqlFile
from twofold.database.transaction import Transaction
from twofold.kernel.catalogue import refuse
from twofold.kernel.errors import Refused
from twofold.operations.proforma.drafts import Draft, DraftTotals, add_up, lock_draft

SQL: Final = SqlFile(__name__)
REOPEN_ITEMS: Final = SQL.command("reopen_items")
REOPEN_MILESTONES: Final = SQL.command("reopen_milestones")
REOPEN_RETAINERS: Final = SQL.command("reopen_retainers")
LET_GO: Final = SQL.command("let_go")
REMOVE: Final = SQL.command("remove")
RESET_SCHEDULES: Final = SQL.command("reset_schedules")
RECORD: Final = SQL.command("record")
REMOVE_LINES: Final = SQL.command("remove_lines")
REMOVE_BULK_STATUS: Final = SQL.command("remove_bulk_status")
REMOVE_HEADER: Final = SQL.command("remove_header")


def remove_details(
    transaction: Transaction,
    *,
    company: str,
    proforma_id: int,
    revision: int | None,
    detail_ids: Sequence[int],
    actor: str,
    at: datetime,
) -> DraftTotals:
    """Take these details off the draft.

    Raises  Refused: as ``lock_draft``; ERR-B22 one of them is not on it, and nothing is removed.
    """
    draft = lock_draft(transaction, company=company, proforma_id=proforma_id, revision=revision)
    wanted = sorted(set(detail_ids))
    if _take_off(transaction, company, draft, wanted) != len(wanted):
        raise Refused(
            refuse(
                "ERR-B22",
                f"proforma/{draft.number}",
                field="detail",
                reason="Not all of these details are on the proforma.",
            )
        )
    return add_up(
        transaction,
        draft,
        company=company,
        by=(actor, at),
        act="details_removed",
        detail=those(wanted),
    )


def delete_proforma(
    transaction: Transaction,
    *,
    company: str,
    proforma_id: int,
    revision: int | None,
    actor: str,
    at: datetime,
) -> str:
    """Delete a draft with all that is on it, and give its number: no other draft gets that one.

    Raises  Refused: as ``lock_draft``, with ERR-B16 for a confirmed one.
    """
    try:
        draft = lock_draft(transaction, company=company, proforma_id=proforma_id, revision=revision)
    except Refused as refused:
        if refused.codes != ("ERR-B10",):
            raise
        raise Refused(refuse("ERR-B16", refused.refusals[0].record)) from None
    asked = {"company": company, "proforma_id": proforma_id}
    transaction.run(RECORD, actor=actor, at=at, **asked)
    _take_off(transaction, company, draft, None)
    transaction.run(RESET_SCHEDULES, contract_id=draft.contract_id, **asked)
    transaction.run(REMOVE_LINES, **asked)
    transaction.run(REMOVE_BULK_STATUS, **asked)
    transaction.run(REMOVE_HEADER, **asked)
    record_deed(
        transaction, company=company, act="proforma_deleted", by=(actor, at), number=draft.number
    )
    return draft.number


def _take_off(
    transaction: Transaction, company: str, draft: Draft, detail_ids: list[int] | None
) -> int:
    """Remove details, all of them for None, and tell how many there were."""
    asked = {"company": company, "proforma_id": draft.proforma_id, "detail_ids": detail_ids}
    transaction.run(REOPEN_ITEMS, contract_id=draft.contract_id, **asked)
    transaction.run(REOPEN_MILESTONES, contract_id=draft.contract_id, **asked)
    transaction.run(REOPEN_RETAINERS, contract_id=draft.contract_id, **asked)
    transaction.run(LET_GO, **asked)
    return transaction.run(REMOVE, **asked)
