"""Say how the document of a proposal is laid out: which classes, in which order, how detailed.

Before  the proposal is as the person saw it (``revision``).
After   its document has exactly these sections first, in this order; classes not named follow in
        detail. No amount changes: what is left out stands in the total, in one line.
Next    ``posting.post``, or a sample of the document.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final, Literal

from twofold.database.statement import SqlFile
from twofold.database.transaction import Transaction
from twofold.finance.proposals.changes import ChangedProposal, conclude, lock_changeable
from twofold.kernel.catalogue import refuse
from twofold.kernel.errors import Refused

SectionClass = Literal["time", "expense", "material", "milestone", "fee", "retainer"]
Layout = Literal["detail", "summary", "out"]


@dataclass(frozen=True, slots=True)
class Section:
    """The lines of a class: each by itself, summed up, or left out."""

    class_: SectionClass
    layout: Layout = "detail"


SQL: Final = SqlFile(__name__)
CLEAR_SECTIONS: Final = SQL.command("clear_sections")
ADD_SECTIONS: Final = SQL.command("add_sections")


def edit_format(
    transaction: Transaction,
    *,
    company: str,
    proposal_id: int,
    revision: int | None,
    sections: Sequence[Section],
    actor: str,
    at: datetime,
) -> ChangedProposal:
    """Replace the sections of the document; none: all classes, in detail.

    Raises  Refused: as ``lock_changeable`` (ERR-F05, F09, F15, F18, F19); ERR-F24 a class is named
            twice.
    Source  P34, feature 154.
    """
    proposal = lock_changeable(
        transaction, company=company, proposal_id=proposal_id, revision=revision
    )
    classes = [one.class_ for one in sections]
    twice = sorted({one for one in classes if classes.count(one) > 1})
    if twice:
        raise Refused(
            *(refuse("ERR-F24", proposal.record, field="class", value=one) for one in twice)
        )
    transaction.run(CLEAR_SECTIONS, company=company, proposal_id=proposal_id)
    transaction.run(
        ADD_SECTIONS,
        company=company,
        proposal_id=proposal_id,
        classes=classes,
        are_detailed=[one.layout != "summary" for one in sections],
        are_included=[one.layout != "out" for one in sections],
    )
    return conclude(
        transaction,
        proposal,
        company=company,
        by=(actor, at),
        act="format_edited",
        note=", ".join(f"{one.class_} {one.layout}" for one in sections),
    )
