"""Add manual details to a draft: work that was never entered, sold and billed at once.

A manual detail has no sale behind it until the draft is confirmed, which makes one. Without a
price it has the one the contract's price list gives for its role or category that day, else 0.

Before  the draft is as the person saw it (``revision``); lines are time and material.
After   every detail is on the draft and totals follow, or none is and all reasons are told.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Final, Literal

from twofold.database.statement import SqlFile
from twofold.database.transaction import Transaction
from twofold.kernel.catalogue import refuse
from twofold.kernel.errors import Refused
from twofold.operations.keys import take_keys
from twofold.operations.proforma.drafts import Draft, DraftTotals, add_up, lock_draft


@dataclass(frozen=True, slots=True)
class NewDetail:
    """Work to bill on a contract line: ``quantity`` in ``unit``, amounts in its currency.

    ``project`` is a number and may be left out where the line has one; role, category and
    resource are names.
    """

    line_number: int
    transaction_class: Literal["time", "expense", "material", "fee"]
    transaction_date: date
    quantity: Decimal
    unit: str
    price: Decimal | None = None
    tax_amount: Decimal = Decimal(0)
    project: str | None = None
    resource: str | None = None
    role: str | None = None
    category: str | None = None
    description: str | None = None


@dataclass(frozen=True, slots=True)
class _Problem:
    place: int
    code: str
    field: str
    value: str


SQL: Final = SqlFile(__name__)
PROBLEMS: Final = SQL.query("problems", gives=_Problem)
ADD: Final = SQL.command("add")


def add_details(
    transaction: Transaction,
    *,
    company: str,
    proforma_id: int,
    revision: int | None,
    details: Sequence[NewDetail],
    actor: str,
    at: datetime,
) -> DraftTotals:
    """Add the details.

    Raises  Refused, naming each by its place in the request: as ``lock_draft``; ERR-B22 the line,
            project, role, category or resource is unknown; ERR-B02 the line is fixed price or
            does not include the class; ERR-B09 more decimals than can be kept; ERR-B21 the
            project is completed.
    """
    draft = lock_draft(transaction, company=company, proforma_id=proforma_id, revision=revision)
    given: dict[str, object] = {
        "company": company,
        "contract_id": draft.contract_id,
        "proforma_id": proforma_id,
        "rows": json.dumps(
            [{"place": place, **asdict(one)} for place, one in enumerate(details, start=1)],
            default=str,
        ),
        "precision": draft.precision,
        "currency": draft.currency,
    }
    _assert_possible(transaction, draft, given)
    first = take_keys(transaction, "operations.proforma_detail_key", how_many=len(details))
    added = transaction.run(ADD, first_detail_id=first, **given)
    assert added == len(details), "every new detail is on the draft"
    return add_up(
        transaction,
        draft,
        company=company,
        by=(actor, at),
        act="details_added",
        detail={"count": len(details)},
    )


def _assert_possible(transaction: Transaction, draft: Draft, given: dict[str, object]) -> None:
    asked = {
        name: given[name] for name in ("company", "contract_id", "proforma_id", "rows", "precision")
    }
    problems = transaction.all(PROBLEMS, **asked)
    if problems:
        raise Refused(
            *(
                refuse(
                    one.code,
                    f"proforma/{draft.number}/new/{one.place}",
                    field=one.field,
                    value=one.value,
                )
                for one in problems
            )
        )
