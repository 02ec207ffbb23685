-- name: reopen_items
WITH reopened AS (
    UPDATE operations.backlog_item AS item
    SET state = 'ready', proforma_id = NULL
    FROM operations.proforma_detail AS detail
    WHERE
        detail.company = %(company)s::text
        AND detail.proforma_id = %(proforma_id)s::bigint
        AND (%(detail_ids)s::bigint[] IS NULL OR detail.proforma_detail_id = any(%(detail_ids)s::bigint[]))
        AND item.company = %(company)s::text
        AND item.contract_id = %(contract_id)s::bigint
        AND item.actual_id = detail.actual_id
        AND item.proforma_id = %(proforma_id)s::bigint
    RETURNING
        item.contract_id,
        item.customer_id,
        item.project_id,
        item.transaction_date,
        operations.chargeable_amount(item.billing_type, item.amount, item.discount_amount, item.fee_amount) AS amount
),

part AS (
    SELECT
        contract_id,
        customer_id,
        project_id,
        transaction_date,
        count(*) AS item_count,
        sum(amount) AS amount
    FROM reopened
    GROUP BY contract_id, customer_id, project_id, transaction_date
)

INSERT INTO operations.backlog_sum (
    company, contract_id, customer_id, project_id, transaction_date, state, item_count, amount
)
SELECT
    %(company)s::text,
    part.contract_id,
    part.customer_id,
    part.project_id,
    part.transaction_date,
    moved.state,
    moved.sign * part.item_count,
    moved.sign * part.amount
FROM part
CROSS JOIN (VALUES ('on_proforma'::operations.backlog_state, -1), ('ready', 1)) AS moved (state, sign);

-- name: reopen_milestones
UPDATE operations.milestone
SET state = 'ready', proforma_id = NULL
FROM operations.proforma_detail AS detail
WHERE
    detail.company = %(company)s::text
    AND detail.proforma_id = %(proforma_id)s::bigint
    AND (%(detail_ids)s::bigint[] IS NULL OR detail.proforma_detail_id = any(%(detail_ids)s::bigint[]))
    AND milestone.company = %(company)s::text
    AND milestone.contract_id = %(contract_id)s::bigint
    AND milestone.milestone_id = detail.milestone_id
    AND milestone.proforma_id = %(proforma_id)s::bigint
    AND milestone.state = 'on_proforma';

-- name: reopen_retainers
-- What was to be invoiced or refunded is so again; what was applied was only meant to be.
UPDATE operations.retainer
SET
    state = CASE retainer.state WHEN 'on_proforma' THEN 'ready' ELSE retainer.state END,
    refund_state = CASE retainer.refund_state WHEN 'on_proforma' THEN 'ready' ELSE retainer.refund_state END,
    proforma_id = NULL
FROM operations.proforma_detail AS detail
WHERE
    detail.company = %(company)s::text
    AND detail.proforma_id = %(proforma_id)s::bigint
    AND (%(detail_ids)s::bigint[] IS NULL OR detail.proforma_detail_id = any(%(detail_ids)s::bigint[]))
    AND retainer.company = %(company)s::text
    AND retainer.contract_id = %(contract_id)s::bigint
    AND retainer.retainer_id = detail.retainer_id
    AND retainer.proforma_id = %(proforma_id)s::bigint;

-- name: let_go
DELETE FROM operations.correction
USING operations.proforma_detail AS detail
WHERE
    detail.company = %(company)s::text
    AND detail.proforma_id = %(proforma_id)s::bigint
    AND (%(detail_ids)s::bigint[] IS NULL OR detail.proforma_detail_id = any(%(detail_ids)s::bigint[]))
    AND correction.company = %(company)s::text
    AND correction.actual_id = detail.corrects_id;

-- name: remove
DELETE FROM operations.proforma_detail
WHERE
    company = %(company)s::text
    AND proforma_id = %(proforma_id)s::bigint
    AND (%(detail_ids)s::bigint[] IS NULL OR proforma_detail_id = any(%(detail_ids)s::bigint[]));

-- name: reset_schedules
-- The run that opened the draft has not happened.
UPDATE operations.contract_line_schedule
SET state = 'not_run', message = NULL, run_at = NULL, first_proforma_id = NULL, last_proforma_id = NULL
WHERE
    company = %(company)s::text
    AND contract_id = %(contract_id)s::bigint
    AND %(proforma_id)s::bigint BETWEEN first_proforma_id AND last_proforma_id;

-- name: record
INSERT INTO operations.deleted_proforma (
    company, proforma_id, number, contract_id, customer_id, detail_count, detail_amount, deleted_by, deleted_at
)
SELECT
    company,
    proforma_id,
    number,
    contract_id,
    customer_id,
    detail_count,
    detail_amount,
    %(actor)s::text,
    %(at)s::timestamptz
FROM operations.proforma
WHERE company = %(company)s::text AND proforma_id = %(proforma_id)s::bigint;

-- name: remove_lines
DELETE FROM operations.proforma_line
WHERE company = %(company)s::text AND proforma_id = %(proforma_id)s::bigint;

-- name: remove_bulk_status
DELETE FROM operations.bulk_confirmation
WHERE company = %(company)s::text AND proforma_id = %(proforma_id)s::bigint;

-- name: remove_header
DELETE FROM operations.proforma
WHERE company = %(company)s::text AND proforma_id = %(proforma_id)s::bigint;
