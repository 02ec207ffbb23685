-- Every section «put_…» takes the rows of one company and table as JSON, adds the new ones, changes
-- those that differ, and gives the counts. A row just added has no earlier version: its xmax is 0.

-- name: put_customer_accounting
WITH given AS (
    SELECT
        given_row.account,
        given_row.tax_group,
        given_row.posting_profile
    FROM jsonb_to_recordset(%(rows)s::jsonb) AS given_row (account text, tax_group text, posting_profile text)
),

written AS (
    INSERT INTO finance.customer_accounting AS stored (company, account, tax_group, posting_profile)
    SELECT
        %(company)s::text,
        account,
        tax_group,
        posting_profile
    FROM given
    ORDER BY account
    ON CONFLICT (company, account) DO UPDATE
        SET
            tax_group = excluded.tax_group,
            posting_profile = excluded.posting_profile
        WHERE (stored.tax_group, stored.posting_profile)
        IS DISTINCT FROM (excluded.tax_group, excluded.posting_profile)
    RETURNING xmax = 0 AS is_new
)

SELECT
    0::bigint AS removed,
    count(*) FILTER (WHERE is_new) AS added,
    count(*) FILTER (WHERE NOT is_new) AS changed,
    (SELECT count(*) FROM given) - count(*) AS unchanged
FROM written;

-- name: put_contract_accounting
WITH given AS (
    SELECT
        given_row.contract_number,
        given_row.tax_group
    FROM jsonb_to_recordset(%(rows)s::jsonb) AS given_row (contract_number text, tax_group text)
),

written AS (
    INSERT INTO finance.contract_accounting AS stored (company, contract_number, tax_group)
    SELECT
        %(company)s::text,
        contract_number,
        tax_group
    FROM given
    ORDER BY contract_number
    ON CONFLICT (company, contract_number) DO UPDATE
        SET
            tax_group = excluded.tax_group
        WHERE stored.tax_group IS DISTINCT FROM excluded.tax_group
    RETURNING xmax = 0 AS is_new
)

SELECT
    0::bigint AS removed,
    count(*) FILTER (WHERE is_new) AS added,
    count(*) FILTER (WHERE NOT is_new) AS changed,
    (SELECT count(*) FROM given) - count(*) AS unchanged
FROM written;

-- name: put_project_accounting
WITH given AS (
    SELECT
        given_row.project_number,
        given_row.tax_group,
        given_row.project_group
    FROM jsonb_to_recordset(%(rows)s::jsonb) AS given_row (project_number text, tax_group text, project_group text)
),

written AS (
    INSERT INTO finance.project_accounting AS stored (company, project_number, tax_group, project_group)
    SELECT
        %(company)s::text,
        project_number,
        tax_group,
        project_group
    FROM given
    ORDER BY project_number
    ON CONFLICT (company, project_number) DO UPDATE
        SET
            tax_group = excluded.tax_group,
            project_group = excluded.project_group
        WHERE (stored.tax_group, stored.project_group) IS DISTINCT FROM (excluded.tax_group, excluded.project_group)
    RETURNING xmax = 0 AS is_new
)

SELECT
    0::bigint AS removed,
    count(*) FILTER (WHERE is_new) AS added,
    count(*) FILTER (WHERE NOT is_new) AS changed,
    (SELECT count(*) FROM given) - count(*) AS unchanged
FROM written;

-- name: put_item_accounting
WITH given AS (
    SELECT
        given_row.product_number,
        given_row.item_tax_group
    FROM jsonb_to_recordset(%(rows)s::jsonb) AS given_row (product_number text, item_tax_group text)
),

written AS (
    INSERT INTO finance.item_accounting AS stored (company, product_number, item_tax_group)
    SELECT
        %(company)s::text,
        product_number,
        item_tax_group
    FROM given
    ORDER BY product_number
    ON CONFLICT (company, product_number) DO UPDATE
        SET
            item_tax_group = excluded.item_tax_group
        WHERE stored.item_tax_group IS DISTINCT FROM excluded.item_tax_group
    RETURNING xmax = 0 AS is_new
)

SELECT
    0::bigint AS removed,
    count(*) FILTER (WHERE is_new) AS added,
    count(*) FILTER (WHERE NOT is_new) AS changed,
    (SELECT count(*) FROM given) - count(*) AS unchanged
FROM written;
