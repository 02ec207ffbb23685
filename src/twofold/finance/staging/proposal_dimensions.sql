-- name: name_on_account
-- A milestone by its on-account transaction, a retainer by its billed sale.
INSERT INTO pg_temp.needed_default (
    transaction_type, class, project_id, contract_id, contract_line_id, resource_id, billing_method
)
SELECT DISTINCT
    'billed_sales'::finance.transaction_type AS transaction_type,
    staged_actual.class,
    coalesce(on_account.project_id, staged_actual.project_id) AS project_id,
    coalesce(on_account.contract_id, staged_actual.contract_id, 0) AS contract_id,
    coalesce(on_account.contract_line_id, staged_actual.contract_line_id, 0) AS contract_line_id,
    0::bigint AS resource_id,
    coalesce(contract_line.billing_method, 'fixed_price')
FROM pg_temp.billed_sale AS sale
JOIN finance.staged_actual
    ON staged_actual.company = %(company)s::text AND staged_actual.actual_id = sale.actual_id
LEFT JOIN finance.on_account_transaction AS on_account
    ON on_account.company = %(company)s::text AND on_account.milestone_id = sale.milestone_id
LEFT JOIN finance.contract_line
    ON
        contract_line.company = %(company)s::text
        AND contract_line.contract_line_id
        = coalesce(on_account.contract_line_id, staged_actual.contract_line_id)
WHERE num_nonnulls(sale.milestone_id, sale.on_account_origin) = 1;

-- name: place_on_account
UPDATE pg_temp.billed_sale AS sale
SET dimension_set_id = found.dimension_set_id
FROM pg_temp.billed_sale AS billed
JOIN finance.staged_actual
    ON staged_actual.company = %(company)s::text AND staged_actual.actual_id = billed.actual_id
LEFT JOIN finance.on_account_transaction AS on_account
    ON on_account.company = %(company)s::text AND on_account.milestone_id = billed.milestone_id
JOIN pg_temp.found_default AS found
    ON
        found.transaction_type = 'billed_sales'
        AND found.class = staged_actual.class
        AND found.project_id = coalesce(on_account.project_id, staged_actual.project_id)
        AND found.contract_id = coalesce(on_account.contract_id, staged_actual.contract_id, 0)
        AND found.contract_line_id = coalesce(on_account.contract_line_id, staged_actual.contract_line_id, 0)
        AND found.resource_id = 0
WHERE
    sale.actual_id = billed.actual_id
    AND num_nonnulls(billed.milestone_id, billed.on_account_origin) = 1;

-- name: apply_accounting
-- What an accountant gave an on-account transaction comes before every default.
UPDATE pg_temp.billed_sale AS sale
SET
    tax_group = coalesce(given.tax_group, sale.tax_group),
    item_tax_group = coalesce(given.item_tax_group, sale.item_tax_group),
    dimension_set_id = nullif(coalesce(given.dimension_set_id, sale.dimension_set_id), 0)
FROM finance.on_account_accounting AS given
WHERE given.company = %(company)s::text AND given.milestone_id = sale.milestone_id;

-- name: create_header_dimension
CREATE TEMPORARY TABLE header_dimension (
    proposal_id bigint PRIMARY KEY,
    dimensions jsonb NOT NULL
) ON COMMIT DROP;

-- name: fill_header_dimension
WITH carried AS (
    SELECT
        sale.proposal_id,
        sale.dimension_set_id,
        count(*) OVER (PARTITION BY sale.proposal_id) AS set_count
    FROM pg_temp.billed_sale AS sale
    JOIN pg_temp.ready_proposal ON ready_proposal.proposal_id = sale.proposal_id
    GROUP BY sale.proposal_id, sale.dimension_set_id
),

agreed AS (
    -- What every line carries, with the same value.
    SELECT
        carried.proposal_id,
        pair.key,
        min(pair.value) AS value
    FROM carried
    JOIN finance.dimension_set
        ON
            dimension_set.company = %(company)s::text
            AND dimension_set.dimension_set_id = carried.dimension_set_id
    CROSS JOIN jsonb_each_text(dimension_set.dimensions) AS pair
    GROUP BY carried.proposal_id, carried.set_count, pair.key
    HAVING count(*) = carried.set_count AND min(pair.value) = max(pair.value)
),

of_lines AS (
    SELECT
        proposal_id,
        jsonb_object_agg(key, value) AS dimensions
    FROM agreed
    GROUP BY proposal_id
)

INSERT INTO pg_temp.header_dimension (proposal_id, dimensions)
SELECT
    ready_proposal.proposal_id,
    coalesce(of_lines.dimensions, '{}') || coalesce(of_payer.dimensions, of_customer.dimensions, '{}')
FROM pg_temp.ready_proposal
JOIN finance.proposal
    ON proposal.company = %(company)s::text AND proposal.proposal_id = ready_proposal.proposal_id
LEFT JOIN of_lines ON of_lines.proposal_id = ready_proposal.proposal_id
LEFT JOIN finance.contract
    ON contract.company = %(company)s::text AND contract.contract_id = proposal.contract_id
LEFT JOIN finance.customer
    ON customer.company = %(company)s::text AND customer.customer_id = proposal.customer_id
LEFT JOIN finance.default_dimension AS of_payer
    ON
        of_payer.company = %(company)s::text
        AND of_payer.owner = 'funding_source'
        AND of_payer.number = contract.number
        AND of_payer.detail = customer.account
LEFT JOIN finance.default_dimension AS of_customer
    ON
        of_customer.company = %(company)s::text
        AND of_customer.owner = 'customer'
        AND of_customer.number = customer.account
WHERE NOT proposal.dimensions_are_manual;

-- name: want_header_sets
INSERT INTO pg_temp.wanted_set (dimensions)
SELECT DISTINCT dimensions
FROM pg_temp.header_dimension
WHERE dimensions <> '{}';

-- name: place_header_dimensions
UPDATE finance.proposal
SET dimension_set_id = wanted_set.dimension_set_id
FROM pg_temp.header_dimension
LEFT JOIN pg_temp.wanted_set ON wanted_set.dimensions = header_dimension.dimensions
WHERE proposal.company = %(company)s::text AND proposal.proposal_id = header_dimension.proposal_id;

-- name: drop_header_dimension
DROP TABLE pg_temp.header_dimension;
