-- name: list_contracts
SELECT
    contract.company,
    contract.number,
    contract.name,
    customer.account AS customer_account,
    contract.currency,
    contract.state::text AS state,
    closing.reason::text AS reason
FROM operations.contract
JOIN operations.customer
    ON customer.company = %(company)s::text AND customer.customer_id = contract.customer_id
LEFT JOIN operations.contract_closing AS closing
    ON closing.company = %(company)s::text AND closing.contract_id = contract.contract_id
WHERE contract.company = %(company)s::text
ORDER BY contract.number;
