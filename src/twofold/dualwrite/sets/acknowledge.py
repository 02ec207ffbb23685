"""Acknowledge applied sets in the source, and let those behind them go on.

The acknowledgement is a copy of what the target knows: the moment it applied the set and the
link of its chain. Without it a set is delivered again and found applied.

Before  the target has committed the sets.
After   they are acknowledged and no longer pending; the next sets of their streams are free.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from twofold.database.statement import SqlFile
from twofold.database.transaction import Transaction
from twofold.dualwrite.sets.apply import AppliedLink
from twofold.dualwrite.sets.lease import BATCH_SETS_MAX, Leased

SQL: Final = SqlFile(__name__)
ACKNOWLEDGE: Final = SQL.command("acknowledge")
FREE_NEXT: Final = SQL.command("free_next")


def acknowledge_sets(
    transaction: Transaction, leased: Sequence[Leased], links: Sequence[AppliedLink]
) -> None:
    """Acknowledge the leased sets; one whose lease another engine has by now is left to it."""
    tokens = {one.set_id: one.token for one in leased}
    transaction.run(
        ACKNOWLEDGE,
        company=leased[0].company,
        set_ids=[one.set_id for one in links],
        tokens=[tokens[one.set_id] for one in links],
        applied=[one.applied_at for one in links],
        chain_numbers=[one.chain_number for one in links],
        chain_hashes=[one.chain_hash for one in links],
    )
    free_next(transaction, company=leased[0].company, streams=[one.stream for one in leased])


def free_next(transaction: Transaction, *, company: str, streams: Sequence[str]) -> None:
    """Let the next sets of streams be looked at again.

    Before  a set at the head of each stream is no longer pending, by this transaction: whoever
            acknowledges or gives up a set calls this after it, in the same transaction.
    """
    transaction.run(
        FREE_NEXT, company=company, streams=sorted(set(streams)), sets_max=BATCH_SETS_MAX
    )
