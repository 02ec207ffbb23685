-- Customer invoice numbers follow one another without a gap, and the sequence continues after the last
-- one, unless the company set its sequence up as not continuous.
WITH issued AS (
    SELECT
        customer_invoice.company,
        customer_invoice.invoice_number,
        number_sequence.prefix AS current_prefix,
        number_sequence.next_number,
        coalesce(number_sequence.is_continuous, true) AS is_continuous,
        -- Numbers given out under an earlier prefix are a series of their own.
        CASE
            WHEN starts_with(customer_invoice.invoice_number, number_sequence.prefix)
                THEN number_sequence.prefix
            ELSE left(customer_invoice.invoice_number, -number_sequence.digits)
        END AS prefix
    FROM finance.customer_invoice
    LEFT JOIN finance.number_sequence
        ON
            number_sequence.company = customer_invoice.company
            AND number_sequence.reference = 'customer_invoice'
),

numbered AS (
    SELECT
        company,
        invoice_number,
        prefix,
        current_prefix,
        next_number,
        is_continuous,
        CASE
            WHEN substr(invoice_number, length(prefix) + 1) ~ '^[0-9]+$'
                THEN substr(invoice_number, length(prefix) + 1)::numeric
        END AS number
    FROM issued
)

SELECT
    company,
    prefix,
    count(*) AS invoice_count,
    min(number) AS first_number,
    max(number) AS last_number,
    max(next_number) FILTER (WHERE prefix = current_prefix) AS next_number
FROM numbered
WHERE is_continuous
GROUP BY company, prefix
HAVING
    count(number) <> count(*)
    OR max(number) - min(number) + 1 <> count(*)
    OR max(number) + 1 <> max(next_number) FILTER (WHERE prefix = current_prefix);
