-- name: find_candidates
SELECT
    proposal.proposal_id,
    proposal.number,
    proposal.line_count
FROM finance.proposal
LEFT JOIN finance.parameter ON parameter.company = %(company)s::text
LEFT JOIN finance.contract
    ON contract.company = %(company)s::text AND contract.contract_id = proposal.contract_id
LEFT JOIN finance.customer
    ON customer.company = %(company)s::text AND customer.customer_id = proposal.customer_id
WHERE
    proposal.company = %(company)s::text
    AND proposal.state = 'ready'
    AND (proposal.review = 'approved' OR NOT coalesce(parameter.proposals_need_approval, false))
    AND (%(customer_account)s::text IS NULL OR customer.account = %(customer_account)s::text)
    AND (%(contract_number)s::text IS NULL OR contract.number = %(contract_number)s::text)
    AND (%(up_to)s::date IS NULL OR proposal.invoice_date <= %(up_to)s::date)
ORDER BY proposal.proposal_id;

-- name: read_workers
SELECT posting_workers
FROM finance.parameter
WHERE company = %(company)s::text;
