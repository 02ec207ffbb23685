-- A voucher belongs to one document: journal, invoice, accounting adjustment, payment, settlement, estimate, closing or
-- cost.
WITH document AS (
    SELECT DISTINCT
        company,
        voucher,
        'journal ' || journal_id AS name
    FROM finance.project_transaction
    UNION ALL
    SELECT
        company,
        voucher,
        'invoice ' || invoice_number
    FROM finance.customer_invoice
    UNION ALL
    SELECT
        company,
        voucher,
        'adjustment ' || adjustment_number
    FROM finance.accounting_adjustment
    UNION ALL
    SELECT
        company,
        voucher,
        document
    FROM finance.payment_voucher
    UNION ALL
    SELECT
        company,
        voucher,
        document
    FROM finance.estimate_voucher
    UNION ALL
    SELECT
        company,
        voucher,
        'closing of ' || year_end
    FROM finance.year_closing
    UNION ALL
    SELECT DISTINCT
        company,
        voucher,
        'accrual adjustment'
    FROM finance.accrual_adjustment
    UNION ALL
    SELECT DISTINCT
        company,
        voucher,
        'cost ' || document
    FROM finance.posted_cost
),

used AS (
    SELECT
        company,
        voucher,
        count(*) AS document_count,
        min(name) AS first_document,
        max(name) AS last_document
    FROM document
    GROUP BY company, voucher
),

entered AS (
    SELECT DISTINCT
        company,
        voucher
    FROM finance.ledger_entry
)

SELECT
    used.first_document,
    used.last_document,
    coalesce(used.company, entered.company) AS company,
    coalesce(used.voucher, entered.voucher) AS voucher,
    coalesce(used.document_count, 0) AS document_count
FROM used
FULL JOIN entered
    ON entered.company = used.company AND entered.voucher = used.voucher
WHERE coalesce(used.document_count, 0) <> 1;
