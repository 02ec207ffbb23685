-- Exchange rates are in operations as finance has told of them.
SELECT
    company,
    rate_type,
    from_currency,
    to_currency,
    valid_from,
    rate::numeric(19, 9) AS rate
FROM operations.exchange_rate;
