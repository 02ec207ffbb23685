-- Invoicing a sale takes out of work in progress exactly what its posting put in: zero once all is invoiced.
SELECT
    invoice_line.company,
    invoice_line.actual_id,
    proposal_line.transaction_id,
    invoice_line.accrual_reversed_amount,
    project_transaction.accrued_amount
FROM finance.invoice_line
JOIN finance.proposal_line
    ON proposal_line.company = invoice_line.company AND proposal_line.actual_id = invoice_line.actual_id
LEFT JOIN finance.project_transaction
    ON
        project_transaction.company = proposal_line.company
        AND project_transaction.actual_id = proposal_line.transaction_id
WHERE invoice_line.accrual_reversed_amount <> coalesce(project_transaction.accrued_amount, 0);
