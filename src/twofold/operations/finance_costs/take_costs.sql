-- name: lock_costs
-- Two at once: the second waits, and finds nothing left.
SELECT pg_advisory_xact_lock(hashtextextended('operations.finance_cost/' || %(company)s::text, 0)) IS NULL AS is_taken;

-- name: gather_costs
-- What finance posted and nobody took over, priced as if it were an entry: the cost is finance's.
INSERT INTO pg_temp.submission (
    company, entry_id, class, transaction_date, project_id, task_id, category_id, quantity, unit, unit_price, currency
)
SELECT
    cost.company,
    cost.finance_cost_id,
    cost.class,
    cost.transaction_date,
    cost.project_id,
    cost.task_id,
    cost.category_id,
    cost.quantity,
    'each',
    cost.price,
    cost.currency
FROM operations.finance_cost AS cost
LEFT JOIN operations.finance_cost_taken AS taken
    ON taken.company = %(company)s::text AND taken.finance_cost_id = cost.finance_cost_id
WHERE cost.company = %(company)s::text AND taken.finance_cost_id IS NULL;

-- name: create_problem
CREATE TEMP TABLE cost_problem (
    finance_cost_id bigint NOT NULL,
    code text NOT NULL,
    field text NOT NULL,
    value text NOT NULL
) ON COMMIT DROP;

-- name: find_problems
-- A rate is not missed where finance gave the price of the sale.
INSERT INTO pg_temp.cost_problem (finance_cost_id, code, field, value)
SELECT
    cost.finance_cost_id,
    problem.code,
    problem.field,
    coalesce(problem.value, '')
FROM pg_temp.priced
JOIN operations.finance_cost AS cost
    ON cost.company = %(company)s::text AND cost.finance_cost_id = priced.entry_id
JOIN operations.project
    ON project.company = %(company)s::text AND project.project_id = cost.project_id
LEFT JOIN operations.customer
    ON customer.company = %(company)s::text AND customer.customer_id = cost.customer_id
LEFT JOIN operations.contract_customer AS payer
    ON
        payer.company = %(company)s::text
        AND payer.contract_id = priced.contract_id
        AND payer.customer_id = cost.customer_id
CROSS JOIN
    LATERAL (
        VALUES
        ('ERR-E24', 'project', project.number, priced.code = 'ERR-E24'),
        ('ERR-E25', 'currency', cost.currency, priced.code = 'ERR-E25' AND cost.sales_price IS NULL),
        (
            'ERR-B56', 'customer', customer.account,
            priced.sales_currency IS NOT NULL AND payer.customer_id IS NULL
        )
    ) AS problem (code, field, value, is_there)
WHERE problem.is_there;

-- name: list_problems
SELECT
    cost.document,
    cost.line_number,
    problem.code,
    problem.field,
    problem.value
FROM pg_temp.cost_problem AS problem
JOIN operations.finance_cost AS cost
    ON cost.company = %(company)s::text AND cost.finance_cost_id = problem.finance_cost_id
ORDER BY cost.document, cost.line_number, problem.code;

-- name: create_taken_line
-- One row per actual to be made, numbered without a gap, those of a document together; first_number and
-- last_number bound them, and journal_number is the document's place.
CREATE TEMP TABLE taken_line (
    number bigint PRIMARY KEY,
    finance_cost_id bigint NOT NULL,
    journal_number bigint NOT NULL,
    first_number bigint NOT NULL,
    last_number bigint NOT NULL,
    title text NOT NULL,
    transaction_type operations.transaction_type NOT NULL,
    billing_type operations.billing_type NOT NULL,
    price numeric(19, 4) NOT NULL,
    currency text NOT NULL,
    contract_id bigint,
    contract_line_id bigint,
    customer_id bigint
) ON COMMIT DROP;

-- name: fill_taken_line
WITH line AS (
    SELECT
        cost.finance_cost_id,
        cost.kind,
        cost.document,
        priced.billing_type,
        priced.contract_id,
        priced.contract_line_id,
        side.transaction_type,
        side.price,
        side.currency,
        side.customer_id
    FROM pg_temp.priced
    JOIN operations.finance_cost AS cost
        ON cost.company = %(company)s::text AND cost.finance_cost_id = priced.entry_id
    CROSS JOIN
        LATERAL (
            VALUES
            ('cost'::operations.transaction_type, cost.price, cost.currency, NULL::bigint),
            (
                'unbilled_sales', coalesce(cost.sales_price, priced.sales_price), priced.sales_currency,
                cost.customer_id
            )
        ) AS side (transaction_type, price, currency, customer_id)
    WHERE
        side.currency IS NOT NULL
        AND NOT EXISTS (
            SELECT FROM pg_temp.cost_problem
            WHERE cost_problem.finance_cost_id = cost.finance_cost_id
        )
),

numbered AS (
    SELECT
        line.*,
        row_number() OVER (ORDER BY line.kind, line.document, line.finance_cost_id, line.transaction_type) AS number,
        dense_rank() OVER (ORDER BY line.kind, line.document) AS journal_number
    FROM line
)

INSERT INTO pg_temp.taken_line (
    number, finance_cost_id, journal_number, first_number, last_number, title, transaction_type, billing_type, price,
    currency, contract_id, contract_line_id, customer_id
)
SELECT
    number,
    finance_cost_id,
    journal_number,
    min(number) OVER (PARTITION BY journal_number),
    max(number) OVER (PARTITION BY journal_number),
    CASE kind WHEN 'general_journal' THEN 'General journal ' ELSE 'Vendor invoice ' END || document,
    transaction_type,
    billing_type,
    price,
    currency,
    contract_id,
    contract_line_id,
    customer_id
FROM numbered;

-- name: analyze_taken_line
ANALYZE pg_temp.taken_line;

-- name: count_taken
SELECT
    count(*) FILTER (WHERE transaction_type = 'cost') AS cost_count,
    count(*) FILTER (WHERE transaction_type = 'unbilled_sales') AS sale_count,
    coalesce(max(journal_number), 0) AS journal_count
FROM pg_temp.taken_line;

-- name: open_journals
INSERT INTO operations.journal (company, journal_id, kind, description, state, created_by, created_at)
SELECT DISTINCT
    %(company)s::text,
    %(first_journal)s::bigint + journal_number - 1,
    'entry'::operations.journal_kind,
    title,
    'open'::operations.journal_state,
    %(actor)s::text,
    %(at)s::timestamptz
FROM pg_temp.taken_line;

-- name: write_lines
INSERT INTO operations.entry_journal_line (
    company, journal_id, line_number, transaction_type, class, transaction_date, project_id, task_id, category_id,
    quantity, unit, price, currency, customer_id, description
)
SELECT
    %(company)s::text,
    %(first_journal)s::bigint + line.journal_number - 1,
    line.number - line.first_number + 1,
    line.transaction_type,
    cost.class,
    cost.transaction_date,
    cost.project_id,
    cost.task_id,
    cost.category_id,
    cost.quantity,
    'each',
    line.price,
    line.currency,
    line.customer_id,
    cost.description
FROM pg_temp.taken_line AS line
JOIN operations.finance_cost AS cost
    ON cost.company = %(company)s::text AND cost.finance_cost_id = line.finance_cost_id;

-- name: write_actuals
-- Finance has the cost: it stays here. Nothing connects it with the sale, as in any entry journal.
INSERT INTO operations.actual (
    company, actual_id, transaction_type, class, billing_type, event, transaction_date, accounting_date, quantity,
    price, amount, discount_percent, fee_percent, discount_amount, fee_amount, currency, unit, project_id, task_id,
    category_id, contract_id, contract_line_id, customer_id, skip_sync, change_set_id, description
)
SELECT
    %(company)s::text,
    %(first_key)s::bigint + line.number - 1,
    line.transaction_type,
    cost.class,
    line.billing_type,
    'journal',
    cost.transaction_date,
    cost.transaction_date AS accounting_date,
    cost.quantity,
    line.price,
    valued.amount,
    coalesce(agreed.discount_percent, 0),
    coalesce(agreed.fee_percent, 0),
    CASE line.billing_type
        WHEN 'chargeable' THEN round(valued.amount * coalesce(agreed.discount_percent, 0) / 100, currency.precision)
        ELSE 0
    END,
    CASE line.billing_type
        WHEN 'chargeable' THEN round(valued.amount * coalesce(agreed.fee_percent, 0) / 100, currency.precision)
        ELSE 0
    END,
    line.currency,
    'each',
    cost.project_id,
    cost.task_id,
    cost.category_id,
    line.contract_id,
    line.contract_line_id,
    line.customer_id,
    line.transaction_type = 'cost',
    %(set_id)s::bigint,
    cost.description
FROM pg_temp.taken_line AS line
JOIN operations.finance_cost AS cost
    ON cost.company = %(company)s::text AND cost.finance_cost_id = line.finance_cost_id
JOIN operations.currency ON currency.currency = line.currency
CROSS JOIN LATERAL (VALUES (round(cost.quantity * line.price, currency.precision))) AS valued (amount)
LEFT JOIN operations.contract_line AS agreed
    ON
        agreed.company = %(company)s::text
        AND line.transaction_type = 'unbilled_sales'
        AND agreed.contract_line_id = line.contract_line_id;

-- name: note_taken
INSERT INTO operations.finance_cost_taken (company, finance_cost_id, journal_id, cost_actual_id, sale_actual_id)
SELECT
    %(company)s::text,
    finance_cost_id,
    %(first_journal)s::bigint + min(journal_number) - 1,
    %(first_key)s::bigint + min(number) FILTER (WHERE transaction_type = 'cost') - 1,
    %(first_key)s::bigint + min(number) FILTER (WHERE transaction_type = 'unbilled_sales') - 1
FROM pg_temp.taken_line
GROUP BY finance_cost_id;

-- name: close_journals
UPDATE operations.journal
SET
    state = 'confirmed',
    closed_by = %(actor)s::text,
    closed_at = %(at)s::timestamptz,
    change_set_id = %(set_id)s::bigint,
    first_actual_id = %(first_key)s::bigint + made.first_number - 1,
    last_actual_id = %(first_key)s::bigint + made.last_number - 1
FROM (
    SELECT DISTINCT
        journal_number,
        first_number,
        last_number
    FROM pg_temp.taken_line
) AS made
WHERE
    journal.company = %(company)s::text
    AND journal.journal_id = %(first_journal)s::bigint + made.journal_number - 1;

-- name: drop_taken
DROP TABLE pg_temp.cost_problem, pg_temp.taken_line;
