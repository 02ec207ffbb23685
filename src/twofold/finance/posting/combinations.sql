-- name: create_posting_combination
-- What each proposal posts where; 0 stands for no dimensions.
CREATE TEMPORARY TABLE posting_combination (
    proposal_id bigint NOT NULL,
    account text NOT NULL,
    dimension_set_id bigint NOT NULL,
    PRIMARY KEY (proposal_id, account, dimension_set_id)
) ON COMMIT DROP;

-- name: fill_posting_combination
WITH line AS (
    SELECT DISTINCT
        proposal_id,
        is_on_account,
        project_id,
        contract_id,
        customer_id,
        billing_method,
        category_number,
        class,
        tax_group,
        item_tax_group,
        tax_on,
        taxed_as_id,
        discount_account,
        coalesce(dimension_set_id, 0) AS dimension_set_id
    FROM pg_temp.invoiced_line
    WHERE credited_id IS NULL
)

INSERT INTO pg_temp.posting_combination (proposal_id, account, dimension_set_id)
SELECT
    proposal_id,
    receivable_account AS account,
    coalesce(dimension_set_id, 0)
FROM pg_temp.posting_invoice
WHERE receivable_account IS NOT NULL
UNION
SELECT
    line.proposal_id,
    revenue.account,
    line.dimension_set_id
FROM line
JOIN pg_temp.posting_revenue AS revenue
    ON
        revenue.is_on_account = line.is_on_account
        AND revenue.project_id = line.project_id
        AND revenue.contract_id = line.contract_id
        AND revenue.customer_id = line.customer_id
        AND revenue.tax_group = line.tax_group
        AND revenue.billing_method = line.billing_method
        AND revenue.category_number = line.category_number
        AND revenue.class = line.class
WHERE revenue.account IS NOT NULL
UNION
SELECT
    proposal_id,
    discount_account,
    dimension_set_id
FROM line
WHERE discount_account IS NOT NULL
UNION
SELECT
    line.proposal_id,
    line_tax.payable_account,
    line.dimension_set_id
FROM line
JOIN pg_temp.line_tax
    ON
        line_tax.tax_group = line.tax_group
        AND line_tax.item_tax_group = line.item_tax_group
        AND line_tax.tax_on = line.tax_on
        AND line_tax.taxed_as_id = line.taxed_as_id;

-- name: name_combinations
INSERT INTO pg_temp.needed_combination (account, dimension_set_id)
SELECT DISTINCT
    account,
    dimension_set_id
FROM pg_temp.posting_combination;

-- name: read_problems
SELECT
    posting_invoice.number,
    bad_combination.problem AS value
FROM pg_temp.posting_combination AS posted
JOIN pg_temp.bad_combination
    ON
        bad_combination.account = posted.account
        AND bad_combination.dimension_set_id = posted.dimension_set_id
JOIN pg_temp.posting_invoice ON posting_invoice.proposal_id = posted.proposal_id
ORDER BY posted.proposal_id, posted.account, posted.dimension_set_id;

-- name: drop_posting_combination
DROP TABLE pg_temp.posting_combination;
