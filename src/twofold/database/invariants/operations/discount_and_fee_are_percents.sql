-- Discount and fee are their percents of the amount, of what is sold by time and material and is chargeable, and of
-- nothing else. Who takes the rounding of a split has what the others leave: a cent less or more for each of them.
SELECT
    fact.company,
    fact.record,
    fact.amount,
    fact.discount_percent,
    fact.discount_amount,
    fact.fee_percent,
    fact.fee_amount
FROM (
    SELECT
        company,
        contract_line_id,
        'actual/' || actual_id AS record,
        transaction_type IN ('unbilled_sales', 'billed_sales') AND billing_type = 'chargeable' AS has_them,
        amount,
        discount_percent,
        discount_amount,
        fee_percent,
        fee_amount,
        currency
    FROM operations.actual
    WHERE (discount_percent, fee_percent, discount_amount, fee_amount) <> (0, 0, 0, 0)
    UNION ALL
    SELECT
        detail.company,
        detail.contract_line_id,
        'proforma_detail/' || detail.proforma_detail_id,
        detail.billing_type = 'chargeable',
        detail.amount,
        detail.discount_percent,
        detail.discount_amount,
        detail.fee_percent,
        detail.fee_amount,
        proforma.currency
    FROM operations.proforma_detail AS detail
    JOIN operations.proforma
        ON proforma.company = detail.company AND proforma.proforma_id = detail.proforma_id
    WHERE
        (detail.discount_percent, detail.fee_percent, detail.discount_amount, detail.fee_amount) <> (0, 0, 0, 0)
) AS fact
LEFT JOIN operations.contract_line
    ON contract_line.company = fact.company AND contract_line.contract_line_id = fact.contract_line_id
JOIN operations.currency ON currency.currency = fact.currency
CROSS JOIN
    LATERAL (
        VALUES (
            0.5 * power(10::numeric, -currency.precision) * (
                SELECT greatest(count(*), 1)
                FROM operations.contract_line_customer AS share
                WHERE share.company = fact.company AND share.contract_line_id = fact.contract_line_id
            )
        )
    ) AS rounding (difference_max)
WHERE
    contract_line.billing_method IS DISTINCT FROM 'time_and_material'
    OR (NOT fact.has_them AND (fact.discount_amount, fact.fee_amount) <> (0, 0))
    OR (
        fact.has_them
        AND greatest(
            abs(fact.discount_amount - fact.amount * fact.discount_percent / 100),
            abs(fact.fee_amount - fact.amount * fact.fee_percent / 100)
        ) > rounding.difference_max
    );
