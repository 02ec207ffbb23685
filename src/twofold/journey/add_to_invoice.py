"""Add chosen backlog items to drafts, or open drafts for exactly them.

Before  the items are ready, dated up to the cutoff, and on no draft.
After   each is on a draft of its contract and customer: the one that was created last, or a new one
        where there is none; all of them are, or none is and all reasons are told.
Next    ``journey.confirm``.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from twofold.database.transaction import Transaction
from twofold.journey.system import System
from twofold.operations.proforma.chosen_items import ChosenItems, lock_chosen
from twofold.operations.proforma.create import Only, OpenedProforma, create_proformas
from twofold.operations.proforma.drafts import DraftTotals
from twofold.operations.proforma.refresh import Wanted, refresh_proforma


@dataclass(frozen=True, slots=True)
class Items:
    """Unbilled sales and milestones, by key, as a person chose them; dated up to ``cutoff``."""

    cutoff: date
    actual_ids: Sequence[int] = ()
    milestone_ids: Sequence[int] = ()


@dataclass(frozen=True, slots=True)
class Added:
    """The drafts that got items, and the drafts that were opened for them."""

    extended: tuple[DraftTotals, ...]
    opened: tuple[OpenedProforma, ...]


@dataclass(frozen=True, slots=True)
class _By:
    company: str
    cutoff: date
    actor: str
    at: datetime


def add_to_invoice(
    system: System, *, company: str, items: Items, is_new: bool, actor: str
) -> Added:
    """Put the items on drafts; ``is_new`` opens a draft even where there is one.

    Corrective drafts and drafts in review are nobody's to add to.

    Raises  Refused, naming every item that cannot be added: ERR-B22 it is not open, ERR-B06 it is
            on a draft, ERR-B07 it is dated after the cutoff, ERR-B25 it is not ready, ERR-B04 its
            customer does not pay under the contract, ERR-B21 its project is completed, ERR-B23
            its contract does not bill.
    Source  P09.3, P09.4.
    """
    with system.operations.transaction() as transaction:
        chosen = lock_chosen(
            transaction,
            company=company,
            cutoff=items.cutoff,
            actual_ids=items.actual_ids,
            milestone_ids=items.milestone_ids,
        )
        to_extend = [one for one in chosen if one.draft_id is not None and not is_new]
        to_open = [one for one in chosen if one.draft_id is None or is_new]
        by = _By(company, items.cutoff, actor, system.now())
        extended = tuple(_extend(transaction, one, by) for one in to_extend)
        return Added(extended, _open(transaction, to_open, by) if to_open else ())


def _extend(transaction: Transaction, chosen: ChosenItems, by: _By) -> DraftTotals:
    assert chosen.draft_id is not None, "there is a draft to extend"
    return refresh_proforma(
        transaction,
        company=by.company,
        proforma_id=chosen.draft_id,
        revision=None,
        wanted=Wanted(by.cutoff, chosen.actual_ids, chosen.milestone_ids),
        actor=by.actor,
        at=by.at,
    )


def _open(
    transaction: Transaction, chosen: list[ChosenItems], by: _By
) -> tuple[OpenedProforma, ...]:
    return create_proformas(
        transaction,
        company=by.company,
        contract_ids=tuple(sorted({one.contract_id for one in chosen})),
        cutoff=by.cutoff,
        actor=by.actor,
        at=by.at,
        only=Only(
            actual_ids=[key for one in chosen for key in one.actual_ids],
            milestone_ids=[key for one in chosen for key in one.milestone_ids],
        ),
    ).proformas
