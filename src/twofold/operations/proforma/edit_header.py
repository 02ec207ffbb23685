"""Edit the header of a draft: name, description, bill-to, terms, accounting date, review.

The accounting date decides the period its billed sales fall in; without one, confirmation uses its
own day. It never alters transaction dates.

Before  the draft is as the person saw it (``revision``).
After   every change is made, or none is.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import asdict, dataclass
from datetime import date, datetime
from typing import Final, Literal

from twofold.database.deeds import record_deed
from twofold.database.statement import SqlFile
from twofold.database.transaction import Transaction
from twofold.operations.proforma.drafts import lock_draft

Clearable = Literal["description", "bill_to_name", "payment_terms", "accounting_date"]


@dataclass(frozen=True, slots=True, kw_only=True)
class HeaderChange:
    """New values of a header; None leaves a value as it is, ``cleared`` ones are emptied."""

    name: str | None = None
    description: str | None = None
    bill_to_name: str | None = None
    payment_terms: str | None = None
    accounting_date: date | None = None
    state: Literal["draft", "in_review"] | None = None
    cleared: Collection[Clearable] = ()


@dataclass(frozen=True, slots=True)
class EditedHeader:
    """A draft's header after the change."""

    number: str
    revision: int
    state: str
    name: str
    description: str | None
    bill_to_name: str | None
    payment_terms: str | None
    accounting_date: date | None


SQL: Final = SqlFile(__name__)
CHANGE: Final = SQL.query("change", gives=EditedHeader)


def edit_header(
    transaction: Transaction,
    *,
    company: str,
    proforma_id: int,
    revision: int | None,
    change: HeaderChange,
    actor: str,
    at: datetime,
) -> EditedHeader:
    """Make the change; the draft's revision is the next one.

    Raises  Refused: as ``lock_draft`` (ERR-B10, B22, B24).
    """
    assert change.name != "", "a proforma has a name"
    lock_draft(transaction, company=company, proforma_id=proforma_id, revision=revision)
    edited = transaction.one(
        CHANGE,
        company=company,
        proforma_id=proforma_id,
        name=change.name,
        description=change.description,
        bill_to_name=change.bill_to_name,
        payment_terms=change.payment_terms,
        accounting_date=change.accounting_date,
        state=change.state,
        cleared=list(change.cleared),
        actor=actor,
        at=at,
    )
    record_deed(
        transaction,
        company=company,
        act="proforma_header_edited",
        by=(actor, at),
        number=edited.number,
        detail={"changes": _told(change)},
    )
    return edited


def _told(change: HeaderChange) -> dict[str, object]:
    """Say for the history which values there are now."""
    values: dict[str, object] = asdict(change)
    values.pop("cleared")
    given = {name: one for name, one in values.items() if one is not None}
    return {**given, **dict.fromkeys(change.cleared, "")}
