-- name: list_messages
WITH page AS (
    SELECT
        source,
        record_id,
        code,
        field,
        value,
        row_count,
        logged_at
    FROM finance.message
    WHERE
        company = %(company)s::text
        AND (%(source)s::text IS NULL OR source::text = %(source)s::text)
    ORDER BY logged_at DESC, source ASC, record_id ASC, code ASC, field ASC
    LIMIT %(rows_max)s::integer
)

SELECT
    page.source::text AS source,
    page.code,
    page.field,
    page.value,
    page.row_count,
    page.logged_at,
    coalesce('proposal/' || proposal.number, concat_ws(' ', 'journal/' || journal.number, 'actual/' || page.record_id))
        AS reference,
    CASE
        WHEN page.source = 'proposal' THEN coalesce(proposal.name, '')
        ELSE
            concat_ws(
                ' ',
                replace(staged_actual.transaction_type::text, '_', ' '),
                staged_actual.class,
                'of',
                staged_actual.transaction_date,
                project.number
            )
    END AS about
FROM page
LEFT JOIN finance.proposal
    ON
        proposal.company = %(company)s::text
        AND proposal.proposal_id = page.record_id
        AND page.source = 'proposal'
LEFT JOIN finance.staged_actual
    ON
        staged_actual.company = %(company)s::text
        AND staged_actual.actual_id = abs(page.record_id)
        AND page.source <> 'proposal'
LEFT JOIN finance.project
    ON project.company = %(company)s::text AND project.project_id = staged_actual.project_id
LEFT JOIN finance.journal_line
    ON
        journal_line.company = %(company)s::text
        AND journal_line.actual_id = page.record_id
        AND page.source = 'journal'
LEFT JOIN finance.journal
    ON journal.company = %(company)s::text AND journal.journal_id = journal_line.journal_id
ORDER BY page.logged_at DESC, page.source ASC, page.record_id ASC, page.code ASC, page.field ASC;
