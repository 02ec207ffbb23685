"""See what confirming proformas would write, and what finance says, without doing it.

Before  nothing.
After   nothing changed in either book. The very statements of a live confirmation ran in a
        transaction that was rolled back, so nothing else will be written when it is done in
        earnest; keys of actuals that were taken will be missing.
Next    ``journey.confirm``.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import msgspec

from twofold.dualwrite.sets.precheck import precheck_sets
from twofold.journey.system import System
from twofold.kernel.errors import Refusal, Refused
from twofold.operations.actuals.reads import (
    BlockTotal,
    ShownActual,
    actuals_of_block,
    totals_of_block,
)
from twofold.operations.proforma.confirm import Confirmed, confirm_proformas


@dataclass(frozen=True, slots=True)
class Preview:
    """Proformas as they would be confirmed, what that would write, and its first actuals.

    ``refusals`` is why finance would refuse them; nothing when it would not.
    """

    proformas: tuple[Confirmed, ...]
    totals: tuple[BlockTotal, ...]
    actuals: tuple[ShownActual, ...]
    refusals: tuple[Refusal, ...]


def preview_confirmation(
    system: System,
    *,
    company: str,
    proforma_ids: tuple[int, ...],
    actor: str,
    on: date,
    limit: int,
) -> Preview:
    """Give what confirming the proformas of one company would write, with ``limit`` actuals.

    Raises  Refused: a rule of operations, as in ``confirm_proformas``.
    """
    refusals: tuple[Refusal, ...] = ()
    with system.operations.trial() as transaction:
        confirmed = confirm_proformas(
            transaction,
            company=company,
            proforma_ids=proforma_ids,
            actor=actor,
            at=system.now(),
            on=on,
        )
        block = {
            "first_key": min(one.key_first for one in transaction.sets if one.key_first),
            "last_key": max(one.key_last for one in transaction.sets if one.key_last),
        }
        totals = totals_of_block(transaction, company=company, **block)
        actuals = actuals_of_block(transaction, company=company, limit=limit, **block)
        try:
            precheck_sets(transaction, sealer=system.sealer, target=system.dualwrite_finance)
        except Refused as refused:
            refusals = refused.refusals
    return Preview(confirmed, tuple(totals), tuple(actuals), refusals)


def written(preview: Preview) -> str:
    """Write a preview as the document that a job keeps."""
    return msgspec.json.encode(preview).decode()


def read(text: str) -> Preview:
    """Read a preview that was kept."""
    return msgspec.json.decode(text, type=Preview)
