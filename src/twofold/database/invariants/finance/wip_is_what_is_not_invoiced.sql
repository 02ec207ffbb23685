-- The work in progress of a project is its posted sales that no invoice bills, in both currencies of the company.
-- What was accrued before the cut-over counts as if the ledger had it; estimates of fixed prices do not count.
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
    LEFT JOIN finance.brought_over_sale AS brought
        ON brought.company = posted.company AND brought.transaction_id = posted.actual_id
    WHERE
        posted.accrued_amount <> 0
        AND proposal.state IS DISTINCT FROM 'posted'
        AND brought.actual_id IS NULL
    GROUP BY staged_actual.company, staged_actual.project_id
),

ledger AS (
    SELECT
        entry.company,
        entry.project_id,
        sum(entry.amount) AS amount,
        sum(entry.reporting_amount) AS reporting_amount
    FROM (
        SELECT
            company,
            project_id,
            accounting_amount AS amount,
            reporting_amount
        FROM finance.ledger_entry
        WHERE
            posting_type = 'wip_sales_value'
            AND NOT EXISTS (
                SELECT FROM finance.estimate_voucher
                WHERE
                    estimate_voucher.company = ledger_entry.company
                    AND estimate_voucher.voucher = ledger_entry.voucher
            )
        UNION ALL
        SELECT
            posted.company,
            staged_actual.project_id,
            posted.accrued_amount,
            posted.accrued_reporting_amount
        FROM finance.project_transaction AS posted
        JOIN finance.journal
            ON journal.company = posted.company AND journal.journal_id = posted.journal_id
        JOIN finance.staged_actual
            ON staged_actual.company = posted.company AND staged_actual.actual_id = posted.actual_id
        LEFT JOIN finance.brought_over_sale AS brought
            ON brought.company = posted.company AND brought.transaction_id = posted.actual_id
        WHERE
            posted.accrued_amount <> 0
            AND journal.is_beginning_balance
            AND brought.actual_id IS NULL
    ) AS entry
    GROUP BY entry.company, entry.project_id
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
