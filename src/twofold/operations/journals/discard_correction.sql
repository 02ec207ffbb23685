-- name: release_items
UPDATE operations.backlog_item AS item
SET state = held.item_state
FROM operations.actual_in_process AS held
WHERE
    held.company = %(company)s::text
    AND held.journal_id = %(journal_id)s::bigint
    AND held.item_state IS NOT NULL
    AND item.company = %(company)s::text
    AND item.contract_id = held.contract_id
    AND item.actual_id = held.actual_id;
