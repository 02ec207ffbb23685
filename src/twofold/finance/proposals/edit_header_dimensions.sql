-- name: lock_header
-- Nobody posts the proposal, or makes its lines, meanwhile.
SELECT
    proposal.number,
    proposal.state::text AS state,
    coalesce(parameter.receivable_dimensions_may_change, false) AS may_change,
    coalesce(proposal.dimension_set_id, 0) AS from_id
FROM finance.proposal
LEFT JOIN finance.parameter ON parameter.company = %(company)s::text
WHERE proposal.company = %(company)s::text AND proposal.proposal_id = %(proposal_id)s::bigint
FOR UPDATE OF proposal;

-- name: name_set
INSERT INTO pg_temp.changed_set (from_id)
VALUES (%(from_id)s::bigint);

-- name: put_dimensions
UPDATE finance.proposal
SET
    dimension_set_id = changed.to_id,
    dimensions_are_manual = true
FROM pg_temp.changed_set AS changed
LEFT JOIN finance.dimension_set
    ON dimension_set.company = %(company)s::text AND dimension_set.dimension_set_id = changed.to_id
WHERE proposal.company = %(company)s::text AND proposal.proposal_id = %(proposal_id)s::bigint
RETURNING proposal.number AS proposal_number, coalesce(dimension_set.label, '') AS dimensions;
