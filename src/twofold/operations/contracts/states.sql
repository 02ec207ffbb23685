-- name: lock_contract
-- Whoever bills or marks work of the contract locks it too, and waits.
SELECT
    contract_id,
    number,
    state::text AS state
FROM operations.contract
WHERE company = %(company)s::text AND number = %(number)s::text
FOR NO KEY UPDATE;

-- name: move_contract
UPDATE operations.contract
SET
    state = %(state)s::operations.contract_state,
    change_set_id = %(set_id)s::bigint
WHERE company = %(company)s::text AND contract_id = %(contract_id)s::bigint;
