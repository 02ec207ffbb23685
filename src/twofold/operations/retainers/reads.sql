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

-- name: list_usable
-- Paid in advance by the customer of a draft, and not used up; what the draft itself applies counts
-- as left. A retainer that the draft invoices or refunds is not there to be applied.
SELECT
    retainer.retainer_id,
    retainer.description,
    retainer.invoice_date,
    retainer.amount,
    held.applicable_amount,
    coalesce(-mine.amount, 0) AS applied_amount
FROM operations.proforma
JOIN operations.retainer
    ON
        retainer.company = %(company)s::text
        AND retainer.contract_id = proforma.contract_id
        AND retainer.customer_id = proforma.customer_id
JOIN operations.retainer_available AS held
    ON held.company = %(company)s::text AND held.retainer_id = retainer.retainer_id
LEFT JOIN operations.proforma_detail AS mine
    ON
        mine.company = %(company)s::text
        AND mine.proforma_id = proforma.proforma_id
        AND mine.retainer_id = retainer.retainer_id
WHERE
    proforma.company = %(company)s::text
    AND proforma.proforma_id = %(proforma_id)s::bigint
    AND held.applicable_amount > 0
    AND (mine.retainer_id IS NULL OR (mine.retainer_use = 'applied' AND mine.corrects_id IS NULL))
ORDER BY retainer.invoice_date, retainer.retainer_id;
