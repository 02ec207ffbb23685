-- Everything an actual refers to exists in its company: no reference dangles.
SELECT
    actual.company,
    'actual/' || actual.actual_id AS record,
    concat_ws(
        ', ',
        CASE WHEN company.company IS NULL THEN 'company' END,
        CASE WHEN project.project_id IS NULL THEN 'project' END,
        CASE WHEN actual.task_id IS NOT NULL AND task.task_id IS NULL THEN 'task' END,
        CASE WHEN actual.resource_id IS NOT NULL AND resource.resource_id IS NULL THEN 'resource' END,
        CASE WHEN actual.role_id IS NOT NULL AND role.role_id IS NULL THEN 'role' END,
        CASE WHEN actual.category_id IS NOT NULL AND category.category_id IS NULL THEN 'category' END,
        CASE WHEN actual.contract_id IS NOT NULL AND contract.contract_id IS NULL THEN 'contract' END,
        CASE WHEN actual.contract_line_id IS NOT NULL AND agreed.contract_line_id IS NULL THEN 'contract line' END,
        CASE WHEN actual.customer_id IS NOT NULL AND customer.customer_id IS NULL THEN 'customer' END,
        CASE WHEN actual.source_id IS NOT NULL AND source.actual_id IS NULL THEN 'source' END,
        CASE WHEN actual.entry_id IS NOT NULL AND entry.entry_id IS NULL THEN 'entry' END,
        CASE WHEN actual.milestone_id IS NOT NULL AND milestone.milestone_id IS NULL THEN 'milestone' END,
        CASE WHEN actual.retainer_id IS NOT NULL AND retainer.retainer_id IS NULL THEN 'retainer' END,
        CASE WHEN actual.proforma_id IS NOT NULL AND proforma.proforma_id IS NULL THEN 'proforma' END
    ) AS missing
FROM operations.actual
LEFT JOIN operations.company ON company.company = actual.company
LEFT JOIN operations.project
    ON project.company = actual.company AND project.project_id = actual.project_id
LEFT JOIN operations.task ON task.company = actual.company AND task.task_id = actual.task_id
LEFT JOIN operations.resource
    ON resource.company = actual.company AND resource.resource_id = actual.resource_id
LEFT JOIN operations.role ON role.role_id = actual.role_id
LEFT JOIN operations.transaction_category AS category ON category.category_id = actual.category_id
LEFT JOIN operations.contract
    ON contract.company = actual.company AND contract.contract_id = actual.contract_id
LEFT JOIN operations.contract_line AS agreed
    ON agreed.company = actual.company AND agreed.contract_line_id = actual.contract_line_id
LEFT JOIN operations.customer
    ON customer.company = actual.company AND customer.customer_id = actual.customer_id
LEFT JOIN operations.actual AS source
    ON source.company = actual.company AND source.actual_id = actual.source_id
LEFT JOIN operations.entry ON entry.company = actual.company AND entry.entry_id = actual.entry_id
LEFT JOIN operations.milestone
    ON milestone.company = actual.company AND milestone.milestone_id = actual.milestone_id
LEFT JOIN operations.retainer
    ON retainer.company = actual.company AND retainer.retainer_id = actual.retainer_id
LEFT JOIN operations.proforma
    ON proforma.company = actual.company AND proforma.proforma_id = actual.proforma_id
WHERE
    company.company IS NULL
    OR project.project_id IS NULL
    OR (actual.task_id IS NOT NULL AND task.task_id IS NULL)
    OR (actual.resource_id IS NOT NULL AND resource.resource_id IS NULL)
    OR (actual.role_id IS NOT NULL AND role.role_id IS NULL)
    OR (actual.category_id IS NOT NULL AND category.category_id IS NULL)
    OR (actual.contract_id IS NOT NULL AND contract.contract_id IS NULL)
    OR (actual.contract_line_id IS NOT NULL AND agreed.contract_line_id IS NULL)
    OR (actual.customer_id IS NOT NULL AND customer.customer_id IS NULL)
    OR (actual.source_id IS NOT NULL AND source.actual_id IS NULL)
    OR (actual.entry_id IS NOT NULL AND entry.entry_id IS NULL)
    OR (actual.milestone_id IS NOT NULL AND milestone.milestone_id IS NULL)
    OR (actual.retainer_id IS NOT NULL AND retainer.retainer_id IS NULL)
    OR (actual.proforma_id IS NOT NULL AND proforma.proforma_id IS NULL);
