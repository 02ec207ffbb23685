-- The exchange rates, as of the last set about each that operations has acknowledged.
WITH told AS (
    SELECT
        captured.company,
        captured.set_id,
        captured.content ->> 'rate_type' AS rate_type,
        captured.content ->> 'from_currency' AS from_currency,
        captured.content ->> 'to_currency' AS to_currency,
        (captured.content ->> 'valid_from')::date AS valid_from,
        (captured.content ->> 'rate')::numeric(19, 9) AS rate
    FROM dualwrite.captured
    JOIN dualwrite.acknowledged
        ON acknowledged.company = captured.company AND acknowledged.set_id = captured.set_id
    WHERE captured.map = 'exchange_rates'
)

SELECT DISTINCT ON (company, rate_type, from_currency, to_currency, valid_from)
    company,
    rate_type,
    from_currency,
    to_currency,
    valid_from,
    rate
FROM told
ORDER BY company ASC, rate_type ASC, from_currency ASC, to_currency ASC, valid_from ASC, set_id DESC;
