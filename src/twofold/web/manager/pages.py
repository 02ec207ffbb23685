"""Every page of the project manager, in the order in which addresses are looked up."""

from __future__ import annotations

from typing import Final

from twofold.web.asked import Page
from twofold.web.manager import (
    approvals,
    backlog,
    backlog_totals,
    contract_changes,
    contracts,
    corrections,
    decided,
    draft_changes,
    draft_grid,
    draft_preview,
    entry_journals,
    finance_costs,
    imports,
    milestones,
    proformas,
)

PAGES: Final[tuple[Page, ...]] = (
    *backlog_totals.PAGES,
    *backlog.PAGES,
    *proformas.PAGES,
    *draft_grid.PAGES,
    *draft_preview.PAGES,
    *draft_changes.PAGES,
    *contracts.PAGES,
    *milestones.PAGES,
    *contract_changes.PAGES,
    *approvals.PAGES,
    *decided.PAGES,
    *corrections.PAGES,
    *entry_journals.PAGES,
    *finance_costs.PAGES,
    *imports.PAGES,
)
