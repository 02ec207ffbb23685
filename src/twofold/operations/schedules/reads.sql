-- name: list_schedules
-- A draft that was deleted since has no number here.
WITH shown AS (
    SELECT
        planned_run.contract_id,
        planned_run.contract_line_id,
        planned_run.run_date,
        planned_run.cutoff_date,
        planned_run.state,
        planned_run.first_proforma_id,
        planned_run.last_proforma_id,
        planned_run.message
    FROM operations.contract_line_schedule AS planned_run
    WHERE
        planned_run.company = %(company)s::text
        AND (%(contract_id)s::bigint IS NULL OR planned_run.contract_id = %(contract_id)s::bigint)
        AND (%(state)s::text IS NULL OR planned_run.state = %(state)s::operations.invoice_run_state)
    ORDER BY planned_run.run_date, planned_run.contract_id, planned_run.contract_line_id
    LIMIT %(row_max)s::bigint
),

numbered AS (
    SELECT
        shown.contract_line_id,
        shown.run_date,
        string_agg(proforma.number, ', ' ORDER BY proforma.proforma_id) AS proforma_numbers
    FROM shown
    JOIN operations.proforma
        ON
            proforma.company = %(company)s::text
            AND proforma.contract_id = shown.contract_id
            AND proforma.proforma_id BETWEEN shown.first_proforma_id AND shown.last_proforma_id
    GROUP BY shown.contract_line_id, shown.run_date
)

SELECT
    contract.number AS contract_number,
    agreed.line_number,
    agreed.name AS line_name,
    shown.run_date,
    shown.cutoff_date,
    shown.message,
    shown.state::text AS state,
    coalesce(numbered.proforma_numbers, '') AS proforma_numbers
FROM shown
JOIN operations.contract
    ON contract.company = %(company)s::text AND contract.contract_id = shown.contract_id
JOIN operations.contract_line AS agreed
    ON agreed.company = %(company)s::text AND agreed.contract_line_id = shown.contract_line_id
LEFT JOIN numbered
    ON numbered.contract_line_id = shown.contract_line_id AND numbered.run_date = shown.run_date
ORDER BY shown.run_date, shown.contract_id, shown.contract_line_id;
