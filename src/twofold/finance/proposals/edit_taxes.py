"""Give lines of a proposal other tax groups: one, several, a class, or all of them.

The groups of a line came from the posted sale or the setup; the accountant may correct them until
the proposal is posted, on lines of every class, on-account lines included (spec P21). Nothing else
of a line can be changed: quantity, price and amount are those of the posted sale.

Before  the proposal has lines, and is as the person saw it (``revision``).
After   the chosen lines have the groups, all lines and the header the tax that follows.
Next    ``posting.post``.
"""

from __future__ import annotations

from datetime import datetime

from twofold.database.transaction import Transaction
from twofold.finance.proposals.changes import ChangedProposal, conclude, lock_changeable
from twofold.finance.proposals.line_taxes import TaxGroups, retax_lines
from twofold.kernel.catalogue import refuse
from twofold.kernel.errors import Refused


def edit_taxes(
    transaction: Transaction,
    *,
    company: str,
    proposal_id: int,
    revision: int | None,
    groups: TaxGroups,
    actor: str,
    at: datetime,
) -> ChangedProposal:
    """Give the chosen lines the groups; all of them, or none is changed.

    Raises  Refused: as ``lock_changeable`` (ERR-F05, F09, F15, F18, F19); ERR-F02 without lines;
            ERR-F10, F16, F20 as ``retax_lines``.
    Source  P21, feature 141.
    """
    proposal = lock_changeable(
        transaction, company=company, proposal_id=proposal_id, revision=revision
    )
    if proposal.state != "ready":
        raise Refused(refuse("ERR-F02", proposal.record, field="state", value=proposal.state))
    changed_count = retax_lines(transaction, proposal, company=company, groups=groups)
    return conclude(
        transaction,
        proposal,
        company=company,
        by=(actor, at),
        act="taxes_edited",
        note=f"{_words(groups)}; lines changed: {changed_count}",
    )


def _words(groups: TaxGroups) -> str:
    """Say which lines were to have which groups."""
    lines = "all lines" if groups.class_ is None else f"lines of class {groups.class_}"
    if groups.actual_ids is not None:
        lines = f"{len(set(groups.actual_ids))} chosen lines"
    given = {
        "sales tax group": groups.tax_group,
        "item sales tax group": groups.item_tax_group,
    }
    words = [f"{name} {value or 'none'}" for name, value in given.items() if value is not None]
    return f"{lines}: {', '.join(words)}"
