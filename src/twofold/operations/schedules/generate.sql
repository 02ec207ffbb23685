-- name: lock_contracts
-- Runs and other generations of these contracts wait, in key order. Where none is named these are the
-- contracts that have a line with a frequency; one with milestones alone is planned when it is named.
SELECT contract_id
FROM operations.contract
WHERE
    company = %(company)s::text
    AND state <> 'closed'
    AND CASE
        WHEN %(contract_ids)s::bigint[] IS NULL
            THEN
                contract_id IN (
                    SELECT agreed.contract_id
                    FROM operations.contract_line AS agreed
                    WHERE agreed.company = %(company)s::text AND agreed.invoice_frequency_id IS NOT NULL
                )
        ELSE contract_id = any(%(contract_ids)s::bigint[])
    END
ORDER BY contract_id
FOR UPDATE;

-- name: unplanned
-- Lines that cannot be planned, each with the first reason. A line without a frequency is not to be
-- invoiced by itself; a contract that was named has at least one that is. A fixed price with
-- milestones needs none; one billed by progress is divided as it is billed.
WITH scheduled AS (
    SELECT contract_id
    FROM operations.contract_line
    WHERE
        company = %(company)s::text
        AND contract_id = any(%(contract_ids)s::bigint[])
        AND invoice_frequency_id IS NOT NULL
    UNION
    SELECT contract_id
    FROM operations.milestone
    WHERE company = %(company)s::text AND contract_id = any(%(contract_ids)s::bigint[])
),

planned AS (
    SELECT
        contract_line_id,
        count(*) AS run_count
    FROM operations.planned_invoice_run
    WHERE company = %(company)s::text AND contract_id = any(%(contract_ids)s::bigint[])
    GROUP BY contract_line_id
),

judged AS (
    SELECT
        contract.number AS contract_number,
        agreed.line_number,
        CASE
            WHEN agreed.invoice_frequency_id IS NULL THEN ARRAY['ERR-B40', 'invoice_frequency', '']
            WHEN agreed.billing_start_date IS NULL THEN ARRAY['ERR-B40', 'billing_start_date', '']
            WHEN contract.requested_delivery_date IS NULL THEN ARRAY['ERR-B40', 'requested_delivery_date', '']
            WHEN planned.run_count IS NULL
                THEN ARRAY['ERR-B40', 'requested_delivery_date', contract.requested_delivery_date::text]
            WHEN agreed.billing_method = 'fixed_price' AND agreed.project_id IS NULL
                THEN ARRAY['ERR-A09', 'project', '']
            WHEN agreed.billing_method = 'fixed_price' AND (part.amount <= 0 OR part.last_amount <= 0)
                THEN ARRAY['ERR-B41', 'contracted_amount', trim_scale(agreed.contracted_amount)::text]
            WHEN agreed.billing_method = 'fixed_price' AND part.last_tax_amount < 0
                THEN ARRAY['ERR-B41', 'estimated_tax', trim_scale(agreed.estimated_tax_amount)::text]
        END AS verdict
    FROM operations.contract_line AS agreed
    JOIN operations.contract
        ON contract.company = %(company)s::text AND contract.contract_id = agreed.contract_id
    JOIN operations.currency ON currency.currency = contract.currency
    LEFT JOIN planned ON planned.contract_line_id = agreed.contract_line_id
    CROSS JOIN
        LATERAL (
            VALUES (
                round(agreed.contracted_amount / planned.run_count, currency.precision),
                agreed.contracted_amount
                - (planned.run_count - 1) * round(agreed.contracted_amount / planned.run_count, currency.precision),
                agreed.estimated_tax_amount
                - (planned.run_count - 1) * round(agreed.estimated_tax_amount / planned.run_count, currency.precision)
            )
        ) AS part (amount, last_amount, last_tax_amount)
    WHERE
        agreed.company = %(company)s::text
        AND agreed.contract_id = any(%(contract_ids)s::bigint[])
        AND (
            agreed.invoice_frequency_id IS NOT NULL
            OR (
                %(is_named)s::boolean
                AND agreed.contract_id NOT IN (SELECT scheduled.contract_id FROM scheduled)
            )
        )
        AND (
            agreed.billing_method = 'time_and_material'
            OR (
                agreed.schedule_type = 'completed_milestones'
                AND NOT EXISTS (
                    SELECT FROM operations.milestone
                    WHERE
                        milestone.company = %(company)s::text
                        AND milestone.contract_line_id = agreed.contract_line_id
                )
            )
        )
)

SELECT
    contract_number,
    line_number,
    verdict[1] AS code,
    verdict[2] AS field,
    verdict[3] AS value
FROM judged
WHERE verdict IS NOT NULL
ORDER BY contract_number, line_number;

-- name: count_milestones
-- How many milestones make_milestones is going to make.
SELECT count(*) AS row_count
FROM operations.periodic_milestone
WHERE company = %(company)s::text AND contract_id = any(%(contract_ids)s::bigint[]);

-- name: make_milestones
INSERT INTO operations.milestone (
    company, milestone_id, contract_id, contract_line_id, customer_id, project_id, name, milestone_date,
    amount, tax_amount, currency, change_set_id
)
SELECT
    company,
    %(first_milestone_id)s::bigint + row_number() OVER (
        ORDER BY contract_line_id, milestone_date, customer_id
    ) - 1,
    contract_id,
    contract_line_id,
    customer_id,
    project_id,
    milestone_date::text,
    milestone_date,
    amount,
    tax_amount,
    currency,
    %(set_id)s::bigint
FROM operations.periodic_milestone
WHERE company = %(company)s::text AND contract_id = any(%(contract_ids)s::bigint[]);

-- name: write_rows
-- Days that are no longer wanted go, unless they have run; new ones come.
WITH wanted AS (
    SELECT
        planned.contract_id,
        planned.contract_line_id,
        planned.run_date
    FROM operations.planned_invoice_run AS planned
    JOIN operations.contract_line AS agreed
        ON agreed.company = %(company)s::text AND agreed.contract_line_id = planned.contract_line_id
    WHERE
        planned.company = %(company)s::text
        AND planned.contract_id = any(%(contract_ids)s::bigint[])
        AND agreed.billing_method = 'time_and_material'
    UNION
    SELECT
        contract_id,
        contract_line_id,
        milestone_date
    FROM operations.milestone
    WHERE
        company = %(company)s::text
        AND contract_id = any(%(contract_ids)s::bigint[])
        AND state IN ('not_ready', 'ready')
),

removed AS (
    DELETE FROM operations.contract_line_schedule AS planned_run
    WHERE
        planned_run.company = %(company)s::text
        AND planned_run.contract_id = any(%(contract_ids)s::bigint[])
        AND planned_run.state = 'not_run'
        AND NOT EXISTS (
            SELECT FROM wanted
            WHERE wanted.contract_line_id = planned_run.contract_line_id AND wanted.run_date = planned_run.run_date
        )
    RETURNING planned_run.run_date
),

added AS (
    INSERT INTO operations.contract_line_schedule (
        company, contract_id, contract_line_id, run_date, cutoff_date
    )
    SELECT
        %(company)s::text,
        contract_id,
        contract_line_id,
        run_date,
        run_date - 1
    FROM wanted
    ON CONFLICT DO NOTHING
    RETURNING run_date
)

SELECT
    (SELECT count(*) FROM added) AS added_count,
    (SELECT count(*) FROM removed) AS removed_count;
