-- name: count_reasons
SELECT
    reason.place,
    reason.code,
    reason.row_count
FROM (
    SELECT
        'held' AS place,
        code,
        count(*) AS row_count
    FROM finance.held_actual
    WHERE company = %(company)s::text
    GROUP BY code
    UNION ALL
    SELECT
        'reopened' AS place,
        '' AS code,
        count(*) AS row_count
    FROM finance.reopened_actual
    WHERE company = %(company)s::text
    HAVING count(*) > 0
    UNION ALL
    SELECT
        journal.state::text AS place,
        coalesce(journal_line.code, '') AS code,
        count(*) AS row_count
    FROM finance.journal
    JOIN finance.journal_line
        ON journal_line.company = journal.company AND journal_line.journal_id = journal.journal_id
    WHERE journal.company = %(company)s::text AND journal.state IN ('draft', 'error')
    GROUP BY journal.state, journal_line.code
    UNION ALL
    SELECT
        'proposal' AS place,
        code,
        count(DISTINCT actual_id) AS row_count
    FROM finance.proposal_problem
    WHERE company = %(company)s::text
    GROUP BY code
) AS reason
ORDER BY reason.row_count DESC, reason.place ASC, reason.code ASC;

-- name: list_rows
-- One of the branches is asked for; the others cost nothing. Each is read in the order of its key.
WITH waiting AS (
    (
        SELECT
            staged_actual.actual_id,
            '' AS code,
            '' AS field,
            '' AS value,
            inbox.applied_at AS since,
            NULL::bigint AS journal_id,
            NULL::bigint AS proposal_id
        FROM dualwrite.chain
        JOIN dualwrite.inbox
            ON
                inbox.company = chain.company
                AND inbox.source = chain.source
                AND inbox.set_id = chain.set_id
        JOIN finance.staged_actual
            ON
                staged_actual.company = inbox.company
                AND staged_actual.actual_id BETWEEN inbox.key_first AND inbox.key_last
                AND staged_actual.source_set_id = inbox.set_id
        LEFT JOIN finance.taken_ahead
            ON
                taken_ahead.company = staged_actual.company
                AND taken_ahead.actual_id = staged_actual.actual_id
        WHERE
            %(place)s::text = 'arrived'
            AND chain.company = %(company)s::text
            AND chain.source = 'operations'
            AND chain.chain_number > coalesce(
                (
                    SELECT import_progress.chain_number FROM finance.import_progress
                    WHERE import_progress.company = %(company)s::text
                ),
                0
            )
            AND inbox.kind IN ('approval', 'cancellation', 'adjustment', 'confirmation')
            AND staged_actual.actual_id > %(after)s::bigint
            AND taken_ahead.actual_id IS NULL
        ORDER BY staged_actual.actual_id
        LIMIT %(rows_max)s::integer
    )
    UNION ALL
    (
        SELECT
            actual_id,
            code,
            field,
            value,
            held_since AS since,
            NULL::bigint AS journal_id,
            NULL::bigint AS proposal_id
        FROM finance.held_actual
        WHERE
            %(place)s::text = 'held'
            AND company = %(company)s::text
            AND %(code)s::text IN ('', code)
            AND actual_id > %(after)s::bigint
        ORDER BY actual_id
        LIMIT %(rows_max)s::integer
    )
    UNION ALL
    (
        SELECT
            actual_id,
            '' AS code,
            '' AS field,
            '' AS value,
            reopened_at AS since,
            NULL::bigint AS journal_id,
            NULL::bigint AS proposal_id
        FROM finance.reopened_actual
        WHERE
            %(place)s::text = 'reopened'
            AND company = %(company)s::text
            AND actual_id > %(after)s::bigint
        ORDER BY actual_id
        LIMIT %(rows_max)s::integer
    )
    UNION ALL
    (
        SELECT
            journal_line.actual_id,
            coalesce(journal_line.code, '') AS code,
            coalesce(journal_line.field, '') AS field,
            coalesce(journal_line.value, '') AS value,
            NULL::timestamptz AS since,
            journal.journal_id,
            NULL::bigint AS proposal_id
        FROM finance.journal
        JOIN finance.journal_line
            ON journal_line.company = journal.company AND journal_line.journal_id = journal.journal_id
        WHERE
            %(place)s::text IN ('draft', 'error')
            AND journal.company = %(company)s::text
            AND journal.state IN ('draft', 'error')
            AND journal.state::text = %(place)s::text
            AND %(code)s::text IN ('', coalesce(journal_line.code, ''))
            AND journal_line.actual_id > %(after)s::bigint
        ORDER BY journal_line.actual_id
        LIMIT %(rows_max)s::integer
    )
    UNION ALL
    (
        SELECT DISTINCT ON (proposal_problem.actual_id)
            proposal_problem.actual_id,
            proposal_problem.code,
            proposal_problem.field,
            proposal_problem.value,
            NULL::timestamptz AS since,
            NULL::bigint AS journal_id,
            proposal.proposal_id
        FROM finance.proposal
        JOIN finance.proposal_problem
            ON
                proposal_problem.company = proposal.company
                AND proposal_problem.proposal_id = proposal.proposal_id
        WHERE
            %(place)s::text = 'proposal'
            AND proposal.company = %(company)s::text
            AND %(proposal)s::text IN ('', proposal.number)
            AND %(code)s::text IN ('', proposal_problem.code)
            AND proposal_problem.actual_id > %(after)s::bigint
        ORDER BY proposal_problem.actual_id, proposal_problem.code
        LIMIT %(rows_max)s::integer
    )
)

SELECT
    %(place)s::text AS place,
    waiting.actual_id,
    waiting.code,
    waiting.field,
    waiting.value,
    waiting.since,
    journal.number AS journal_number,
    proposal.number AS proposal_number,
    staged_actual.transaction_type::text AS transaction_type,
    staged_actual.transaction_date,
    project.number AS project_number,
    resource.name AS resource_name,
    staged_actual.description,
    staged_actual.quantity,
    staged_actual.currency,
    CASE WHEN waiting.actual_id < 0 THEN 'fee' ELSE staged_actual.class::text END AS class_,
    CASE
        WHEN waiting.actual_id < 0 THEN staged_actual.fee_amount
        ELSE staged_actual.amount - staged_actual.discount_amount
    END AS amount
FROM waiting
LEFT JOIN finance.staged_actual
    ON
        staged_actual.company = %(company)s::text
        AND staged_actual.actual_id = abs(waiting.actual_id)
LEFT JOIN finance.project
    ON project.company = %(company)s::text AND project.project_id = staged_actual.project_id
LEFT JOIN finance.resource
    ON resource.company = %(company)s::text AND resource.resource_id = staged_actual.resource_id
LEFT JOIN finance.journal
    ON journal.company = %(company)s::text AND journal.journal_id = waiting.journal_id
LEFT JOIN finance.proposal
    ON proposal.company = %(company)s::text AND proposal.proposal_id = waiting.proposal_id
ORDER BY waiting.actual_id;
