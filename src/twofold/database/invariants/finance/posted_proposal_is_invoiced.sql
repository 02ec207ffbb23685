-- A posted proposal has its customer invoice and an invoice line per proposal line, and no other proposal has any.
SELECT
    coalesce(proposal.company, customer_invoice.company) AS company,
    coalesce(proposal.proposal_id, customer_invoice.proposal_id) AS proposal_id,
    NULL::bigint AS actual_id,
    'posted and invoiced must go together' AS problem
FROM finance.proposal
FULL JOIN finance.customer_invoice
    ON customer_invoice.company = proposal.company AND customer_invoice.proposal_id = proposal.proposal_id
WHERE coalesce(proposal.state = 'posted', false) <> (customer_invoice.proposal_id IS NOT NULL)
UNION ALL
SELECT
    coalesce(proposal_line.company, invoice_line.company),
    coalesce(proposal_line.proposal_id, invoice_line.proposal_id),
    coalesce(proposal_line.actual_id, invoice_line.actual_id),
    'proposal line and invoice line must go together'
FROM finance.proposal_line
FULL JOIN finance.invoice_line
    ON
        invoice_line.company = proposal_line.company
        AND invoice_line.actual_id = proposal_line.actual_id
        AND invoice_line.proposal_id = proposal_line.proposal_id
LEFT JOIN finance.proposal
    ON
        proposal.company = coalesce(proposal_line.company, invoice_line.company)
        AND proposal.proposal_id = coalesce(proposal_line.proposal_id, invoice_line.proposal_id)
WHERE
    proposal_line.actual_id IS NULL
    OR coalesce(proposal.state = 'posted', false) <> (invoice_line.actual_id IS NOT NULL);
