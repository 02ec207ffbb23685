-- name: list_retainers
SELECT
    retainer.retainer_id,
    contract.number AS contract_number,
    customer.account AS customer_account,
    retainer.description,
    retainer.invoice_date,
    retainer.currency,
    retainer.amount,
    retainer.used_amount,
    held.available_amount,
    retainer.state::text AS state,
    retainer.refund_state::text AS refund_state,
    retainer.refund_amount,
    proforma.number AS proforma_number
FROM operations.retainer
JOIN operations.retainer_available AS held
    ON held.company = %(company)s::text AND held.retainer_id = retainer.retainer_id
JOIN operations.contract
    ON contract.company = %(company)s::text AND contract.contract_id = retainer.contract_id
JOIN operations.customer
    ON customer.company = %(company)s::text AND customer.customer_id = retainer.customer_id
LEFT JOIN operations.proforma
    ON proforma.company = %(company)s::text AND proforma.proforma_id = retainer.proforma_id
WHERE
    retainer.company = %(company)s::text
    AND retainer.retainer_id > %(after_id)s::bigint
    AND (%(contract_id)s::bigint IS NULL OR retainer.contract_id = %(contract_id)s::bigint)
ORDER BY retainer.retainer_id
LIMIT %(rows_max)s::bigint;
