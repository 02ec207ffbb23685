-- The customer invoices posted in sets that operations has acknowledged.
SELECT
    invoice.company,
    invoice.proposal_id,
    proposal.number,
    invoice.invoice_number,
    invoice.invoice_date,
    invoice.due_date,
    invoice.voucher,
    invoice.net_amount,
    invoice.tax_amount,
    invoice.total_amount
FROM finance.customer_invoice AS invoice
JOIN dualwrite.acknowledged
    ON acknowledged.company = invoice.company AND acknowledged.set_id = invoice.change_set_id
LEFT JOIN finance.proposal
    ON proposal.company = invoice.company AND proposal.proposal_id = invoice.proposal_id;
