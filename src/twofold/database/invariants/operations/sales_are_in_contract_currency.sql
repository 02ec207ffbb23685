-- Unbilled and billed sales, backlog, milestones, retainers and proformas are in the currency of their contract.
SELECT
    sale.company,
    sale.record,
    sale.currency,
    contract.currency AS contract_currency
FROM (
    SELECT
        company,
        'actual/' || actual_id AS record,
        contract_id,
        currency
    FROM operations.actual
    WHERE transaction_type IN ('unbilled_sales', 'billed_sales')
    UNION ALL
    SELECT
        company,
        'backlog_item/' || actual_id,
        contract_id,
        currency
    FROM operations.backlog_item
    UNION ALL
    SELECT
        company,
        'milestone/' || milestone_id,
        contract_id,
        currency
    FROM operations.milestone
    UNION ALL
    SELECT
        company,
        'retainer/' || retainer_id,
        contract_id,
        currency
    FROM operations.retainer
    UNION ALL
    SELECT
        company,
        'proforma/' || number,
        contract_id,
        currency
    FROM operations.proforma
) AS sale
LEFT JOIN operations.contract
    ON contract.company = sale.company AND contract.contract_id = sale.contract_id
WHERE contract.currency IS DISTINCT FROM sale.currency;
