-- The connections of every acknowledged set are staged in finance; counted by role, per thousand
-- actuals.
SELECT
    link.company,
    link.transaction1_role,
    link.transaction2_role,
    link.transaction1_id / 1000 * 1000 AS from_actual_id,
    count(*) AS row_count,
    sum(hashtextextended(link.transaction1_id || ' ' || link.transaction2_id, 0)::numeric) AS content_hash
FROM operations.actual_connection AS link
JOIN dualwrite.acknowledged ON acknowledged.company = link.company AND acknowledged.set_id = link.change_set_id
WHERE NOT link.skip_sync
GROUP BY link.company, link.transaction1_id / 1000, link.transaction1_role, link.transaction2_role;
