"""Confirm proformas live: finance is asked before the commit, and has them right after it.

Before  the proformas are drafts of one company.
After   operations has confirmed them and finance has the headers, actuals and connections; or
        neither book changed and the project manager has finance's reasons.
Next    finance imports from staging (``finance.staging.import_from_staging``).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Literal

from twofold.dualwrite.sets.deliver import Delivery, deliver_sets
from twofold.dualwrite.sets.precheck import precheck_sets
from twofold.journey.system import System
from twofold.kernel.errors import Fault, Refused
from twofold.operations.proforma.confirm import Confirmed, confirm_proformas

Unreachable = Literal["refuse", "queue"]


@dataclass(frozen=True, slots=True)
class Confirmation:
    """The confirmed proformas, and what delivery did; None when the sets are queued."""

    proformas: tuple[Confirmed, ...]
    delivery: Delivery | None


def confirm_live(
    system: System,
    *,
    company: str,
    proforma_ids: tuple[int, ...],
    actor: str,
    on: date,
    when_unreachable: Unreachable = "refuse",
) -> Confirmation:
    """Confirm proformas of one company, all or none.

    Raises  Refused: a rule of operations, or finance's pre-check (ERR-D01, ERR-D02, ERR-D04,
            ERR-D05; ERR-D09 when finance cannot be reached and the policy is to refuse).
    """
    with system.operations.transaction() as transaction:
        confirmed = confirm_proformas(
            transaction,
            company=company,
            proforma_ids=proforma_ids,
            actor=actor,
            at=system.now(),
            on=on,
        )
        try:
            precheck_sets(transaction, sealer=system.sealer, target=system.dualwrite_finance)
        except Refused as refused:
            if when_unreachable == "refuse" or refused.codes != ("ERR-D09",):
                raise
        set_ids = [change_set.set_id for change_set in transaction.sets]
    try:
        delivery = deliver_sets(system.forward, company=company, set_ids=set_ids)
    except Fault as fault:
        if not fault.transient:
            raise
        # The commit stands; the sets wait in the outbox and are delivered when finance answers.
        delivery = None
    return Confirmation(confirmed, delivery)
