-- name: set_review
UPDATE finance.proposal
SET review = %(review)s::finance.review_state
WHERE company = %(company)s::text AND proposal_id = %(proposal_id)s::bigint;
