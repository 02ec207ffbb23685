-- name: lock_import
-- One import at a time: two imports of one file must not both find its rows new.
SELECT pg_advisory_xact_lock(2, hashtext('operations.import'));

-- name: create_incoming
-- The rows of the file. What they name is in incoming_name, once per combination of names.
CREATE TEMP TABLE incoming (
    entry_id bigint NOT NULL,
    names_id integer NOT NULL,
    line integer NOT NULL,
    transaction_date date NOT NULL,
    quantity numeric NOT NULL,
    unit_price numeric,
    unit text NOT NULL,
    description text NOT NULL,
    external_description text NOT NULL,
    billable boolean,
    import_key bytea NOT NULL
) ON COMMIT DROP;

-- name: create_incoming_name
CREATE TEMP TABLE incoming_name (
    names_id integer NOT NULL,
    class text NOT NULL,
    person text NOT NULL,
    person_email text NOT NULL,
    client text NOT NULL,
    project text NOT NULL,
    task text NOT NULL,
    role text NOT NULL,
    category text NOT NULL,
    product text NOT NULL,
    currency text NOT NULL
) ON COMMIT DROP;

-- name: create_known_name
-- What the book knows, by kind, within a scope, under a name in lower case: how many records
-- answer to it, and the one record if there is only one.
CREATE TEMP TABLE known_name (
    kind text NOT NULL,
    scope text NOT NULL,
    name text NOT NULL,
    record_count bigint NOT NULL,
    company text NOT NULL,
    record_id bigint NOT NULL
) ON COMMIT DROP;

-- name: create_resolved
-- Which records a combination of names means; has_problem where one of them means none or many.
CREATE TEMP TABLE resolved (
    names_id integer NOT NULL,
    company text,
    project_id bigint,
    project_count bigint NOT NULL,
    named_count bigint NOT NULL,
    resource_id bigint,
    resource_count bigint NOT NULL,
    task_id bigint,
    task_count bigint NOT NULL,
    role_id bigint,
    role_count bigint NOT NULL,
    category_id bigint,
    category_count bigint NOT NULL,
    product_id bigint,
    product_count bigint NOT NULL,
    has_currency boolean NOT NULL
) ON COMMIT DROP;

-- name: create_name_problem
CREATE TEMP TABLE name_problem (
    names_id integer NOT NULL,
    position integer NOT NULL,
    code text NOT NULL,
    field text NOT NULL,
    value text NOT NULL
) ON COMMIT DROP;

-- name: drop_working_tables
DROP TABLE pg_temp.incoming, pg_temp.incoming_name, pg_temp.known_name, pg_temp.resolved, pg_temp.name_problem;

-- name: analyze_incoming
ANALYZE pg_temp.incoming, pg_temp.incoming_name;

-- name: analyze_known_name
ANALYZE pg_temp.known_name;

-- name: analyze_resolved
ANALYZE pg_temp.resolved, pg_temp.name_problem;

-- name: learn_names
-- A project is known by number and by name, for everybody and for its customer. A person is
-- known by e-mail and by name within a company, and anywhere, so that a stranger is told from
-- a person whose project is unclear. Where one company was named, the others' are unknown.
INSERT INTO pg_temp.known_name (kind, scope, name, record_count, company, record_id)
WITH named AS (
    SELECT
        'project' AS kind,
        client.name AS scope,
        known.name,
        project.company,
        project.project_id AS record_id
    FROM operations.project
    LEFT JOIN operations.customer
        ON customer.company = project.company AND customer.customer_id = project.customer_id
    CROSS JOIN LATERAL (VALUES (project.name), (project.number)) AS known (name)
    CROSS JOIN LATERAL (VALUES (''), (customer.name), (customer.account)) AS client (name)
    WHERE %(company)s::text IS NULL OR project.company = %(company)s::text
    UNION ALL
    SELECT
        known.kind,
        within.scope,
        known.name,
        resource.company,
        resource.resource_id
    FROM operations.resource
    CROSS JOIN
        LATERAL (
            VALUES
            ('email', resource.email),
            ('person', resource.name),
            ('person without e-mail', CASE WHEN resource.email IS NULL THEN resource.name END)
        ) AS known (kind, name)
    CROSS JOIN LATERAL (VALUES (''), (resource.company)) AS within (scope)
    WHERE %(company)s::text IS NULL OR resource.company = %(company)s::text
    UNION ALL
    SELECT
        'task',
        project_id::text,
        name,
        company,
        task_id
    FROM operations.task
    UNION ALL
    SELECT
        'role',
        '',
        name,
        '',
        role_id
    FROM operations.role
    UNION ALL
    SELECT
        'category',
        '',
        known.name,
        '',
        category.category_id
    FROM operations.transaction_category AS category
    CROSS JOIN LATERAL (VALUES (category.name), (category.number)) AS known (name)
    UNION ALL
    SELECT
        'product',
        '',
        known.name,
        '',
        product.product_id
    FROM operations.product
    CROSS JOIN LATERAL (VALUES (product.name), (product.number)) AS known (name)
)

SELECT
    kind,
    lower(scope),
    lower(name),
    count(DISTINCT concat_ws('/', company, record_id)),
    min(company),
    min(record_id)
FROM named
WHERE scope IS NOT NULL AND name IS NOT NULL
GROUP BY kind, lower(scope), lower(name);

-- name: resolve_names
-- An e-mail names a person without doubt; a name does so only where no other e-mail speaks
-- against it. Time without a role is done in the person's usual one.
INSERT INTO pg_temp.resolved (
    names_id, company, project_id, project_count, named_count, resource_id, resource_count, task_id, task_count,
    role_id, role_count, category_id, category_count, product_id, product_count, has_currency
)
WITH placed AS (
    SELECT
        given.*,
        coalesce(project.record_count, 0) AS project_count,
        coalesce(anywhere.record_count, 0) AS named_count,
        CASE WHEN project.record_count = 1 THEN project.company END AS company,
        CASE WHEN project.record_count = 1 THEN project.record_id END AS project_id
    FROM pg_temp.incoming_name AS given
    LEFT JOIN pg_temp.known_name AS project
        ON
            project.kind = 'project'
            AND project.scope = lower(given.client)
            AND project.name = lower(given.project)
    LEFT JOIN pg_temp.known_name AS anywhere
        ON anywhere.kind = 'project' AND anywhere.scope = '' AND anywhere.name = lower(given.project)
),

staffed AS (
    SELECT
        placed.*,
        coalesce(email.record_count, person.record_count, 0) AS resource_count,
        CASE
            WHEN coalesce(email.record_count, person.record_count) = 1
                THEN coalesce(email.record_id, person.record_id)
        END AS resource_id
    FROM placed
    LEFT JOIN pg_temp.known_name AS email
        ON
            email.kind = 'email'
            AND email.scope = lower(coalesce(placed.company, ''))
            AND email.name = lower(placed.person_email)
    LEFT JOIN pg_temp.known_name AS person
        ON
            person.kind = CASE placed.person_email WHEN '' THEN 'person' ELSE 'person without e-mail' END
            AND person.scope = lower(coalesce(placed.company, ''))
            AND person.name = lower(placed.person)
)

SELECT
    staffed.names_id,
    staffed.company,
    staffed.project_id,
    staffed.project_count,
    staffed.named_count,
    CASE WHEN staffed.company IS NOT NULL THEN staffed.resource_id END,
    staffed.resource_count,
    task.record_id AS task_id,
    coalesce(task.record_count, 0),
    CASE
        WHEN staffed.role <> '' THEN role.record_id
        WHEN staffed.class = 'time' THEN resource.role_id
    END,
    coalesce(role.record_count, 0),
    category.record_id AS category_id,
    coalesce(category.record_count, 0),
    product.record_id AS product_id,
    coalesce(product.record_count, 0),
    currency.currency IS NOT NULL
FROM staffed
LEFT JOIN pg_temp.known_name AS task
    ON task.kind = 'task' AND task.scope = staffed.project_id::text AND task.name = lower(staffed.task)
LEFT JOIN pg_temp.known_name AS role
    ON role.kind = 'role' AND role.name = lower(staffed.role)
LEFT JOIN pg_temp.known_name AS category
    ON category.kind = 'category' AND category.name = lower(staffed.category)
LEFT JOIN pg_temp.known_name AS product
    ON product.kind = 'product' AND product.name = lower(staffed.product)
LEFT JOIN operations.resource
    ON resource.company = staffed.company AND resource.resource_id = staffed.resource_id
LEFT JOIN operations.currency ON currency.currency = staffed.currency;

-- name: judge_names
-- What a name leaves open is judged only where its scope is known: no task without a project.
INSERT INTO pg_temp.name_problem (names_id, position, code, field, value)
SELECT
    given.names_id,
    problem.position,
    problem.code,
    problem.field,
    problem.value
FROM pg_temp.resolved
JOIN pg_temp.incoming_name AS given ON given.names_id = resolved.names_id
CROSS JOIN
    LATERAL (
        VALUES
        (1, 'ERR-E16', 'Project', given.project, resolved.named_count = 0),
        (2, 'ERR-E17', 'Client', given.client, resolved.named_count > 0 AND resolved.project_count = 0),
        (3, 'ERR-E18', 'Project', given.project, resolved.project_count > 1),
        (
            4, 'ERR-E19', CASE given.person WHEN '' THEN 'Email' ELSE 'Person' END,
            coalesce(nullif(given.person, ''), given.person_email),
            given.person || given.person_email <> '' AND resolved.resource_count = 0
        ),
        (
            5, 'ERR-E18', CASE given.person WHEN '' THEN 'Email' ELSE 'Person' END,
            coalesce(nullif(given.person, ''), given.person_email),
            resolved.company IS NOT NULL AND resolved.resource_count > 1
        ),
        (
            6, 'ERR-E20', 'Task', given.task,
            resolved.company IS NOT NULL AND given.task <> '' AND resolved.task_count = 0
        ),
        (7, 'ERR-E18', 'Task', given.task, resolved.task_count > 1),
        (8, 'ERR-E21', 'Role', given.role, given.role <> '' AND resolved.role_count = 0),
        (9, 'ERR-E18', 'Role', given.role, resolved.role_count > 1),
        (
            10, 'ERR-E22', 'Role', '',
            given.class = 'time' AND given.role = '' AND resolved.resource_id IS NOT NULL AND resolved.role_id IS NULL
        ),
        (11, 'ERR-E23', 'Category', given.category, given.category <> '' AND resolved.category_count = 0),
        (12, 'ERR-E18', 'Category', given.category, resolved.category_count > 1),
        (13, 'ERR-E26', 'Currency', given.currency, given.currency <> '' AND NOT resolved.has_currency),
        (14, 'ERR-E31', 'Product', given.product, given.product <> '' AND resolved.product_count = 0),
        (15, 'ERR-E18', 'Product', given.product, resolved.product_count > 1)
    ) AS problem (position, code, field, value, is_there)
WHERE problem.is_there;

-- name: list_companies
-- The companies that good rows belong to.
SELECT DISTINCT company
FROM pg_temp.resolved
WHERE company IS NOT NULL
ORDER BY company;

-- name: forget_known_lines
-- Rows that an earlier import brought.
DELETE FROM pg_temp.incoming
USING pg_temp.resolved, operations.imported_line
WHERE
    resolved.names_id = incoming.names_id
    AND resolved.company = %(company)s::text
    AND imported_line.company = %(company)s::text
    AND imported_line.import_key = incoming.import_key;

-- name: list_name_problems
SELECT
    incoming.line,
    problem.code,
    problem.field,
    problem.value
FROM pg_temp.incoming
JOIN pg_temp.name_problem AS problem ON problem.names_id = incoming.names_id
ORDER BY incoming.line, problem.position;

-- name: gather_submission
INSERT INTO pg_temp.submission (
    company, entry_id, class, transaction_date, project_id, task_id, resource_id, role_id, category_id, product_id,
    quantity, unit, unit_price, currency, billing_type
)
SELECT
    resolved.company,
    incoming.entry_id,
    given.class::operations.transaction_class,
    incoming.transaction_date,
    resolved.project_id,
    resolved.task_id,
    resolved.resource_id,
    resolved.role_id,
    resolved.category_id,
    resolved.product_id,
    incoming.quantity,
    incoming.unit,
    incoming.unit_price,
    nullif(given.currency, ''),
    CASE WHEN NOT incoming.billable THEN 'non_chargeable'::operations.billing_type END
FROM pg_temp.incoming
JOIN pg_temp.resolved ON resolved.names_id = incoming.names_id
JOIN pg_temp.incoming_name AS given ON given.names_id = incoming.names_id
WHERE NOT EXISTS (
    SELECT FROM pg_temp.name_problem AS problem
    WHERE problem.names_id = incoming.names_id
);

-- name: list_lines
-- The lines of the file that the entries with a problem came from.
SELECT
    incoming.entry_id,
    incoming.line
FROM pg_temp.incoming
WHERE incoming.entry_id = any(%(entry_ids)s::bigint[]);

-- name: write_entries
INSERT INTO operations.entry (
    company, entry_id, class, transaction_date, project_id, task_id, resource_id, role_id, category_id, product_id,
    quantity, unit, unit_price, currency, description, external_description, billing_type, state, created_by,
    created_at
)
SELECT
    priced.company,
    incoming.entry_id,
    given.class::operations.transaction_class,
    incoming.transaction_date,
    resolved.project_id,
    resolved.task_id,
    resolved.resource_id,
    resolved.role_id,
    resolved.category_id,
    resolved.product_id,
    incoming.quantity,
    incoming.unit,
    incoming.unit_price,
    nullif(given.currency, ''),
    nullif(incoming.description, ''),
    nullif(incoming.external_description, ''),
    CASE incoming.billable WHEN true THEN 'chargeable' WHEN false THEN 'non_chargeable' END::operations.billing_type,
    'submitted',
    %(actor)s::text,
    %(at)s::timestamptz
FROM pg_temp.incoming
JOIN pg_temp.priced ON priced.entry_id = incoming.entry_id
JOIN pg_temp.resolved ON resolved.names_id = incoming.names_id
JOIN pg_temp.incoming_name AS given ON given.names_id = incoming.names_id
WHERE priced.company = %(company)s::text AND priced.code IS NULL;

-- name: write_imported_lines
INSERT INTO operations.imported_line (company, import_key, entry_id, file, line)
SELECT
    priced.company,
    incoming.import_key,
    incoming.entry_id,
    %(file)s::text,
    incoming.line
FROM pg_temp.incoming
JOIN pg_temp.priced ON priced.entry_id = incoming.entry_id
WHERE priced.company = %(company)s::text AND priced.code IS NULL;
