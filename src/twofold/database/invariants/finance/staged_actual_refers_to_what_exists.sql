-- What a staged actual names has arrived too: project, category, contract, contract line, customer, change set.
SELECT
    staged_actual.company,
    staged_actual.actual_id,
    CASE
        WHEN project.project_id IS NULL THEN 'project ' || staged_actual.project_id
        WHEN staged_actual.category_id IS NOT NULL AND category.category_id IS NULL
            THEN 'category ' || staged_actual.category_id
        WHEN staged_actual.contract_id IS NOT NULL AND contract.contract_id IS NULL
            THEN 'contract ' || staged_actual.contract_id
        WHEN staged_actual.contract_line_id IS NOT NULL AND contract_line.contract_line_id IS NULL
            THEN 'contract line ' || staged_actual.contract_line_id
        WHEN staged_actual.customer_id IS NOT NULL AND customer.customer_id IS NULL
            THEN 'customer ' || staged_actual.customer_id
        ELSE 'change set ' || staged_actual.source_set_id
    END AS unknown
FROM finance.staged_actual
LEFT JOIN finance.project
    ON project.company = staged_actual.company AND project.project_id = staged_actual.project_id
LEFT JOIN finance.category
    ON category.company = staged_actual.company AND category.category_id = staged_actual.category_id
LEFT JOIN finance.contract
    ON contract.company = staged_actual.company AND contract.contract_id = staged_actual.contract_id
LEFT JOIN finance.contract_line
    ON
        contract_line.company = staged_actual.company
        AND contract_line.contract_line_id = staged_actual.contract_line_id
LEFT JOIN finance.customer
    ON customer.company = staged_actual.company AND customer.customer_id = staged_actual.customer_id
LEFT JOIN dualwrite.inbox
    ON
        inbox.company = staged_actual.company
        AND inbox.source = 'operations'
        AND inbox.set_id = staged_actual.source_set_id
WHERE
    project.project_id IS NULL
    OR (staged_actual.category_id IS NOT NULL AND category.category_id IS NULL)
    OR (staged_actual.contract_id IS NOT NULL AND contract.contract_id IS NULL)
    OR (staged_actual.contract_line_id IS NOT NULL AND contract_line.contract_line_id IS NULL)
    OR (staged_actual.customer_id IS NOT NULL AND customer.customer_id IS NULL)
    OR inbox.set_id IS NULL;
