-- Every voucher balances: in each currency it was made in, in the accounting and in the reporting currency.
SELECT
    company,
    voucher,
    currency AS out_of_balance_in,
    sum(transaction_amount) AS difference
FROM finance.ledger_entry
GROUP BY company, voucher, currency
HAVING sum(transaction_amount) <> 0
UNION ALL
SELECT
    company,
    voucher,
    'accounting currency',
    sum(accounting_amount)
FROM finance.ledger_entry
GROUP BY company, voucher
HAVING sum(accounting_amount) <> 0
UNION ALL
SELECT
    company,
    voucher,
    'reporting currency',
    sum(reporting_amount)
FROM finance.ledger_entry
GROUP BY company, voucher
HAVING sum(reporting_amount) <> 0;
