"""What pages may ask of staging: every row that is not posted yet, where it waits, and why.

A row waits in one place: it has *arrived* and no import has looked at it; it is *held* with a
reason; its line was deleted, so that it is *reopened*; it is on a journal as a *draft*, or in
*error* there; or, a billed sale, its *proposal* waits for what is behind it. The small tables of
open work are read, never the facts.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Final, Literal, get_args

from twofold.database.statement import SqlFile
from twofold.database.transaction import Reader
from twofold.kernel.catalogue import refuse
from twofold.kernel.errors import Refusal

Place = Literal["arrived", "held", "reopened", "draft", "error", "proposal"]
PLACES: Final[tuple[Place, ...]] = get_args(Place)


@dataclass(frozen=True, slots=True)
class WaitingReason:
    """How many rows wait in a place for a reason; the code is '' where none is needed."""

    place: Place
    code: str
    row_count: int


@dataclass(frozen=True, slots=True)
class WaitingRow:
    """A staged row that is not posted. ``since`` is known of what is held or was reopened.

    A fee has the negated key of its sale. Amounts are in ``currency``, signed as the actual.
    """

    place: Place
    actual_id: int
    code: str
    field: str
    value: str
    since: datetime | None
    journal_number: str | None
    proposal_number: str | None
    transaction_type: str | None
    class_: str | None
    transaction_date: date | None
    project_number: str | None
    resource_name: str | None
    description: str | None
    quantity: Decimal | None
    amount: Decimal | None
    currency: str | None

    @property
    def refusal(self) -> Refusal | None:
        """Why it waits, with the remedy; None where it only waits for the next step."""
        if not self.code:
            return None
        return refuse(self.code, f"actual/{self.actual_id}", field=self.field, value=self.value)


SQL: Final = SqlFile(__name__)
COUNT_REASONS: Final = SQL.query("count_reasons", gives=WaitingReason)
LIST_ROWS: Final = SQL.query("list_rows", gives=WaitingRow)


def count_reasons(reader: Reader, *, company: str) -> tuple[WaitingReason, ...]:
    """Count what waits in a company by place and reason, most first; not what has just arrived."""
    return tuple(reader.all(COUNT_REASONS, company=company))


def waiting_rows(
    reader: Reader,
    *,
    company: str,
    place: Place,
    code: str = "",
    proposal: str = "",
    after: int,
    limit: int,
) -> tuple[WaitingRow, ...]:
    """Give what waits in one place, by key; of one reason, or of one proposal, if named.

    ``after`` is the key of the row before, ``BEFORE_ALL`` at the beginning. Of a proposal that
    waits for two things because of one sale, one is given.
    """
    return tuple(
        reader.all(
            LIST_ROWS,
            company=company,
            place=place,
            code=code,
            proposal=proposal,
            after=after,
            rows_max=limit,
        )
    )


# Fees have negative keys.
BEFORE_ALL: Final = -(2**63)
