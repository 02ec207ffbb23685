-- A line keeps what its sale was accrued with: those that may be out of balance are found by it.
SELECT
    invoice_line.company,
    invoice_line.actual_id,
    invoice_line.voucher,
    invoice_line.accrued_amount AS kept_amount,
    posted.accrued_amount
FROM finance.invoice_line
JOIN finance.proposal_line AS line
    ON line.company = invoice_line.company AND line.actual_id = invoice_line.actual_id
JOIN finance.project_transaction AS posted
    ON posted.company = line.company AND posted.actual_id = line.transaction_id
WHERE invoice_line.accrued_amount <> posted.accrued_amount;
