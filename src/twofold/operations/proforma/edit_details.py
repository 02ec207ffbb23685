"""Edit details of a draft: quantity, price, billing type, tax and description, one or a million.

The backing sale is never changed: confirming turns what differs from it into an adjustment. What
may change depends on what backs a detail: a milestone keeps its quantity and price, a correction
its billing type.

Before  the draft is as the person saw it (``revision``).
After   every change is made, amounts and totals follow, or none is and all reasons are told.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from decimal import Decimal
from typing import Final

from twofold.database.deeds import Detail, those
from twofold.database.statement import SqlFile
from twofold.database.transaction import Transaction
from twofold.kernel.catalogue import refuse
from twofold.kernel.errors import Refused
from twofold.operations.proforma.drafts import Draft, DraftTotals, add_up, lock_draft


@dataclass(frozen=True, slots=True)
class DetailChange:
    """New values of one detail. ``detail_id`` None: of every detail; None leaves a value as it is.

    ``quantity`` in the detail's unit, ``price`` per unit and ``tax_amount`` in the proforma's
    currency, signed as the quantity.
    """

    detail_id: int | None = None
    quantity: Decimal | None = None
    price: Decimal | None = None
    billing_type: str | None = None
    tax_amount: Decimal | None = None
    description: str | None = None


@dataclass(frozen=True, slots=True)
class _Problem:
    code: str
    detail_id: int
    field: str
    value: str


SQL: Final = SqlFile(__name__)
PROBLEMS: Final = SQL.query("problems", gives=_Problem)
CHANGE: Final = SQL.command("change")

BILLING_TYPES: Final = ("chargeable", "non_chargeable", "complimentary")


def edit_details(
    transaction: Transaction,
    *,
    company: str,
    proforma_id: int,
    revision: int | None,
    changes: Sequence[DetailChange],
    actor: str,
    at: datetime,
) -> DraftTotals:
    """Make the changes; a change of all details comes before those of single ones.

    Raises  Refused: as ``lock_draft``; ERR-B22 no such detail; ERR-B09 the field is locked, or
            has more decimals than can be kept; ERR-C05 the billing type of a correction.
    """
    draft = lock_draft(transaction, company=company, proforma_id=proforma_id, revision=revision)
    _assert_known_types(draft, changes)
    given = {
        "company": company,
        "proforma_id": proforma_id,
        "precision": draft.precision,
        "detail_ids": [one.detail_id for one in changes],
        "quantities": [one.quantity for one in changes],
        "prices": [one.price for one in changes],
        "billing_types": [one.billing_type for one in changes],
        "tax_amounts": [one.tax_amount for one in changes],
    }
    problems = transaction.all(PROBLEMS, **given)
    if problems:
        raise Refused(
            *(
                refuse(
                    one.code,
                    f"proforma/{draft.number}/detail/{one.detail_id}",
                    field=one.field,
                    value=one.value,
                )
                for one in problems
            )
        )
    transaction.run(CHANGE, descriptions=[one.description for one in changes], **given)
    return add_up(
        transaction,
        draft,
        company=company,
        by=(actor, at),
        act="details_edited",
        detail=_told(changes),
    )


def _told(changes: Sequence[DetailChange]) -> Detail:
    """Say for the history what was changed: each value of one change, the details of several."""
    if len(changes) > 1:
        return those([one.detail_id for one in changes if one.detail_id is not None])
    (change,) = changes
    values = {name: one for name, one in asdict(change).items() if one is not None}
    key = values.pop("detail_id", None)
    return {"changes": values} if key is None else {"keys": [key], "changes": values}


def _assert_known_types(draft: Draft, changes: Sequence[DetailChange]) -> None:
    wrong = [
        refuse(
            "ERR-B09",
            f"proforma/{draft.number}/detail/{one.detail_id or 'all'}",
            field="billing_type",
            value=one.billing_type,
            reason=f"A detail is {', '.join(BILLING_TYPES[:-1])} or {BILLING_TYPES[-1]}.",
        )
        for one in changes
        if one.billing_type is not None and one.billing_type not in BILLING_TYPES
    ]
    if wrong:
        raise Refused(*wrong)
