-- Every section compares what the file says with one table, by natural key, and gives the
-- number of rows per verdict. It writes only when it is given first_key: called without, it
-- tells how many keys are needed and whether anything would be written at all.

-- name: merge_roles
WITH given AS (
    SELECT
        given.name,
        given.billing_type
    FROM jsonb_to_recordset(%(content)s::jsonb) AS given (name text, billing_type operations.billing_type)
),

judged AS (
    SELECT
        given.*,
        CASE
            WHEN role.role_id IS NULL THEN 'added'
            WHEN role.billing_type <> given.billing_type THEN 'changed'
            ELSE 'unchanged'
        END AS verdict
    FROM given
    LEFT JOIN operations.role ON role.name = given.name
),

added AS (
    INSERT INTO operations.role (role_id, name, billing_type)
    SELECT
        %(first_key)s::bigint + row_number() OVER (ORDER BY name) - 1,
        name,
        billing_type
    FROM judged
    WHERE verdict = 'added' AND %(first_key)s::bigint IS NOT NULL
),

changed AS (
    UPDATE operations.role
    SET billing_type = judged.billing_type
    FROM judged
    WHERE role.name = judged.name AND judged.verdict = 'changed' AND %(first_key)s::bigint IS NOT NULL
)

SELECT
    verdict,
    count(*) AS row_count
FROM judged
GROUP BY verdict;

-- name: merge_categories
WITH given AS (
    SELECT
        given.number,
        given.name,
        given.billing_type
    FROM jsonb_to_recordset(%(content)s::jsonb) AS given (number text, name text, billing_type operations.billing_type)
),

judged AS (
    SELECT
        given.*,
        CASE
            WHEN category.category_id IS NULL THEN 'added'
            WHEN (category.name, category.billing_type) <> (given.name, given.billing_type) THEN 'changed'
            ELSE 'unchanged'
        END AS verdict
    FROM given
    LEFT JOIN operations.transaction_category AS category ON category.number = given.number
),

added AS (
    INSERT INTO operations.transaction_category (category_id, number, name, billing_type)
    SELECT
        %(first_key)s::bigint + row_number() OVER (ORDER BY number) - 1,
        number,
        name,
        billing_type
    FROM judged
    WHERE verdict = 'added' AND %(first_key)s::bigint IS NOT NULL
),

changed AS (
    UPDATE operations.transaction_category AS category
    SET
        name = judged.name,
        billing_type = judged.billing_type
    FROM judged
    WHERE category.number = judged.number AND judged.verdict = 'changed' AND %(first_key)s::bigint IS NOT NULL
)

SELECT
    verdict,
    count(*) AS row_count
FROM judged
GROUP BY verdict;

-- name: merge_units
WITH given AS (
    SELECT
        given.name,
        given.currency
    FROM jsonb_to_recordset(%(content)s::jsonb) AS given (name text, currency text)
    JOIN operations.currency ON currency.currency = given.currency
),

judged AS (
    SELECT
        given.*,
        CASE
            WHEN unit.organizational_unit_id IS NULL THEN 'added'
            WHEN unit.currency <> given.currency THEN 'changed'
            ELSE 'unchanged'
        END AS verdict
    FROM given
    LEFT JOIN operations.organizational_unit AS unit
        ON unit.company = %(company)s::text AND unit.name = given.name
),

added AS (
    INSERT INTO operations.organizational_unit (company, organizational_unit_id, name, currency)
    SELECT
        %(company)s::text,
        %(first_key)s::bigint + row_number() OVER (ORDER BY name) - 1,
        name,
        currency
    FROM judged
    WHERE verdict = 'added' AND %(first_key)s::bigint IS NOT NULL
),

changed AS (
    UPDATE operations.organizational_unit AS unit
    SET currency = judged.currency
    FROM judged
    WHERE
        unit.company = %(company)s::text
        AND unit.name = judged.name
        AND judged.verdict = 'changed'
        AND %(first_key)s::bigint IS NOT NULL
)

SELECT
    verdict,
    count(*) AS row_count
FROM judged
GROUP BY verdict;

-- name: merge_customers
WITH given AS (
    SELECT
        given.account,
        given.name,
        given.currency,
        given.payment_terms
    FROM
        jsonb_to_recordset(%(content)s::jsonb)
            AS given (account text, name text, currency text, payment_terms text)
    JOIN operations.currency ON currency.currency = given.currency
),

judged AS (
    SELECT
        given.*,
        CASE
            WHEN customer.customer_id IS NULL THEN 'added'
            WHEN
                (customer.name IS DISTINCT FROM given.name)
                OR (customer.currency IS DISTINCT FROM given.currency)
                OR (customer.payment_terms IS DISTINCT FROM given.payment_terms)
                THEN 'changed'
            ELSE 'unchanged'
        END AS verdict
    FROM given
    LEFT JOIN operations.customer
        ON customer.company = %(company)s::text AND customer.account = given.account
),

added AS (
    INSERT INTO operations.customer (company, customer_id, account, name, currency, payment_terms, change_set_id)
    SELECT
        %(company)s::text,
        %(first_key)s::bigint + row_number() OVER (ORDER BY account) - 1,
        account,
        name,
        currency,
        payment_terms,
        %(set_id)s::bigint
    FROM judged
    WHERE verdict = 'added' AND %(first_key)s::bigint IS NOT NULL
),

changed AS (
    UPDATE operations.customer
    SET
        name = judged.name,
        currency = judged.currency,
        payment_terms = judged.payment_terms,
        change_set_id = %(set_id)s::bigint
    FROM judged
    WHERE
        customer.company = %(company)s::text
        AND customer.account = judged.account
        AND judged.verdict = 'changed'
        AND %(first_key)s::bigint IS NOT NULL
)

SELECT
    verdict,
    count(*) AS row_count
FROM judged
GROUP BY verdict;

-- name: merge_resources
WITH given AS (
    SELECT
        given.name,
        given.email,
        role.role_id,
        unit.organizational_unit_id
    FROM jsonb_to_recordset(%(content)s::jsonb) AS given (name text, email text, role text, unit text)
    LEFT JOIN operations.role ON role.name = given.role
    LEFT JOIN operations.organizational_unit AS unit
        ON unit.company = %(company)s::text AND unit.name = given.unit
),

judged AS (
    SELECT
        given.*,
        CASE
            WHEN resource.resource_id IS NULL THEN 'added'
            WHEN
                (resource.email IS DISTINCT FROM given.email)
                OR (resource.role_id IS DISTINCT FROM given.role_id)
                OR (resource.organizational_unit_id IS DISTINCT FROM given.organizational_unit_id)
                THEN 'changed'
            ELSE 'unchanged'
        END AS verdict
    FROM given
    LEFT JOIN operations.resource
        ON resource.company = %(company)s::text AND resource.name = given.name
),

added AS (
    INSERT INTO operations.resource (
        company, resource_id, name, email, role_id, organizational_unit_id, change_set_id
    )
    SELECT
        %(company)s::text,
        %(first_key)s::bigint + row_number() OVER (ORDER BY name) - 1,
        name,
        email,
        role_id,
        organizational_unit_id,
        %(set_id)s::bigint
    FROM judged
    WHERE verdict = 'added' AND %(first_key)s::bigint IS NOT NULL
),

changed AS (
    UPDATE operations.resource
    SET
        email = judged.email,
        role_id = judged.role_id,
        organizational_unit_id = judged.organizational_unit_id,
        change_set_id = %(set_id)s::bigint
    FROM judged
    WHERE
        resource.company = %(company)s::text
        AND resource.name = judged.name
        AND judged.verdict = 'changed'
        AND %(first_key)s::bigint IS NOT NULL
)

SELECT
    verdict,
    count(*) AS row_count
FROM judged
GROUP BY verdict;
