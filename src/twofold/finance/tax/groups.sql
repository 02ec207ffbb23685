-- name: find_unknown
SELECT
    given.field,
    given.value
FROM (
    VALUES
    ('tax_group', %(tax_group)s::text),
    ('item_tax_group', %(item_tax_group)s::text)
) AS given (field, value)
WHERE
    given.value <> ''
    AND (given.field, given.value) NOT IN (
        SELECT
            'tax_group',
            tax_group
        FROM finance.tax_group_code
        WHERE company = %(company)s::text
        UNION ALL
        SELECT
            'tax_group',
            tax_group
        FROM finance.customer_accounting
        WHERE company = %(company)s::text AND tax_group IS NOT NULL
        UNION ALL
        SELECT
            'tax_group',
            tax_group
        FROM finance.contract_accounting
        WHERE company = %(company)s::text AND tax_group IS NOT NULL
        UNION ALL
        SELECT
            'tax_group',
            tax_group
        FROM finance.project_accounting
        WHERE company = %(company)s::text AND tax_group IS NOT NULL
        UNION ALL
        SELECT
            'item_tax_group',
            item_tax_group
        FROM finance.item_tax_group_code
        WHERE company = %(company)s::text
        UNION ALL
        SELECT
            'item_tax_group',
            item_tax_group
        FROM finance.project_category
        WHERE company = %(company)s::text AND item_tax_group IS NOT NULL
        UNION ALL
        SELECT
            'item_tax_group',
            item_tax_group
        FROM finance.item_accounting
        WHERE company = %(company)s::text
        UNION ALL
        SELECT
            'item_tax_group',
            milestone_item_tax_group
        FROM finance.parameter
        WHERE company = %(company)s::text AND milestone_item_tax_group IS NOT NULL
    )
ORDER BY given.field;
