-- What finance says of customers, as of the last set about each that operations has acknowledged.
SELECT DISTINCT ON (captured.company, captured.content ->> 'account')
    captured.company,
    captured.content ->> 'account' AS account,
    captured.content ->> 'name' AS name,
    captured.content ->> 'currency' AS currency,
    captured.content ->> 'payment_terms' AS payment_terms,
    captured.content ->> 'customer_group' AS customer_group,
    captured.content ->> 'invoice_account' AS invoice_account,
    (captured.content ->> 'is_on_hold')::boolean AS is_on_hold,
    captured.content ->> 'tax_group' AS tax_group,
    captured.content ->> 'posting_profile' AS posting_profile
FROM dualwrite.captured
JOIN dualwrite.acknowledged
    ON acknowledged.company = captured.company AND acknowledged.set_id = captured.set_id
WHERE captured.map = 'customer_accounting'
ORDER BY captured.company ASC, captured.content ->> 'account' ASC, captured.set_id DESC;
