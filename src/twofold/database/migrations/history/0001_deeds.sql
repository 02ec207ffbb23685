-- Who did what, in both databases alike: one row for each act on a book, written by the process that does it,
-- in the transaction that does it. Facts: rows are added and never changed.

CREATE SCHEMA history;

CREATE TYPE history.act AS ENUM (
    -- Operations.
    'setup_applied',
    'entry_created', 'entries_imported', 'entries_submitted', 'entries_recalled', 'entries_rejected',
    'approval_changed', 'entries_approved', 'approvals_cancelled',
    'recall_requested', 'recall_refused', 'recall_approved',
    'correction_opened', 'correction_confirmed', 'correction_discarded',
    'entry_journal_written', 'entry_journal_confirmed', 'journal_actuals_cancelled',
    'finance_costs_taken',
    'contract_confirmed', 'contract_held', 'contract_resumed', 'contract_completed', 'contract_lost',
    'contract_re_evaluated',
    'marked_ready', 'marked_not_ready', 'progress_marked', 'limits_evaluated', 'limits_reset',
    'milestones_agreed', 'retainers_added', 'refund_marked', 'refund_cancelled',
    'schedules_generated', 'schedule_run', 'failed_runs_retried',
    'proforma_created', 'proforma_refreshed', 'proforma_revised', 'proforma_header_edited', 'details_added',
    'details_edited', 'details_removed', 'retainer_used', 'proforma_scheduled', 'proforma_confirmed',
    'proforma_deleted',
    -- Finance.
    'cut_off_stated', 'staging_imported',
    'journal_lines_edited', 'journal_lines_deleted', 'journal_reopened', 'journal_posted', 'journal_refused',
    'posting_run_started', 'accounting_adjusted',
    'proposal_header_edited', 'proposal_taxes_edited', 'proposal_format_edited', 'proposal_dimensions_edited',
    'proposal_lines_deleted', 'proposal_nothing_to_bill', 'proposal_submitted', 'proposal_approved',
    'proposal_rejected', 'proposal_change_requested', 'proposal_reset', 'on_account_edited',
    'invoice_posted', 'general_journal_posted', 'vendor_invoice_posted',
    'payments_imported', 'settled', 'settlement_undone',
    'forecast_loaded', 'estimates_created', 'estimates_posted', 'estimates_eliminated', 'estimates_reversed',
    'accruals_adjusted', 'period_opened', 'period_held', 'period_closed', 'year_closed'
);

CREATE TABLE history.deed (
    company text NOT NULL CHECK (company <> ''),
    deed_id bigint GENERATED ALWAYS AS IDENTITY,
    at timestamptz NOT NULL,
    act history.act NOT NULL,
    -- The number of the record, '' where the act is about many.
    number text NOT NULL,
    -- Every number by which it is found: the record's, that of what it belongs to, those of its rows.
    names text[] NOT NULL,
    actor text NOT NULL CHECK (actor <> ''),
    -- How many rows and which; single values as they are now; the reason that was given.
    detail jsonb NOT NULL CHECK (jsonb_typeof(detail) = 'object'),
    PRIMARY KEY (company, deed_id),
    CONSTRAINT deed_is_found_by_its_number CHECK (number = '' OR number = any(names))
);

CREATE INDEX deed_by_time ON history.deed (company, at, deed_id); -- query: deeds.newest
CREATE INDEX deed_by_actor ON history.deed (company, actor, at, deed_id); -- query: deeds.of_actor
CREATE INDEX deed_by_name ON history.deed USING gin (names); -- query: deeds.of_number

GRANT USAGE ON SCHEMA history TO twofold_operations, twofold_finance, twofold_dualwrite, twofold_auditor;
GRANT SELECT ON history.deed TO twofold_operations, twofold_finance, twofold_dualwrite, twofold_auditor;
GRANT INSERT (company, at, act, number, names, actor, detail) ON history.deed TO twofold_operations, twofold_finance;
