-- The customers of a contract, and of a contract line, pay 100 percent together; one who pays takes the rounding. The
-- contract's own customer, and no other, is its primary one, and whoever pays a line is on its contract.
WITH share AS (
    SELECT
        company,
        contract_id,
        NULL::bigint AS contract_line_id,
        customer_id,
        split_percent,
        is_rounding,
        is_primary
    FROM operations.contract_customer
    UNION ALL
    SELECT
        payer.company,
        line.contract_id,
        payer.contract_line_id,
        payer.customer_id,
        payer.split_percent,
        payer.is_rounding,
        NULL
    FROM operations.contract_line_customer AS payer
    LEFT JOIN operations.contract_line AS line
        ON line.company = payer.company AND line.contract_line_id = payer.contract_line_id
)

SELECT
    share.company,
    'contract/' || share.contract_id || coalesce('/line/' || share.contract_line_id, '') AS record,
    sum(share.split_percent) AS split_percent,
    count(*) FILTER (WHERE share.is_rounding AND share.split_percent > 0) AS rounding_count,
    count(*) FILTER (WHERE share.is_primary) AS primary_count
FROM share
LEFT JOIN operations.contract
    ON contract.company = share.company AND contract.contract_id = share.contract_id
LEFT JOIN operations.contract_customer AS known
    ON
        known.company = share.company
        AND known.contract_id = share.contract_id
        AND known.customer_id = share.customer_id
GROUP BY share.company, share.contract_id, share.contract_line_id
HAVING
    sum(share.split_percent) <> 100
    OR count(*) FILTER (WHERE share.is_rounding AND share.split_percent > 0) <> 1
    OR count(*) FILTER (WHERE known.customer_id IS NULL) > 0
    OR count(*) FILTER (WHERE share.is_primary <> (share.customer_id = contract.customer_id)) > 0
    OR (share.contract_line_id IS NULL AND count(*) FILTER (WHERE share.is_primary) <> 1);
