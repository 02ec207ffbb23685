-- name: create_import_dimension
-- Lines with dimensions, on their own side or on that of their offset; empty where none are set up.
CREATE TEMPORARY TABLE import_dimension (
    actual_id bigint PRIMARY KEY,
    dimension_set_id bigint,
    offset_dimension_set_id bigint
) ON COMMIT DROP;

-- name: name_defaults
-- Workers count in the costs of time and expenses only (feature: employment dimensions).
INSERT INTO pg_temp.needed_default (
    transaction_type, class, project_id, contract_id, contract_line_id, resource_id, billing_method
)
SELECT DISTINCT
    line.transaction_type,
    line.class,
    line.project_id,
    line.contract_id,
    coalesce(staged_actual.contract_line_id, 0) AS contract_line_id,
    CASE
        WHEN line.transaction_type = 'cost' AND line.class IN ('time', 'expense')
            THEN coalesce(staged_actual.resource_id, 0)
        ELSE 0
    END AS resource_id,
    coalesce(contract_line.billing_method, 'time_and_material')
FROM pg_temp.import_line AS line
JOIN finance.staged_actual
    ON staged_actual.company = %(company)s::text AND staged_actual.actual_id = abs(line.actual_id)
LEFT JOIN finance.contract_line
    ON
        contract_line.company = %(company)s::text
        AND contract_line.contract_line_id = staged_actual.contract_line_id;

-- name: fill_import_dimension
WITH original AS (
    -- What a reversal repeats.
    SELECT
        line.actual_id,
        CASE
            WHEN adjusted.actual_id IS NOT NULL THEN adjusted.dimension_set_id
            ELSE coalesce(posted.dimension_set_id, waiting.dimension_set_id)
        END AS dimension_set_id,
        CASE
            WHEN adjusted.actual_id IS NOT NULL THEN adjusted.offset_dimension_set_id
            ELSE coalesce(posted.offset_dimension_set_id, waiting.offset_dimension_set_id)
        END AS offset_dimension_set_id
    FROM pg_temp.import_line AS line
    LEFT JOIN finance.project_transaction AS posted
        ON posted.company = %(company)s::text AND posted.actual_id = line.original_id
    LEFT JOIN finance.journal_line AS waiting
        ON waiting.company = %(company)s::text AND waiting.actual_id = line.original_id
    LEFT JOIN finance.adjusted_dimension AS adjusted
        ON adjusted.company = %(company)s::text AND adjusted.actual_id = line.original_id
    WHERE line.original_id IS NOT NULL AND (posted.actual_id IS NOT NULL OR waiting.actual_id IS NOT NULL)
)

INSERT INTO pg_temp.import_dimension (actual_id, dimension_set_id, offset_dimension_set_id)
SELECT
    line.actual_id,
    CASE WHEN original.actual_id IS NULL THEN found.dimension_set_id ELSE original.dimension_set_id END,
    CASE
        WHEN original.actual_id IS NULL THEN found.offset_dimension_set_id
        ELSE original.offset_dimension_set_id
    END
FROM pg_temp.import_line AS line
JOIN finance.staged_actual
    ON staged_actual.company = %(company)s::text AND staged_actual.actual_id = abs(line.actual_id)
LEFT JOIN original ON original.actual_id = line.actual_id
LEFT JOIN pg_temp.found_default AS found
    ON
        found.transaction_type = line.transaction_type
        AND found.class = line.class
        AND found.project_id = line.project_id
        AND found.contract_id = line.contract_id
        AND found.contract_line_id = coalesce(staged_actual.contract_line_id, 0)
        AND found.resource_id = CASE
            WHEN line.transaction_type = 'cost' AND line.class IN ('time', 'expense')
                THEN coalesce(staged_actual.resource_id, 0)
            ELSE 0
        END
WHERE original.actual_id IS NOT NULL OR found.class IS NOT NULL;

-- name: analyze_import_dimension
ANALYZE pg_temp.import_dimension;

-- name: drop_import_dimension
DROP TABLE pg_temp.import_dimension;
