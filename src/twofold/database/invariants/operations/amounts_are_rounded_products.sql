-- An amount is quantity times price, rounded to the precision of its currency.
SELECT
    fact.company,
    fact.record,
    fact.quantity,
    fact.price,
    fact.amount,
    fact.currency
FROM (
    SELECT
        company,
        'actual/' || actual_id AS record,
        quantity,
        price,
        amount,
        currency
    FROM operations.actual
    UNION ALL
    SELECT
        company,
        'entry/' || entry_id,
        quantity,
        price,
        amount,
        currency
    FROM operations.journal_line
    UNION ALL
    SELECT
        detail.company,
        'proforma_detail/' || detail.proforma_detail_id,
        detail.quantity,
        detail.price,
        detail.amount,
        proforma.currency
    FROM operations.proforma_detail AS detail
    JOIN operations.proforma
        ON proforma.company = detail.company AND proforma.proforma_id = detail.proforma_id
) AS fact
LEFT JOIN operations.currency AS currency ON currency.currency = fact.currency
WHERE
    currency.precision IS NULL
    OR fact.amount <> round(fact.quantity * fact.price, currency.precision);
