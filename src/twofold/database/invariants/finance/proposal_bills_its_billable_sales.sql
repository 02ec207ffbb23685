-- The lines of a proposal are exactly the chargeable billed sales that operations confirmed for it, and their fees.
WITH proposal AS (
    SELECT
        company,
        proposal_id
    FROM finance.proposal
    WHERE state NOT IN ('header_only', 'brought_over')
),

billable AS (
    SELECT
        staged_actual.company,
        staged_actual.actual_id,
        staged_actual.proforma_id AS proposal_id
    FROM finance.staged_actual
    JOIN proposal
        ON proposal.company = staged_actual.company AND proposal.proposal_id = staged_actual.proforma_id
    WHERE
        staged_actual.transaction_type = 'billed_sales'
        AND staged_actual.billing_type = 'chargeable'
    UNION ALL
    SELECT
        fee_line.company,
        fee_line.actual_id,
        fee_line.proforma_id
    FROM finance.fee_line
    JOIN proposal
        ON proposal.company = fee_line.company AND proposal.proposal_id = fee_line.proforma_id
    WHERE fee_line.transaction_type = 'billed_sales'
)

SELECT
    coalesce(proposal_line.company, billable.company) AS company,
    coalesce(proposal_line.proposal_id, billable.proposal_id) AS proposal_id,
    coalesce(proposal_line.actual_id, billable.actual_id) AS actual_id,
    CASE WHEN billable.actual_id IS NULL THEN 'line without a billable sale' ELSE 'sale without a line' END AS problem
FROM billable
FULL JOIN finance.proposal_line
    ON
        proposal_line.company = billable.company
        AND proposal_line.actual_id = billable.actual_id
        AND proposal_line.proposal_id = billable.proposal_id
WHERE billable.actual_id IS NULL OR proposal_line.actual_id IS NULL;
