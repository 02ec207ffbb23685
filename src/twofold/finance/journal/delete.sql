-- name: find_unknown
SELECT asked.actual_id
FROM unnest(%(actual_ids)s::bigint[]) AS asked (actual_id)
LEFT JOIN finance.journal_line
    ON
        journal_line.company = %(company)s::text
        AND journal_line.journal_id = %(journal_id)s::bigint
        AND journal_line.actual_id = asked.actual_id
WHERE journal_line.actual_id IS NULL
ORDER BY asked.actual_id;

-- name: find_reversed
-- Lines to delete whose reversal stands on a journal or is posted, and is not deleted with them. A fee
-- has the negated key of its sale, and is reversed by the fee of what reverses the sale.
SELECT
    line.actual_id,
    reversal.transaction1_id AS reversal_id
FROM finance.journal_line AS line
CROSS JOIN
    LATERAL (
        SELECT CASE WHEN line.actual_id < 0 THEN -link.transaction1_id ELSE link.transaction1_id END AS transaction1_id
        FROM finance.staged_connection AS link
        WHERE
            link.company = %(company)s::text
            AND link.transaction2_id = abs(line.actual_id)
            AND link.transaction1_role = 'reversing'
        ORDER BY link.transaction1_id
        OFFSET 0
    ) AS reversal
LEFT JOIN finance.journal_line AS waiting
    ON waiting.company = %(company)s::text AND waiting.actual_id = reversal.transaction1_id
LEFT JOIN finance.project_transaction AS posted
    ON posted.company = %(company)s::text AND posted.actual_id = reversal.transaction1_id
WHERE
    line.company = %(company)s::text
    AND line.journal_id = %(journal_id)s::bigint
    AND (%(actual_ids)s::bigint[] IS NULL OR line.actual_id = any(%(actual_ids)s::bigint[]))
    AND (
        posted.actual_id IS NOT NULL
        OR waiting.journal_id <> %(journal_id)s::bigint
        OR (waiting.actual_id IS NOT NULL AND NOT waiting.actual_id = any(%(actual_ids)s::bigint[]))
    )
ORDER BY line.actual_id, reversal.transaction1_id;

-- name: delete_lines
-- The staged rows are open again in the same statement.
WITH deleted AS (
    DELETE FROM finance.journal_line
    WHERE
        company = %(company)s::text
        AND journal_id = %(journal_id)s::bigint
        AND (%(actual_ids)s::bigint[] IS NULL OR actual_id = any(%(actual_ids)s::bigint[]))
    RETURNING actual_id
),

forgotten AS (
    DELETE FROM finance.message
    USING deleted
    WHERE
        message.company = %(company)s::text
        AND message.source = 'journal'
        AND message.record_id = deleted.actual_id
)

INSERT INTO finance.reopened_actual (company, actual_id, reopened_by, reopened_at)
SELECT
    %(company)s::text,
    actual_id,
    %(actor)s::text,
    %(at)s::timestamptz
FROM deleted;

-- name: count_left
SELECT count(*) AS left_count
FROM finance.journal_line
WHERE company = %(company)s::text AND journal_id = %(journal_id)s::bigint;

-- name: mark_deleted
UPDATE finance.journal
SET state = 'deleted'
WHERE company = %(company)s::text AND journal_id = %(journal_id)s::bigint;
