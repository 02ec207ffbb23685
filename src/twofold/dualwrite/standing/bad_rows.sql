-- name: bad_rows
-- What initial writes of a map set aside, and what is not written yet.
SELECT
    bad_row.run,
    initial_write.mode,
    bad_row.row_key,
    bad_row.lead,
    bad_row.field,
    bad_row.code,
    bad_row.value,
    bad_row.reason
FROM dualwrite.bad_row
JOIN dualwrite.initial_write
    ON
        initial_write.company = bad_row.company
        AND initial_write.map = bad_row.map
        AND initial_write.run = bad_row.run
WHERE
    bad_row.company = %(company)s::text
    AND bad_row.map = %(map)s::text
    AND (%(run)s::text IS NULL OR bad_row.run = %(run)s::text)
ORDER BY bad_row.run, bad_row.row_key, bad_row.field;

-- name: take_up_again
DELETE FROM dualwrite.bad_row
WHERE
    company = %(company)s::text
    AND map = %(map)s::text
    AND run = %(run)s::text
    AND row_key = any(%(row_keys)s::text[]);

-- name: finished_gaps
-- The sets whose rows a finished run wrote, none of which is set aside any more.
SELECT initial_write.gap_sets
FROM dualwrite.initial_write
WHERE
    initial_write.company = %(company)s::text
    AND initial_write.map = %(map)s::text
    AND initial_write.run = %(run)s::text
    AND initial_write.finished_at IS NOT NULL
    AND initial_write.gap_sets IS NOT NULL
    AND NOT EXISTS (
        SELECT
        FROM dualwrite.bad_row
        WHERE
            bad_row.company = initial_write.company
            AND bad_row.map = initial_write.map
            AND bad_row.run = initial_write.run
    );
