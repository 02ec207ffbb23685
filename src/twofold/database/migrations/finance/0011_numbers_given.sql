-- Every number that a sequence has given out, as documents show it: for gaps, and for what may no
-- longer change. A process that numbers documents of another kind adds its table here.
CREATE VIEW finance.given_number AS
SELECT
    company,
    'integration_journal'::finance.sequence_reference AS reference,
    number
FROM finance.journal
UNION ALL
SELECT
    company,
    'integration_journal_voucher',
    voucher
FROM finance.journal_line
UNION ALL
SELECT
    company,
    'integration_journal_voucher',
    voucher
FROM finance.project_transaction
UNION ALL
SELECT
    company,
    'customer_invoice',
    invoice_number
FROM finance.customer_invoice
UNION ALL
SELECT
    company,
    'customer_invoice_voucher',
    voucher
FROM finance.customer_invoice;

GRANT SELECT ON finance.given_number TO twofold_finance, twofold_dualwrite, twofold_auditor;
