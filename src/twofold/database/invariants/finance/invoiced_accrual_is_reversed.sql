-- Invoicing a sale takes out of work in progress exactly what its posting put in, but for what was corrected.
SELECT
    company,
    actual_id,
    voucher,
    invoice_voucher,
    accrued_amount,
    reversed_amount,
    adjusted_amount,
    imbalance_amount
FROM finance.accrual_balance
WHERE imbalance_amount <> 0
UNION ALL
SELECT
    invoice_line.company,
    invoice_line.actual_id,
    NULL,
    invoice_line.voucher,
    0,
    -invoice_line.accrual_reversed_amount,
    0,
    -invoice_line.accrual_reversed_amount
FROM finance.invoice_line
LEFT JOIN finance.proposal_line
    ON proposal_line.company = invoice_line.company AND proposal_line.actual_id = invoice_line.actual_id
WHERE invoice_line.accrual_reversed_amount <> 0 AND proposal_line.transaction_id IS NULL;
