-- A retainer is billed on account, as a prepayment or a deduction: never as revenue of work, never out of an accrual.
SELECT
    line.company,
    line.actual_id,
    line.on_account_origin,
    staged_actual.class,
    invoice_line.revenue_type,
    invoice_line.accrual_reversed_amount
FROM finance.proposal_line AS line
JOIN finance.staged_actual
    ON staged_actual.company = line.company AND staged_actual.actual_id = line.actual_id
LEFT JOIN finance.invoice_line
    ON invoice_line.company = line.company AND invoice_line.actual_id = line.actual_id
WHERE
    (staged_actual.class = 'retainer' AND line.credited_id IS NULL) <> (line.on_account_origin IS NOT NULL)
    OR (
        staged_actual.class = 'retainer'
        AND (
            invoice_line.revenue_type NOT IN ('invoiced_revenue_on_account', 'wip_invoiced_on_account')
            OR invoice_line.accrual_reversed_amount <> 0
        )
    );
