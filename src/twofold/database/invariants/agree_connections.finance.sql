-- The staged connections, by role, per thousand actuals.
SELECT
    company,
    transaction1_role::text AS transaction1_role,
    transaction2_role::text AS transaction2_role,
    transaction1_id / 1000 * 1000 AS from_actual_id,
    count(*) AS row_count,
    sum(hashtextextended(transaction1_id || ' ' || transaction2_id, 0)::numeric) AS content_hash
FROM finance.staged_connection
GROUP BY company, transaction1_id / 1000, transaction1_role, transaction2_role;
