-- name: give_back_entries
UPDATE operations.entry
SET
    state = CASE class WHEN 'time' THEN 'returned' ELSE 'rejected' END::operations.entry_state,
    first_actual_id = NULL,
    last_actual_id = NULL
WHERE company = %(company)s::text AND entry_id = any(%(entry_ids)s::bigint[]);
