-- Customer invoice numbers come from the company's own sequence, never from the numbers of proposals.
SELECT
    customer_invoice.company,
    customer_invoice.invoice_number,
    proposal.proposal_id
FROM finance.customer_invoice
JOIN finance.proposal
    ON proposal.company = customer_invoice.company AND proposal.number = customer_invoice.invoice_number;
