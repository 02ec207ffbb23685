-- The accountant's long work: costs posted from files and taken over, revenue estimates, the setup.
ALTER TABLE jobs.job DROP CONSTRAINT job_kind_check;
ALTER TABLE jobs.job ADD CONSTRAINT job_kind_check CHECK (kind IN (
    'apply_setup', 'confirm_proformas', 'create_estimates', 'create_proformas', 'create_scheduled',
    'eliminate_estimates', 'import_entries', 'import_payments', 'import_staging', 'load_forecast', 'post_costs',
    'post_estimates', 'post_journals', 'post_proposals', 'reconcile', 'repair', 'take_costs'
));
