-- The integration admin's long work: rows of a map written as they stand.
ALTER TABLE jobs.job DROP CONSTRAINT job_kind_check;
ALTER TABLE jobs.job ADD CONSTRAINT job_kind_check CHECK (kind IN (
    'apply_setup', 'confirm_proformas', 'create_estimates', 'create_proformas', 'create_scheduled', 'decide_entries',
    'eliminate_estimates', 'import_entries', 'import_payments', 'import_staging', 'initial_write', 'load_forecast',
    'mark_backlog', 'post_costs', 'post_estimates', 'post_journals', 'post_proposals', 'preview_confirmation',
    'reconcile', 'repair', 'take_costs'
));
