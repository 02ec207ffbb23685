-- The discount, and the fee, of what an approval made chargeable is that of all its shares together, to the cent.
WITH piece AS (
    SELECT
        sale.company,
        sale.entry_id,
        sale.currency,
        sale.discount_percent,
        sale.fee_percent,
        sum(sale.amount) AS amount,
        sum(sale.discount_amount) AS discount_amount,
        sum(sale.fee_amount) AS fee_amount
    FROM operations.actual AS sale
    JOIN operations.entry
        ON
            entry.company = sale.company
            AND entry.entry_id = sale.entry_id
            AND sale.actual_id BETWEEN entry.first_actual_id AND entry.last_actual_id
    WHERE
        sale.transaction_type = 'unbilled_sales'
        AND sale.reverses_id IS NULL
        AND sale.billing_type = 'chargeable'
        AND (sale.discount_percent, sale.fee_percent) <> (0, 0)
    GROUP BY sale.company, sale.entry_id, sale.currency, sale.discount_percent, sale.fee_percent
)

SELECT
    piece.company,
    piece.amount,
    piece.discount_amount,
    piece.fee_amount,
    'entry/' || piece.entry_id AS record
FROM piece
JOIN operations.currency ON currency.currency = piece.currency
WHERE
    piece.discount_amount <> round(piece.amount * piece.discount_percent / 100, currency.precision)
    OR piece.fee_amount <> round(piece.amount * piece.fee_percent / 100, currency.precision);
