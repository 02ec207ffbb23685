"""The demo's correction: an invoice of the shared contract was sent at the wrong price."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Final

from twofold.cli.operations.proforma_confirm import Confirming, confirm_drafts
from twofold.journey.system import System
from twofold.operations.proforma.edit_details import DetailChange, edit_details
from twofold.operations.proforma.reads import ListedProforma, list_details, list_proformas
from twofold.operations.proforma.revise import revise_proforma

COMPANY: Final = "USPM"
CONTRACT: Final = "US-C-004"
CUSTOMER: Final = "US-001"
RIGHT_PRICE: Final = Decimal(190)


def correct_price(system: System, *, actor: str, on: date) -> tuple[str, str, Confirming] | None:
    """Credit the first invoice of the contract and bill its hours at the right price.

    Gives the number that was corrected, the correction's, and its confirmation; None when it was
    done before, or there is no such invoice.
    """
    billed = _billed(system)
    if len(billed) != 1:
        return None
    original = billed[0]
    with system.operations.transaction() as transaction:
        draft = revise_proforma(
            transaction,
            company=COMPANY,
            proforma_id=original.proforma_id,
            actual_ids=None,
            actor=actor,
            at=system.now(),
        )
    _put_right(system, draft.proforma_id, actor)
    done = confirm_drafts(system, {COMPANY: [draft.proforma_id]}, actor=actor, on=on)
    return original.number, draft.number, done


def _billed(system: System) -> list[ListedProforma]:
    with system.operations.reader() as reader:
        listed = list_proformas(reader, company=COMPANY, limit=1000)
    return [
        one for one in listed if (one.contract_number, one.customer_account) == (CONTRACT, CUSTOMER)
    ]


def _put_right(system: System, draft_id: int, actor: str) -> None:
    """Say of every item what was right: the hours as they were billed, the price as agreed."""
    with system.operations.transaction() as transaction:
        credited = list_details(transaction, company=COMPANY, proforma_id=draft_id, limit=1000)
        edit_details(
            transaction,
            company=COMPANY,
            proforma_id=draft_id,
            revision=None,
            changes=tuple(
                DetailChange(
                    one.proforma_detail_id,
                    quantity=(one.previous_amount or Decimal(0)) / one.price,
                    price=RIGHT_PRICE,
                )
                for one in credited
            ),
            actor=actor,
            at=system.now(),
        )
