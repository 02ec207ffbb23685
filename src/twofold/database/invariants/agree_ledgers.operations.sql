-- Ledgers are in operations as finance has told of them.
SELECT
    company,
    accounting_currency,
    reporting_currency
FROM operations.ledger;
