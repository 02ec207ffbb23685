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
class _Held:
    actual_id: int
    code: str
    value: str | None


@dataclass(frozen=True, slots=True)
class _Counted:
    chosen_count: int


SQL: Final = SqlFile(__name__)
FIND: Final = SQL.query("find", gives=_Revised)
CREATE_BILLS: Final = SQL.command("create_bills")
ANALYZE_BILLS: Final = SQL.command("analyze_bills")
DROP_BILLS: Final = SQL.command("drop_bills")
COUNT_BILLS: Final = SQL.query("count_bills", gives=_Counted)
HELD: Final = SQL.query("held", gives=_Held)
CLAIM: Final = SQL.command("claim")
RIVALS: Final = SQL.query("rivals", gives=_Held)
OPEN_HEADER: Final = SQL.command("open_header")
OPEN_LINES: Final = SQL.command("open_lines")
OPEN_DETAILS: Final = SQL.command("open_details")

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
    chosen_count = _choose(transaction, company, proforma_id, record, actual_ids)
    asked = {"company": company, "original_id": proforma_id}
    key = take_keys(transaction, "operations.proforma_key", how_many=1)
    claim = {"company": company, "proforma_id": key}
    if transaction.run(CLAIM, **claim) < chosen_count:
        # Another draft was faster: now it is there to be named.
        rivals = _refusals(transaction.all(RIVALS, **claim))
        transaction.run(DROP_BILLS)
        raise Refused(*rivals)
    transaction.run(OPEN_HEADER, proforma_id=key, actor=actor, at=at, **asked)
    first_line = take_keys(transaction, "operations.proforma_line_key", how_many=revised.line_count)
    transaction.run(OPEN_LINES, proforma_id=key, first_line_id=first_line, **asked)
    first_detail = take_keys(transaction, "operations.proforma_detail_key", how_many=chosen_count)
    opened = transaction.run(OPEN_DETAILS, first_detail_id=first_detail, **claim)
    assert opened == chosen_count, "every billed sale chosen is one detail"
    transaction.run(DROP_BILLS)
    refresh_statistics(transaction, "operations.proforma_detail", rows_added=opened)
    draft = lock_draft(transaction, company=company, proforma_id=key, revision=None)
    return add_up(
        transaction,
        draft,
        company=company,
        by=(actor, at),
        act="proforma_revised",
        detail={"count": opened, "of": revised.number},
    )


def _choose(
    transaction: Transaction,
    company: str,
    proforma_id: int,
    record: str,
    actual_ids: Sequence[int] | None,
) -> int:
    """Put the billed sales to correct into ``pg_temp.revised_bill``; give how many.

    Refused with every reason, there is no such table. All means all that can be corrected.
    """
    wanted = None if actual_ids is None else sorted(set(actual_ids))
    transaction.run(CREATE_BILLS, company=company, proforma_id=proforma_id, actual_ids=wanted)
    transaction.run(ANALYZE_BILLS)
    chosen_count = transaction.one(COUNT_BILLS).chosen_count
    refusals: list[Refusal] = []
    if wanted is not None:
        refusals = _refusals(transaction.all(HELD, actual_ids=wanted))
    if not refusals and not chosen_count:
        reason = "Nothing on it is left to correct." if wanted is None else ""
        refusals = [refuse("ERR-B05", record, reason=reason)]
    if refusals:
        transaction.run(DROP_BILLS)
        raise Refused(*refusals)
    return chosen_count


def _refusals(held: Sequence[_Held]) -> list[Refusal]:
    """Tell which of the billed sales cannot be corrected, and why."""
    return [
        refuse(
            one.code,
            f"actual/{one.actual_id}",
            field="" if one.value is None else "proforma",
            value=one.value or "",
        )
        for one in held
    ]
