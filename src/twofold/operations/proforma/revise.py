"""Revise a confirmed proforma: a draft that credits billed sales, whole until somebody says less.

Each correction stands for one billed sale that is still in force, with quantity zero: a full
credit. Raising the quantity credits less; what stays credited is open again in the backlog, still
chargeable, once the draft is confirmed. A milestone is credited whole or not at all.

Before  the proforma is confirmed; a corrected one can be corrected again.
After   a draft of the same contract and customer corrects what was chosen, and no other draft does.
Next    edit_details.py says what is right, remove_details.py leaves out what needs no change.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from twofold.database.statement import SqlFile
from twofold.database.statistics import refresh_statistics
from twofold.database.transaction import Transaction
from twofold.kernel.catalogue import refuse
from twofold.kernel.errors import Refusal, Refused
from twofold.operations.keys import take_keys
from twofold.operations.proforma.drafts import DraftTotals, add_up, lock_draft


@dataclass(frozen=True, slots=True)
class _Revised:
    number: str
    state: str
    contract_id: int
    line_count: int


@dataclass(frozen=True, slots=True)
class _Bill:
    actual_id: int
    code: str | None
    value: str | None


SQL: Final = SqlFile(__name__)
FIND: Final = SQL.query("find", gives=_Revised)
BILLS: Final = SQL.query("bills", gives=_Bill)
OPEN_HEADER: Final = SQL.command("open_header")
OPEN_LINES: Final = SQL.command("open_lines")
OPEN_DETAILS: Final = SQL.command("open_details")
CLAIM: Final = SQL.command("claim")

CORRECTABLE_STATES: Final = frozenset({"confirmed", "paid"})


def revise_proforma(
    transaction: Transaction,
    *,
    company: str,
    proforma_id: int,
    actual_ids: Sequence[int] | None,
    actor: str,
    at: datetime,
) -> DraftTotals:
    """Open a draft that credits these billed sales of a proforma; None means all in force.

    Raises  Refused: ERR-B22 no such proforma or billed sale, ERR-C01 it is not confirmed, ERR-B06
            another draft corrects the sale, ERR-B11 the sale was corrected before, ERR-B05
            nothing is left to correct.
    """
    revised = transaction.first(FIND, company=company, proforma_id=proforma_id)
    if revised is None:
        raise Refused(refuse("ERR-B22", f"proforma/{proforma_id}"))
    record = f"proforma/{revised.number}"
    if revised.state not in CORRECTABLE_STATES:
        raise Refused(refuse("ERR-C01", record, field="state", value=revised.state))
    chosen = _chosen(transaction, company, proforma_id, record, actual_ids)
    asked = {"company": company, "original_id": proforma_id}
    key = take_keys(transaction, "operations.proforma_key", how_many=1)
    if transaction.run(CLAIM, company=company, proforma_id=key, actual_ids=chosen) < len(chosen):
        # Another draft was faster: now it is there to be named.
        raise Refused(*_held(transaction, company, proforma_id, chosen))
    transaction.run(OPEN_HEADER, proforma_id=key, actor=actor, at=at, **asked)
    first_line = take_keys(transaction, "operations.proforma_line_key", how_many=revised.line_count)
    transaction.run(OPEN_LINES, proforma_id=key, first_line_id=first_line, **asked)
    first_detail = take_keys(transaction, "operations.proforma_detail_key", how_many=len(chosen))
    opened = transaction.run(
        OPEN_DETAILS,
        company=company,
        proforma_id=key,
        first_detail_id=first_detail,
        actual_ids=chosen,
    )
    assert opened == len(chosen), "every billed sale chosen is one detail"
    refresh_statistics(transaction, "operations.proforma_detail", rows_added=opened)
    draft = lock_draft(transaction, company=company, proforma_id=key, revision=None)
    return add_up(transaction, draft, company=company, actor=actor, at=at)


def _chosen(
    transaction: Transaction,
    company: str,
    proforma_id: int,
    record: str,
    actual_ids: Sequence[int] | None,
) -> list[int]:
    """Give the billed sales to correct, or refuse with every reason. All means all that can be."""
    wanted = None if actual_ids is None else sorted(set(actual_ids))
    bills = transaction.all(BILLS, company=company, proforma_id=proforma_id, actual_ids=wanted)
    if wanted is None:
        chosen = [one.actual_id for one in bills if one.code is None]
        if not chosen:
            raise Refused(refuse("ERR-B05", record, reason="Nothing on it is left to correct."))
        return chosen
    unknown = sorted(set(wanted) - {one.actual_id for one in bills})
    refusals = [refuse("ERR-B22", f"actual/{key}") for key in unknown]
    refusals += _held(transaction, company, proforma_id, wanted)
    if refusals or not wanted:
        raise Refused(*(refusals or [refuse("ERR-B05", record)]))
    return wanted


def _held(
    transaction: Transaction, company: str, proforma_id: int, actual_ids: list[int]
) -> list[Refusal]:
    """Tell which of the billed sales cannot be corrected, and why."""
    return [
        refuse(one.code, f"actual/{one.actual_id}", field="proforma", value=one.value or "")
        for one in transaction.all(
            BILLS, company=company, proforma_id=proforma_id, actual_ids=actual_ids
        )
        if one.code is not None
    ]
