-- Every section «put_…» takes the rows of one company and table as JSON, adds the new ones, changes
-- those that differ, and gives the counts. A row just added has no earlier version: its xmax is 0.

-- name: put_tax_code
WITH given AS (
    SELECT
        given_row.tax_code,
        given_row.name,
        given_row.payable_account
    FROM jsonb_to_recordset(%(rows)s::jsonb) AS given_row (tax_code text, name text, payable_account text)
),

written AS (
    INSERT INTO finance.tax_code AS stored (company, tax_code, name, payable_account)
    SELECT
        %(company)s::text,
        tax_code,
        name,
        payable_account
    FROM given
    ORDER BY tax_code
    ON CONFLICT (company, tax_code) DO UPDATE
        SET
            name = excluded.name,
            payable_account = excluded.payable_account
        WHERE (stored.name, stored.payable_account) IS DISTINCT FROM (excluded.name, excluded.payable_account)
    RETURNING xmax = 0 AS is_new
)

SELECT
    0::bigint AS removed,
    count(*) FILTER (WHERE is_new) AS added,
    count(*) FILTER (WHERE NOT is_new) AS changed,
    (SELECT count(*) FROM given) - count(*) AS unchanged
FROM written;

-- name: put_tax_rate
WITH given AS (
    SELECT
        given_row.tax_code,
        given_row.valid_from,
        given_row.rate
    FROM jsonb_to_recordset(%(rows)s::jsonb) AS given_row (tax_code text, valid_from date, rate numeric)
),

written AS (
    INSERT INTO finance.tax_rate AS stored (company, tax_code, valid_from, rate)
    SELECT
        %(company)s::text,
        tax_code,
        valid_from,
        rate
    FROM given
    ORDER BY tax_code, valid_from
    ON CONFLICT (company, tax_code, valid_from) DO UPDATE
        SET
            rate = excluded.rate
        WHERE stored.rate IS DISTINCT FROM excluded.rate
    RETURNING xmax = 0 AS is_new
)

SELECT
    0::bigint AS removed,
    count(*) FILTER (WHERE is_new) AS added,
    count(*) FILTER (WHERE NOT is_new) AS changed,
    (SELECT count(*) FROM given) - count(*) AS unchanged
FROM written;

-- name: put_tax_group_code
-- A group that is named holds exactly the codes given; other groups stay.
WITH named AS (
    SELECT
        given_row.tax_group,
        given_row.tax_codes
    FROM jsonb_to_recordset(%(rows)s::jsonb) AS given_row (tax_group text, tax_codes text[])
),

given AS (
    SELECT
        named.tax_group,
        code.tax_code
    FROM named
    CROSS JOIN unnest(named.tax_codes) AS code (tax_code)
),

removed AS (
    DELETE FROM finance.tax_group_code AS stored
    USING named
    WHERE
        stored.company = %(company)s::text
        AND stored.tax_group = named.tax_group
        AND array_position(named.tax_codes, stored.tax_code) IS NULL
    RETURNING stored.tax_code
),

written AS (
    INSERT INTO finance.tax_group_code (company, tax_group, tax_code)
    SELECT
        %(company)s::text,
        tax_group,
        tax_code
    FROM given
    ORDER BY tax_group, tax_code
    ON CONFLICT (company, tax_group, tax_code) DO NOTHING
    RETURNING tax_code
)

SELECT
    0::bigint AS changed,
    count(*) AS added,
    (SELECT count(*) FROM removed) AS removed,
    (SELECT count(*) FROM given) - count(*) AS unchanged
FROM written;

-- name: put_item_tax_group_code
-- A group that is named holds exactly the codes given; other groups stay.
WITH named AS (
    SELECT
        given_row.item_tax_group,
        given_row.tax_codes
    FROM jsonb_to_recordset(%(rows)s::jsonb) AS given_row (item_tax_group text, tax_codes text[])
),

given AS (
    SELECT
        named.item_tax_group,
        code.tax_code
    FROM named
    CROSS JOIN unnest(named.tax_codes) AS code (tax_code)
),

removed AS (
    DELETE FROM finance.item_tax_group_code AS stored
    USING named
    WHERE
        stored.company = %(company)s::text
        AND stored.item_tax_group = named.item_tax_group
        AND array_position(named.tax_codes, stored.tax_code) IS NULL
    RETURNING stored.tax_code
),

written AS (
    INSERT INTO finance.item_tax_group_code (company, item_tax_group, tax_code)
    SELECT
        %(company)s::text,
        item_tax_group,
        tax_code
    FROM given
    ORDER BY item_tax_group, tax_code
    ON CONFLICT (company, item_tax_group, tax_code) DO NOTHING
    RETURNING tax_code
)

SELECT
    0::bigint AS changed,
    count(*) AS added,
    (SELECT count(*) FROM removed) AS removed,
    (SELECT count(*) FROM given) - count(*) AS unchanged
FROM written;
