-- name: lock_line
-- The contract is locked as by who marks and who creates proformas.
SELECT
    line.contract_line_id,
    contract.state::text AS contract_state,
    line.contracted_amount,
    currency.precision
FROM operations.contract
JOIN operations.contract_line AS line
    ON line.company = %(company)s::text AND line.contract_id = contract.contract_id
JOIN operations.currency ON currency.currency = contract.currency
WHERE
    contract.company = %(company)s::text
    AND contract.number = %(contract_number)s::text
    AND line.line_number = %(line_number)s::integer
FOR NO KEY UPDATE OF contract, line;

-- name: change_amount
UPDATE operations.contract_line
SET
    contracted_amount = %(contracted_amount)s::numeric,
    change_set_id = %(set_id)s::bigint
WHERE company = %(company)s::text AND contract_line_id = %(contract_line_id)s::bigint;
