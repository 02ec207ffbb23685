-- name: find_left_out
-- Customers who pay a share of a contract or line whose customers the file lists, who are not on
-- that list, and who have sales already.
WITH listed AS (
    SELECT
        contract.contract_id,
        contract.number,
        given.line_number,
        given.account,
        line.contract_line_id
    FROM jsonb_to_recordset(%(rows)s::jsonb) AS given (contract text, line_number integer, account text)
    JOIN operations.contract
        ON contract.company = %(company)s::text AND contract.number = given.contract
    LEFT JOIN operations.contract_line AS line
        ON
            line.company = %(company)s::text
            AND line.contract_id = contract.contract_id
            AND line.line_number = given.line_number
),

present AS (
    SELECT
        payer.contract_id,
        NULL::bigint AS contract_line_id,
        payer.customer_id,
        payer.split_percent
    FROM operations.contract_customer AS payer
    WHERE payer.company = %(company)s::text
    UNION ALL
    SELECT
        line.contract_id,
        payer.contract_line_id,
        payer.customer_id,
        payer.split_percent
    FROM operations.contract_line_customer AS payer
    JOIN operations.contract_line AS line
        ON line.company = payer.company AND line.contract_line_id = payer.contract_line_id
    WHERE payer.company = %(company)s::text
),

whole AS (
    SELECT DISTINCT
        contract_id,
        contract_line_id,
        number,
        line_number
    FROM listed
),

left_out AS (
    SELECT
        present.contract_id,
        present.contract_line_id,
        present.customer_id,
        present.split_percent,
        customer.account,
        whole.number,
        whole.line_number
    FROM present
    JOIN whole
        ON
            whole.contract_id = present.contract_id
            AND whole.contract_line_id IS NOT DISTINCT FROM present.contract_line_id
            AND (whole.line_number IS NULL) = (present.contract_line_id IS NULL)
    JOIN operations.customer
        ON customer.company = %(company)s::text AND customer.customer_id = present.customer_id
    LEFT JOIN listed
        ON
            listed.contract_id = present.contract_id
            AND listed.contract_line_id IS NOT DISTINCT FROM present.contract_line_id
            AND (listed.line_number IS NULL) = (present.contract_line_id IS NULL)
            AND listed.account = customer.account
    WHERE present.split_percent > 0 AND listed.account IS NULL
)

SELECT
    number AS contract,
    line_number,
    account,
    trim_scale(split_percent) AS split_percent
FROM left_out
WHERE
    EXISTS (
        SELECT FROM operations.actual
        WHERE
            actual.company = %(company)s::text
            AND actual.contract_id = left_out.contract_id
            AND actual.contract_line_id = coalesce(left_out.contract_line_id, actual.contract_line_id)
            AND actual.customer_id = left_out.customer_id
    )
ORDER BY contract, line_number, account;

-- name: find_uneven_splits
-- The rounding is taken by exactly one customer, and by one who pays a share: rounding would
-- leave the others something that nobody is billed for.
WITH share AS (
    SELECT
        contract_id,
        NULL::bigint AS contract_line_id,
        split_percent,
        is_rounding
    FROM operations.contract_customer
    WHERE company = %(company)s::text
    UNION ALL
    SELECT
        line.contract_id,
        payer.contract_line_id,
        payer.split_percent,
        payer.is_rounding
    FROM operations.contract_line_customer AS payer
    JOIN operations.contract_line AS line
        ON line.company = payer.company AND line.contract_line_id = payer.contract_line_id
    WHERE payer.company = %(company)s::text
),

total AS (
    SELECT
        contract_id,
        contract_line_id,
        trim_scale(sum(split_percent)) AS split_percent,
        count(*) FILTER (WHERE is_rounding AND split_percent > 0) AS rounding_count
    FROM share
    GROUP BY contract_id, contract_line_id
)

SELECT
    contract.number AS contract,
    line.line_number,
    total.split_percent,
    total.rounding_count
FROM total
JOIN operations.contract
    ON contract.company = %(company)s::text AND contract.contract_id = total.contract_id
LEFT JOIN operations.contract_line AS line
    ON line.company = %(company)s::text AND line.contract_line_id = total.contract_line_id
WHERE total.split_percent <> 100 OR total.rounding_count <> 1
ORDER BY contract, line_number NULLS FIRST;
