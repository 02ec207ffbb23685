-- name: list_journals
SELECT
    journal.company,
    journal.journal_id,
    journal.description,
    journal.state::text AS state,
    journal.created_by,
    journal.created_at,
    journal.closed_by,
    journal.change_set_id AS set_id,
    CASE
        WHEN journal.kind = 'correction'
            THEN coalesce(
                journal.last_actual_id - journal.first_actual_id + 1,
                (
                    SELECT count(*) FROM operations.actual_in_process AS held
                    WHERE held.company = %(company)s::text AND held.journal_id = journal.journal_id
                )
            )
        ELSE (
            SELECT count(*) FROM operations.entry_journal_line AS line
            WHERE line.company = %(company)s::text AND line.journal_id = journal.journal_id
        )
    END AS row_count
FROM operations.journal
WHERE journal.company = %(company)s::text AND journal.kind = %(kind)s::operations.journal_kind
ORDER BY journal.journal_id DESC
LIMIT %(row_count_max)s::bigint;
