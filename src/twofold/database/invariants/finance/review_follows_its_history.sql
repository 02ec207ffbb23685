-- Where the review of a proposal stands is what its history said last; one closed with nothing to bill says so.
WITH decided AS (
    SELECT DISTINCT ON (company, proposal_id)
        company,
        proposal_id,
        CASE act WHEN 'reset' THEN 'draft' ELSE act::text END AS review
    FROM finance.proposal_event
    WHERE act IN ('submitted', 'approved', 'rejected', 'change_requested', 'reset')
    ORDER BY company ASC, proposal_id ASC, event_id DESC
),

closed AS (
    SELECT DISTINCT
        company,
        proposal_id
    FROM finance.proposal_event
    WHERE act = 'nothing_to_bill'
)

SELECT
    proposal.company,
    proposal.proposal_id,
    proposal.state,
    proposal.review,
    decided.review AS decided_review,
    closed.proposal_id IS NOT NULL AS was_closed
FROM finance.proposal
LEFT JOIN decided
    ON decided.company = proposal.company AND decided.proposal_id = proposal.proposal_id
LEFT JOIN closed
    ON closed.company = proposal.company AND closed.proposal_id = proposal.proposal_id
WHERE
    proposal.review::text <> coalesce(decided.review, 'draft')
    OR (proposal.state = 'nothing_to_bill') <> (closed.proposal_id IS NOT NULL);
