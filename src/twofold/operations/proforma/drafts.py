"""What every change of a draft shares: it is locked, it is the one that was seen, it adds up again.

Before  whoever changes a draft names the revision it saw.
After   lines and header hold the sums of the details, and the revision is the next one.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Final

from twofold.database.deeds import Act, Detail, record_deed
from twofold.database.statement import SqlFile
from twofold.database.transaction import Transaction
from twofold.kernel.catalogue import refuse
from twofold.kernel.errors import Refused
from twofold.operations.proforma.rules import OPEN_STATES


@dataclass(frozen=True, slots=True)
class Draft:
    """A proforma that may change, locked. ``precision`` is that of its currency."""

    proforma_id: int
    number: str
    state: str
    contract_id: int
    customer_id: int
    currency: str
    precision: int
    has_corrections: bool
    revision: int
    changed_by: str | None
    changed_at: datetime | None


@dataclass(frozen=True, slots=True)
class DraftTotals:
    """A draft after a change. Amounts are in its currency; total = detail + tax."""

    proforma_id: int
    number: str
    revision: int
    detail_count: int
    detail_amount: Decimal
    tax_amount: Decimal
    total_amount: Decimal


SQL: Final = SqlFile(__name__)
LOCK: Final = SQL.query("lock", gives=Draft)
TOTAL_LINES: Final = SQL.command("total_lines")
TOTAL_HEADER: Final = SQL.query("total_header", gives=DraftTotals)


def lock_draft(
    transaction: Transaction, *, company: str, proforma_id: int, revision: int | None
) -> Draft:
    """Lock a draft for a change; None as ``revision`` changes it whatever others did before.

    Raises  Refused: ERR-B22 there is none, ERR-B10 it is confirmed, ERR-B24 somebody else
            changed it since the revision that was seen.
    """
    draft = transaction.first(LOCK, company=company, proforma_id=proforma_id)
    if draft is None:
        raise Refused(refuse("ERR-B22", f"proforma/{proforma_id}"))
    record = f"proforma/{draft.number}"
    if draft.state not in OPEN_STATES:
        raise Refused(refuse("ERR-B10", record, field="state", value=draft.state))
    if revision is not None and revision != draft.revision:
        reason = f"{draft.changed_by} changed it at {draft.changed_at:%Y-%m-%d %H:%M}"
        raise Refused(
            refuse("ERR-B24", record, field="revision", value=str(revision), reason=reason)
        )
    return draft


def add_up(
    transaction: Transaction,
    draft: Draft,
    *,
    company: str,
    by: tuple[str, datetime],
    act: Act,
    detail: Detail,
) -> DraftTotals:
    """Make lines and header the sums of the details, the revision the next one; keep who did it."""
    asked = {"company": company, "proforma_id": draft.proforma_id}
    transaction.run(TOTAL_LINES, **asked)
    totals = transaction.one(TOTAL_HEADER, actor=by[0], at=by[1], **asked)
    record_deed(
        transaction,
        company=company,
        act=act,
        by=by,
        number=draft.number,
        detail={**detail, "total": totals.total_amount},
    )
    return totals
