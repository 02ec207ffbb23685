-- An original is adjusted, canceled or posted exactly when a reversal says so, and a bill stands for each posted sale.
WITH original AS (
    SELECT
        company,
        actual_id,
        transaction_type
    FROM operations.actual
    WHERE reverses_id IS NULL
),

reversal AS (
    SELECT
        company,
        reverses_id,
        event
    FROM operations.actual
    WHERE reverses_id IS NOT NULL
),

bill AS (
    -- A bill that a correction reversed has stood for its sale all the same.
    SELECT
        company,
        source_id,
        count(*) AS bill_count
    FROM operations.actual
    WHERE
        transaction_type = 'billed_sales'
        AND reverses_id IS NULL
        AND source_id IS NOT NULL
    GROUP BY company, source_id
)

SELECT
    original.company,
    reversal.event::text AS reversed_by,
    status.adjustment_status,
    status.billing_status,
    bill.bill_count,
    'actual/' || original.actual_id AS record
FROM original
JOIN operations.actual_status AS status
    ON status.company = original.company AND status.actual_id = original.actual_id
LEFT JOIN reversal
    ON reversal.company = original.company AND reversal.reverses_id = original.actual_id
LEFT JOIN bill
    ON bill.company = original.company AND bill.source_id = original.actual_id
WHERE
    (reversal.event IS NOT NULL)
    <> (
        status.adjustment_status IS NOT DISTINCT FROM 'adjusted'
        OR (
            original.transaction_type = 'unbilled_sales'
            AND status.billing_status IS NOT DISTINCT FROM 'customer_invoice_posted'
        )
    )
    OR (
        original.transaction_type = 'unbilled_sales'
        AND coalesce(bill.bill_count, 0)
        <> CASE WHEN reversal.event IS NOT DISTINCT FROM 'invoicing' THEN 1 ELSE 0 END
    );
