-- An accounting adjustment moves amounts between dimensions: every account, project and currency stays as it was.
SELECT
    adjustment.company,
    adjustment.voucher,
    entry.account,
    entry.project_id,
    entry.currency,
    sum(entry.transaction_amount) AS transaction_amount,
    sum(entry.accounting_amount) AS accounting_amount,
    sum(entry.reporting_amount) AS reporting_amount
FROM finance.accounting_adjustment AS adjustment
JOIN finance.ledger_entry AS entry
    ON entry.company = adjustment.company AND entry.voucher = adjustment.voucher
GROUP BY
    adjustment.company, adjustment.voucher, entry.account, entry.posting_type, entry.project_id, entry.currency,
    entry.accounting_date
HAVING
    sum(entry.transaction_amount) <> 0 OR sum(entry.accounting_amount) <> 0 OR sum(entry.reporting_amount) <> 0;
