"""Delete all lines of a proposal, so that the next import makes them anew.

The way to change what a line took over from the posted sale or the on-account transaction: delete
all lines, correct those, import again (spec P21.1, P21.2). A single line cannot be deleted, nor the
header.

Before  the proposal has lines, and is as the person saw it (``revision``).
After   it is a header without lines and amounts; what it billed is open to be billed by it again;
        dates, terms and format are kept.
Next    ``staging.import_from_staging``.
"""

from __future__ import annotations

from datetime import datetime
from typing import Final

from twofold.database.statement import SqlFile
from twofold.database.transaction import Transaction
from twofold.finance.proposals.changes import ChangedProposal, conclude, lock_changeable
from twofold.kernel.catalogue import refuse
from twofold.kernel.errors import Refused

SQL: Final = SqlFile(__name__)
DELETE_LINES: Final = SQL.command("delete_lines")
EMPTY_HEADER: Final = SQL.command("empty_header")


def delete_lines(
    transaction: Transaction,
    *,
    company: str,
    proposal_id: int,
    revision: int | None,
    actor: str,
    at: datetime,
) -> ChangedProposal:
    """Delete every line; the proposal waits for import again.

    Raises  Refused: as ``lock_changeable`` (ERR-F05, F09, F15, F18, F19); ERR-F02 it has none.
    Source  P21.1, feature 143.
    """
    proposal = lock_changeable(
        transaction, company=company, proposal_id=proposal_id, revision=revision
    )
    if proposal.state != "ready":
        raise Refused(refuse("ERR-F02", proposal.record, field="state", value=proposal.state))
    line_count = transaction.run(DELETE_LINES, company=company, proposal_id=proposal_id)
    transaction.run(EMPTY_HEADER, company=company, proposal_id=proposal_id)
    return conclude(
        transaction,
        proposal,
        company=company,
        by=(actor, at),
        act="lines_deleted",
        note=f"lines deleted: {line_count}",
    )
