-- name: create_offset_line
CREATE TEMPORARY TABLE offset_line (
    actual_id bigint PRIMARY KEY,
    account text NOT NULL
) ON COMMIT DROP;

-- name: fill_offset_line
-- The most specific row wins: resource, then project, then category. Nothing is read per line where
-- the company has no such setup.
WITH expense AS (
    SELECT
        line.actual_id,
        line.project_id,
        line.category_number,
        coalesce(staged_actual.resource_id, 0) AS resource_id
    FROM pg_temp.ledger_line AS line
    JOIN finance.staged_actual
        ON staged_actual.company = %(company)s::text AND staged_actual.actual_id = line.actual_id
    WHERE
        line.transaction_type = 'cost'
        AND line.class = 'expense'
        AND EXISTS (
            SELECT FROM finance.expense_offset
            WHERE expense_offset.company = %(company)s::text
        )
),

chosen AS (
    SELECT DISTINCT ON (needed.project_id, needed.category_number, needed.resource_id)
        needed.project_id,
        needed.category_number,
        needed.resource_id,
        setup.account
    FROM (
        SELECT DISTINCT
            project_id,
            category_number,
            resource_id
        FROM expense
    ) AS needed
    JOIN finance.project
        ON project.company = %(company)s::text AND project.project_id = needed.project_id
    LEFT JOIN finance.resource
        ON resource.company = %(company)s::text AND resource.resource_id = needed.resource_id
    JOIN finance.expense_offset AS setup
        ON
            setup.company = %(company)s::text
            AND (setup.resource_name IS NULL OR setup.resource_name = resource.name)
            AND (setup.project_number IS NULL OR setup.project_number = project.number)
            AND (setup.category_number IS NULL OR setup.category_number = needed.category_number)
    ORDER BY
        needed.project_id,
        needed.category_number,
        needed.resource_id,
        (setup.resource_name IS NOT NULL) DESC,
        (setup.project_number IS NOT NULL) DESC,
        (setup.category_number IS NOT NULL) DESC
)

INSERT INTO pg_temp.offset_line (actual_id, account)
SELECT
    expense.actual_id,
    chosen.account
FROM expense
JOIN chosen
    ON
        chosen.project_id = expense.project_id
        AND chosen.category_number = expense.category_number
        AND chosen.resource_id = expense.resource_id;

-- name: analyze_offset_line
ANALYZE pg_temp.offset_line;

-- name: drop_offset_line
DROP TABLE pg_temp.offset_line;
