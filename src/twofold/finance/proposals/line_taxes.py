"""The tax of a proposal's lines, reckoned again: other groups, or another day.

Import reckons tax when it makes the lines, posting when it posts them; in between, whoever edits
sees at once what posting will say. A line that credits is taxed on the day of its original, and
by the codes and rates of it while it has its groups (spec P26.3).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from twofold.database.statement import SqlFile
from twofold.database.transaction import Transaction
from twofold.finance.proposals.changes import LockedProposal
from twofold.finance.tax.line_tax import close_tax_search, find_line_tax, open_tax_search
from twofold.kernel.catalogue import refuse
from twofold.kernel.errors import Refused


@dataclass(frozen=True, slots=True, kw_only=True)
class TaxGroups:
    """New groups for chosen lines; None leaves a group as it is, the empty one takes it away.

    Lines are chosen by their actuals, by class, or, with neither, all of them.
    """

    tax_group: str | None = None
    item_tax_group: str | None = None
    actual_ids: Sequence[int] | None = None
    class_: str | None = None


@dataclass(frozen=True, slots=True)
class _Missing:
    code: str
    field: str
    value: str


SQL: Final = SqlFile(__name__)
CREATE_RETAXED_LINE: Final = SQL.command("create_retaxed_line")
FILL_RETAXED_LINE: Final = SQL.command("fill_retaxed_line")
MIRROR_CREDITS: Final = SQL.command("mirror_credits")
ANALYZE_RETAXED_LINE: Final = SQL.command("analyze_retaxed_line")
NAME_TAXED_PAIRS: Final = SQL.command("name_taxed_pairs")
FIND_MISSING: Final = SQL.query("find_missing", gives=_Missing)
CHANGE_LINES: Final = SQL.command("change_lines")
TOTAL_HEADER: Final = SQL.command("total_header")
DROP_RETAXED_LINE: Final = SQL.command("drop_retaxed_line")

# Every line keeps its groups: only the day of the tax may be another.
AS_THEY_ARE: Final = TaxGroups()


def retax_lines(
    transaction: Transaction, proposal: LockedProposal, *, company: str, groups: TaxGroups
) -> int:
    """Give chosen lines other groups, and all lines and the header their tax; count what changed.

    Raises  Refused, with everything that is wrong: ERR-F16 a group that no code belongs to,
            ERR-F20 a line that the proposal does not have, or none of that class; ERR-F10 a code
            without a rate on its day.
    """
    asked = {"company": company, "proposal_id": proposal.proposal_id}
    actual_ids = None if groups.actual_ids is None else sorted(set(groups.actual_ids))
    chosen = {
        "tax_group": groups.tax_group,
        "item_tax_group": groups.item_tax_group,
        "actual_ids": actual_ids,
        "class": groups.class_,
    }
    transaction.run(CREATE_RETAXED_LINE)
    transaction.run(FILL_RETAXED_LINE, **asked, **chosen)
    transaction.run(MIRROR_CREDITS, company=company)
    transaction.run(ANALYZE_RETAXED_LINE)
    open_tax_search(transaction)
    transaction.run(NAME_TAXED_PAIRS)
    find_line_tax(transaction, company=company)
    missing = transaction.all(FIND_MISSING, company=company, **chosen)
    if missing:
        raise Refused(
            *(
                refuse(one.code, proposal.record, field=one.field, value=one.value)
                for one in missing
            )
        )
    changed_count = transaction.run(CHANGE_LINES, **asked)
    transaction.run(TOTAL_HEADER, **asked)
    close_tax_search(transaction)
    transaction.run(DROP_RETAXED_LINE)
    return changed_count
