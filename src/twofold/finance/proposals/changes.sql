-- name: lock
-- The lock keeps import, posting and other people out until this change is whole.
SELECT proposal_id
FROM finance.proposal
WHERE company = %(company)s::text AND proposal_id = %(proposal_id)s::bigint
FOR UPDATE;

-- name: read_locked
-- As it is now that it is locked: whoever held it before may have changed it.
SELECT
    proposal.proposal_id,
    proposal.number,
    proposal.revision,
    proposal.due_date,
    proposal.due_date_is_manual,
    terms.payment_terms,
    last_event.actor AS changed_by,
    last_event.at AS changed_at,
    proposal.state::text AS state,
    proposal.review::text AS review,
    coalesce(parameter.proposals_need_approval, false) AS needs_approval,
    coalesce(proposal.invoice_date, proposal.accounting_date) AS invoice_date
FROM finance.proposal
JOIN finance.proposal_terms AS terms
    ON terms.company = %(company)s::text AND terms.proposal_id = proposal.proposal_id
LEFT JOIN finance.parameter ON parameter.company = %(company)s::text
LEFT JOIN finance.proposal_event AS last_event
    ON
        last_event.company = %(company)s::text
        AND last_event.proposal_id = proposal.proposal_id
        AND last_event.event_id = (
            SELECT max(proposal_event.event_id)
            FROM finance.proposal_event
            WHERE
                proposal_event.company = %(company)s::text
                AND proposal_event.proposal_id = %(proposal_id)s::bigint
        )
WHERE proposal.company = %(company)s::text AND proposal.proposal_id = %(proposal_id)s::bigint;

-- name: note
INSERT INTO finance.proposal_event (company, proposal_id, act, actor, at, note)
VALUES (
    %(company)s::text,
    %(proposal_id)s::bigint,
    %(act)s::finance.proposal_act,
    %(actor)s::text,
    %(at)s::timestamptz,
    %(note)s::text
);

-- name: conclude
UPDATE finance.proposal
SET revision = proposal.revision + 1
FROM finance.proposal_terms AS terms
WHERE
    proposal.company = %(company)s::text
    AND proposal.proposal_id = %(proposal_id)s::bigint
    AND terms.company = %(company)s::text
    AND terms.proposal_id = proposal.proposal_id
RETURNING
    proposal.proposal_id,
    proposal.number,
    proposal.revision,
    proposal.state::text AS state,
    proposal.review::text AS review,
    proposal.invoice_date,
    proposal.due_date,
    proposal.due_date_is_manual,
    terms.payment_terms,
    proposal.currency,
    proposal.line_count,
    proposal.net_amount,
    proposal.tax_amount,
    proposal.total_amount;
