-- The hours that finance has posted and reported are the hours of operations, per project and
-- type; what invoicing reverses is never sent and counts in neither book.
SELECT
    actual.company,
    actual.project_id,
    actual.transaction_type::text AS transaction_type,
    count(*) AS row_count,
    sum(actual.quantity) AS hours
FROM operations.actual
JOIN operations.actual_accounting AS detail
    ON detail.company = actual.company AND detail.actual_id = actual.actual_id
WHERE actual.class = 'time' AND actual.transaction_type IN ('cost', 'unbilled_sales') AND NOT actual.skip_sync
GROUP BY actual.company, actual.project_id, actual.transaction_type;
