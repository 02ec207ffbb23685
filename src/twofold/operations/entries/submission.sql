-- name: create_submission
-- The entries being submitted, of one company or more.
CREATE TEMP TABLE submission (
    company text NOT NULL,
    entry_id bigint NOT NULL,
    class operations.transaction_class NOT NULL,
    transaction_date date NOT NULL,
    project_id bigint NOT NULL,
    task_id bigint,
    resource_id bigint,
    role_id bigint,
    category_id bigint,
    product_id bigint,
    quantity numeric NOT NULL,
    unit text,
    unit_price numeric,
    currency text,
    billing_type operations.billing_type
) ON COMMIT DROP;

-- name: gather_submission
INSERT INTO pg_temp.submission (
    company, entry_id, class, transaction_date, project_id, task_id, resource_id, role_id, category_id, product_id,
    quantity, unit, unit_price, currency, billing_type
)
SELECT
    company,
    entry_id,
    class,
    transaction_date,
    project_id,
    task_id,
    resource_id,
    role_id,
    category_id,
    product_id,
    quantity,
    unit,
    unit_price,
    currency,
    billing_type
FROM operations.entry
WHERE company = %(company)s::text AND entry_id = any(%(entry_ids)s::bigint[]);

-- name: drop_submission
DROP TABLE pg_temp.submission;

-- name: count_priced
-- What is to be submitted, and how much of it found no price.
SELECT
    count(*) AS entry_count,
    count(*) FILTER (WHERE is_unpriced) AS unpriced_count,
    count(*) FILTER (WHERE is_uncosted) AS uncosted_count
FROM pg_temp.priced
WHERE company = %(company)s::text AND code IS NULL;

-- name: write_journal_lines
-- One cost line, except for a fee, and one sales line where something is sold by time and
-- material. Each entry has two keys of the block, whether it needs both or not.
INSERT INTO operations.journal_line (
    company, journal_line_id, entry_id, transaction_type, billing_type, quantity, price, amount, currency,
    contract_id, contract_line_id
)
WITH numbered AS (
    SELECT
        priced.*,
        %(first_key)s::bigint + 2 * (row_number() OVER (ORDER BY entry_id) - 1) AS first_line_id
    FROM pg_temp.priced
    WHERE company = %(company)s::text AND code IS NULL
)

SELECT
    numbered.company,
    numbered.first_line_id + line.position,
    numbered.entry_id,
    line.transaction_type,
    numbered.billing_type,
    numbered.quantity,
    line.price,
    round(numbered.quantity * line.price, currency.precision),
    line.currency,
    numbered.contract_id,
    numbered.contract_line_id
FROM numbered
CROSS JOIN
    LATERAL (
        VALUES
        (0, 'cost'::operations.transaction_type, numbered.cost_price, numbered.cost_currency),
        (1, 'unbilled_sales', numbered.sales_price, numbered.sales_currency)
    ) AS line (position, transaction_type, price, currency)
JOIN operations.currency ON currency.currency = line.currency
WHERE line.price IS NOT NULL;

-- name: open_approvals
INSERT INTO operations.approval (company, entry_id, billable_quantity, billing_type, submitted_by, submitted_at)
SELECT
    company,
    entry_id,
    CASE billing_type WHEN 'chargeable' THEN quantity ELSE 0 END,
    billing_type,
    %(actor)s::text,
    %(at)s::timestamptz
FROM pg_temp.priced
WHERE company = %(company)s::text AND code IS NULL;
