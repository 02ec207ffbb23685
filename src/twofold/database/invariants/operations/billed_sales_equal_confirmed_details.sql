-- Per contract and currency, the extended amounts of chargeable billed sales add up to the detail amounts of its
-- confirmed proformas.
WITH amount AS (
    SELECT
        company,
        contract_id,
        currency,
        sum(amount - discount_amount + fee_amount) AS billed_amount,
        0 AS confirmed_amount
    FROM operations.actual
    WHERE transaction_type = 'billed_sales' AND billing_type = 'chargeable'
    GROUP BY company, contract_id, currency
    UNION ALL
    SELECT
        company,
        contract_id,
        currency,
        0,
        sum(detail_amount)
    FROM operations.proforma
    WHERE state IN ('confirmed', 'paid')
    GROUP BY company, contract_id, currency
)

SELECT
    company,
    currency,
    'contract/' || contract_id AS record,
    sum(billed_amount) AS billed_amount,
    sum(confirmed_amount) AS confirmed_amount
FROM amount
GROUP BY company, contract_id, currency
HAVING sum(billed_amount) IS DISTINCT FROM sum(confirmed_amount);
