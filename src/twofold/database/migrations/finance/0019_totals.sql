-- What pages ask of millions of rows, kept where it is known: when they are posted.

-- The lines of a posted journal per type, class and currency, as they were posted: added with them, never
-- changed. amount is what is billed, in the currency: less discount.
CREATE TABLE finance.journal_total (
    company text NOT NULL,
    journal_id bigint NOT NULL,
    transaction_type finance.transaction_type NOT NULL,
    class finance.transaction_class NOT NULL,
    currency text NOT NULL,
    line_count bigint NOT NULL,
    quantity numeric(23, 4) NOT NULL,
    amount numeric(23, 4) NOT NULL,
    PRIMARY KEY (company, journal_id, transaction_type, class, currency)
);

INSERT INTO finance.journal_total (
    company, journal_id, transaction_type, class, currency, line_count, quantity, amount
)
SELECT
    posted.company,
    posted.journal_id,
    staged_actual.transaction_type,
    line_of.class,
    staged_actual.currency,
    count(*),
    sum(line_of.quantity),
    sum(line_of.amount)
FROM finance.project_transaction AS posted
JOIN finance.staged_actual
    ON staged_actual.company = posted.company AND staged_actual.actual_id = abs(posted.actual_id)
CROSS JOIN
    LATERAL (
        VALUES (
            CASE WHEN posted.actual_id < 0 THEN 'fee' ELSE staged_actual.class END,
            CASE WHEN posted.actual_id < 0 THEN sign(staged_actual.fee_amount) ELSE staged_actual.quantity END,
            CASE
                WHEN posted.actual_id < 0 THEN staged_actual.fee_amount
                ELSE staged_actual.amount - staged_actual.discount_amount
            END
        )
    ) AS line_of (class, quantity, amount)
GROUP BY posted.company, posted.journal_id, staged_actual.transaction_type, line_of.class, staged_actual.currency;

GRANT SELECT ON finance.journal_total TO twofold_finance, twofold_dualwrite, twofold_auditor;
GRANT INSERT ON finance.journal_total TO twofold_finance;

-- What its sale was accrued with, as the line found it when it was posted: the few lines that reversed
-- anything else are found without reading all that were invoiced.
ALTER TABLE finance.invoice_line ADD COLUMN accrued_amount numeric(19, 4) NOT NULL DEFAULT 0;

UPDATE finance.invoice_line
SET accrued_amount = posted.accrued_amount
FROM finance.proposal_line AS line
JOIN finance.project_transaction AS posted
    ON posted.company = line.company AND posted.actual_id = line.transaction_id
WHERE
    line.company = invoice_line.company
    AND line.actual_id = invoice_line.actual_id
    AND posted.accrued_amount <> 0;

CREATE INDEX accrual_is_off ON finance.invoice_line (company, accounting_date) -- query: imbalances
WHERE accrued_amount <> accrual_reversed_amount;

-- As before, and whether a line may be out of balance at all: all that are, are.
CREATE OR REPLACE VIEW finance.accrual_balance AS
WITH adjusted AS (
    SELECT
        company,
        actual_id,
        sum(amount) AS amount
    FROM finance.accrual_adjustment
    GROUP BY company, actual_id
)

SELECT
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
    invoice_line.accrued_amount <> invoice_line.accrual_reversed_amount AS is_off
FROM finance.invoice_line
JOIN finance.proposal_line AS line
    ON line.company = invoice_line.company AND line.actual_id = invoice_line.actual_id
JOIN finance.project_transaction AS posted
    ON posted.company = line.company AND posted.actual_id = line.transaction_id
JOIN finance.staged_actual
    ON staged_actual.company = posted.company AND staged_actual.actual_id = abs(posted.actual_id)
LEFT JOIN adjusted ON adjusted.company = posted.company AND adjusted.actual_id = posted.actual_id
WHERE posted.accrued_amount <> 0 OR invoice_line.accrual_reversed_amount <> 0;
