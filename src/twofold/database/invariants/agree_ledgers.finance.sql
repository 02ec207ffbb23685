-- The ledgers, as of the last set about each that operations has acknowledged.
SELECT DISTINCT ON (captured.company)
    captured.company,
    captured.content ->> 'accounting_currency' AS accounting_currency,
    captured.content ->> 'reporting_currency' AS reporting_currency
FROM dualwrite.captured
JOIN dualwrite.acknowledged
    ON acknowledged.company = captured.company AND acknowledged.set_id = captured.set_id
WHERE captured.map = 'ledgers'
ORDER BY captured.company ASC, captured.set_id DESC;
