-- An invoice or journal that somebody posted, as the history tells it, is there and was posted by the same.
SELECT
    deed.company,
    deed.deed_id,
    deed.act,
    deed.number,
    deed.actor,
    coalesce(invoice.posted_by, journal.posted_by) AS posted_by
FROM history.deed
LEFT JOIN finance.customer_invoice AS invoice
    ON
        deed.act = 'invoice_posted'
        AND invoice.company = deed.company
        AND invoice.invoice_number = deed.number
LEFT JOIN finance.journal
    ON
        deed.act = 'journal_posted'
        AND journal.company = deed.company
        AND journal.number = deed.number
WHERE
    deed.act IN ('invoice_posted', 'journal_posted')
    AND coalesce(invoice.posted_by, journal.posted_by) IS DISTINCT FROM deed.actor;
