-- Every unbilled sale of work that is neither reversed nor a reversal is in the backlog once, as it is, and nothing
-- else is.
WITH open_sale AS (
    SELECT
        sale.company,
        sale.actual_id,
        sale.contract_id,
        sale.contract_line_id,
        sale.customer_id,
        sale.project_id,
        sale.class,
        sale.billing_type,
        sale.transaction_date,
        sale.quantity,
        sale.amount,
        sale.discount_amount,
        sale.fee_amount,
        sale.currency
    FROM operations.actual AS sale
    WHERE
        sale.transaction_type = 'unbilled_sales'
        AND sale.class <> 'retainer'
        AND sale.reverses_id IS NULL
        AND NOT EXISTS (
            SELECT FROM operations.actual AS reversal
            WHERE reversal.company = sale.company AND reversal.reverses_id = sale.actual_id
        )
)

SELECT
    coalesce(open_sale.company, item.company) AS company,
    'actual/' || coalesce(open_sale.actual_id, item.actual_id) AS record,
    CASE
        WHEN item.actual_id IS NULL THEN 'missing in the backlog'
        WHEN open_sale.actual_id IS NULL THEN 'not an open sale'
        ELSE 'differs from its sale'
    END AS problem
FROM open_sale
FULL JOIN operations.backlog_item AS item
    ON
        item.company = open_sale.company
        AND item.contract_id = open_sale.contract_id
        AND item.actual_id = open_sale.actual_id
WHERE
    item.actual_id IS NULL
    OR open_sale.actual_id IS NULL
    OR (
        open_sale.contract_line_id, open_sale.customer_id, open_sale.project_id, open_sale.class,
        open_sale.billing_type, open_sale.transaction_date, open_sale.quantity, open_sale.amount,
        open_sale.discount_amount, open_sale.fee_amount, open_sale.currency
    ) IS DISTINCT FROM (
        item.contract_line_id, item.customer_id, item.project_id, item.class,
        item.billing_type, item.transaction_date, item.quantity, item.amount,
        item.discount_amount, item.fee_amount, item.currency
    );
