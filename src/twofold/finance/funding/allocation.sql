-- name: find_contract
SELECT
    number,
    name,
    currency
FROM finance.contract
WHERE company = %(company)s::text AND number = %(contract)s::text;

-- name: sources
-- A source funds by the rules; sold_amount is what operations split to its customer. What nobody funds stands under
-- an empty payer.
WITH funded AS (
    SELECT
        coalesce(payer, '') AS payer,
        sum(funded_amount) AS amount
    FROM finance.funded_sales(%(company)s::text, %(contract)s::text)
    GROUP BY payer
),

sold AS (
    SELECT
        customer.account AS payer,
        sum(sale.amount) AS amount
    FROM finance.contract
    JOIN finance.contract_sale AS sale
        ON sale.company = contract.company AND sale.contract_id = contract.contract_id
    JOIN finance.customer
        ON customer.company = sale.company AND customer.customer_id = sale.customer_id
    WHERE contract.company = %(company)s::text AND contract.number = %(contract)s::text
    GROUP BY customer.account
),

agreed AS (
    SELECT
        payer,
        amount
    FROM finance.funding_limit
    WHERE company = %(company)s::text AND contract_number = %(contract)s::text
),

source AS (
    SELECT payer FROM funded
    WHERE payer <> ''
    UNION
    SELECT payer FROM sold
    UNION
    SELECT payer FROM agreed
    UNION
    SELECT share.value ->> 'payer'
    FROM finance.funding_rule
    CROSS JOIN LATERAL jsonb_array_elements(funding_rule.shares) AS share (value)
    WHERE funding_rule.company = %(company)s::text AND funding_rule.contract_number = %(contract)s::text
)

SELECT
    source.payer,
    customer.name,
    agreed.amount AS limit_amount,
    coalesce(funded.amount, 0) AS funded_amount,
    agreed.amount - coalesce(funded.amount, 0) AS left_amount,
    coalesce(sold.amount, 0) AS sold_amount
FROM source
LEFT JOIN finance.customer
    ON customer.company = %(company)s::text AND customer.account = source.payer
LEFT JOIN agreed ON agreed.payer = source.payer
LEFT JOIN funded ON funded.payer = source.payer
LEFT JOIN sold ON sold.payer = source.payer
UNION ALL
SELECT
    '',
    NULL,
    NULL,
    coalesce((SELECT sum(amount) FROM sold), 0) - coalesce((SELECT sum(amount) FROM funded), 0),
    NULL,
    0
ORDER BY payer;

-- name: sales
SELECT
    kind,
    document_id,
    transaction_date,
    amount,
    priority,
    payer,
    funded_amount
FROM finance.funded_sales(%(company)s::text, %(contract)s::text)
ORDER BY transaction_date, kind, document_id, priority, payer
LIMIT %(rows_max)s::integer;
