-- name: find_home
-- Who pays, where the actuals will stand, and how many days the schedule has: by number, else up to
-- the last day. Each day is counted from the first, so that a month's end stays one.
SELECT
    contract.number,
    payer.customer_id,
    contract.currency,
    currency.precision,
    contract.state::text AS state,
    coalesce(
        (
            SELECT line.project_id
            FROM operations.contract_line AS line
            WHERE
                line.company = %(company)s::text
                AND line.contract_id = contract.contract_id
                AND line.project_id IS NOT NULL
            ORDER BY line.line_number
            LIMIT 1
        ),
        (
            SELECT min(project.project_id)
            FROM operations.project
            WHERE project.company = %(company)s::text AND project.contract_id = contract.contract_id
        )
    ) AS project_id,
    CASE
        WHEN %(number)s::bigint IS NOT NULL THEN least(%(number)s::bigint, %(retainers_max)s::bigint)
        ELSE (
            SELECT count(*)
            FROM generate_series(0, %(retainers_max)s::integer - 1) AS step (place)
            WHERE
                (
                    %(first_on)s::date
                    + step.place * CASE %(frequency)s::text
                        WHEN 'weekly' THEN interval '7 days'
                        WHEN 'biweekly' THEN interval '14 days'
                        WHEN 'monthly' THEN interval '1 month'
                    END
                )::date <= %(last_on)s::date
        )
    END AS day_count
FROM operations.contract
JOIN operations.currency ON currency.currency = contract.currency
LEFT JOIN LATERAL (
    SELECT agreed.customer_id
    FROM operations.contract_customer AS agreed
    JOIN operations.customer
        ON customer.company = %(company)s::text AND customer.customer_id = agreed.customer_id
    WHERE
        agreed.company = %(company)s::text
        AND agreed.contract_id = contract.contract_id
        AND CASE WHEN %(customer)s::text IS NULL THEN agreed.is_primary ELSE customer.account = %(customer)s::text END
    ORDER BY agreed.customer_id
    LIMIT 1
) AS payer ON true
WHERE contract.company = %(company)s::text AND contract.contract_id = %(contract_id)s::bigint;

-- name: add
-- Equal amounts, the last with what rounding left; the day tells those of a schedule apart.
INSERT INTO operations.retainer (
    company, retainer_id, contract_id, customer_id, project_id, description, invoice_date, amount, currency
)
SELECT
    %(company)s::text,
    %(first_id)s::bigint + planned.place,
    %(contract_id)s::bigint,
    %(customer_id)s::bigint,
    %(project_id)s::bigint,
    %(description)s::text,
    (
        %(first_on)s::date
        + planned.place * CASE %(frequency)s::text
            WHEN 'weekly' THEN interval '7 days'
            WHEN 'biweekly' THEN interval '14 days'
            WHEN 'monthly' THEN interval '1 month'
        END
    )::date,
    CASE planned.place
        WHEN %(day_count)s::bigint - 1
            THEN
                %(total_amount)s::numeric
                - (%(day_count)s::bigint - 1)
                * round(%(total_amount)s::numeric / %(day_count)s::bigint, %(precision)s::integer)
        ELSE round(%(total_amount)s::numeric / %(day_count)s::bigint, %(precision)s::integer)
    END,
    %(currency)s::text
FROM generate_series(0, %(day_count)s::bigint - 1) AS planned (place)
ORDER BY planned.place
RETURNING
    retainer_id,
    description,
    invoice_date,
    amount,
    currency;
