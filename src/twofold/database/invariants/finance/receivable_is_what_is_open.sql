-- The receivable in the ledger of a company is what its customers have open, in both currencies of the company.
WITH ledger AS (
    SELECT
        company,
        sum(accounting_amount) AS amount,
        sum(reporting_amount) AS reporting_amount
    FROM finance.ledger_entry
    WHERE posting_type = 'customer_balance'
    GROUP BY company
),

subledger AS (
    SELECT
        company,
        sum(open_accounting_amount) AS amount,
        sum(open_reporting_amount) AS reporting_amount
    FROM finance.customer_position
    GROUP BY company
)

SELECT
    ledger.amount AS ledger_amount,
    subledger.amount AS open_amount,
    ledger.reporting_amount AS ledger_reporting_amount,
    subledger.reporting_amount AS open_reporting_amount,
    coalesce(ledger.company, subledger.company) AS company
FROM ledger
FULL JOIN subledger ON subledger.company = ledger.company
WHERE
    coalesce(ledger.amount, 0) <> coalesce(subledger.amount, 0)
    OR coalesce(ledger.reporting_amount, 0) <> coalesce(subledger.reporting_amount, 0);
