-- The work in progress of a project is its posted sales that no invoice bills, in both currencies of the company.
WITH unbilled AS (
    SELECT
        staged_actual.company,
        staged_actual.project_id,
        sum(posted.accrued_amount) AS amount,
        sum(posted.accrued_reporting_amount) AS reporting_amount
    FROM finance.project_transaction AS posted
    JOIN finance.staged_actual
        ON staged_actual.company = posted.company AND staged_actual.actual_id = abs(posted.actual_id)
    LEFT JOIN finance.proposal_line AS line
        ON line.company = posted.company AND line.transaction_id = posted.actual_id
    LEFT JOIN finance.proposal
        ON proposal.company = line.company AND proposal.proposal_id = line.proposal_id
    WHERE posted.accrued_amount <> 0 AND proposal.state IS DISTINCT FROM 'posted'
    GROUP BY staged_actual.company, staged_actual.project_id
),

ledger AS (
    SELECT
        company,
        project_id,
        sum(accounting_amount) AS amount,
        sum(reporting_amount) AS reporting_amount
    FROM finance.ledger_entry
    WHERE posting_type = 'wip_sales_value'
    GROUP BY company, project_id
)

SELECT
    ledger.amount AS ledger_amount,
    unbilled.amount AS unbilled_amount,
    ledger.reporting_amount AS ledger_reporting_amount,
    unbilled.reporting_amount AS unbilled_reporting_amount,
    coalesce(ledger.company, unbilled.company) AS company,
    coalesce(ledger.project_id, unbilled.project_id) AS project_id
FROM ledger
FULL JOIN unbilled
    ON unbilled.company = ledger.company AND unbilled.project_id = ledger.project_id
WHERE
    coalesce(ledger.amount, 0) <> coalesce(unbilled.amount, 0)
    OR coalesce(ledger.reporting_amount, 0) <> coalesce(unbilled.reporting_amount, 0);
