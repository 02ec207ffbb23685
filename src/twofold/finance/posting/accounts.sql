-- name: create_needed_account
-- What accounts are asked for; '' where the line has no category or no sales tax group, 0 where it has no contract
-- or no customer.
CREATE TEMPORARY TABLE needed_account (
    posting_type finance.posting_type NOT NULL,
    project_id bigint NOT NULL,
    category_number text NOT NULL,
    class finance.transaction_class NOT NULL,
    contract_id bigint NOT NULL,
    customer_id bigint NOT NULL,
    tax_group text NOT NULL,
    PRIMARY KEY (posting_type, project_id, category_number, class, contract_id, customer_id, tax_group)
) ON COMMIT DROP;

-- name: create_found_account
CREATE TEMPORARY TABLE found_account (
    posting_type finance.posting_type NOT NULL,
    project_id bigint NOT NULL,
    category_number text NOT NULL,
    class finance.transaction_class NOT NULL,
    contract_id bigint NOT NULL,
    customer_id bigint NOT NULL,
    tax_group text NOT NULL,
    account text NOT NULL,
    PRIMARY KEY (posting_type, project_id, category_number, class, contract_id, customer_id, tax_group)
) ON COMMIT DROP;

-- name: find_accounts
-- The most specific setup row wins; the project side varies slowest, or the category side where the
-- project is set up so. Of two that agree in both, the one for the funding source wins, then the one for the sales
-- tax group.
INSERT INTO pg_temp.found_account (
    posting_type, project_id, category_number, class, contract_id, customer_id, tax_group, account
)
SELECT DISTINCT ON (
    needed.posting_type, needed.project_id, needed.category_number, needed.class, needed.contract_id,
    needed.customer_id, needed.tax_group
)
    needed.posting_type,
    needed.project_id,
    needed.category_number,
    needed.class,
    needed.contract_id,
    needed.customer_id,
    needed.tax_group,
    setup.account
FROM pg_temp.needed_account AS needed
JOIN finance.project
    ON project.company = %(company)s::text AND project.project_id = needed.project_id
LEFT JOIN finance.project_accounting
    ON project_accounting.company = %(company)s::text AND project_accounting.project_number = project.number
LEFT JOIN finance.project_category
    ON
        project_category.company = %(company)s::text
        AND project_category.category_number = needed.category_number
        AND project_category.class = needed.class
LEFT JOIN finance.contract
    ON contract.company = %(company)s::text AND contract.contract_id = needed.contract_id
LEFT JOIN finance.customer
    ON customer.company = %(company)s::text AND customer.customer_id = needed.customer_id
JOIN finance.posting_setup AS setup
    ON
        setup.company = %(company)s::text
        AND setup.posting_type = needed.posting_type
        AND (setup.project_number IS NULL OR setup.project_number = project.number)
        AND (setup.project_group IS NULL OR setup.project_group = project_accounting.project_group)
        AND (setup.category_number IS NULL OR setup.category_number = needed.category_number)
        AND (setup.category_group IS NULL OR setup.category_group = project_category.category_group)
        AND (setup.contract_number IS NULL OR setup.contract_number = contract.number)
        AND (setup.payer IS NULL OR setup.payer = customer.account)
        AND (setup.tax_group IS NULL OR setup.tax_group = needed.tax_group)
ORDER BY
    needed.posting_type,
    needed.project_id,
    needed.category_number,
    needed.class,
    needed.contract_id,
    needed.customer_id,
    needed.tax_group,
    (setup.category_number IS NOT NULL AND coalesce(project_accounting.account_search = 'category_first', false)) DESC,
    (setup.category_group IS NOT NULL AND coalesce(project_accounting.account_search = 'category_first', false)) DESC,
    (setup.project_number IS NOT NULL) DESC,
    (setup.project_group IS NOT NULL) DESC,
    (setup.category_number IS NOT NULL) DESC,
    (setup.category_group IS NOT NULL) DESC,
    (setup.payer IS NOT NULL) DESC,
    (setup.tax_group IS NOT NULL) DESC;

-- name: analyze_found_account
ANALYZE pg_temp.found_account;

-- name: drop_accounts
DROP TABLE pg_temp.needed_account, pg_temp.found_account;
