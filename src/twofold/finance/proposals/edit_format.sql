-- name: clear_sections
DELETE FROM finance.proposal_section
WHERE company = %(company)s::text AND proposal_id = %(proposal_id)s::bigint;

-- name: add_sections
INSERT INTO finance.proposal_section (company, proposal_id, class, position, is_detailed, is_included)
SELECT
    %(company)s::text,
    %(proposal_id)s::bigint,
    given.class::finance.transaction_class,
    given.position,
    given.is_detailed,
    given.is_included
FROM
    unnest(%(classes)s::text[], %(are_detailed)s::boolean[], %(are_included)s::boolean[])
    WITH ORDINALITY AS given (class, is_detailed, is_included, position);
