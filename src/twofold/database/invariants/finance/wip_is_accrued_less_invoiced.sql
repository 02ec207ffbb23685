-- The work in progress (sales value) of a project in the ledger is what was accrued less what was reversed.
-- What was accrued before the cut-over is not in it; estimates of fixed prices have invariants of their own.
WITH subledger AS (
    SELECT
        staged_actual.company,
        staged_actual.project_id,
        sum(movement.amount) AS amount
    FROM (
        SELECT
            posted.company,
            posted.actual_id,
            posted.accrued_amount AS amount
        FROM finance.project_transaction AS posted
        JOIN finance.journal
            ON journal.company = posted.company AND journal.journal_id = posted.journal_id
        WHERE posted.accrued_amount <> 0 AND NOT journal.is_beginning_balance
        UNION ALL
        SELECT
            company,
            actual_id,
            -accrual_reversed_amount
        FROM finance.invoice_line
        WHERE accrual_reversed_amount <> 0
        UNION ALL
        SELECT
            company,
            actual_id,
            -amount
        FROM finance.accrual_adjustment
        WHERE side <> 'revenue'
    ) AS movement
    JOIN finance.staged_actual
        ON staged_actual.company = movement.company AND staged_actual.actual_id = abs(movement.actual_id)
    GROUP BY staged_actual.company, staged_actual.project_id
),

ledger AS (
    SELECT
        company,
        project_id,
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
    GROUP BY company, project_id
)

SELECT
    ledger.amount AS ledger_amount,
    subledger.amount AS subledger_amount,
    coalesce(ledger.company, subledger.company) AS company,
    coalesce(ledger.project_id, subledger.project_id) AS project_id
FROM ledger
FULL JOIN subledger
    ON subledger.company = ledger.company AND subledger.project_id = ledger.project_id
WHERE coalesce(ledger.amount, 0) <> coalesce(subledger.amount, 0);
