-- name: name_profiles
INSERT INTO pg_temp.needed_profile (project_id, contract_id, billing_method)
SELECT DISTINCT
    project_id,
    contract_id,
    billing_method
FROM pg_temp.costing_line
WHERE project_id IS NOT NULL AND billing_method IS NOT NULL;

-- name: name_accounts
INSERT INTO pg_temp.needed_account (
    posting_type, project_id, category_number, class, contract_id, customer_id, tax_group
)
SELECT DISTINCT
    side.posting_type,
    line.project_id,
    coalesce(line.category_number, ''),
    line.class,
    line.contract_id,
    coalesce(line.customer_id, 0),
    line.tax_group
FROM pg_temp.costing_line AS line
JOIN pg_temp.found_profile AS found
    ON
        found.project_id = line.project_id
        AND found.contract_id = line.contract_id
        AND found.billing_method = line.billing_method
JOIN finance.profile_posting AS posting
    ON
        posting.company = %(company)s::text
        AND posting.profile = found.profile
        AND posting.transaction_type = 'cost'
        AND posting.class = line.class
CROSS JOIN
    LATERAL (
        VALUES
        (posting.debit_type, true),
        ('vendor_balance', line.offset_type = 'vendor_balance'),
        ('sales_tax_receivable', line.recoverable_amount <> 0)
    ) AS side (posting_type, is_needed)
WHERE side.is_needed;

-- name: place_costs
UPDATE pg_temp.costing_line AS line
SET
    profile = found.profile,
    cost_type = posting.debit_type,
    cost_account = cost.account,
    offset_account = coalesce(stated.offset_account, vendor.account),
    tax_account = tax.account
FROM pg_temp.costing_line AS stated
JOIN pg_temp.found_profile AS found
    ON
        found.project_id = stated.project_id
        AND found.contract_id = stated.contract_id
        AND found.billing_method = stated.billing_method
JOIN finance.profile_posting AS posting
    ON
        posting.company = %(company)s::text
        AND posting.profile = found.profile
        AND posting.transaction_type = 'cost'
        AND posting.class = stated.class
LEFT JOIN pg_temp.found_account AS cost
    ON
        cost.posting_type = posting.debit_type
        AND cost.project_id = stated.project_id
        AND cost.category_number = coalesce(stated.category_number, '')
        AND cost.class = stated.class
        AND cost.contract_id = stated.contract_id
        AND cost.customer_id = coalesce(stated.customer_id, 0)
        AND cost.tax_group = stated.tax_group
LEFT JOIN pg_temp.found_account AS vendor
    ON
        vendor.posting_type = 'vendor_balance'
        AND vendor.project_id = stated.project_id
        AND vendor.category_number = coalesce(stated.category_number, '')
        AND vendor.class = stated.class
        AND vendor.contract_id = stated.contract_id
        AND vendor.customer_id = coalesce(stated.customer_id, 0)
        AND vendor.tax_group = stated.tax_group
LEFT JOIN pg_temp.found_account AS tax
    ON
        tax.posting_type = 'sales_tax_receivable'
        AND tax.project_id = stated.project_id
        AND tax.category_number = coalesce(stated.category_number, '')
        AND tax.class = stated.class
        AND tax.contract_id = stated.contract_id
        AND tax.customer_id = coalesce(stated.customer_id, 0)
        AND tax.tax_group = stated.tax_group
WHERE stated.number = line.number;

-- name: name_defaults
INSERT INTO pg_temp.needed_default (
    transaction_type, class, project_id, contract_id, contract_line_id, resource_id, billing_method
)
SELECT DISTINCT ON (class, project_id, contract_id, contract_line_id)
    'cost'::finance.transaction_type,
    class,
    project_id,
    contract_id,
    contract_line_id,
    0,
    billing_method
FROM pg_temp.costing_line
WHERE project_id IS NOT NULL AND billing_method IS NOT NULL
ORDER BY class, project_id, contract_id, contract_line_id;

-- name: take_defaults
UPDATE pg_temp.costing_line AS line
SET
    dimension_set_id = found.dimension_set_id,
    offset_dimension_set_id = found.offset_dimension_set_id
FROM pg_temp.found_default AS found
WHERE
    found.transaction_type = 'cost'
    AND found.class = line.class
    AND found.project_id = line.project_id
    AND found.contract_id = line.contract_id
    AND found.contract_line_id = line.contract_line_id
    AND found.resource_id = 0;

-- name: name_combinations
INSERT INTO pg_temp.needed_combination (account, dimension_set_id)
SELECT DISTINCT
    side.account,
    coalesce(side.dimension_set_id, 0)
FROM pg_temp.costing_line AS line
CROSS JOIN
    LATERAL (
        VALUES
        (line.cost_account, line.dimension_set_id),
        (CASE WHEN line.recoverable_amount <> 0 THEN line.tax_account END, line.dimension_set_id),
        (line.offset_account, line.offset_dimension_set_id)
    ) AS side (account, dimension_set_id)
WHERE side.account IS NOT NULL;

-- name: refuse_combinations
UPDATE pg_temp.costing_line AS line
SET bad_combination = concat_ws('; ', cost.problem, tax.problem, offset_side.problem)
FROM pg_temp.costing_line AS placed
LEFT JOIN pg_temp.bad_combination AS cost
    ON cost.account = placed.cost_account AND cost.dimension_set_id = coalesce(placed.dimension_set_id, 0)
LEFT JOIN pg_temp.bad_combination AS tax
    ON
        placed.recoverable_amount <> 0
        AND tax.account = placed.tax_account
        AND tax.dimension_set_id = coalesce(placed.dimension_set_id, 0)
LEFT JOIN pg_temp.bad_combination AS offset_side
    ON
        offset_side.account = placed.offset_account
        AND offset_side.dimension_set_id = coalesce(placed.offset_dimension_set_id, 0)
WHERE placed.number = line.number AND coalesce(cost.problem, tax.problem, offset_side.problem) IS NOT NULL;
