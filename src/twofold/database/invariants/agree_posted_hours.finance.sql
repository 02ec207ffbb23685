-- The hours posted in sets that operations has acknowledged.
SELECT
    posted.company,
    staged.project_id,
    staged.transaction_type::text AS transaction_type,
    count(*) AS row_count,
    sum(staged.quantity) AS hours
FROM finance.project_transaction AS posted
JOIN finance.staged_actual AS staged
    ON staged.company = posted.company AND staged.actual_id = posted.actual_id
JOIN dualwrite.acknowledged
    ON acknowledged.company = posted.company AND acknowledged.set_id = posted.change_set_id
WHERE staged.class = 'time'
GROUP BY posted.company, staged.project_id, staged.transaction_type;
