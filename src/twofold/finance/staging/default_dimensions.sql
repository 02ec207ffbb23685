-- name: create_needed_default
-- Whose dimensions are asked for; 0 where there is no contract, contract line or worker.
CREATE TEMPORARY TABLE needed_default (
    transaction_type finance.transaction_type NOT NULL,
    class finance.transaction_class NOT NULL,
    project_id bigint NOT NULL,
    contract_id bigint NOT NULL,
    contract_line_id bigint NOT NULL,
    resource_id bigint NOT NULL,
    billing_method finance.billing_method NOT NULL DEFAULT 'time_and_material',
    PRIMARY KEY (transaction_type, class, project_id, contract_id, contract_line_id, resource_id)
) ON COMMIT DROP;

-- name: create_found_default
CREATE TEMPORARY TABLE found_default (
    transaction_type finance.transaction_type NOT NULL,
    class finance.transaction_class NOT NULL,
    project_id bigint NOT NULL,
    contract_id bigint NOT NULL,
    contract_line_id bigint NOT NULL,
    resource_id bigint NOT NULL,
    dimension_set_id bigint,
    offset_dimension_set_id bigint,
    PRIMARY KEY (transaction_type, class, project_id, contract_id, contract_line_id, resource_id)
) ON COMMIT DROP;

-- name: create_merged_default
CREATE TEMPORARY TABLE merged_default (
    transaction_type finance.transaction_type NOT NULL,
    class finance.transaction_class NOT NULL,
    project_id bigint NOT NULL,
    contract_id bigint NOT NULL,
    contract_line_id bigint NOT NULL,
    resource_id bigint NOT NULL,
    dimensions jsonb NOT NULL,
    offset_dimensions jsonb NOT NULL
) ON COMMIT DROP;

-- name: name_profiles
-- A rule may be for a profile.
INSERT INTO pg_temp.needed_profile (project_id, contract_id, billing_method)
SELECT DISTINCT
    project_id,
    contract_id,
    billing_method
FROM pg_temp.needed_default;

-- name: merge_defaults
WITH stated AS (
    -- What each part says by itself. A project that states nothing takes from its contract, else
    -- from its customer.
    SELECT
        needed.*,
        contract.number AS contract_number,
        project.number AS project_number,
        coalesce(
            of_project.dimensions, of_contract.dimensions, of_customer.dimensions, '{}'
        ) AS project_dimensions,
        coalesce(of_line.dimensions, '{}') AS line_dimensions,
        coalesce(of_worker.dimensions, '{}') AS worker_dimensions
    FROM pg_temp.needed_default AS needed
    LEFT JOIN finance.project
        ON project.company = %(company)s::text AND project.project_id = needed.project_id
    LEFT JOIN finance.contract
        ON
            contract.company = %(company)s::text
            AND contract.contract_id = coalesce(nullif(needed.contract_id, 0), project.contract_id)
    LEFT JOIN finance.customer
        ON
            customer.company = %(company)s::text
            AND customer.customer_id = coalesce(project.customer_id, contract.customer_id)
    LEFT JOIN finance.contract_line
        ON
            contract_line.company = %(company)s::text
            AND contract_line.contract_line_id = needed.contract_line_id
    LEFT JOIN finance.resource
        ON resource.company = %(company)s::text AND resource.resource_id = needed.resource_id
    LEFT JOIN finance.default_dimension AS of_project
        ON
            of_project.company = %(company)s::text
            AND of_project.owner = 'project'
            AND of_project.number = project.number
    LEFT JOIN finance.default_dimension AS of_contract
        ON
            of_contract.company = %(company)s::text
            AND of_contract.owner = 'contract'
            AND of_contract.number = contract.number
    LEFT JOIN finance.default_dimension AS of_customer
        ON
            of_customer.company = %(company)s::text
            AND of_customer.owner = 'customer'
            AND of_customer.number = customer.account
    LEFT JOIN finance.default_dimension AS of_line
        ON
            of_line.company = %(company)s::text
            AND of_line.owner = 'contract_line'
            AND of_line.number = contract.number
            AND of_line.detail = contract_line.line_number::text
    LEFT JOIN finance.default_dimension AS of_worker
        ON
            of_worker.company = %(company)s::text
            AND of_worker.owner = 'resource'
            AND of_worker.number = resource.name
),

ruled AS (
    -- The columns of a rule grow more specific to the right; without a contract none applies.
    SELECT DISTINCT ON (
        stated.transaction_type, stated.class, stated.project_id, stated.contract_id, stated.contract_line_id,
        stated.resource_id
    )
        stated.*,
        rule.priority
    FROM stated
    LEFT JOIN pg_temp.found_profile AS found
        ON
            found.project_id = stated.project_id
            AND found.contract_id = stated.contract_id
            AND found.billing_method = stated.billing_method
    LEFT JOIN finance.dimension_rule AS rule
        ON
            rule.company = %(company)s::text
            AND stated.contract_number IS NOT NULL
            AND (rule.profile IS NULL OR rule.profile = found.profile)
            AND (rule.contract_number IS NULL OR rule.contract_number = stated.contract_number)
            AND (rule.project_number IS NULL OR rule.project_number = stated.project_number)
    ORDER BY
        stated.transaction_type,
        stated.class,
        stated.project_id,
        stated.contract_id,
        stated.contract_line_id,
        stated.resource_id,
        (rule.project_number IS NOT NULL) DESC,
        (rule.contract_number IS NOT NULL) DESC,
        (rule.profile IS NOT NULL) DESC
),

merged AS (
    -- The right operand of || wins.
    SELECT
        *,
        CASE
            WHEN priority IS NULL AND billing_method <> 'fixed_price' THEN project_dimensions
            WHEN coalesce(priority = 'contract_line', class IN ('milestone', 'retainer'))
                THEN project_dimensions || line_dimensions
            ELSE line_dimensions || project_dimensions
        END AS own_dimensions
    FROM ruled
)

INSERT INTO pg_temp.merged_default (
    transaction_type, class, project_id, contract_id, contract_line_id, resource_id, dimensions, offset_dimensions
)
SELECT
    transaction_type,
    class,
    project_id,
    contract_id,
    contract_line_id,
    resource_id,
    worker_dimensions || own_dimensions,
    CASE
        WHEN transaction_type = 'cost' AND class = 'time' THEN own_dimensions || worker_dimensions
        ELSE worker_dimensions || own_dimensions
    END
FROM merged;

-- name: want_sets
INSERT INTO pg_temp.wanted_set (dimensions)
SELECT dimensions
FROM pg_temp.merged_default
WHERE dimensions <> '{}'
UNION
SELECT offset_dimensions
FROM pg_temp.merged_default
WHERE offset_dimensions <> '{}';

-- name: fill_found_default
INSERT INTO pg_temp.found_default (
    transaction_type, class, project_id, contract_id, contract_line_id, resource_id, dimension_set_id,
    offset_dimension_set_id
)
SELECT
    merged.transaction_type,
    merged.class,
    merged.project_id,
    merged.contract_id,
    merged.contract_line_id,
    merged.resource_id,
    own.dimension_set_id,
    other.dimension_set_id AS offset_dimension_set_id
FROM pg_temp.merged_default AS merged
LEFT JOIN pg_temp.wanted_set AS own ON own.dimensions = merged.dimensions
LEFT JOIN pg_temp.wanted_set AS other ON other.dimensions = merged.offset_dimensions
WHERE coalesce(own.dimension_set_id, other.dimension_set_id) IS NOT NULL;

-- name: analyze_found_default
ANALYZE pg_temp.found_default;

-- name: drop_defaults
DROP TABLE pg_temp.needed_default, pg_temp.merged_default, pg_temp.found_default;
