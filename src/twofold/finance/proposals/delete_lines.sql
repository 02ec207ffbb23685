-- name: delete_lines
-- The lines, and their fees, whose keys are those of their sales, negated.
DELETE FROM finance.proposal_line
USING finance.proposal
WHERE
    proposal.company = %(company)s::text
    AND proposal.proposal_id = %(proposal_id)s::bigint
    AND proposal_line.company = %(company)s::text
    AND (
        proposal_line.actual_id BETWEEN proposal.first_actual_id AND proposal.last_actual_id
        OR proposal_line.actual_id BETWEEN -proposal.last_actual_id AND -proposal.first_actual_id
    )
    AND proposal_line.proposal_id = proposal.proposal_id;

-- name: empty_header
UPDATE finance.proposal
SET
    state = 'header_only',
    line_count = 0,
    net_amount = 0,
    tax_amount = 0,
    total_amount = 0
WHERE company = %(company)s::text AND proposal_id = %(proposal_id)s::bigint;
