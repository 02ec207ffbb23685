-- name: read_inbox
-- What arrived is read in the order of the chain, from where the last import ended.
WITH progress AS (
    SELECT coalesce(max(chain_number), 0) AS chain_number
    FROM finance.import_progress
    WHERE company = %(company)s::text
),

arrived AS (
    SELECT
        count(*) AS set_count,
        max(inbox.applied_at) AS last_arrived_at
    FROM progress
    JOIN dualwrite.chain
        ON
            chain.company = %(company)s::text
            AND chain.source = 'operations'
            AND chain.chain_number > progress.chain_number
    JOIN dualwrite.inbox
        ON
            inbox.company = chain.company
            AND inbox.source = chain.source
            AND inbox.set_id = chain.set_id
    WHERE inbox.kind IN ('approval', 'cancellation', 'adjustment', 'confirmation')
),

reopened AS (
    SELECT count(*) AS reopened_count
    FROM finance.reopened_actual
    WHERE company = %(company)s::text
),

held AS (
    SELECT count(*) AS held_count
    FROM finance.held_actual
    WHERE company = %(company)s::text
),

open_journal AS (
    SELECT
        count(*) FILTER (WHERE state = 'draft') AS draft_journal_count,
        count(*) FILTER (WHERE state = 'error') AS error_journal_count
    FROM finance.journal
    WHERE company = %(company)s::text
),

open_proposal AS (
    SELECT
        count(*) FILTER (WHERE state = 'header_only') AS waiting_proposal_count,
        count(*) FILTER (WHERE state = 'ready') AS ready_proposal_count,
        count(*) FILTER (WHERE state = 'ready' AND review = 'submitted') AS submitted_proposal_count
    FROM finance.proposal
    WHERE company = %(company)s::text AND state IN ('header_only', 'ready')
)

SELECT
    arrived.set_count,
    arrived.last_arrived_at,
    reopened.reopened_count,
    held.held_count,
    open_journal.draft_journal_count,
    open_journal.error_journal_count,
    open_proposal.waiting_proposal_count,
    open_proposal.ready_proposal_count,
    open_proposal.submitted_proposal_count
FROM arrived
CROSS JOIN reopened
CROSS JOIN held
CROSS JOIN open_journal
CROSS JOIN open_proposal;

-- name: list_held
SELECT
    held_actual.actual_id,
    held_actual.code,
    held_actual.field,
    held_actual.value,
    held_actual.held_since,
    staged_actual.transaction_type::text AS transaction_type,
    staged_actual.class::text AS class_,
    staged_actual.transaction_date,
    project.number AS project_number,
    resource.name AS resource_name,
    staged_actual.quantity,
    staged_actual.amount,
    staged_actual.currency
FROM finance.held_actual
JOIN finance.staged_actual
    ON
        staged_actual.company = held_actual.company
        AND staged_actual.actual_id = held_actual.actual_id
LEFT JOIN finance.project
    ON project.company = staged_actual.company AND project.project_id = staged_actual.project_id
LEFT JOIN finance.resource
    ON resource.company = staged_actual.company AND resource.resource_id = staged_actual.resource_id
WHERE
    held_actual.company = %(company)s::text
    AND held_actual.actual_id > %(after)s::bigint
ORDER BY held_actual.actual_id
LIMIT %(rows_max)s::integer;
