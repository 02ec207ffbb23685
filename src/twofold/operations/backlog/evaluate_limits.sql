-- name: contracts_of_selection
SELECT DISTINCT item.contract_id
FROM operations.backlog_item AS item
WHERE
    item.company = %(company)s::text
    AND (%(contract_id)s::bigint IS NULL OR item.contract_id = %(contract_id)s::bigint)
    AND (%(project_id)s::bigint IS NULL OR item.project_id = %(project_id)s::bigint)
    AND (%(up_to)s::date IS NULL OR item.transaction_date <= %(up_to)s::date)
    AND (%(actual_ids)s::bigint[] IS NULL OR item.actual_id = any(%(actual_ids)s::bigint[]))
ORDER BY item.contract_id;

-- name: reset
-- Chargeable work that is not on a draft gives back what it had taken; everything else is left as
-- it is. Work that is to be evaluated again at once stays ready, until it fails.
UPDATE operations.backlog_item AS item
SET
    not_to_exceed = 'not_evaluated',
    exceeds = NULL,
    state = CASE WHEN %(stays_ready)s::boolean THEN item.state ELSE 'created' END
WHERE
    item.company = %(company)s::text
    AND item.contract_id = any(%(contract_ids)s::bigint[])
    AND (%(project_id)s::bigint IS NULL OR item.project_id = %(project_id)s::bigint)
    AND (%(up_to)s::date IS NULL OR item.transaction_date <= %(up_to)s::date)
    AND (%(actual_ids)s::bigint[] IS NULL OR item.actual_id = any(%(actual_ids)s::bigint[]))
    AND item.billing_type = 'chargeable'
    AND item.class <> 'retainer'
    AND item.state IN ('created', 'ready')
    AND (%(stays_ready)s::boolean OR item.not_to_exceed IN ('committed', 'failed'));
