-- Every section tells what the rows of a file mean in the columns of one table; the merge around
-- it adds what is new and changes what differs.

-- name: roles
SELECT
    given.name,
    given.billing_type
FROM jsonb_to_recordset(%(rows)s::jsonb) AS given (name text, billing_type operations.billing_type);

-- name: categories
SELECT
    given.number,
    given.name,
    given.billing_type
FROM jsonb_to_recordset(%(rows)s::jsonb) AS given (number text, name text, billing_type operations.billing_type);

-- name: products
SELECT
    given.number,
    given.name
FROM jsonb_to_recordset(%(rows)s::jsonb) AS given (number text, name text);

-- name: time_units
SELECT
    given.name AS time_unit,
    given.hours
FROM jsonb_to_recordset(%(rows)s::jsonb) AS given (name text, hours numeric);

-- name: company_roles
SELECT
    role.role_id,
    role.name
FROM operations.role;

-- name: company_categories
SELECT
    category.category_id,
    category.number,
    category.name
FROM operations.transaction_category AS category;

-- name: units
SELECT
    given.name,
    given.currency
FROM jsonb_to_recordset(%(rows)s::jsonb) AS given (name text, currency text)
JOIN operations.currency ON currency.currency = given.currency;

-- name: customers
SELECT
    given.account,
    given.name,
    given.currency,
    given.payment_terms
FROM
    jsonb_to_recordset(%(rows)s::jsonb)
        AS given (account text, name text, currency text, payment_terms text)
JOIN operations.currency ON currency.currency = given.currency;

-- name: created_customers
-- Customers that finance created and nobody stated here: they become customers as finance has them.
SELECT
    told.account,
    told.name,
    told.currency,
    told.payment_terms
FROM operations.customer_accounting AS told
WHERE
    told.company = %(company)s::text
    AND told.name IS NOT NULL
    AND NOT EXISTS (
        SELECT
        FROM operations.customer
        WHERE customer.company = told.company AND customer.account = told.account
    );

-- name: resources
SELECT
    given.name,
    given.email,
    role.role_id,
    unit.organizational_unit_id,
    lender.company AS lent_by
FROM jsonb_to_recordset(%(rows)s::jsonb) AS given (name text, email text, role text, unit text, lent_by text)
LEFT JOIN operations.role ON role.name = given.role
LEFT JOIN operations.organizational_unit AS unit
    ON unit.company = %(company)s::text AND unit.name = given.unit
LEFT JOIN operations.company AS lender ON lender.company = given.lent_by;
