"""Every page there is, in the order in which addresses are compared; and those open to anybody."""

from __future__ import annotations

from typing import Final

from twofold.web import home
from twofold.web.accountant import (
    adjustments,
    costs,
    estimates,
    finance_setup,
    inbox,
    invoices,
    journals,
    ledger,
    payments,
    periods,
    proposal_changes,
    proposal_preview,
    proposals,
    receivables,
    staging,
    year_end,
)
from twofold.web.asked import Page
from twofold.web.everyone import (
    history,
    jobs,
    journey,
    openid,
    people,
    sign_in,
    tokens,
)
from twofold.web.integration import (
    alerts,
    change_sets,
    dual_write,
    health,
    reconciliation,
    table_maps,
)
from twofold.web.manager import (
    approvals,
    backlog,
    backlog_totals,
    contracts,
    drafts,
    finance_costs,
    imports,
    proformas,
)

PAGES: Final[tuple[Page, ...]] = (
    *home.PAGES,
    *backlog_totals.PAGES,
    *backlog.PAGES,
    *proformas.PAGES,
    *drafts.PAGES,
    *contracts.PAGES,
    *finance_costs.PAGES,
    *approvals.PAGES,
    *imports.PAGES,
    *journey.PAGES,
    *history.PAGES,
    *jobs.PAGES,
    *dual_write.PAGES,
    *table_maps.PAGES,
    *change_sets.PAGES,
    *reconciliation.PAGES,
    *alerts.PAGES,
    *health.PAGES,
    *inbox.PAGES,
    *staging.PAGES,
    *journals.PAGES,
    *adjustments.PAGES,
    *costs.PAGES,
    *estimates.PAGES,
    *proposals.PAGES,
    *proposal_changes.PAGES,
    *proposal_preview.PAGES,
    *invoices.PAGES,
    *ledger.PAGES,
    *receivables.PAGES,
    *payments.PAGES,
    *periods.PAGES,
    *year_end.PAGES,
    *finance_setup.PAGES,
    *people.PAGES,
    *tokens.PAGES,
)
# What is open to people who are not signed in.
OPEN: Final[tuple[Page, ...]] = (*sign_in.PAGES, *openid.PAGES)
