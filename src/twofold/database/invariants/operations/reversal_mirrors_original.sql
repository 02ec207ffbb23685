-- A reversal is the only one of an original that is no reversal itself, with its attributes and its figures negated.
SELECT
    reversal.company,
    'actual/' || reversal.actual_id AS record,
    reversal.reverses_id
FROM operations.actual AS reversal
LEFT JOIN operations.actual AS original
    ON original.company = reversal.company AND original.actual_id = reversal.reverses_id
WHERE
    reversal.reverses_id IS NOT NULL
    AND (
        original.actual_id IS NULL
        OR original.reverses_id IS NOT NULL
        OR reversal.quantity <> -original.quantity
        OR reversal.amount <> -original.amount
        OR reversal.discount_amount <> -original.discount_amount
        OR reversal.fee_amount <> -original.fee_amount
        OR (
            reversal.transaction_type, reversal.class, reversal.billing_type, reversal.transaction_date,
            reversal.accounting_date, reversal.price, reversal.discount_percent, reversal.fee_percent,
            reversal.currency, reversal.unit,
            reversal.project_id, reversal.task_id, reversal.resource_id, reversal.role_id,
            reversal.category_id, reversal.contract_id, reversal.contract_line_id, reversal.customer_id,
            reversal.source_id, reversal.entry_id, reversal.milestone_id, reversal.retainer_id
        ) IS DISTINCT FROM (
            original.transaction_type, original.class, original.billing_type, original.transaction_date,
            original.accounting_date, original.price, original.discount_percent, original.fee_percent,
            original.currency, original.unit,
            original.project_id, original.task_id, original.resource_id, original.role_id,
            original.category_id, original.contract_id, original.contract_line_id, original.customer_id,
            original.source_id, original.entry_id, original.milestone_id, original.retainer_id
        )
    )
UNION ALL
SELECT
    company,
    'actual/' || reverses_id,
    reverses_id
FROM operations.actual
WHERE reverses_id IS NOT NULL
GROUP BY company, reverses_id
HAVING count(*) > 1;
