-- The accountant's long work: costs posted from files and taken over, revenue estimates, the setup.
-- And the project manager's: decisions on work, marks of the backlog, previews of confirmations.
ALTER TABLE jobs.job DROP CONSTRAINT job_kind_check;
ALTER TABLE jobs.job ADD CONSTRAINT job_kind_check CHECK (kind IN (
    'apply_setup', 'confirm_proformas', 'create_estimates', 'create_proformas', 'create_scheduled', 'decide_entries',
    'eliminate_estimates', 'import_entries', 'import_payments', 'import_staging', 'load_forecast', 'mark_backlog',
    'post_costs', 'post_estimates', 'post_journals', 'post_proposals', 'preview_confirmation', 'reconcile', 'repair',
    'take_costs'
));
