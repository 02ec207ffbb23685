-- The sales of an approval are, over all customers, what was submitted; or more, where all of it is billed. What is
-- billed and what is not are shared by the same customers, each once.
WITH piece AS (
    SELECT
        entry.company,
        entry.entry_id,
        entry.quantity,
        sale.billing_type,
        sum(sale.quantity) AS sale_quantity,
        count(*) AS sale_count,
        array_agg(DISTINCT sale.customer_id) AS customer_ids
    FROM operations.entry
    JOIN operations.actual AS sale
        ON
            sale.company = entry.company
            AND sale.entry_id = entry.entry_id
            AND sale.actual_id BETWEEN entry.first_actual_id AND entry.last_actual_id
    WHERE sale.transaction_type = 'unbilled_sales' AND sale.event = 'approval' AND sale.reverses_id IS NULL
    GROUP BY entry.company, entry.entry_id, entry.quantity, sale.billing_type
)

SELECT
    company,
    quantity,
    'entry/' || entry_id AS record,
    sum(sale_quantity) AS sale_quantity
FROM piece
GROUP BY company, entry_id, quantity
HAVING
    sum(sale_quantity) < quantity
    OR (sum(sale_quantity) > quantity AND bool_or(billing_type <> 'chargeable'))
    OR bool_or(sale_count <> cardinality(customer_ids))
    OR min(customer_ids) <> max(customer_ids);
