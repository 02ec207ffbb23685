-- name: create_needed_profile
-- Whose profile is asked for; contract 0 where there is none.
CREATE TEMPORARY TABLE needed_profile (
    project_id bigint NOT NULL,
    contract_id bigint NOT NULL,
    billing_method finance.billing_method NOT NULL,
    PRIMARY KEY (project_id, contract_id, billing_method)
) ON COMMIT DROP;

-- name: create_found_profile
CREATE TEMPORARY TABLE found_profile (
    project_id bigint NOT NULL,
    contract_id bigint NOT NULL,
    billing_method finance.billing_method NOT NULL,
    profile text NOT NULL,
    PRIMARY KEY (project_id, contract_id, billing_method)
) ON COMMIT DROP;

-- name: find_profiles
-- Project before project group before contract before all, or the contract before the group where
-- the parameter says so (decision Q-15).
INSERT INTO pg_temp.found_profile (project_id, contract_id, billing_method, profile)
SELECT DISTINCT ON (needed.project_id, needed.contract_id, needed.billing_method)
    needed.project_id,
    needed.contract_id,
    needed.billing_method,
    rule.profile
FROM pg_temp.needed_profile AS needed
JOIN finance.project
    ON project.company = %(company)s::text AND project.project_id = needed.project_id
LEFT JOIN finance.project_accounting
    ON project_accounting.company = %(company)s::text AND project_accounting.project_number = project.number
LEFT JOIN finance.contract
    ON contract.company = %(company)s::text AND contract.contract_id = needed.contract_id
LEFT JOIN finance.parameter ON parameter.company = %(company)s::text
JOIN finance.profile_rule AS rule
    ON
        rule.company = %(company)s::text
        AND rule.billing_method = needed.billing_method
        AND (rule.project_number IS NULL OR rule.project_number = project.number)
        AND (rule.project_group IS NULL OR rule.project_group = project_accounting.project_group)
        AND (rule.contract_number IS NULL OR rule.contract_number = contract.number)
ORDER BY
    needed.project_id,
    needed.contract_id,
    needed.billing_method,
    (rule.project_number IS NOT NULL) DESC,
    (rule.contract_number IS NOT NULL AND coalesce(parameter.profile_rule_order = 'contract_first', false)) DESC,
    (rule.project_group IS NOT NULL) DESC,
    (rule.contract_number IS NOT NULL) DESC;

-- name: analyze_found_profile
ANALYZE pg_temp.found_profile;

-- name: drop_profiles
DROP TABLE pg_temp.needed_profile, pg_temp.found_profile;
