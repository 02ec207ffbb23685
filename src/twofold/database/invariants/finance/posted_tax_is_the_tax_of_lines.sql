-- The posted tax of an invoice is the tax of its lines, of its header, and of its ledger entries.
WITH line AS (
    SELECT
        company,
        proposal_id,
        sum(tax_amount) AS tax_amount
    FROM finance.proposal_line
    GROUP BY company, proposal_id
),

reported AS (
    SELECT
        company,
        proposal_id,
        sum(sales_tax_amount) AS accounting_tax_amount
    FROM finance.invoice_line
    GROUP BY company, proposal_id
),

posted AS (
    SELECT
        company,
        voucher,
        sum(tax_amount) AS tax_amount,
        sum(accounting_tax_amount) AS accounting_tax_amount
    FROM finance.tax_transaction
    GROUP BY company, voucher
),

ledger AS (
    SELECT
        company,
        voucher,
        -sum(transaction_amount) AS tax_amount,
        -sum(accounting_amount) AS accounting_tax_amount
    FROM finance.ledger_entry
    WHERE posting_type = 'sales_tax_payable'
    GROUP BY company, voucher
)

SELECT
    customer_invoice.tax_amount AS invoice_tax,
    line.tax_amount AS line_tax,
    posted.tax_amount AS posted_tax,
    ledger.tax_amount AS ledger_tax,
    reported.accounting_tax_amount AS line_accounting_tax,
    posted.accounting_tax_amount AS posted_accounting_tax,
    ledger.accounting_tax_amount AS ledger_accounting_tax,
    coalesce(customer_invoice.company, posted.company, ledger.company) AS company,
    coalesce(customer_invoice.voucher, posted.voucher, ledger.voucher) AS voucher
FROM finance.customer_invoice
LEFT JOIN line
    ON line.company = customer_invoice.company AND line.proposal_id = customer_invoice.proposal_id
LEFT JOIN reported
    ON reported.company = customer_invoice.company AND reported.proposal_id = customer_invoice.proposal_id
FULL JOIN posted
    ON posted.company = customer_invoice.company AND posted.voucher = customer_invoice.voucher
FULL JOIN ledger
    ON
        ledger.company = coalesce(customer_invoice.company, posted.company)
        AND ledger.voucher = coalesce(customer_invoice.voucher, posted.voucher)
WHERE
    coalesce(line.tax_amount, 0) <> coalesce(customer_invoice.tax_amount, 0)
    OR coalesce(posted.tax_amount, 0) <> coalesce(customer_invoice.tax_amount, 0)
    OR coalesce(ledger.tax_amount, 0) <> coalesce(customer_invoice.tax_amount, 0)
    OR coalesce(posted.accounting_tax_amount, 0) <> coalesce(ledger.accounting_tax_amount, 0)
    OR coalesce(posted.accounting_tax_amount, 0) <> coalesce(reported.accounting_tax_amount, 0);
