-- As in masters.sql: every section writes only when it is given first_key.

-- name: merge_price_lists
WITH given AS (
    SELECT
        given.name,
        given.context,
        given.currency,
        given.effective_from,
        given.effective_to
    FROM
        jsonb_to_recordset(%(content)s::jsonb)
            AS given (
                name text, context operations.price_context, currency text, effective_from date, effective_to date
            )
    JOIN operations.currency ON currency.currency = given.currency
),

judged AS (
    SELECT
        given.*,
        CASE
            WHEN price_list.price_list_id IS NULL THEN 'added'
            WHEN
                (price_list.context IS DISTINCT FROM given.context)
                OR (price_list.currency IS DISTINCT FROM given.currency)
                OR (price_list.effective_from IS DISTINCT FROM given.effective_from)
                OR (price_list.effective_to IS DISTINCT FROM given.effective_to)
                THEN 'changed'
            ELSE 'unchanged'
        END AS verdict
    FROM given
    LEFT JOIN operations.price_list
        ON price_list.company = %(company)s::text AND price_list.name = given.name
),

added AS (
    INSERT INTO operations.price_list (
        company, price_list_id, name, context, currency, effective_from, effective_to
    )
    SELECT
        %(company)s::text,
        %(first_key)s::bigint + row_number() OVER (ORDER BY name) - 1,
        name,
        context,
        currency,
        effective_from,
        effective_to
    FROM judged
    WHERE verdict = 'added' AND %(first_key)s::bigint IS NOT NULL
),

changed AS (
    UPDATE operations.price_list
    SET
        context = judged.context,
        currency = judged.currency,
        effective_from = judged.effective_from,
        effective_to = judged.effective_to
    FROM judged
    WHERE
        price_list.company = %(company)s::text
        AND price_list.name = judged.name
        AND judged.verdict = 'changed'
        AND %(first_key)s::bigint IS NOT NULL
)

SELECT
    verdict,
    count(*) AS row_count
FROM judged
GROUP BY verdict;

-- name: merge_role_prices
WITH given AS (
    SELECT
        price_list.price_list_id,
        role.role_id,
        given.price
    FROM jsonb_to_recordset(%(content)s::jsonb) AS given (price_list text, role text, price numeric)
    JOIN operations.price_list
        ON price_list.company = %(company)s::text AND price_list.name = given.price_list
    JOIN operations.role ON role.name = given.role
),

judged AS (
    SELECT
        given.*,
        CASE
            WHEN role_price.role_id IS NULL THEN 'added'
            WHEN role_price.price <> given.price THEN 'changed'
            ELSE 'unchanged'
        END AS verdict
    FROM given
    LEFT JOIN operations.role_price
        ON
            role_price.company = %(company)s::text
            AND role_price.price_list_id = given.price_list_id
            AND role_price.role_id = given.role_id
),

added AS (
    INSERT INTO operations.role_price (company, price_list_id, role_id, price)
    SELECT
        %(company)s::text,
        price_list_id,
        role_id,
        price
    FROM judged
    WHERE verdict = 'added' AND %(first_key)s::bigint IS NOT NULL
),

changed AS (
    UPDATE operations.role_price
    SET price = judged.price
    FROM judged
    WHERE
        role_price.company = %(company)s::text
        AND role_price.price_list_id = judged.price_list_id
        AND role_price.role_id = judged.role_id
        AND judged.verdict = 'changed'
        AND %(first_key)s::bigint IS NOT NULL
)

SELECT
    verdict,
    count(*) AS row_count
FROM judged
GROUP BY verdict;

-- name: merge_category_prices
WITH given AS (
    SELECT
        price_list.price_list_id,
        category.category_id,
        given.method,
        given.price,
        given.percent
    FROM
        jsonb_to_recordset(%(content)s::jsonb)
            AS given (
                price_list text, category text, method operations.price_method, price numeric, percent numeric
            )
    JOIN operations.price_list
        ON price_list.company = %(company)s::text AND price_list.name = given.price_list
    JOIN operations.transaction_category AS category ON category.name = given.category
),

judged AS (
    SELECT
        given.*,
        CASE
            WHEN category_price.category_id IS NULL THEN 'added'
            WHEN
                (category_price.method IS DISTINCT FROM given.method)
                OR (category_price.price IS DISTINCT FROM given.price)
                OR (category_price.percent IS DISTINCT FROM given.percent)
                THEN 'changed'
            ELSE 'unchanged'
        END AS verdict
    FROM given
    LEFT JOIN operations.category_price
        ON
            category_price.company = %(company)s::text
            AND category_price.price_list_id = given.price_list_id
            AND category_price.category_id = given.category_id
),

added AS (
    INSERT INTO operations.category_price (company, price_list_id, category_id, method, price, percent)
    SELECT
        %(company)s::text,
        price_list_id,
        category_id,
        method,
        price,
        percent
    FROM judged
    WHERE verdict = 'added' AND %(first_key)s::bigint IS NOT NULL
),

changed AS (
    UPDATE operations.category_price
    SET
        method = judged.method,
        price = judged.price,
        percent = judged.percent
    FROM judged
    WHERE
        category_price.company = %(company)s::text
        AND category_price.price_list_id = judged.price_list_id
        AND category_price.category_id = judged.category_id
        AND judged.verdict = 'changed'
        AND %(first_key)s::bigint IS NOT NULL
)

SELECT
    verdict,
    count(*) AS row_count
FROM judged
GROUP BY verdict;

-- name: merge_contract_price_lists
-- The file names all owners of a price list: one that it no longer names loses the list.
WITH given AS (
    SELECT
        price_list.price_list_id,
        contract.contract_id
    FROM jsonb_to_recordset(%(content)s::jsonb) AS given (price_list text, context text, owner text)
    JOIN operations.price_list
        ON price_list.company = %(company)s::text AND price_list.name = given.price_list
    LEFT JOIN operations.contract
        ON contract.company = %(company)s::text AND contract.number = given.owner AND given.context = 'sales'
),

owned AS (
    SELECT
        price_list_id,
        contract_id
    FROM given
    WHERE contract_id IS NOT NULL
),

present AS (
    SELECT
        price_list_id,
        contract_id
    FROM operations.contract_price_list
    WHERE company = %(company)s::text AND price_list_id IN (SELECT given.price_list_id FROM given)
),

judged AS (
    SELECT
        coalesce(owned.price_list_id, present.price_list_id) AS price_list_id,
        coalesce(owned.contract_id, present.contract_id) AS contract_id,
        CASE
            WHEN present.contract_id IS NULL THEN 'added'
            WHEN owned.contract_id IS NULL THEN 'changed'
            ELSE 'unchanged'
        END AS verdict
    FROM owned
    FULL JOIN present
        ON present.price_list_id = owned.price_list_id AND present.contract_id = owned.contract_id
),

added AS (
    INSERT INTO operations.contract_price_list (company, contract_id, price_list_id)
    SELECT
        %(company)s::text,
        contract_id,
        price_list_id
    FROM judged
    WHERE verdict = 'added' AND %(first_key)s::bigint IS NOT NULL
),

removed AS (
    DELETE FROM operations.contract_price_list AS present
    USING judged
    WHERE
        present.company = %(company)s::text
        AND present.contract_id = judged.contract_id
        AND present.price_list_id = judged.price_list_id
        AND judged.verdict = 'changed'
        AND %(first_key)s::bigint IS NOT NULL
)

SELECT
    verdict,
    count(*) AS row_count
FROM judged
GROUP BY verdict;

-- name: merge_unit_price_lists
-- The file names all owners of a price list: one that it no longer names loses the list.
WITH given AS (
    SELECT
        price_list.price_list_id,
        unit.organizational_unit_id
    FROM jsonb_to_recordset(%(content)s::jsonb) AS given (price_list text, context text, owner text)
    JOIN operations.price_list
        ON price_list.company = %(company)s::text AND price_list.name = given.price_list
    LEFT JOIN operations.organizational_unit AS unit
        ON unit.company = %(company)s::text AND unit.name = given.owner AND given.context = 'cost'
),

owned AS (
    SELECT
        price_list_id,
        organizational_unit_id
    FROM given
    WHERE organizational_unit_id IS NOT NULL
),

present AS (
    SELECT
        price_list_id,
        organizational_unit_id
    FROM operations.unit_price_list
    WHERE company = %(company)s::text AND price_list_id IN (SELECT given.price_list_id FROM given)
),

judged AS (
    SELECT
        coalesce(owned.price_list_id, present.price_list_id) AS price_list_id,
        coalesce(owned.organizational_unit_id, present.organizational_unit_id) AS organizational_unit_id,
        CASE
            WHEN present.organizational_unit_id IS NULL THEN 'added'
            WHEN owned.organizational_unit_id IS NULL THEN 'changed'
            ELSE 'unchanged'
        END AS verdict
    FROM owned
    FULL JOIN present
        ON present.price_list_id = owned.price_list_id AND present.organizational_unit_id = owned.organizational_unit_id
),

added AS (
    INSERT INTO operations.unit_price_list (company, organizational_unit_id, price_list_id)
    SELECT
        %(company)s::text,
        organizational_unit_id,
        price_list_id
    FROM judged
    WHERE verdict = 'added' AND %(first_key)s::bigint IS NOT NULL
),

removed AS (
    DELETE FROM operations.unit_price_list AS present
    USING judged
    WHERE
        present.company = %(company)s::text
        AND present.organizational_unit_id = judged.organizational_unit_id
        AND present.price_list_id = judged.price_list_id
        AND judged.verdict = 'changed'
        AND %(first_key)s::bigint IS NOT NULL
)

SELECT
    verdict,
    count(*) AS row_count
FROM judged
GROUP BY verdict;
