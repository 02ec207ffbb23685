-- name: list_held
-- The limits are added up for the contracts of this page only.
WITH page AS MATERIALIZED (
    SELECT
        item.contract_id,
        item.actual_id,
        item.contract_line_id,
        item.customer_id,
        item.project_id,
        item.transaction_date,
        item.currency,
        item.exceeds,
        item.amount - item.discount_amount + item.fee_amount AS amount
    FROM operations.backlog_item AS item
    WHERE
        item.company = %(company)s::text
        AND item.not_to_exceed = 'failed'
        AND (%(contract_id)s::bigint IS NULL OR item.contract_id = %(contract_id)s::bigint)
        AND (item.contract_id, item.actual_id) > (%(after_contract_id)s::bigint, %(after_actual_id)s::bigint)
    ORDER BY item.contract_id, item.actual_id
    LIMIT %(rows_max)s::bigint
),

agreed AS MATERIALIZED (
    SELECT
        one.contract_id,
        one.contract_line_id,
        one.customer_id,
        one.level,
        one.amount,
        coalesce(sum(used.committed_amount + used.invoiced_amount), 0) AS taken_amount
    FROM operations.not_to_exceed_limit AS one
    LEFT JOIN operations.not_to_exceed_use AS used
        ON
            used.company = %(company)s::text
            AND used.contract_id = one.contract_id
            AND used.contract_line_id = coalesce(one.contract_line_id, used.contract_line_id)
            AND used.customer_id = coalesce(one.customer_id, used.customer_id)
            AND used.contract_id IN (SELECT page.contract_id FROM page)
    WHERE one.company = %(company)s::text AND one.contract_id IN (SELECT page.contract_id FROM page)
    GROUP BY one.contract_id, one.contract_line_id, one.customer_id, one.level, one.amount
)

SELECT
    page.contract_id,
    page.actual_id,
    contract.number AS contract_number,
    line.line_number,
    line.name AS line_name,
    customer.account AS customer_account,
    project.number AS project_number,
    page.transaction_date,
    page.currency,
    page.amount,
    agreed.amount AS limit_amount,
    agreed.taken_amount,
    page.exceeds::text AS level,
    coalesce(resource.name, category.name) AS name,
    agreed.amount - agreed.taken_amount AS remaining_amount,
    page.amount - (agreed.amount - agreed.taken_amount) AS missing_amount
FROM page
JOIN operations.contract
    ON contract.company = %(company)s::text AND contract.contract_id = page.contract_id
JOIN operations.contract_line AS line
    ON line.company = %(company)s::text AND line.contract_line_id = page.contract_line_id
JOIN operations.project
    ON project.company = %(company)s::text AND project.project_id = page.project_id
JOIN operations.actual
    ON actual.company = %(company)s::text AND actual.actual_id = page.actual_id
LEFT JOIN operations.customer
    ON customer.company = %(company)s::text AND customer.customer_id = page.customer_id
LEFT JOIN operations.resource
    ON resource.company = %(company)s::text AND resource.resource_id = actual.resource_id
LEFT JOIN operations.transaction_category AS category ON category.category_id = actual.category_id
LEFT JOIN agreed
    ON
        agreed.contract_id = page.contract_id
        AND agreed.level = page.exceeds
        AND coalesce(agreed.contract_line_id, page.contract_line_id) = page.contract_line_id
        AND coalesce(agreed.customer_id, page.customer_id) IS NOT DISTINCT FROM page.customer_id
ORDER BY page.contract_id, page.actual_id;
