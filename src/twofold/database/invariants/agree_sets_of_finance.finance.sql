-- The sets of finance that are acknowledged, with what was sent in them.
WITH sent AS (
    SELECT
        company,
        set_id,
        sum(row_count) AS row_count
    FROM dualwrite.manifest
    GROUP BY company, set_id
)

SELECT
    outbox.company,
    outbox.set_id,
    outbox.kind,
    outbox.stream,
    outbox.version,
    outbox.key_first,
    outbox.key_last,
    coalesce(sent.row_count, 0)::bigint AS row_count
FROM dualwrite.acknowledged
JOIN dualwrite.outbox ON outbox.company = acknowledged.company AND outbox.set_id = acknowledged.set_id
LEFT JOIN sent ON sent.company = acknowledged.company AND sent.set_id = acknowledged.set_id;
