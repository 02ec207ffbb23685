-- name: read_waiting
-- No more than so many are looked for of what a book may have millions of.
WITH work AS (
    SELECT 1 AS found
    FROM operations.backlog_item
    WHERE company = %(company)s::text
    ORDER BY contract_id, actual_id
    LIMIT %(count_max)s::bigint
),

limited AS (
    SELECT 1 AS found
    FROM operations.backlog_item
    WHERE company = %(company)s::text AND not_to_exceed = 'failed'
    ORDER BY contract_id, actual_id
    LIMIT %(count_max)s::bigint
),

late AS (
    SELECT 1 AS found
    FROM operations.milestone
    WHERE
        company = %(company)s::text
        AND state = 'not_ready'
        AND milestone_date <= %(day)s::date
    ORDER BY milestone_id
    LIMIT %(count_max)s::bigint
),

draft AS (
    SELECT 1 AS found
    FROM operations.proforma
    WHERE company = %(company)s::text AND state IN ('draft', 'in_review')
    ORDER BY proforma_id
    LIMIT %(count_max)s::bigint
),

unposted AS (
    SELECT 1 AS found
    FROM operations.proforma_status
    WHERE company = %(company)s::text AND state = 'confirmed'
    ORDER BY proforma_id
    LIMIT %(count_max)s::bigint
),

submitted AS (
    SELECT 1 AS found
    FROM operations.approval
    WHERE company = %(company)s::text
    ORDER BY entry_id
    LIMIT %(count_max)s::bigint
)

SELECT
    (SELECT count(*) FROM work) AS work_count,
    (SELECT count(*) FROM limited) AS limited_count,
    (SELECT count(*) FROM late) AS late_count,
    (SELECT count(*) FROM draft) AS draft_count,
    (SELECT count(*) FROM unposted) AS unposted_count,
    (SELECT count(*) FROM submitted) AS submitted_count;
