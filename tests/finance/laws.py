"""What the laws of finance share: no work before each example, and how many examples there are."""

from __future__ import annotations

from typing import Final

from hypothesis import HealthCheck, settings

CLEAN: Final = (
    "history.deed", "finance.staged_actual", "finance.staged_connection", "dualwrite.inbox",
    "dualwrite.chain",
    "finance.import_progress", "finance.message", "finance.imported_set", "finance.journal",
    "finance.journal_line", "finance.journal_total", "finance.project_transaction",
    "finance.ledger_entry",
    "finance.posting", "finance.posting_head", "finance.account_balance", "finance.proposal",
    "finance.proposal_line", "finance.proposal_problem", "finance.proposal_event",
    "finance.reopened_actual", "finance.held_actual", "finance.awaited_set",
    "finance.taken_ahead", "finance.customer_invoice", "finance.invoice_line",
    "finance.invoiced_tax", "finance.customer_transaction", "finance.tax_transaction",
    "finance.accounting_adjustment", "finance.adjusted_transaction",
)  # fmt: skip
LAW: Final = settings(
    max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
