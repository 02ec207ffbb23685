-- name: create_stated
CREATE TEMPORARY TABLE stated_forecast (
    project text NOT NULL,
    contract_line_id bigint,
    class finance.transaction_class NOT NULL,
    category_number text NOT NULL,
    quantity numeric(19, 4) NOT NULL,
    amount numeric(19, 4) NOT NULL
) ON COMMIT DROP;

-- name: fill_stated
INSERT INTO pg_temp.stated_forecast (project, contract_line_id, class, category_number, quantity, amount)
SELECT
    stated.project,
    estimate_project.contract_line_id,
    stated.class,
    stated.category,
    stated.quantity,
    stated.amount
FROM
    jsonb_to_recordset(%(lines)s::jsonb) AS stated (
        project text, class finance.transaction_class, category text, quantity numeric, amount numeric
    )
LEFT JOIN finance.estimate_project
    ON estimate_project.company = %(company)s::text AND estimate_project.number = stated.project;

-- name: read_problems
SELECT DISTINCT
    'ERR-F81' AS code,
    project,
    'project' AS field,
    project AS value
FROM pg_temp.stated_forecast
WHERE contract_line_id IS NULL
UNION ALL
SELECT DISTINCT
    'ERR-F80',
    stated.project,
    'category',
    stated.category_number
FROM pg_temp.stated_forecast AS stated
LEFT JOIN finance.project_category
    ON
        project_category.company = %(company)s::text
        AND project_category.category_number = stated.category_number
        AND project_category.class = stated.class
WHERE stated.category_number <> '' AND project_category.company IS NULL
UNION ALL
SELECT
    'ERR-F80',
    project,
    'class, category',
    concat_ws(' ', class, category_number)
FROM pg_temp.stated_forecast
GROUP BY project, class, category_number
HAVING count(*) > 1
ORDER BY project, code, field, value;

-- name: delete_older
DELETE FROM finance.cost_forecast AS forecast
USING pg_temp.stated_forecast AS stated
WHERE forecast.company = %(company)s::text AND forecast.contract_line_id = stated.contract_line_id;

-- name: add_forecast
INSERT INTO finance.cost_forecast (
    company, contract_line_id, class, category_number, quantity, amount, loaded_by, loaded_at
)
SELECT
    %(company)s::text,
    contract_line_id,
    class,
    category_number,
    quantity,
    amount,
    %(actor)s::text,
    %(at)s::timestamptz
FROM pg_temp.stated_forecast;

-- name: sum_up
SELECT
    count(DISTINCT contract_line_id) AS project_count,
    count(*) AS line_count
FROM pg_temp.stated_forecast;

-- name: drop_stated
DROP TABLE pg_temp.stated_forecast;
