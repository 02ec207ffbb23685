-- The key block of a confirmed proforma holds exactly its billed sales, for each detail one or more, and its count and
-- hash agree.
WITH bill AS (
    SELECT
        company,
        proforma_id,
        min(actual_id) AS first_actual_id,
        max(actual_id) AS last_actual_id,
        count(*) AS bill_count,
        count(DISTINCT proforma_detail_id) AS detail_count,
        count(*) FILTER (WHERE billing_type = 'chargeable') AS billable_count,
        coalesce(
            sum(hashtextextended(actual_id::text, 0)::numeric) FILTER (WHERE billing_type = 'chargeable'), 0
        ) AS billable_hash
    FROM operations.actual
    WHERE transaction_type = 'billed_sales'
    GROUP BY company, proforma_id
)

SELECT
    proforma.detail_count,
    bill.bill_count,
    proforma.billable_count,
    bill.billable_count AS counted,
    coalesce(proforma.company, bill.company) AS company,
    'proforma/' || coalesce(proforma.number, bill.proforma_id::text, 'none') AS record
FROM (
    SELECT * FROM operations.proforma
    WHERE proforma.state IN ('confirmed', 'paid')
) AS proforma
FULL JOIN bill
    ON bill.company = proforma.company AND bill.proforma_id = proforma.proforma_id
WHERE
    proforma.proforma_id IS NULL
    OR bill.proforma_id IS NULL
    OR (
        proforma.first_actual_id, proforma.last_actual_id, proforma.detail_count,
        proforma.last_actual_id - proforma.first_actual_id + 1, proforma.billable_count, proforma.billable_hash
    ) IS DISTINCT FROM (
        bill.first_actual_id, bill.last_actual_id, bill.detail_count,
        bill.bill_count, bill.billable_count, bill.billable_hash
    );
