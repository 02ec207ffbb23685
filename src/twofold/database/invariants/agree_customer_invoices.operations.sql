-- Every posted customer invoice that operations has acknowledged shows on its proforma, with the
-- same number, dates, voucher and tax, and its net amount is the proforma's.
SELECT
    invoice.company,
    invoice.proforma_id,
    proforma.number,
    invoice.invoice_number,
    invoice.invoice_date,
    invoice.due_date,
    invoice.voucher,
    proforma.detail_amount AS net_amount,
    invoice.tax_amount,
    invoice.total_amount
FROM operations.customer_invoice AS invoice
LEFT JOIN operations.proforma
    ON proforma.company = invoice.company AND proforma.proforma_id = invoice.proforma_id;
