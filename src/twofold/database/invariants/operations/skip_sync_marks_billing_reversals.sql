-- The reversal of an unbilled sale that was invoiced stays in this book; every other actual is sent.
SELECT
    company,
    transaction_type::text AS transaction_type,
    event::text AS event,
    skip_sync,
    'actual/' || actual_id AS record
FROM operations.actual
WHERE skip_sync <> (
    transaction_type = 'unbilled_sales' AND event = 'invoicing' AND reverses_id IS NOT NULL
);
