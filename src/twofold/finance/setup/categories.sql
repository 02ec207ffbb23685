-- name: list_shared_categories
SELECT
    number,
    name,
    item_tax_group,
    is_set_up,
    class::text AS class_
FROM finance.shared_category
WHERE company = %(company)s::text
ORDER BY number;
