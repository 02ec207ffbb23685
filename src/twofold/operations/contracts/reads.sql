-- name: list_contracts
SELECT
    contract.company,
    contract.contract_id,
    contract.number,
    contract.name,
    customer.account AS customer_account,
    contract.currency,
    contract.state::text AS state,
    closing.reason::text AS reason
FROM operations.contract
JOIN operations.customer
    ON customer.company = %(company)s::text AND customer.customer_id = contract.customer_id
LEFT JOIN operations.contract_closing AS closing
    ON closing.company = %(company)s::text AND closing.contract_id = contract.contract_id
WHERE
    contract.company = %(company)s::text
    AND contract.number > %(after)s::text
    AND (%(state)s::text IS NULL OR contract.state::text = %(state)s::text)
    AND (
        %(words)s::text IS NULL
        OR strpos(lower(contract.number || ' ' || contract.name), lower(%(words)s::text)) > 0
    )
    AND (
        %(customer)s::text IS NULL
        OR EXISTS (
            SELECT FROM operations.contract_customer AS payer
            JOIN operations.customer AS paying
                ON paying.company = %(company)s::text AND paying.customer_id = payer.customer_id
            WHERE
                payer.company = %(company)s::text
                AND payer.contract_id = contract.contract_id
                AND paying.account = %(customer)s::text
        )
    )
ORDER BY contract.number
LIMIT %(rows_max)s::bigint;

-- name: show_contract
WITH wanted AS (
    SELECT contract_id
    FROM operations.contract
    WHERE company = %(company)s::text AND number = %(number)s::text
),

payers AS (
    SELECT
        string_agg(
            customer.account || ' ' || trim_scale(payer.split_percent) || ' %%', '; '
            ORDER BY (NOT payer.is_primary) ASC, customer.account ASC
        ) AS words
    FROM wanted
    JOIN operations.contract_customer AS payer
        ON payer.company = %(company)s::text AND payer.contract_id = wanted.contract_id
    JOIN operations.customer
        ON customer.company = %(company)s::text AND customer.customer_id = payer.customer_id
),

lists AS (
    SELECT string_agg(price_list.name, '; ' ORDER BY price_list.effective_from, price_list.name) AS words
    FROM wanted
    JOIN operations.contract_price_list AS chosen
        ON chosen.company = %(company)s::text AND chosen.contract_id = wanted.contract_id
    JOIN operations.price_list
        ON price_list.company = %(company)s::text AND price_list.price_list_id = chosen.price_list_id
)

SELECT
    contract.contract_id,
    contract.number,
    contract.name,
    customer.account AS customer_account,
    customer.name AS customer_name,
    unit.name AS organizational_unit,
    contract.currency,
    contract.payment_terms,
    contract.state::text AS state,
    closing.reason::text AS reason,
    coalesce(payers.words, '') AS payers,
    coalesce(lists.words, '') AS price_lists
FROM operations.contract
JOIN wanted ON wanted.contract_id = contract.contract_id
JOIN operations.customer
    ON customer.company = %(company)s::text AND customer.customer_id = contract.customer_id
JOIN operations.organizational_unit AS unit
    ON
        unit.company = %(company)s::text
        AND unit.organizational_unit_id = contract.organizational_unit_id
LEFT JOIN operations.contract_closing AS closing
    ON closing.company = %(company)s::text AND closing.contract_id = contract.contract_id
CROSS JOIN payers
CROSS JOIN lists
WHERE contract.company = %(company)s::text;

-- name: list_contract_lines
WITH billed AS (
    SELECT
        line.contract_line_id,
        sum(line.chargeable_amount) FILTER (WHERE proforma.state IN ('draft', 'in_review')) AS draft_amount,
        sum(line.chargeable_amount) FILTER (WHERE proforma.state NOT IN ('draft', 'in_review')) AS billed_amount
    FROM operations.proforma
    JOIN operations.proforma_line AS line
        ON line.company = %(company)s::text AND line.proforma_id = proforma.proforma_id
    WHERE proforma.company = %(company)s::text AND proforma.contract_id = %(contract_id)s::bigint
    GROUP BY line.contract_line_id
),

payers AS (
    SELECT
        share.contract_line_id,
        string_agg(
            customer.account || ' ' || trim_scale(share.split_percent) || ' %%', '; ' ORDER BY customer.account
        ) AS words
    FROM operations.contract_line_customer AS share
    JOIN operations.customer
        ON customer.company = %(company)s::text AND customer.customer_id = share.customer_id
    JOIN operations.contract_line AS agreed
        ON agreed.company = %(company)s::text AND agreed.contract_line_id = share.contract_line_id
    WHERE share.company = %(company)s::text AND agreed.contract_id = %(contract_id)s::bigint
    GROUP BY share.contract_line_id
)

SELECT
    line.contract_line_id,
    line.line_number,
    line.name,
    line.billing_method::text AS billing_method,
    project.number AS project_number,
    line.contracted_amount,
    line.discount_percent,
    line.fee_percent,
    coalesce(billed.draft_amount, 0) AS draft_amount,
    coalesce(billed.billed_amount, 0) AS billed_amount,
    coalesce(payers.words, '') AS payers
FROM operations.contract_line AS line
LEFT JOIN operations.project
    ON project.company = %(company)s::text AND project.project_id = line.project_id
LEFT JOIN billed ON billed.contract_line_id = line.contract_line_id
LEFT JOIN payers ON payers.contract_line_id = line.contract_line_id
WHERE line.company = %(company)s::text AND line.contract_id = %(contract_id)s::bigint
ORDER BY line.line_number;

-- name: list_milestones
WITH part AS (
    SELECT
        contract_line_id,
        name,
        min(milestone_id) AS milestone_id,
        max(part) AS last_part
    FROM operations.milestone
    WHERE company = %(company)s::text AND contract_id = %(contract_id)s::bigint
    GROUP BY contract_line_id, name
)

SELECT
    part.milestone_id,
    line.line_number,
    milestone.name,
    milestone.milestone_date,
    milestone.amount,
    milestone.tax_amount,
    milestone.state::text AS state,
    progress.invoiced_amount,
    progress.next_amount,
    progress.open_amount,
    line.schedule_type = 'progress' AS is_progress,
    milestone.is_on_a_proforma OR part.last_part > 1 AS is_fixed
FROM operations.milestone_header AS milestone
JOIN operations.contract_line AS line
    ON line.company = %(company)s::text AND line.contract_line_id = milestone.contract_line_id
JOIN part ON part.contract_line_id = milestone.contract_line_id AND part.name = milestone.name
JOIN operations.milestone_progress AS progress
    ON
        progress.company = %(company)s::text
        AND progress.contract_line_id = milestone.contract_line_id
        AND progress.name = milestone.name
WHERE
    milestone.company = %(company)s::text
    AND milestone.contract_id = %(contract_id)s::bigint
    AND progress.contract_id = %(contract_id)s::bigint
ORDER BY line.line_number, milestone.milestone_date, milestone.name;

-- name: list_payers
SELECT
    NULL::integer AS line_number,
    customer.account AS customer_account,
    customer.name AS customer_name,
    payer.split_percent,
    payer.is_rounding,
    payer.not_to_exceed AS limit_amount,
    payer.bill_to_name
FROM operations.contract_customer AS payer
JOIN operations.customer
    ON customer.company = %(company)s::text AND customer.customer_id = payer.customer_id
WHERE payer.company = %(company)s::text AND payer.contract_id = %(contract_id)s::bigint
UNION ALL
SELECT
    line.line_number,
    customer.account,
    customer.name,
    share.split_percent,
    share.is_rounding,
    share.not_to_exceed,
    NULL
FROM operations.contract_line AS line
JOIN operations.contract_line_customer AS share
    ON share.company = %(company)s::text AND share.contract_line_id = line.contract_line_id
JOIN operations.customer
    ON customer.company = %(company)s::text AND customer.customer_id = share.customer_id
WHERE line.company = %(company)s::text AND line.contract_id = %(contract_id)s::bigint
ORDER BY line_number NULLS FIRST, customer_account;

-- name: list_price_lists
SELECT
    price_list.name,
    price_list.currency,
    price_list.effective_from,
    price_list.effective_to,
    (
        SELECT count(*)
        FROM operations.role_price AS price
        WHERE price.company = %(company)s::text AND price.price_list_id = price_list.price_list_id
    ) AS price_count
FROM operations.contract_price_list AS chosen
JOIN operations.price_list
    ON price_list.company = %(company)s::text AND price_list.price_list_id = chosen.price_list_id
WHERE chosen.company = %(company)s::text AND chosen.contract_id = %(contract_id)s::bigint
ORDER BY price_list.effective_from, price_list.name;

-- name: list_prices
-- Every price of the sales price lists of a contract, roles first.
WITH chosen AS (
    SELECT price_list_id
    FROM operations.contract_price_list
    WHERE company = %(company)s::text AND contract_id = %(contract_id)s::bigint
),

priced AS (
    SELECT
        price.price_list_id,
        1 AS place,
        'role' AS subject,
        role.name,
        price.time_unit AS unit,
        price.method::text AS method,
        price.price,
        price.percent,
        price.effective_from,
        price.contract_id IS NOT NULL AS is_of_contract
    FROM operations.role_price AS price
    JOIN operations.role ON role.role_id = price.role_id
    WHERE
        price.company = %(company)s::text
        AND (price.contract_id IS NULL OR price.contract_id = %(contract_id)s::bigint)
    UNION ALL
    SELECT
        price.price_list_id,
        2,
        'category',
        category.name,
        price.unit,
        price.method::text,
        price.price,
        price.percent,
        NULL,
        false
    FROM operations.category_price AS price
    JOIN operations.transaction_category AS category ON category.category_id = price.category_id
    WHERE price.company = %(company)s::text
    UNION ALL
    SELECT
        price.price_list_id,
        3,
        'product',
        product.number || ' ' || product.name,
        price.unit,
        price.method::text,
        price.price,
        price.percent,
        NULL,
        false
    FROM operations.product_price AS price
    JOIN operations.product ON product.product_id = price.product_id
    WHERE price.company = %(company)s::text
)

SELECT
    price_list.name AS price_list,
    priced.subject,
    priced.name,
    priced.unit,
    priced.method,
    priced.price,
    priced.percent,
    price_list.currency,
    priced.is_of_contract,
    coalesce(priced.effective_from, price_list.effective_from) AS effective_from
FROM chosen
JOIN operations.price_list
    ON price_list.company = %(company)s::text AND price_list.price_list_id = chosen.price_list_id
JOIN priced ON priced.price_list_id = chosen.price_list_id
ORDER BY price_list.effective_from DESC, price_list.name ASC, priced.place ASC, priced.name ASC, effective_from ASC
LIMIT %(rows_max)s::bigint;
