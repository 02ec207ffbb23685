-- name: find_concerned
WITH concerned AS (
    SELECT
        entry.entry_id,
        project.state
    FROM operations.project
    JOIN operations.entry
        ON entry.company = %(company)s::text AND entry.project_id = project.project_id
    WHERE
        project.company = %(company)s::text
        AND project.contract_id = %(contract_id)s::bigint
        AND entry.first_actual_id IS NOT NULL
    UNION
    SELECT
        entry.entry_id,
        project.state
    FROM operations.backlog_item AS item
    JOIN operations.actual
        ON actual.company = %(company)s::text AND actual.actual_id = item.actual_id
    JOIN operations.entry
        ON entry.company = %(company)s::text AND entry.entry_id = actual.entry_id
    JOIN operations.project
        ON project.company = %(company)s::text AND project.project_id = entry.project_id
    WHERE item.company = %(company)s::text AND item.contract_id = %(contract_id)s::bigint
)

SELECT
    coalesce(array_agg(entry_id) FILTER (WHERE state = 'in_process'), '{}') AS entry_ids,
    count(*) FILTER (WHERE state <> 'in_process') AS finished_count
FROM concerned;
