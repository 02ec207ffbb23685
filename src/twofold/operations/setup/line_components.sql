-- As in masters.sql: what the rows of a file mean in the columns of one table.

-- name: remove_line_tasks
WITH named AS (
    SELECT
        contract_line.contract_line_id,
        given.name
    FROM jsonb_to_recordset(%(rows)s::jsonb) AS given (contract text, line_number integer, name text)
    JOIN operations.contract_line
        ON
            contract_line.company = %(company)s::text
            AND contract_line.contract_line_id
            = operations.line_of(%(company)s::text, given.contract, given.line_number)
),

gone AS (
    SELECT
        present.contract_line_id,
        present.task_id
    FROM operations.contract_line_task AS present
    JOIN operations.task
        ON task.company = %(company)s::text AND task.task_id = present.task_id
    LEFT JOIN named
        ON named.contract_line_id = present.contract_line_id AND named.name = task.name
    WHERE
        present.company = %(company)s::text
        AND present.contract_line_id IN (SELECT line.contract_line_id FROM named AS line)
        AND named.contract_line_id IS NULL
),

removed AS (
    DELETE FROM operations.contract_line_task AS present
    USING gone
    WHERE
        present.company = %(company)s::text
        AND present.contract_line_id = gone.contract_line_id
        AND present.task_id = gone.task_id
        AND %(first_key)s::bigint IS NOT NULL
)

SELECT
    'changed' AS verdict,
    count(*) AS row_count
FROM gone;

-- name: line_tasks
SELECT
    contract_line.contract_line_id,
    task.task_id,
    given.billing_type
FROM
    jsonb_to_recordset(%(rows)s::jsonb)
        AS given (contract text, line_number integer, name text, billing_type operations.billing_type)
JOIN operations.contract_line
    ON
        contract_line.company = %(company)s::text
        AND contract_line.contract_line_id
        = operations.line_of(%(company)s::text, given.contract, given.line_number)
JOIN operations.task
    ON
        task.company = %(company)s::text
        AND task.project_id = contract_line.project_id
        AND task.name = given.name;

-- name: remove_line_roles
WITH named AS (
    SELECT
        contract_line.contract_line_id,
        given.name
    FROM jsonb_to_recordset(%(rows)s::jsonb) AS given (contract text, line_number integer, name text)
    JOIN operations.contract_line
        ON
            contract_line.company = %(company)s::text
            AND contract_line.contract_line_id
            = operations.line_of(%(company)s::text, given.contract, given.line_number)
),

gone AS (
    SELECT
        present.contract_line_id,
        present.role_id
    FROM operations.contract_line_role AS present
    JOIN operations.role ON role.role_id = present.role_id
    LEFT JOIN named
        ON named.contract_line_id = present.contract_line_id AND named.name = role.name
    WHERE
        present.company = %(company)s::text
        AND present.contract_line_id IN (SELECT line.contract_line_id FROM named AS line)
        AND named.contract_line_id IS NULL
),

removed AS (
    DELETE FROM operations.contract_line_role AS present
    USING gone
    WHERE
        present.company = %(company)s::text
        AND present.contract_line_id = gone.contract_line_id
        AND present.role_id = gone.role_id
        AND %(first_key)s::bigint IS NOT NULL
)

SELECT
    'changed' AS verdict,
    count(*) AS row_count
FROM gone;

-- name: line_roles
SELECT
    contract_line.contract_line_id,
    role.role_id,
    given.billing_type
FROM
    jsonb_to_recordset(%(rows)s::jsonb)
        AS given (contract text, line_number integer, name text, billing_type operations.billing_type)
JOIN operations.contract_line
    ON
        contract_line.company = %(company)s::text
        AND contract_line.contract_line_id
        = operations.line_of(%(company)s::text, given.contract, given.line_number)
JOIN operations.role ON role.name = given.name;

-- name: remove_line_categories
WITH named AS (
    SELECT
        contract_line.contract_line_id,
        given.name
    FROM jsonb_to_recordset(%(rows)s::jsonb) AS given (contract text, line_number integer, name text)
    JOIN operations.contract_line
        ON
            contract_line.company = %(company)s::text
            AND contract_line.contract_line_id
            = operations.line_of(%(company)s::text, given.contract, given.line_number)
),

gone AS (
    SELECT
        present.contract_line_id,
        present.category_id
    FROM operations.contract_line_category AS present
    JOIN operations.transaction_category AS category ON category.category_id = present.category_id
    LEFT JOIN named
        ON named.contract_line_id = present.contract_line_id AND named.name = category.name
    WHERE
        present.company = %(company)s::text
        AND present.contract_line_id IN (SELECT line.contract_line_id FROM named AS line)
        AND named.contract_line_id IS NULL
),

removed AS (
    DELETE FROM operations.contract_line_category AS present
    USING gone
    WHERE
        present.company = %(company)s::text
        AND present.contract_line_id = gone.contract_line_id
        AND present.category_id = gone.category_id
        AND %(first_key)s::bigint IS NOT NULL
)

SELECT
    'changed' AS verdict,
    count(*) AS row_count
FROM gone;

-- name: line_categories
SELECT
    contract_line.contract_line_id,
    category.category_id,
    given.billing_type
FROM
    jsonb_to_recordset(%(rows)s::jsonb)
        AS given (contract text, line_number integer, name text, billing_type operations.billing_type)
JOIN operations.contract_line
    ON
        contract_line.company = %(company)s::text
        AND contract_line.contract_line_id
        = operations.line_of(%(company)s::text, given.contract, given.line_number)
JOIN operations.transaction_category AS category ON category.name = given.name;
