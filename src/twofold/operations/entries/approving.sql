-- name: find_project
SELECT project_id
FROM operations.project
WHERE company = %(company)s::text AND number = %(project_number)s::text;

-- name: create_split
-- What was agreed for a contract line, and who pays which share of it, as it was when the approval began: what counts
-- keys and what writes actuals must see the same. Customers have their places in the order of their keys;
-- other_percents, of the one who takes the rounding, are those of all others. A line that nobody pays has one row
-- without a customer.
CREATE TEMP TABLE split (
    contract_line_id bigint NOT NULL,
    customer_id bigint,
    percent numeric,
    other_percents numeric[],
    place bigint NOT NULL,
    customer_count bigint NOT NULL,
    discount_percent numeric NOT NULL,
    fee_percent numeric NOT NULL,
    PRIMARY KEY (contract_line_id, place)
) ON COMMIT DROP;

-- name: find_split
-- A share of 0 percent gets nothing.
INSERT INTO pg_temp.split (
    contract_line_id, customer_id, percent, other_percents, place, customer_count, discount_percent, fee_percent
)
SELECT
    line.contract_line_id,
    payer.customer_id,
    payer.split_percent,
    CASE
        WHEN payer.is_rounding
            THEN coalesce(
                array_agg(payer.split_percent) FILTER (WHERE NOT payer.is_rounding) OVER whole, ARRAY[]::numeric[]
            )
    END,
    row_number() OVER (PARTITION BY line.contract_line_id ORDER BY payer.customer_id) - 1,
    count(*) OVER whole,
    coalesce(line.discount_percent, 0),
    coalesce(line.fee_percent, 0)
FROM operations.contract_line AS line
LEFT JOIN operations.contract_line_customer AS payer
    ON
        payer.company = %(company)s::text
        AND payer.contract_line_id = line.contract_line_id
        AND payer.split_percent > 0
WHERE line.company = %(company)s::text
WINDOW whole AS (PARTITION BY line.contract_line_id);

-- name: analyze_split
ANALYZE pg_temp.split;

-- name: drop_split
DROP TABLE pg_temp.split;

-- name: count_customers
-- Of the line with most customers.
SELECT coalesce(max(split.customer_count), 1) AS customer_count
FROM pg_temp.split;

-- name: count_waiting
SELECT count(*) AS entry_count
FROM operations.approval
JOIN operations.entry
    ON entry.company = %(company)s::text AND entry.entry_id = approval.entry_id
WHERE
    approval.company = %(company)s::text
    AND (%(entry_ids)s::bigint[] IS NULL OR approval.entry_id = any(%(entry_ids)s::bigint[]))
    AND (%(project_id)s::bigint IS NULL OR entry.project_id = %(project_id)s::bigint)
    AND (%(up_to)s::date IS NULL OR entry.transaction_date <= %(up_to)s::date);

-- name: approve_entries
-- Approve no more entries than keys were taken for; one submitted meanwhile waits. Each entry
-- gets as many keys in a row as it has actuals: its cost, then for each customer of its line what
-- is billed, then for each the rest of what was submitted. The lock keeps a recall or a change of
-- an approval out until we are done.
WITH candidates AS (
    SELECT
        approval.entry_id,
        approval.billable_quantity,
        approval.billing_type,
        entry.class,
        entry.quantity
    FROM operations.approval
    JOIN operations.entry
        ON entry.company = %(company)s::text AND entry.entry_id = approval.entry_id
    WHERE
        approval.company = %(company)s::text
        AND (%(entry_ids)s::bigint[] IS NULL OR approval.entry_id = any(%(entry_ids)s::bigint[]))
        AND (%(project_id)s::bigint IS NULL OR entry.project_id = %(project_id)s::bigint)
        AND (%(up_to)s::date IS NULL OR entry.transaction_date <= %(up_to)s::date)
    ORDER BY approval.entry_id
    LIMIT %(entry_count)s::bigint
    FOR UPDATE OF approval
),

counted AS (
    SELECT
        candidates.entry_id,
        CASE candidates.class WHEN 'fee' THEN 0 ELSE 1 END
        + CASE
            WHEN sales.entry_id IS NULL THEN 0
            WHEN
                candidates.billing_type = 'chargeable'
                AND candidates.billable_quantity > 0
                AND candidates.billable_quantity < candidates.quantity
                THEN 2 * coalesce(split.customer_count, 1)
            ELSE coalesce(split.customer_count, 1)
        END AS actual_count
    FROM candidates
    LEFT JOIN operations.journal_line AS sales
        ON
            sales.company = %(company)s::text
            AND sales.entry_id = candidates.entry_id
            AND sales.transaction_type = 'unbilled_sales'
    LEFT JOIN pg_temp.split ON split.contract_line_id = sales.contract_line_id AND split.place = 0
),

numbered AS (
    SELECT
        entry_id,
        actual_count,
        sum(actual_count) OVER (ORDER BY entry_id ROWS UNBOUNDED PRECEDING)::bigint AS counted_to
    FROM counted
),

approved AS (
    UPDATE operations.entry
    SET
        state = 'approved',
        first_actual_id = %(first_key)s::bigint + numbered.counted_to - numbered.actual_count,
        last_actual_id = %(first_key)s::bigint + numbered.counted_to - 1
    FROM numbered
    WHERE entry.company = %(company)s::text AND entry.entry_id = numbered.entry_id
    RETURNING entry.last_actual_id
)

SELECT
    count(*) AS entry_count,
    max(last_actual_id) AS last_key
FROM approved;

-- name: write_actuals
-- The cost has the first key of its entry. Of a chargeable sale the billable quantity is
-- billed, more or less than was submitted, and what is left of the submitted quantity is not;
-- any other sale is taken whole. Each of these pieces is split over the customers of the line: to
-- two decimals of the quantity by percentage, and the one who takes the rounding takes what the
-- others leave, so that a piece is neither more nor less than the sum of its shares (P06). The
-- last keys are the rest's, if there is one. Without customers nobody pays, and one row says so. What is
-- chargeable has the discount and the fee of its contract line, which are shared like the quantity (P33). The cost of
-- a person whom another company lends is not sent: finance has it from the invoice of that company (P15).
-- The keys were given a moment ago, so that the statistics of the column say that hardly any entry has one; read as an
-- expression it has none, and the plan is made for many (with 3,000 contract lines it read all shares for each).
INSERT INTO operations.actual (
    company, actual_id, transaction_type, class, billing_type, event, transaction_date, accounting_date, quantity,
    price, amount, discount_percent, fee_percent, discount_amount, fee_amount, currency, unit, project_id, task_id,
    resource_id, role_id, category_id, contract_id, contract_line_id, customer_id, source_id, entry_id, skip_sync,
    change_set_id, description
)
WITH piece AS (
    SELECT
        entry.company,
        entry.entry_id,
        entry.class,
        entry.transaction_date,
        entry.unit,
        entry.project_id,
        entry.task_id,
        entry.resource_id,
        entry.role_id,
        entry.category_id,
        entry.description,
        line.transaction_type,
        line.price,
        line.currency,
        line.contract_id,
        line.contract_line_id,
        split.customer_id,
        split.percent,
        split.other_percents,
        currency.precision,
        coalesce(split.discount_percent, 0) AS discount_percent,
        coalesce(split.fee_percent, 0) AS fee_percent,
        share.actual_id,
        share.billing_type,
        share.quantity,
        CASE WHEN line.transaction_type = 'unbilled_sales' AND entry.class <> 'fee' THEN entry.first_actual_id END
            AS source_id
    FROM operations.approval
    JOIN operations.entry
        ON
            entry.company = %(company)s::text
            AND entry.entry_id = approval.entry_id
            AND coalesce(entry.first_actual_id, 0) BETWEEN %(first_key)s::bigint AND %(last_key)s::bigint
    JOIN operations.journal_line AS line
        ON line.company = %(company)s::text AND line.entry_id = approval.entry_id
    JOIN operations.currency ON currency.currency = line.currency
    LEFT JOIN pg_temp.split
        ON line.transaction_type = 'unbilled_sales' AND split.contract_line_id = line.contract_line_id
    CROSS JOIN
        LATERAL (
            VALUES
            (entry.first_actual_id, approval.billing_type, line.quantity, line.transaction_type = 'cost'),
            (
                entry.first_actual_id + CASE entry.class WHEN 'fee' THEN 0 ELSE 1 END + coalesce(split.place, 0),
                approval.billing_type,
                CASE approval.billing_type WHEN 'chargeable' THEN approval.billable_quantity ELSE line.quantity END,
                line.transaction_type = 'unbilled_sales'
                AND (approval.billing_type <> 'chargeable' OR approval.billable_quantity > 0 OR line.quantity = 0)
            ),
            (
                entry.last_actual_id - coalesce(split.customer_count - 1 - split.place, 0),
                'non_chargeable',
                line.quantity - approval.billable_quantity,
                line.transaction_type = 'unbilled_sales'
                AND approval.billing_type = 'chargeable'
                AND approval.billable_quantity < line.quantity
            )
        ) AS share (actual_id, billing_type, quantity, is_due)
    WHERE approval.company = %(company)s::text AND share.is_due
),

shared AS (
    SELECT
        piece.*,
        CASE
            WHEN piece.customer_id IS NULL OR cardinality(piece.other_percents) = 0 THEN piece.quantity
            WHEN piece.other_percents IS NULL THEN round(piece.quantity * piece.percent / 100, 2)
            ELSE
                piece.quantity - (
                    SELECT sum(round(piece.quantity * other.percent / 100, 2))
                    FROM unnest(piece.other_percents) AS other (percent)
                )
        END AS share_quantity
    FROM piece
),

valued AS (
    SELECT
        shared.*,
        round(shared.share_quantity * shared.price, shared.precision) AS amount
    FROM shared
)

SELECT
    company,
    actual_id,
    transaction_type,
    class,
    billing_type,
    %(event)s::operations.actual_event,
    transaction_date,
    transaction_date AS accounting_date,
    share_quantity,
    price,
    amount,
    discount_percent,
    fee_percent,
    CASE
        WHEN discount_percent = 0 OR billing_type <> 'chargeable' THEN 0
        ELSE operations.percent_of_share(discount_percent, amount, quantity, price, other_percents, precision)
    END,
    CASE
        WHEN fee_percent = 0 OR billing_type <> 'chargeable' THEN 0
        ELSE operations.percent_of_share(fee_percent, amount, quantity, price, other_percents, precision)
    END,
    currency,
    unit,
    project_id,
    task_id,
    resource_id,
    role_id,
    category_id,
    contract_id,
    contract_line_id,
    customer_id,
    source_id,
    entry_id,
    transaction_type = 'cost' AND coalesce(
        resource_id IN (
            SELECT lent.resource_id
            FROM operations.resource AS lent
            WHERE lent.company = %(company)s::text AND lent.lent_by IS NOT NULL
        ),
        false
    ),
    %(set_id)s::bigint,
    description
FROM valued;

-- name: close_approvals
DELETE FROM operations.approval
USING operations.entry
WHERE
    approval.company = %(company)s::text
    AND entry.company = %(company)s::text
    AND entry.entry_id = approval.entry_id
    AND entry.first_actual_id BETWEEN %(first_key)s::bigint AND %(last_key)s::bigint;

-- name: total_actuals
SELECT
    transaction_type::text AS transaction_type,
    billing_type::text AS billing_type,
    currency,
    count(*) AS actual_count,
    sum(quantity) AS quantity,
    sum(amount - discount_amount + fee_amount) AS amount
FROM operations.actual
WHERE company = %(company)s::text AND actual_id BETWEEN %(first_key)s::bigint AND %(last_key)s::bigint
GROUP BY transaction_type, billing_type, currency
ORDER BY transaction_type, billing_type, currency;
