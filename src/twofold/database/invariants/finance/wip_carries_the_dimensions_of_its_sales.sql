-- Work in progress has, per project and dimensions, what posted sales with these dimensions are not invoiced for.
-- What was accrued before the cut-over is not in it; estimates of fixed prices have invariants of their own.
WITH sale AS (
    SELECT
        staged_actual.company,
        staged_actual.project_id,
        posted.accrued_amount,
        CASE WHEN adjusted.actual_id IS NULL THEN posted.dimension_set_id ELSE adjusted.dimension_set_id END
            AS dimension_set_id
    FROM finance.project_transaction AS posted
    JOIN finance.journal ON journal.company = posted.company AND journal.journal_id = posted.journal_id
    JOIN finance.staged_actual
        ON staged_actual.company = posted.company AND staged_actual.actual_id = abs(posted.actual_id)
    LEFT JOIN finance.adjusted_dimension AS adjusted
        ON adjusted.company = posted.company AND adjusted.actual_id = posted.actual_id
    LEFT JOIN finance.proposal_line AS line
        ON line.company = posted.company AND line.transaction_id = posted.actual_id
    LEFT JOIN finance.proposal
        ON proposal.company = line.company AND proposal.proposal_id = line.proposal_id
    WHERE
        posted.accrued_amount <> 0
        AND NOT journal.is_beginning_balance
        AND proposal.state IS DISTINCT FROM 'posted'
),

unbilled AS (
    SELECT
        company,
        project_id,
        dimension_set_id,
        sum(accrued_amount) AS amount
    FROM sale
    GROUP BY company, project_id, dimension_set_id
),

ledger AS (
    SELECT
        company,
        project_id,
        dimension_set_id,
        sum(accounting_amount) AS amount
    FROM finance.ledger_entry
    WHERE
        posting_type = 'wip_sales_value'
        AND NOT EXISTS (
            SELECT FROM finance.estimate_voucher
            WHERE
                estimate_voucher.company = ledger_entry.company
                AND estimate_voucher.voucher = ledger_entry.voucher
        )
    GROUP BY company, project_id, dimension_set_id
)

SELECT
    ledger.amount AS ledger_amount,
    unbilled.amount AS unbilled_amount,
    coalesce(ledger.company, unbilled.company) AS company,
    coalesce(ledger.project_id, unbilled.project_id) AS project_id,
    coalesce(ledger.dimension_set_id, unbilled.dimension_set_id) AS dimension_set_id
FROM ledger
FULL JOIN unbilled
    ON
        unbilled.company = ledger.company
        AND unbilled.project_id = ledger.project_id
        AND coalesce(unbilled.dimension_set_id, 0) = coalesce(ledger.dimension_set_id, 0)
WHERE coalesce(ledger.amount, 0) <> coalesce(unbilled.amount, 0);
