-- name: find_setup
-- The records that the entry names, as far as they are there and belong together.
SELECT
    project.project_id,
    project.state::text AS project_state,
    task.task_id,
    resource.resource_id,
    category.category_id,
    product.product_id,
    currency.currency,
    coalesce(role.role_id, resource.role_id) AS role_id
FROM operations.company
LEFT JOIN operations.project
    ON project.company = company.company AND project.number = %(project_number)s::text
LEFT JOIN operations.task
    ON
        task.company = company.company
        AND task.project_id = project.project_id
        AND task.name = %(task)s::text
LEFT JOIN operations.resource
    ON resource.company = company.company AND resource.name = %(person)s::text
LEFT JOIN operations.role ON role.name = %(role)s::text
LEFT JOIN operations.transaction_category AS category ON category.name = %(category)s::text
LEFT JOIN operations.product ON product.number = %(product)s::text
LEFT JOIN operations.currency ON currency.currency = %(currency)s::text
WHERE company.company = %(company)s::text;

-- name: write_entry
INSERT INTO operations.entry (
    company, entry_id, class, transaction_date, project_id, task_id, resource_id, role_id, category_id, product_id,
    quantity, unit, unit_price, currency, description, external_description, billing_type, state, created_by, created_at
)
VALUES (
    %(company)s::text, %(entry_id)s::bigint, %(class)s::operations.transaction_class,
    %(transaction_date)s::date, %(project_id)s::bigint, %(task_id)s::bigint, %(resource_id)s::bigint,
    %(role_id)s::bigint, %(category_id)s::bigint, %(product_id)s::bigint, %(quantity)s::numeric, %(unit)s::text,
    %(unit_price)s::numeric, %(currency)s::text, %(description)s::text, %(external_description)s::text,
    %(billing_type)s::operations.billing_type, 'draft', %(actor)s::text, %(at)s::timestamptz
);
