-- Every actual that was sent and has no voucher yet waits somewhere in finance; where nothing
-- waits, every one has its voucher. What is left of a retainer is noted there, and never posted.
SELECT
    actual.company,
    actual.transaction_type::text AS transaction_type,
    count(*) AS row_count,
    sum(actual.amount) AS amount
FROM operations.actual
JOIN dualwrite.acknowledged
    ON acknowledged.company = actual.company AND acknowledged.set_id = actual.change_set_id
WHERE
    NOT actual.skip_sync
    AND NOT (actual.class = 'retainer' AND actual.transaction_type = 'unbilled_sales')
    AND NOT EXISTS (
        SELECT FROM operations.actual_accounting AS detail
        WHERE detail.company = actual.company AND detail.actual_id = actual.actual_id
    )
GROUP BY actual.company, actual.transaction_type;
