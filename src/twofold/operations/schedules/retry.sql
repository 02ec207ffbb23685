-- name: retry
UPDATE operations.contract_line_schedule
SET state = 'not_run', message = NULL, run_at = NULL, first_proforma_id = NULL, last_proforma_id = NULL
WHERE
    company = %(company)s::text
    AND state = 'failed'
    AND (%(contract_id)s::bigint IS NULL OR contract_id = %(contract_id)s::bigint);
