-- name: read_choices
-- A group without codes is known by whoever has it: nothing is taxed.
SELECT
    array(
        SELECT tax_group FROM finance.tax_group_code
        WHERE company = %(company)s::text
        UNION
        SELECT tax_group FROM finance.customer_accounting
        WHERE company = %(company)s::text AND tax_group IS NOT NULL
        UNION
        SELECT tax_group FROM finance.contract_accounting
        WHERE company = %(company)s::text AND tax_group IS NOT NULL
        UNION
        SELECT tax_group FROM finance.project_accounting
        WHERE company = %(company)s::text AND tax_group IS NOT NULL
        ORDER BY tax_group
    ) AS tax_groups,
    array(
        SELECT item_tax_group FROM finance.item_tax_group_code
        WHERE company = %(company)s::text
        UNION
        SELECT item_tax_group FROM finance.project_category
        WHERE company = %(company)s::text AND item_tax_group IS NOT NULL
        UNION
        SELECT item_tax_group FROM finance.item_accounting
        WHERE company = %(company)s::text
        ORDER BY item_tax_group
    ) AS item_tax_groups,
    array(
        SELECT payment_terms FROM finance.payment_terms
        WHERE company = %(company)s::text
        ORDER BY payment_terms
    ) AS payment_terms,
    array(
        SELECT DISTINCT attribute FROM finance.dimension_value
        WHERE company = %(company)s::text
        ORDER BY attribute
    ) AS dimensions;
