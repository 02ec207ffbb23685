-- What is used of a retainer is what confirmed proformas applied and refunded of it, less what corrections took back;
-- it is invoiced exactly when one billed sale stands for all of it; and one open negative sale stands for what is left.
WITH bill AS (
    SELECT
        bill.company,
        bill.retainer_id,
        count(*) FILTER (WHERE detail.retainer_use = 'invoiced') AS invoiced_count,
        coalesce(sum(bill.amount) FILTER (WHERE detail.retainer_use = 'invoiced'), 0) AS invoiced_amount,
        coalesce(-sum(bill.amount) FILTER (WHERE detail.retainer_use <> 'invoiced'), 0) AS used_amount
    FROM operations.actual AS bill
    JOIN operations.proforma_detail AS detail
        ON
            detail.company = bill.company
            AND detail.proforma_id = bill.proforma_id
            AND detail.proforma_detail_id = bill.proforma_detail_id
    WHERE
        bill.retainer_id IS NOT NULL
        AND bill.transaction_type = 'billed_sales'
        AND bill.reverses_id IS NULL
        AND NOT EXISTS (
            SELECT FROM operations.actual AS reversal
            WHERE reversal.company = bill.company AND reversal.reverses_id = bill.actual_id
        )
    GROUP BY bill.company, bill.retainer_id
),

open_sale AS (
    SELECT
        company,
        retainer_id,
        count(*) AS sale_count,
        sum(amount) AS amount
    FROM operations.open_retainer_sale
    GROUP BY company, retainer_id
)

SELECT
    retainer.state::text AS state,
    retainer.amount,
    retainer.used_amount,
    bill.invoiced_amount,
    bill.used_amount AS billed_amount,
    open_sale.amount AS open_amount,
    coalesce(retainer.company, bill.company, open_sale.company) AS company,
    'retainer/' || coalesce(retainer.retainer_id, bill.retainer_id, open_sale.retainer_id) AS record
FROM operations.retainer
FULL JOIN bill
    ON bill.company = retainer.company AND bill.retainer_id = retainer.retainer_id
FULL JOIN open_sale
    ON
        open_sale.company = coalesce(retainer.company, bill.company)
        AND open_sale.retainer_id = coalesce(retainer.retainer_id, bill.retainer_id)
WHERE
    retainer.retainer_id IS NULL
    OR retainer.used_amount NOT BETWEEN 0 AND retainer.amount
    OR retainer.used_amount <> coalesce(bill.used_amount, 0)
    OR coalesce(bill.invoiced_count, 0) <> CASE retainer.state WHEN 'posted' THEN 1 ELSE 0 END
    OR coalesce(bill.invoiced_amount, 0) <> CASE retainer.state WHEN 'posted' THEN retainer.amount ELSE 0 END
    OR coalesce(open_sale.sale_count, 0) > 1
    OR -coalesce(open_sale.amount, 0)
    <> CASE retainer.state WHEN 'posted' THEN retainer.amount - retainer.used_amount ELSE 0 END;
