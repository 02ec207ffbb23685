-- What finance posted on projects itself is in the ledger, in every currency: its cost, the tax that comes back,
-- and its offset of both. Each line is a rounded product.
WITH stated AS (
    SELECT
        cost.company,
        cost.voucher,
        side.posting_type,
        sum(side.transaction_amount) AS transaction_amount,
        sum(side.accounting_amount) AS accounting_amount
    FROM finance.posted_cost AS cost
    JOIN finance.legal_entity ON legal_entity.company = cost.company
    JOIN finance.currency ON currency.currency = legal_entity.accounting_currency
    CROSS JOIN
        LATERAL (
            VALUES (round(cost.recoverable_tax_amount * cost.exchange_rate / 100, currency.precision))
        ) AS tax (accounting_amount)
    CROSS JOIN
        LATERAL (
            VALUES
            (cost.cost_type, cost.amount, cost.accounting_amount),
            ('sales_tax_receivable', cost.recoverable_tax_amount, tax.accounting_amount),
            (
                cost.offset_type, -cost.amount - cost.recoverable_tax_amount,
                -cost.accounting_amount - tax.accounting_amount
            )
        ) AS side (posting_type, transaction_amount, accounting_amount)
    GROUP BY cost.company, cost.voucher, side.posting_type
    HAVING sum(side.transaction_amount) <> 0 OR sum(side.accounting_amount) <> 0
),

entered AS (
    SELECT
        entry.company,
        entry.voucher,
        entry.posting_type,
        sum(entry.transaction_amount) AS transaction_amount,
        sum(entry.accounting_amount) AS accounting_amount
    FROM finance.ledger_entry AS entry
    WHERE
        EXISTS (
            SELECT FROM finance.posted_cost AS cost
            WHERE cost.company = entry.company AND cost.voucher = entry.voucher
        )
    GROUP BY entry.company, entry.voucher, entry.posting_type
    HAVING sum(entry.transaction_amount) <> 0 OR sum(entry.accounting_amount) <> 0
)

SELECT
    coalesce(stated.company, entered.company) AS company,
    'voucher/' || coalesce(stated.voucher, entered.voucher) AS record,
    coalesce(stated.posting_type, entered.posting_type)::text AS posting_type,
    stated.accounting_amount,
    entered.accounting_amount AS entered_amount
FROM stated
FULL JOIN entered
    ON
        entered.company = stated.company
        AND entered.voucher = stated.voucher
        AND entered.posting_type = stated.posting_type
WHERE
    (stated.transaction_amount, stated.accounting_amount)
    IS DISTINCT FROM (entered.transaction_amount, entered.accounting_amount)
UNION ALL
SELECT
    cost.company,
    cost.document || ' line ' || cost.line_number,
    'amount',
    cost.amount,
    round(cost.quantity * cost.price, currency.precision)
FROM finance.posted_cost AS cost
JOIN finance.currency ON currency.currency = cost.currency
WHERE cost.amount <> round(cost.quantity * cost.price, currency.precision);
