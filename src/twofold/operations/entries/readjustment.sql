-- name: create_decision
-- What the approver decided otherwise than the setup would have: NULL where it decides again.
CREATE TEMP TABLE decision (
    entry_id bigint NOT NULL,
    billable_quantity numeric,
    billing_type operations.billing_type
) ON COMMIT DROP;

-- name: keep_decisions
-- The actuals say what was approved, the journal lines what had been submitted.
INSERT INTO pg_temp.decision (entry_id, billable_quantity, billing_type)
WITH approved AS (
    SELECT
        entry.entry_id,
        entry.quantity,
        coalesce(
            sum(actual.quantity) FILTER (
                WHERE actual.transaction_type = 'unbilled_sales' AND actual.billing_type = 'chargeable'
            ), 0
        ) AS billable_quantity,
        (array_agg(actual.billing_type ORDER BY actual.actual_id))[1] AS billing_type
    FROM operations.entry
    CROSS JOIN LATERAL generate_series(entry.first_actual_id, entry.last_actual_id) AS block (actual_id)
    JOIN operations.actual
        ON
            actual.company = %(company)s::text
            AND actual.actual_id = block.actual_id
    WHERE entry.company = %(company)s::text AND entry.entry_id = any(%(entry_ids)s::bigint[])
    GROUP BY entry.entry_id, entry.quantity
),

submitted AS (
    SELECT
        entry_id,
        min(billing_type) AS billing_type
    FROM operations.journal_line
    WHERE
        company = %(company)s::text
        AND entry_id = any(%(entry_ids)s::bigint[])
        AND transaction_type = 'unbilled_sales'
    GROUP BY entry_id
)

SELECT
    approved.entry_id,
    CASE
        WHEN approved.billing_type = 'chargeable' AND approved.billable_quantity <> approved.quantity
            THEN approved.billable_quantity
    END,
    nullif(approved.billing_type, submitted.billing_type)
FROM approved
JOIN submitted ON submitted.entry_id = approved.entry_id;

-- name: analyze_decision
ANALYZE pg_temp.decision;

-- name: apply_decisions
-- Only what is sold can be billed otherwise.
UPDATE operations.approval
SET
    billing_type = coalesce(decision.billing_type, approval.billing_type),
    billable_quantity = CASE
        WHEN coalesce(decision.billing_type, approval.billing_type) = 'chargeable'
            THEN coalesce(decision.billable_quantity, entry.quantity)
        ELSE approval.billable_quantity
    END
FROM pg_temp.decision
JOIN operations.entry
    ON entry.company = %(company)s::text AND entry.entry_id = decision.entry_id
WHERE
    approval.company = %(company)s::text
    AND approval.entry_id = decision.entry_id
    AND (decision.billing_type IS NOT NULL OR decision.billable_quantity IS NOT NULL)
    AND EXISTS (
        SELECT FROM operations.journal_line AS sales
        WHERE
            sales.company = %(company)s::text
            AND sales.entry_id = approval.entry_id
            AND sales.transaction_type = 'unbilled_sales'
    );

-- name: drop_decision
DROP TABLE pg_temp.decision;

-- name: total_change
-- What was taken back and what was made instead, per type, billing type and currency.
SELECT
    actual.transaction_type::text AS transaction_type,
    actual.billing_type::text AS billing_type,
    actual.currency,
    count(*) AS actual_count,
    sum(actual.quantity) AS quantity,
    sum(actual.amount - actual.discount_amount + actual.fee_amount) AS amount,
    actual.reverses_id IS NOT NULL AS is_reversal
FROM operations.actual
WHERE
    actual.company = %(company)s::text
    AND actual.actual_id BETWEEN %(first_key)s::bigint AND %(last_key)s::bigint
GROUP BY actual.reverses_id IS NOT NULL, actual.transaction_type, actual.billing_type, actual.currency
ORDER BY is_reversal DESC, actual.transaction_type ASC, actual.billing_type ASC, actual.currency ASC;
