-- name: fill_from_journal
INSERT INTO pg_temp.given_line (
    line_number, transaction_type, class, transaction_date, project, project_id, task_id, resource_id, role_id,
    category_id, quantity, unit, price, currency, customer, customer_id, description
)
SELECT
    line.line_number,
    line.transaction_type,
    line.class,
    line.transaction_date,
    project.number,
    line.project_id,
    line.task_id,
    line.resource_id,
    line.role_id,
    line.category_id,
    line.quantity,
    line.unit,
    line.price,
    line.currency,
    customer.account,
    line.customer_id,
    line.description
FROM operations.entry_journal_line AS line
JOIN operations.project
    ON project.company = %(company)s::text AND project.project_id = line.project_id
LEFT JOIN operations.customer
    ON customer.company = %(company)s::text AND customer.customer_id = line.customer_id
WHERE line.company = %(company)s::text AND line.journal_id = %(journal_id)s::bigint;

-- name: write_journal_actuals
-- A price of the line wins over that of the lists. Nothing connects a cost with a sale here.
INSERT INTO operations.actual (
    company, actual_id, transaction_type, class, billing_type, event, transaction_date, accounting_date, quantity,
    price, amount, discount_percent, fee_percent, discount_amount, fee_amount, currency, unit, project_id, task_id,
    resource_id, role_id, category_id, contract_id, contract_line_id, customer_id, skip_sync, change_set_id, description
)
SELECT
    %(company)s::text,
    %(first_key)s::bigint + line.line_number - 1,
    line.transaction_type,
    line.class,
    priced.billing_type,
    'journal',
    line.transaction_date,
    line.transaction_date AS accounting_date,
    line.quantity,
    worth.price,
    valued.amount,
    coalesce(agreed.discount_percent, 0),
    coalesce(agreed.fee_percent, 0),
    CASE priced.billing_type
        WHEN 'chargeable' THEN round(valued.amount * coalesce(agreed.discount_percent, 0) / 100, currency.precision)
        ELSE 0
    END,
    CASE priced.billing_type
        WHEN 'chargeable' THEN round(valued.amount * coalesce(agreed.fee_percent, 0) / 100, currency.precision)
        ELSE 0
    END,
    worth.currency,
    line.unit,
    line.project_id,
    line.task_id,
    line.resource_id,
    line.role_id,
    line.category_id,
    priced.contract_id,
    priced.contract_line_id,
    line.customer_id,
    lent.resource_id IS NOT NULL,
    %(set_id)s::bigint,
    line.description
FROM pg_temp.given_line AS line
JOIN pg_temp.priced
    ON priced.company = %(company)s::text AND priced.entry_id = line.line_number
CROSS JOIN
    LATERAL (
        VALUES
        (
            'cost'::operations.transaction_type, coalesce(line.price, priced.cost_price),
            coalesce(line.currency, priced.cost_currency)
        ),
        ('unbilled_sales', coalesce(line.price, priced.sales_price), priced.sales_currency)
    ) AS worth (transaction_type, price, currency)
JOIN operations.currency ON currency.currency = worth.currency
CROSS JOIN LATERAL (VALUES (round(line.quantity * worth.price, currency.precision))) AS valued (amount)
LEFT JOIN operations.contract_line AS agreed
    ON
        agreed.company = %(company)s::text
        AND worth.transaction_type = 'unbilled_sales'
        AND agreed.contract_line_id = priced.contract_line_id
LEFT JOIN operations.resource AS lent
    ON
        lent.company = %(company)s::text
        AND worth.transaction_type = 'cost'
        AND lent.resource_id = line.resource_id
        AND lent.lent_by IS NOT NULL
WHERE worth.transaction_type = line.transaction_type;
