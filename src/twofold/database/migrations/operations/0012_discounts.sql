-- Discount and fee of time and material: percentages of the amount, agreed per contract line (spec P33).

-- What a share of a sale has of a discount or fee of percent: of its amount, rounded to decimals. The
-- one who takes the rounding of the split gives the percentages of all others: of the sale as a whole,
-- worth quantity at price, he takes what they leave, so that the shares are its discount to the cent.
CREATE FUNCTION operations.percent_of_share(
    percent numeric, amount numeric, quantity numeric, price numeric, other_percents numeric[], decimals integer
) RETURNS numeric
LANGUAGE sql IMMUTABLE PARALLEL SAFE SET search_path = pg_catalog
AS $$
    SELECT
        round((amount + coalesce(sum(other.worth), 0)) * percent / 100, decimals)
        - coalesce(sum(round(other.worth * percent / 100, decimals)), 0)
    FROM unnest(other_percents) AS share (part)
    CROSS JOIN LATERAL (
        VALUES (round(round(quantity * share.part / 100, 2) * price, decimals))
    ) AS other (worth)
$$;

REVOKE EXECUTE ON FUNCTION operations.percent_of_share(numeric, numeric, numeric, numeric, numeric[], integer)
FROM public;
GRANT EXECUTE ON FUNCTION operations.percent_of_share(numeric, numeric, numeric, numeric, numeric[], integer)
TO twofold_operations;
