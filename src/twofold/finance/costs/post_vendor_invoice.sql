-- name: find_known
-- Invoices of the file that were posted before.
SELECT
    document.number,
    document.file_name
FROM (SELECT DISTINCT document FROM pg_temp.costing_line) AS stated
JOIN finance.cost_document AS document
    ON
        document.company = %(company)s::text
        AND document.kind = 'vendor_invoice'
        AND document.number = stated.document
ORDER BY document.number;
