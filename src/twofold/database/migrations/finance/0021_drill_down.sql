-- Ways from a sum to the rows behind it, over millions of them.

-- Whether a line is off is a column, for plans to know how few they are.
ALTER TABLE finance.invoice_line
ADD COLUMN is_off boolean GENERATED ALWAYS AS (accrued_amount <> accrual_reversed_amount) STORED;

DROP INDEX finance.accrual_is_off;
CREATE INDEX accrual_is_off ON finance.invoice_line (company, accounting_date) WHERE is_off; -- query: imbalances
ANALYZE finance.invoice_line;

-- As before, but for that column.
CREATE OR REPLACE VIEW finance.accrual_balance AS
WITH adjusted AS (
    SELECT
        company,
        actual_id,
        sum(amount) AS amount
    FROM finance.accrual_adjustment
    GROUP BY company, actual_id
)

SELECT -- noqa: ST06
    posted.company,
    posted.actual_id,
    staged_actual.project_id,
    posted.voucher,
    posted.accounting_date,
    posted.wip_account,
    posted.accrued_revenue_account,
    posted.accrued_amount,
    posted.accrued_reporting_amount,
    invoice_line.voucher AS invoice_voucher,
    invoice_line.accounting_date AS invoiced_on,
    -invoice_line.accrual_reversed_amount AS reversed_amount,
    -coalesce(adjusted.amount, 0) AS adjusted_amount,
    posted.accrued_amount - invoice_line.accrual_reversed_amount - coalesce(adjusted.amount, 0) AS imbalance_amount,
    invoice_line.is_off
FROM finance.invoice_line
JOIN finance.proposal_line AS line
    ON line.company = invoice_line.company AND line.actual_id = invoice_line.actual_id
JOIN finance.project_transaction AS posted
    ON posted.company = line.company AND posted.actual_id = line.transaction_id
JOIN finance.staged_actual
    ON staged_actual.company = posted.company AND staged_actual.actual_id = abs(posted.actual_id)
LEFT JOIN adjusted ON adjusted.company = posted.company AND adjusted.actual_id = posted.actual_id
WHERE posted.accrued_amount <> 0 OR invoice_line.accrual_reversed_amount <> 0;

-- Vouchers are numbered by day, rows come by key: every range of blocks held vouchers of all days, so
-- that one of them was looked for in all rows.
DROP INDEX finance.transaction_of_voucher;
CREATE INDEX transaction_of_voucher ON finance.project_transaction (company, voucher); -- query: voucher show

-- Few accounts and days, each many times: the index keeps every key once, and is small.
CREATE INDEX entry_of_account ON finance.ledger_entry (company, account, accounting_date); -- query: ledger account
