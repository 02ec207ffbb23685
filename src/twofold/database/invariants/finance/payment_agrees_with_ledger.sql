-- A payment credits the receivable with its amount, a settlement with what its sides differ by: so says the ledger.
WITH stated AS (
    SELECT
        company,
        voucher,
        -amount AS amount,
        -accounting_amount AS accounting_amount,
        -reporting_amount AS reporting_amount
    FROM finance.customer_payment
    UNION ALL
    SELECT
        company,
        voucher,
        0,
        credit_accounting_amount - debit_accounting_amount,
        credit_reporting_amount - debit_reporting_amount
    FROM finance.settlement
    WHERE voucher IS NOT NULL
    UNION ALL
    SELECT
        undone.company,
        undone.voucher,
        0,
        settlement.debit_accounting_amount - settlement.credit_accounting_amount,
        settlement.debit_reporting_amount - settlement.credit_reporting_amount
    FROM finance.settlement_undone AS undone
    JOIN finance.settlement
        ON settlement.company = undone.company AND settlement.settlement_id = undone.settlement_id
    WHERE undone.voucher IS NOT NULL
),

posted AS (
    SELECT
        entry.company,
        entry.voucher,
        sum(entry.transaction_amount) AS amount,
        sum(entry.accounting_amount) AS accounting_amount,
        sum(entry.reporting_amount) AS reporting_amount
    FROM finance.ledger_entry AS entry
    JOIN finance.payment_voucher
        ON payment_voucher.company = entry.company AND payment_voucher.voucher = entry.voucher
    WHERE entry.posting_type = 'customer_balance'
    GROUP BY entry.company, entry.voucher
)

SELECT
    stated.amount AS stated_amount,
    posted.amount AS posted_amount,
    stated.accounting_amount AS stated_accounting_amount,
    posted.accounting_amount AS posted_accounting_amount,
    coalesce(stated.company, posted.company) AS company,
    coalesce(stated.voucher, posted.voucher) AS voucher
FROM stated
FULL JOIN posted ON posted.company = stated.company AND posted.voucher = stated.voucher
WHERE
    (stated.amount, stated.accounting_amount, stated.reporting_amount)
    IS DISTINCT FROM (posted.amount, posted.accounting_amount, posted.reporting_amount);
