-- The kept totals of a posted journal are the count, quantity and amount of its project transactions.
WITH part AS (
    SELECT
        posted.company,
        posted.journal_id,
        staged_actual.transaction_type,
        line_of.class,
        staged_actual.currency,
        1 AS line_count,
        0 AS kept_count,
        line_of.quantity,
        0 AS kept_quantity,
        line_of.amount,
        0 AS kept_amount
    FROM finance.project_transaction AS posted
    JOIN finance.staged_actual
        ON staged_actual.company = posted.company AND staged_actual.actual_id = abs(posted.actual_id)
    CROSS JOIN
        LATERAL (
            VALUES (
                CASE WHEN posted.actual_id < 0 THEN 'fee' ELSE staged_actual.class END,
                CASE WHEN posted.actual_id < 0 THEN sign(staged_actual.fee_amount) ELSE staged_actual.quantity END,
                CASE
                    WHEN posted.actual_id < 0 THEN staged_actual.fee_amount
                    ELSE staged_actual.amount - staged_actual.discount_amount
                END
            )
        ) AS line_of (class, quantity, amount)
    UNION ALL
    SELECT
        company,
        journal_id,
        transaction_type,
        class,
        currency,
        0,
        line_count,
        0,
        quantity,
        0,
        amount
    FROM finance.journal_total
)

SELECT
    company,
    currency,
    'journal/' || journal_id AS record,
    transaction_type::text || ' ' || class::text AS kind,
    sum(line_count) AS line_count,
    sum(kept_count) AS kept_count,
    sum(quantity) AS quantity,
    sum(kept_quantity) AS kept_quantity,
    sum(amount) AS amount,
    sum(kept_amount) AS kept_amount
FROM part
GROUP BY company, journal_id, transaction_type, class, currency
HAVING
    sum(line_count) <> sum(kept_count)
    OR sum(quantity) <> sum(kept_quantity)
    OR sum(amount) <> sum(kept_amount);
