-- name: find_parameters
SELECT parameter.company
FROM finance.parameter
WHERE parameter.company = %(company)s::text;

-- name: find_proposal
SELECT proposal.proposal_id
FROM finance.proposal
WHERE proposal.company = %(company)s::text AND proposal.number = %(number)s::text;
