-- An investment project costs and never sells.
SELECT
    actual.company,
    project.number AS project,
    'actual/' || actual.actual_id AS record
FROM operations.project
JOIN operations.actual
    ON actual.company = project.company AND actual.project_id = project.project_id
WHERE
    project.project_type = 'investment'
    AND actual.transaction_type IN ('unbilled_sales', 'billed_sales', 'interorganizational_sales');
