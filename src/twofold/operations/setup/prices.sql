-- As in masters.sql: what the rows of a file mean in the columns of one table. The owners of a
-- price list are merged here whole, since one that is no longer named loses the list.

-- name: price_lists
SELECT
    given.name,
    given.context,
    given.currency,
    given.effective_from,
    given.effective_to
FROM
    jsonb_to_recordset(%(rows)s::jsonb)
        AS given (
            name text, context operations.price_context, currency text, effective_from date, effective_to date
        )
JOIN operations.currency ON currency.currency = given.currency;

-- name: role_prices
-- A unit is of the resourcing company named with it, or of the company itself. A row that names
-- something unknown is refused; until then it stays out, so that it is not taken for a wider one.
SELECT
    price_list.price_list_id,
    role.role_id,
    unit.organizational_unit_id AS resourcing_unit_id,
    contract.contract_id,
    customer.customer_id,
    given.effective_from,
    time_unit.time_unit,
    given.method,
    given.price,
    given.percent,
    coalesce(given.resourcing_company, unit.company) AS resourcing_company
FROM
    jsonb_to_recordset(%(rows)s::jsonb)
        AS given (
            price_list text, role text, resourcing_company text, resourcing_unit text, contract text, customer text,
            effective_from date, time_unit text, method operations.price_method, price numeric, percent numeric
        )
JOIN operations.price_list
    ON price_list.company = %(company)s::text AND price_list.name = given.price_list
JOIN operations.role ON role.name = given.role
JOIN operations.time_unit ON time_unit.time_unit = given.time_unit
LEFT JOIN operations.company AS employer ON employer.company = given.resourcing_company
LEFT JOIN operations.organizational_unit AS unit
    ON
        unit.company = coalesce(given.resourcing_company, %(company)s::text)
        AND unit.name = given.resourcing_unit
LEFT JOIN operations.contract
    ON contract.company = %(company)s::text AND contract.number = given.contract
LEFT JOIN operations.customer
    ON customer.company = %(company)s::text AND customer.account = given.customer
WHERE
    num_nonnulls(given.resourcing_company, given.resourcing_unit, given.contract, given.customer)
    = num_nonnulls(employer.company, unit.organizational_unit_id, contract.contract_id, customer.customer_id);

-- name: category_prices
SELECT
    price_list.price_list_id,
    category.category_id,
    given.unit,
    given.method,
    given.price,
    given.percent
FROM
    jsonb_to_recordset(%(rows)s::jsonb)
        AS given (
            price_list text, category text, unit text, method operations.price_method, price numeric, percent numeric
        )
JOIN operations.price_list
    ON price_list.company = %(company)s::text AND price_list.name = given.price_list
JOIN operations.transaction_category AS category ON category.name = given.category;

-- name: product_prices
SELECT
    price_list.price_list_id,
    product.product_id,
    given.unit,
    given.method,
    given.price,
    given.percent
FROM
    jsonb_to_recordset(%(rows)s::jsonb)
        AS given (
            price_list text, product text, unit text, method operations.price_method, price numeric, percent numeric
        )
JOIN operations.price_list
    ON price_list.company = %(company)s::text AND price_list.name = given.price_list
JOIN operations.product ON product.number = given.product;

-- name: merge_contract_price_lists
-- The file names all owners of a price list: one that it no longer names loses the list.
WITH given AS (
    SELECT
        price_list.price_list_id,
        contract.contract_id
    FROM jsonb_to_recordset(%(rows)s::jsonb) AS given (price_list text, context text, owner text)
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
    FROM jsonb_to_recordset(%(rows)s::jsonb) AS given (price_list text, context text, owner text)
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
