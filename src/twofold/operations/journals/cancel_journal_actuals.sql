-- name: lock_journal_items
-- A draft that takes up a sale at this moment locks its item too.
WITH locked AS (
    SELECT item.actual_id
    FROM operations.actual
    JOIN operations.backlog_item AS item
        ON
            item.company = %(company)s::text
            AND item.contract_id = actual.contract_id
            AND item.actual_id = actual.actual_id
    WHERE actual.company = %(company)s::text AND actual.actual_id = any(%(actual_ids)s::bigint[])
    ORDER BY item.actual_id
    FOR UPDATE OF item
)

SELECT count(*) AS locked_count
FROM locked;

-- name: find_not_cancellable
SELECT named.actual_id
FROM unnest(%(actual_ids)s::bigint[]) AS named (actual_id)
LEFT JOIN operations.actual
    ON
        actual.company = %(company)s::text
        AND actual.actual_id = named.actual_id
        AND actual.event = 'journal'
        AND actual.reverses_id IS NULL
LEFT JOIN operations.actual AS reversal
    ON reversal.company = %(company)s::text AND reversal.reverses_id = named.actual_id
LEFT JOIN operations.backlog_item AS item
    ON
        item.company = %(company)s::text
        AND item.contract_id = actual.contract_id
        AND item.actual_id = actual.actual_id
WHERE actual.actual_id IS NULL OR actual.skip_sync OR reversal.actual_id IS NOT NULL OR item.state = 'on_proforma'
ORDER BY named.actual_id;

-- name: choose_named
INSERT INTO pg_temp.reversing (actual_id)
SELECT named.actual_id
FROM unnest(%(actual_ids)s::bigint[]) AS named (actual_id);
