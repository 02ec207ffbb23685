-- name: lock_open_work
-- What would be billed: chargeable sales, whatever their state, and milestones that are due.
WITH item AS (
    SELECT
        state,
        billing_type
    FROM operations.backlog_item
    WHERE company = %(company)s::text AND contract_id = %(contract_id)s::bigint
    ORDER BY actual_id
    FOR UPDATE
)

SELECT
    (
        SELECT count(*) FROM item
        WHERE item.billing_type = 'chargeable' OR item.state = 'on_proforma'
    )
    + (
        SELECT count(*) FROM operations.milestone
        WHERE
            milestone.company = %(company)s::text
            AND milestone.contract_id = %(contract_id)s::bigint
            AND milestone.state IN ('ready', 'on_proforma')
    ) AS open_count,
    (
        SELECT count(*) FROM item
        WHERE item.state = 'in_process'
    ) AS in_process_count;

-- name: write_closing
INSERT INTO operations.contract_closing (company, contract_id, reason, closed_by, closed_at)
VALUES (
    %(company)s::text, %(contract_id)s::bigint, %(reason)s::operations.closing_reason, %(actor)s::text,
    %(at)s::timestamptz
);

-- name: choose_open_sales
-- What is on a draft is on an invoice already.
INSERT INTO pg_temp.reversing (actual_id)
SELECT actual_id
FROM operations.backlog_item
WHERE
    company = %(company)s::text
    AND contract_id = %(contract_id)s::bigint
    AND state IN ('created', 'ready');

-- name: complete_projects
UPDATE operations.project
SET
    state = 'completed',
    change_set_id = %(set_id)s::bigint
WHERE
    company = %(company)s::text
    AND contract_id = %(contract_id)s::bigint
    AND state <> 'completed';
