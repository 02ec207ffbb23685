-- name: find_records
-- What a number given by a person means in this book. An invoice is found by its own number and by
-- that of its voucher; other vouchers are found by their entries or transactions.
WITH voucher_found AS (
    SELECT DISTINCT ledger_entry.voucher
    FROM finance.ledger_entry
    WHERE ledger_entry.company = %(company)s::text AND ledger_entry.voucher = any(%(numbers)s::text[])
    UNION
    SELECT project_transaction.voucher
    FROM finance.project_transaction
    WHERE
        project_transaction.company = %(company)s::text
        AND project_transaction.voucher = any(%(numbers)s::text[])
)

SELECT
    'customer_invoice' AS kind,
    invoice.invoice_number AS number,
    customer.name,
    'posted' AS state,
    invoice.currency,
    invoice.total_amount AS amount,
    proposal.number AS follow
FROM finance.customer_invoice AS invoice
JOIN finance.proposal
    ON proposal.company = %(company)s::text AND proposal.proposal_id = invoice.proposal_id
JOIN finance.customer
    ON customer.company = %(company)s::text AND customer.customer_id = invoice.customer_id
WHERE
    invoice.company = %(company)s::text
    AND (
        invoice.invoice_number = any(%(numbers)s::text[])
        OR invoice.voucher = any(%(numbers)s::text[])
    )
UNION ALL
SELECT
    'proposal',
    proposal.number,
    customer.name,
    proposal.state::text,
    proposal.currency,
    proposal.total_amount,
    proposal.number AS follow
FROM finance.proposal
JOIN finance.customer
    ON customer.company = %(company)s::text AND customer.customer_id = proposal.customer_id
WHERE proposal.company = %(company)s::text AND proposal.number = any(%(numbers)s::text[])
UNION ALL
SELECT
    'journal',
    journal.number,
    journal.description,
    journal.state::text,
    '',
    NULL,
    ''
FROM finance.journal
WHERE journal.company = %(company)s::text AND journal.number = any(%(numbers)s::text[])
UNION ALL
SELECT
    'voucher',
    voucher_found.voucher,
    '',
    'posted',
    '',
    NULL,
    ''
FROM voucher_found
WHERE
    NOT EXISTS (
        SELECT
        FROM finance.customer_invoice AS invoice
        WHERE invoice.company = %(company)s::text AND invoice.voucher = voucher_found.voucher
    )
UNION ALL
SELECT
    'customer',
    customer.account,
    customer.name,
    '',
    '',
    NULL,
    ''
FROM finance.customer
WHERE customer.company = %(company)s::text AND customer.account = any(%(numbers)s::text[])
ORDER BY kind, number;
