-- name: keys_of_proforma
-- The bills of a confirmation are numbered in one block, and its reversals, which are no more,
-- in the block behind.
SELECT detail.actual_id
FROM operations.proforma_detail AS detail
WHERE
    detail.company = %(company)s::text
    AND detail.proforma_id = %(proforma_id)s::bigint
    AND detail.actual_id > %(after_id)s::bigint
UNION ALL
SELECT actual.actual_id
FROM operations.proforma
JOIN operations.actual
    ON
        actual.company = %(company)s::text
        AND actual.actual_id >= proforma.first_actual_id
        AND actual.actual_id <= 2 * proforma.last_actual_id - proforma.first_actual_id + 1
        AND actual.proforma_id = proforma.proforma_id
WHERE
    proforma.company = %(company)s::text
    AND proforma.proforma_id = %(proforma_id)s::bigint
    AND actual.actual_id > %(after_id)s::bigint
ORDER BY actual_id
LIMIT %(rows_max)s::bigint;

-- name: keys_of_entry
WITH approved AS (
    SELECT
        actual.actual_id,
        reversal.actual_id AS reversal_id,
        reversal.proforma_id
    FROM operations.entry
    JOIN operations.actual
        ON
            actual.company = %(company)s::text
            AND actual.actual_id BETWEEN entry.first_actual_id AND entry.last_actual_id
    LEFT JOIN operations.actual AS reversal
        ON reversal.company = %(company)s::text AND reversal.reverses_id = actual.actual_id
    WHERE entry.company = %(company)s::text AND entry.entry_id = %(entry_id)s::bigint
)

SELECT approved.actual_id
FROM approved
UNION ALL
SELECT approved.reversal_id
FROM approved
WHERE approved.reversal_id IS NOT NULL
UNION ALL
SELECT bill.actual_id
FROM approved
JOIN operations.proforma
    ON proforma.company = %(company)s::text AND proforma.proforma_id = approved.proforma_id
JOIN operations.actual AS bill
    ON
        bill.company = %(company)s::text
        AND bill.actual_id BETWEEN proforma.first_actual_id AND proforma.last_actual_id
        AND bill.source_id = approved.actual_id
ORDER BY actual_id;

-- name: show_actuals
SELECT
    actual.actual_id,
    actual.transaction_type::text AS transaction_type,
    actual.class::text AS transaction_class,
    actual.billing_type::text AS billing_type,
    actual.event::text AS event,
    actual.transaction_date,
    actual.accounting_date,
    actual.quantity,
    actual.unit,
    actual.price,
    actual.amount,
    actual.discount_amount,
    actual.fee_amount,
    actual.currency,
    project.number AS project_number,
    resource.name AS resource_name,
    role.name AS role_name,
    category.name AS category_name,
    contract.number AS contract_number,
    agreed.name AS contract_line,
    customer.account AS customer_account,
    actual.reverses_id,
    actual.source_id,
    actual.entry_id,
    actual.milestone_id,
    proforma.number AS proforma_number,
    actual.skip_sync,
    actual.change_set_id,
    actual.description,
    status.adjustment_status,
    status.billing_status,
    accounting.voucher,
    accounting.accounting_amount,
    accounting.exchange_rate,
    accounting.sales_tax_amount
FROM operations.actual
JOIN operations.actual_status AS status
    ON status.company = %(company)s::text AND status.actual_id = actual.actual_id
JOIN operations.project
    ON project.company = %(company)s::text AND project.project_id = actual.project_id
LEFT JOIN operations.resource
    ON resource.company = %(company)s::text AND resource.resource_id = actual.resource_id
LEFT JOIN operations.role ON role.role_id = actual.role_id
LEFT JOIN operations.transaction_category AS category ON category.category_id = actual.category_id
LEFT JOIN operations.contract
    ON contract.company = %(company)s::text AND contract.contract_id = actual.contract_id
LEFT JOIN operations.contract_line AS agreed
    ON agreed.company = %(company)s::text AND agreed.contract_line_id = actual.contract_line_id
LEFT JOIN operations.customer
    ON customer.company = %(company)s::text AND customer.customer_id = actual.customer_id
LEFT JOIN operations.backlog_item AS item
    ON
        item.company = %(company)s::text
        AND item.contract_id = actual.contract_id
        AND item.actual_id = actual.actual_id
LEFT JOIN operations.actual AS reversal
    ON reversal.company = %(company)s::text AND reversal.reverses_id = actual.actual_id
LEFT JOIN operations.proforma
    ON
        proforma.company = %(company)s::text
        AND proforma.proforma_id = coalesce(actual.proforma_id, item.proforma_id, reversal.proforma_id)
LEFT JOIN operations.actual_accounting AS accounting
    ON accounting.company = %(company)s::text AND accounting.actual_id = actual.actual_id
WHERE
    actual.company = %(company)s::text
    AND actual.actual_id = any(%(actual_ids)s::bigint[])
ORDER BY actual.actual_id;

-- name: connections
-- Links the actual has, and links others have to it, found by the paths that have an index:
-- the reversal of a sale leads to its proforma, the entry of a cost to its sales.
WITH self AS (
    SELECT
        actual.actual_id,
        actual.transaction_type,
        actual.entry_id,
        reversal.actual_id AS reversal_id,
        coalesce(item.proforma_id, reversal.proforma_id) AS proforma_id
    FROM operations.actual
    LEFT JOIN operations.actual AS reversal
        ON reversal.company = %(company)s::text AND reversal.reverses_id = actual.actual_id
    LEFT JOIN operations.backlog_item AS item
        ON
            item.company = %(company)s::text
            AND item.contract_id = actual.contract_id
            AND item.actual_id = actual.actual_id
    WHERE actual.company = %(company)s::text AND actual.actual_id = %(actual_id)s::bigint
)

SELECT
    transaction1_id,
    transaction1_role,
    'actual' AS transaction1_type,
    transaction2_id,
    transaction2_role,
    'actual' AS transaction2_type
FROM operations.actual_connection
WHERE company = %(company)s::text AND transaction1_id = %(actual_id)s::bigint
UNION ALL
SELECT
    reversal_id,
    'reversing',
    'actual',
    actual_id,
    'original',
    'actual'
FROM self
WHERE reversal_id IS NOT NULL
UNION ALL
SELECT
    sale.actual_id AS transaction1_id,
    'unbilled_sales',
    'actual',
    self.actual_id AS transaction2_id,
    'cost',
    'actual'
FROM self
JOIN operations.entry
    ON entry.company = %(company)s::text AND entry.entry_id = self.entry_id
JOIN operations.actual AS sale
    ON
        sale.company = %(company)s::text
        AND sale.actual_id BETWEEN entry.first_actual_id AND entry.last_actual_id
        AND sale.source_id = self.actual_id
WHERE self.transaction_type = 'cost'
UNION ALL
SELECT
    bill.actual_id AS transaction1_id,
    'billed_sales',
    'actual',
    self.actual_id AS transaction2_id,
    'unbilled_sales',
    'actual'
FROM self
JOIN operations.proforma
    ON proforma.company = %(company)s::text AND proforma.proforma_id = self.proforma_id
JOIN operations.actual AS bill
    ON
        bill.company = %(company)s::text
        AND bill.actual_id BETWEEN proforma.first_actual_id AND proforma.last_actual_id
        AND bill.source_id = self.actual_id
WHERE self.transaction_type = 'unbilled_sales'
UNION ALL
SELECT
    detail.proforma_detail_id,
    'billed_sales',
    'invoice_line_detail',
    self.actual_id,
    'unbilled_sales',
    'actual'
FROM self
JOIN operations.proforma_detail AS detail
    ON
        detail.company = %(company)s::text
        AND detail.proforma_id = self.proforma_id
        AND detail.actual_id = self.actual_id
ORDER BY transaction1_type, transaction1_id, transaction2_id;

-- name: find_proforma
SELECT proforma.number
FROM operations.proforma
LEFT JOIN operations.customer_invoice AS invoice
    ON invoice.company = %(company)s::text AND invoice.proforma_id = proforma.proforma_id
WHERE
    proforma.company = %(company)s::text
    AND (proforma.number = %(reference)s::text OR invoice.invoice_number = %(reference)s::text)
ORDER BY proforma.number = %(reference)s::text DESC
LIMIT 1;

-- name: proforma_of_actual
-- A bill and a reversal name their proforma; a sale is found through its reversal or the
-- backlog; a cost through the sales of its entry.
WITH self AS (
    SELECT
        actual.actual_id,
        actual.contract_id,
        actual.proforma_id
    FROM operations.actual
    WHERE actual.company = %(company)s::text AND actual.actual_id = %(actual_id)s::bigint
    UNION ALL
    SELECT
        sale.actual_id,
        sale.contract_id,
        sale.proforma_id
    FROM operations.actual AS cost
    JOIN operations.entry
        ON entry.company = %(company)s::text AND entry.entry_id = cost.entry_id
    JOIN operations.actual AS sale
        ON
            sale.company = %(company)s::text
            AND sale.actual_id BETWEEN entry.first_actual_id AND entry.last_actual_id
            AND sale.source_id = cost.actual_id
    WHERE
        cost.company = %(company)s::text
        AND cost.actual_id = %(actual_id)s::bigint
        AND cost.transaction_type = 'cost'
)

SELECT proforma.number
FROM self
LEFT JOIN operations.actual AS reversal
    ON reversal.company = %(company)s::text AND reversal.reverses_id = self.actual_id
LEFT JOIN operations.backlog_item AS item
    ON
        item.company = %(company)s::text
        AND item.contract_id = self.contract_id
        AND item.actual_id = self.actual_id
JOIN operations.proforma
    ON
        proforma.company = %(company)s::text
        AND proforma.proforma_id = coalesce(self.proforma_id, reversal.proforma_id, item.proforma_id)
ORDER BY self.actual_id
LIMIT 1;

-- name: corrections_of
-- A correction is of the contract that it corrects, whose proformas are few.
SELECT
    correction.number,
    correction.currency,
    correction.total_amount,
    correction.created_by,
    correction.created_at,
    correction.confirmed_by,
    correction.confirmed_at
FROM operations.proforma AS corrected
JOIN operations.proforma AS correction
    ON
        correction.company = %(company)s::text
        AND correction.contract_id = corrected.contract_id
        AND correction.corrects_number = corrected.number
WHERE corrected.company = %(company)s::text AND corrected.number = %(number)s::text
ORDER BY correction.proforma_id;

-- name: reversal_of
SELECT
    actual_id,
    event::text AS event,
    amount,
    change_set_id
FROM operations.actual
WHERE
    company = %(company)s::text
    AND reverses_id = %(actual_id)s::bigint
    AND event <> 'invoicing';

-- name: entry_total
SELECT
    count(DISTINCT sale.entry_id) AS entry_count,
    min(sale.transaction_date) AS first_date,
    max(sale.transaction_date) AS last_date
FROM operations.proforma_detail AS detail
JOIN operations.actual AS sale
    ON sale.company = %(company)s::text AND sale.actual_id = detail.actual_id
WHERE detail.company = %(company)s::text AND detail.proforma_id = %(proforma_id)s::bigint;

-- name: approvals_of_proforma
WITH sale AS (
    SELECT actual_id
    FROM operations.proforma_detail
    WHERE
        company = %(company)s::text
        AND proforma_id = %(proforma_id)s::bigint
        AND actual_id IS NOT NULL
    ORDER BY proforma_detail_id
    LIMIT %(rows_max)s::bigint
)

SELECT DISTINCT actual.change_set_id
FROM sale
JOIN operations.actual ON actual.company = %(company)s::text AND actual.actual_id = sale.actual_id
WHERE actual.event = 'approval'
ORDER BY actual.change_set_id;

-- name: actual_totals
-- The bills of a proforma lie in one block of keys, and so does their accounting.
WITH block AS (
    SELECT
        first_actual_id,
        last_actual_id
    FROM operations.proforma
    WHERE company = %(company)s::text AND proforma_id = %(proforma_id)s::bigint
),

accounting AS (
    SELECT
        actual_id,
        accounting_amount
    FROM operations.actual_accounting
    WHERE
        company = %(company)s::text
        AND actual_id >= (SELECT block.first_actual_id FROM block)
        AND actual_id <= (SELECT block.last_actual_id FROM block)
)

SELECT
    'unbilled_sales' AS kind,
    sale.currency,
    count(*) AS actual_count,
    sum(sale.quantity) AS quantity,
    sum(sale.amount - sale.discount_amount + sale.fee_amount) AS amount,
    0 AS accounted_count,
    0 AS accounting_amount
FROM operations.proforma_detail AS detail
JOIN operations.actual AS sale
    ON sale.company = %(company)s::text AND sale.actual_id = detail.actual_id
WHERE detail.company = %(company)s::text AND detail.proforma_id = %(proforma_id)s::bigint
GROUP BY sale.currency
UNION ALL
SELECT
    'billed_sales',
    bill.currency,
    count(*),
    sum(bill.quantity),
    sum(bill.amount - bill.discount_amount + bill.fee_amount),
    count(accounting.actual_id),
    coalesce(sum(accounting.accounting_amount), 0)
FROM operations.actual AS bill
LEFT JOIN accounting ON accounting.actual_id = bill.actual_id
WHERE
    bill.company = %(company)s::text
    AND bill.actual_id >= (SELECT block.first_actual_id FROM block)
    AND bill.actual_id <= (SELECT block.last_actual_id FROM block)
GROUP BY bill.currency
ORDER BY kind DESC;

-- name: totals_of_block
-- What a confirmation wrote, by proforma and kind. The reversal of a sale stays in this book when it only
-- says that the sale is invoiced.
SELECT
    proforma.number,
    actual.event::text AS event,
    actual.billing_type::text AS billing_type,
    CASE WHEN actual.reverses_id IS NULL THEN '' ELSE 'reversed ' END || actual.transaction_type::text AS kind,
    NOT actual.skip_sync AS travels,
    count(*) AS actual_count,
    sum(actual.quantity) AS quantity,
    sum(actual.amount - actual.discount_amount + actual.fee_amount) AS amount
FROM operations.actual
JOIN operations.proforma
    ON proforma.company = %(company)s::text AND proforma.proforma_id = actual.proforma_id
WHERE
    actual.company = %(company)s::text
    AND actual.actual_id BETWEEN %(first_key)s::bigint AND %(last_key)s::bigint
GROUP BY proforma.number, kind, actual.event, actual.billing_type, actual.skip_sync
ORDER BY proforma.number, min(actual.actual_id);

-- name: keys_of_block
SELECT actual_id
FROM operations.actual
WHERE
    company = %(company)s::text
    AND actual_id BETWEEN %(first_key)s::bigint AND %(last_key)s::bigint
ORDER BY actual_id
LIMIT %(rows_max)s::bigint;
