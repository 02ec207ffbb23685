-- As in masters.sql: what the rows of a file mean in the columns of one table.

-- name: contract_lines
SELECT
    contract.contract_id,
    given.line_number,
    given.name,
    given.billing_method,
    project.project_id,
    given.includes_time,
    given.includes_expense,
    given.includes_material,
    given.includes_fee,
    given.included_tasks,
    given.contracted_amount,
    given.not_to_exceed,
    given.discount_percent,
    given.fee_percent,
    given.estimated_tax_amount,
    given.billing_start_date,
    frequency.invoice_frequency_id,
    given.schedule_type,
    given.standalone_price
FROM
    jsonb_to_recordset(%(rows)s::jsonb)
        AS given (
            contract text, line_number integer, name text, billing_method operations.billing_method, project text,
            includes_time boolean, includes_expense boolean, includes_material boolean, includes_fee boolean,
            included_tasks operations.included_tasks, contracted_amount numeric, not_to_exceed numeric,
            discount_percent numeric, fee_percent numeric,
            estimated_tax_amount numeric, billing_start_date date, invoice_frequency text,
            schedule_type operations.schedule_type, standalone_price numeric
        )
JOIN operations.contract
    ON contract.company = %(company)s::text AND contract.number = given.contract
LEFT JOIN operations.project
    ON project.company = %(company)s::text AND project.number = given.project
LEFT JOIN operations.invoice_frequency AS frequency
    ON frequency.company = %(company)s::text AND frequency.name = given.invoice_frequency;

-- name: line_customers
-- A new line whose customers the file does not list has those of its contract (S-1); shares of
-- other lines stay as they are. Who is left out of a list pays nothing from now on.
WITH named AS (
    SELECT
        contract_line.contract_line_id,
        contract_line.contract_id,
        customer.customer_id,
        given.split_percent,
        given.is_rounding,
        given.not_to_exceed
    FROM
        jsonb_to_recordset(%(rows)s::jsonb)
            AS given (
                contract text, line_number integer, account text, split_percent numeric, is_rounding boolean,
                not_to_exceed numeric
            )
    JOIN operations.contract_line
        ON
            contract_line.company = %(company)s::text
            AND contract_line.contract_line_id
            = operations.line_of(%(company)s::text, given.contract, given.line_number)
    LEFT JOIN operations.customer
        ON customer.company = %(company)s::text AND customer.account = given.account
),

agreed AS (
    SELECT
        contract_line_id,
        contract_id,
        bool_or(split_percent IS NOT NULL) AS has_list
    FROM named
    GROUP BY contract_line_id, contract_id
),

stored AS (
    SELECT *
    FROM operations.contract_line_customer
    WHERE company = %(company)s::text AND contract_line_id IN (SELECT agreed.contract_line_id FROM agreed)
)

SELECT
    contract_line_id,
    customer_id,
    split_percent,
    is_rounding,
    not_to_exceed
FROM named
WHERE customer_id IS NOT NULL
UNION ALL
SELECT
    stored.contract_line_id,
    stored.customer_id,
    CASE WHEN agreed.has_list THEN 0 ELSE stored.split_percent END,
    stored.is_rounding AND NOT agreed.has_list,
    stored.not_to_exceed
FROM stored
JOIN agreed ON agreed.contract_line_id = stored.contract_line_id
WHERE
    NOT EXISTS (
        SELECT FROM named
        WHERE named.contract_line_id = stored.contract_line_id AND named.customer_id = stored.customer_id
    )
UNION ALL
SELECT
    agreed.contract_line_id,
    payer.customer_id,
    payer.split_percent,
    payer.is_rounding,
    NULL
FROM agreed
JOIN operations.contract_customer AS payer
    ON payer.company = %(company)s::text AND payer.contract_id = agreed.contract_id
WHERE
    NOT agreed.has_list
    AND agreed.contract_line_id NOT IN (SELECT stored.contract_line_id FROM stored);

-- name: milestones
-- A milestone is split over the customers of its line, rounded to the currency; the one that
-- takes the rounding takes what is left. As long as no part of it is on a proforma it follows the
-- split; then its parts stand as they are, and a difference is refused. One that does not fit its
-- line or taxes nothing is refused too, and cannot be written at all.
-- It starts in the state the file names; after that its state is the backlog's.
WITH agreed AS (
    SELECT
        contract_line.contract_id,
        contract_line.contract_line_id,
        contract_line.project_id,
        contract.currency,
        currency.precision,
        given.name,
        given.milestone_date,
        given.amount,
        given.tax_amount,
        given.state,
        coalesce(header.is_on_a_proforma, false) AS is_settled
    FROM
        jsonb_to_recordset(%(rows)s::jsonb)
            AS given (
                contract text, line_number integer, name text, milestone_date date, amount numeric,
                tax_amount numeric, state operations.milestone_state
            )
    JOIN operations.contract_line
        ON
            contract_line.company = %(company)s::text
            AND contract_line.contract_line_id
            = operations.line_of(%(company)s::text, given.contract, given.line_number)
    JOIN operations.contract
        ON contract.company = %(company)s::text AND contract.contract_id = contract_line.contract_id
    JOIN operations.currency ON currency.currency = contract.currency
    LEFT JOIN operations.milestone_header AS header
        ON
            header.company = %(company)s::text
            AND header.contract_line_id = contract_line.contract_line_id
            AND header.name = given.name
    WHERE
        contract_line.project_id IS NOT NULL
        AND (given.amount <> 0 OR given.tax_amount = 0)
        -- What is billed in parts by progress stands as it is.
        AND NOT EXISTS (
            SELECT FROM operations.milestone AS divided
            WHERE
                divided.company = %(company)s::text
                AND divided.contract_line_id = contract_line.contract_line_id
                AND divided.name = given.name
                AND divided.part > 1
        )
),

payer AS (
    SELECT
        agreed.contract_line_id,
        agreed.name,
        share.customer_id
    FROM agreed
    JOIN operations.contract_line_customer AS share
        ON share.company = %(company)s::text AND share.contract_line_id = agreed.contract_line_id
    WHERE share.split_percent > 0 AND NOT agreed.is_settled
    UNION
    SELECT
        contract_line_id,
        name,
        customer_id
    FROM operations.milestone
    WHERE company = %(company)s::text
),

rounded AS (
    SELECT
        agreed.*,
        payer.customer_id,
        stored.milestone_date AS stored_date,
        stored.amount AS stored_amount,
        stored.tax_amount AS stored_tax_amount,
        coalesce(share.is_rounding, false) AS is_rounding,
        CASE
            WHEN share.is_rounding THEN 0
            ELSE round(agreed.amount * coalesce(share.split_percent, 0) / 100, agreed.precision)
        END AS amount_share,
        CASE
            WHEN share.is_rounding THEN 0
            ELSE round(agreed.tax_amount * coalesce(share.split_percent, 0) / 100, agreed.precision)
        END AS tax_share
    FROM agreed
    JOIN payer ON payer.contract_line_id = agreed.contract_line_id AND payer.name = agreed.name
    LEFT JOIN operations.contract_line_customer AS share
        ON
            share.company = %(company)s::text
            AND share.contract_line_id = agreed.contract_line_id
            AND share.customer_id = payer.customer_id
    LEFT JOIN operations.milestone AS stored
        ON
            stored.company = %(company)s::text
            AND stored.contract_line_id = agreed.contract_line_id
            AND stored.name = agreed.name
            AND stored.customer_id = payer.customer_id
),

split AS (
    SELECT
        rounded.*,
        CASE WHEN is_rounding THEN amount - sum(amount_share) OVER whole ELSE amount_share END AS part_amount,
        CASE WHEN is_rounding THEN tax_amount - sum(tax_share) OVER whole ELSE tax_share END AS part_tax_amount
    FROM rounded
    WINDOW whole AS (PARTITION BY contract_line_id, name)
)

SELECT
    contract_id,
    contract_line_id,
    project_id,
    customer_id,
    currency,
    name,
    state,
    CASE WHEN is_settled THEN stored_date ELSE milestone_date END AS milestone_date,
    CASE WHEN is_settled THEN stored_amount ELSE part_amount END AS amount,
    CASE WHEN is_settled THEN stored_tax_amount ELSE part_tax_amount END AS tax_amount
FROM split
WHERE is_settled OR (part_tax_amount >= 0 AND (part_amount <> 0 OR part_tax_amount = 0));
