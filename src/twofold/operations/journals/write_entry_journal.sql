-- name: create_file_line
-- The lines as they are written in the file: what they name are still names.
CREATE TEMP TABLE file_line (
    line_number integer NOT NULL,
    transaction_type text NOT NULL,
    class text NOT NULL,
    transaction_date date NOT NULL,
    project text NOT NULL,
    quantity numeric NOT NULL,
    task text,
    person text,
    role text,
    category text,
    unit text NOT NULL,
    price numeric,
    currency text,
    customer text,
    description text
) ON COMMIT DROP;

-- name: analyze_file_line
ANALYZE pg_temp.file_line;

-- name: drop_file_line
DROP TABLE pg_temp.file_line;

-- name: fill_from_file
-- Each line with the records it names, as far as they are there and belong together. Time without
-- a role is done in the role of its person.
INSERT INTO pg_temp.given_line (
    line_number, transaction_type, class, transaction_date, project, project_id, task, task_id, person,
    resource_id, role, role_id, category, category_id, quantity, unit, price, currency, customer, customer_id,
    description
)
SELECT
    given.line_number,
    given.transaction_type::operations.transaction_type,
    given.class::operations.transaction_class,
    given.transaction_date,
    given.project,
    project.project_id,
    given.task,
    task.task_id,
    given.person,
    resource.resource_id,
    given.role,
    CASE WHEN given.role IS NULL AND given.class = 'time' THEN resource.role_id ELSE role.role_id END,
    given.category,
    category.category_id,
    given.quantity,
    given.unit,
    given.price,
    given.currency,
    given.customer,
    customer.customer_id,
    given.description
FROM pg_temp.file_line AS given
LEFT JOIN operations.project
    ON project.company = %(company)s::text AND project.number = given.project
LEFT JOIN operations.task
    ON
        task.company = %(company)s::text
        AND task.project_id = project.project_id
        AND task.name = given.task
LEFT JOIN operations.resource
    ON resource.company = %(company)s::text AND resource.name = given.person
LEFT JOIN operations.role ON role.name = given.role
LEFT JOIN operations.transaction_category AS category ON category.name = given.category
LEFT JOIN operations.customer
    ON customer.company = %(company)s::text AND customer.account = given.customer;

-- name: write_header
INSERT INTO operations.journal (company, journal_id, kind, description, state, created_by, created_at)
VALUES (
    %(company)s::text, %(journal_id)s::bigint, 'entry', %(description)s::text, 'open', %(actor)s::text,
    %(at)s::timestamptz
);

-- name: write_lines
INSERT INTO operations.entry_journal_line (
    company, journal_id, line_number, transaction_type, class, transaction_date, project_id, task_id, resource_id,
    role_id, category_id, quantity, unit, price, currency, customer_id, description
)
SELECT
    %(company)s::text,
    %(journal_id)s::bigint,
    line_number,
    transaction_type,
    class,
    transaction_date,
    project_id,
    task_id,
    resource_id,
    role_id,
    category_id,
    quantity,
    unit,
    price,
    currency,
    customer_id,
    description
FROM pg_temp.given_line;
