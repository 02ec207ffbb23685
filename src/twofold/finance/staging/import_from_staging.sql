-- name: find_parameters
SELECT parameter.company
FROM finance.parameter
WHERE parameter.company = %(company)s::text;

-- name: find_proposal
SELECT proposal.proposal_id
FROM finance.proposal
WHERE proposal.company = %(company)s::text AND proposal.number = %(number)s::text;

-- name: purge_messages
-- Nobody came back to them in 90 days (spec 4.24).
DELETE FROM finance.message
WHERE company = %(company)s::text AND logged_at < %(at)s::timestamptz - interval '90 days';
