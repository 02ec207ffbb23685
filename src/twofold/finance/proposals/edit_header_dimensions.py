"""Give a proposal's header other dimensions: those of the customer balance, and nothing else (P21).

Before  the proposal is not posted, and the parameter *Allow updates to project dimensions for
        accounts receivable* is on.
After   the header has the dimensions; importing its lines again leaves them.
Next    posting writes them to the entry on the receivable account.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
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
from twofold.kernel.catalogue import refuse
from twofold.kernel.errors import Refusal, Refused


@dataclass(frozen=True, slots=True)
class HeaderDimensions:
    """A proposal with the dimensions its header has now; none is an empty text."""

    proposal_number: str
    dimensions: str


@dataclass(frozen=True, slots=True)
class _Header:
    number: str
    state: str
    may_change: bool
    from_id: int


SQL: Final = SqlFile(__name__)
LOCK_HEADER: Final = SQL.query("lock_header", gives=_Header)
NAME_SET: Final = SQL.command("name_set")
PUT_DIMENSIONS: Final = SQL.query("put_dimensions", gives=HeaderDimensions)


def edit_header_dimensions(
    transaction: Transaction,
    *,
    company: str,
    proposal_id: int,
    dimensions: Mapping[str, str],
    actor: str,
    at: datetime,
) -> HeaderDimensions:
    """Change dimensions of a header; "" takes one away.

    Refused with everything at once: unknown (ERR-F09), posted (ERR-F05), nothing to bill (ERR-F02),
    parameter off (ERR-F11), dimension unknown (ERR-J11), nothing given (ERR-J15).
    """
    header = transaction.first(LOCK_HEADER, company=company, proposal_id=proposal_id)
    if header is None:
        raise Refused(refuse("ERR-F09", f"proposal/{proposal_id}"))
    record = f"proposal/{header.number}"
    refusals = [
        *_state_refusals(record, header),
        *unknown_dimensions(transaction, company=company, record=record, changes=dimensions),
    ]
    if not dimensions:
        refusals.append(refuse("ERR-J15", record, field="dimensions"))
    if refusals:
        raise Refused(*refusals)
    open_changes(transaction)
    transaction.run(NAME_SET, from_id=header.from_id)
    change_sets(transaction, company=company, changes=dimensions)
    edited = transaction.one(PUT_DIMENSIONS, company=company, proposal_id=proposal_id)
    close_changes(transaction)
    record_deed(
        transaction,
        company=company,
        act="proposal_dimensions_edited",
        by=(actor, at),
        number=header.number,
        detail={"changes": dict(dimensions)},
    )
    return edited


def _state_refusals(record: str, header: _Header) -> list[Refusal]:
    refusals: list[Refusal] = []
    if header.state == "posted":
        refusals.append(refuse("ERR-F05", record, field="state", value=header.state))
    elif header.state == "nothing_to_bill":
        refusals.append(refuse("ERR-F02", record, field="state", value=header.state))
    if not header.may_change:
        refusals.append(refuse("ERR-F11", record, field="dimensions"))
    return refusals
