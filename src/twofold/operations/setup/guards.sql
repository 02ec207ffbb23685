-- name: list_companies
-- The legal entities that the book knows, with the currency their ledgers are kept in.
SELECT
    company,
    accounting_currency
FROM operations.company
ORDER BY company;

-- name: list_ledgers
-- The companies whose ledger has arrived.
SELECT company
FROM operations.ledger
ORDER BY company;

-- name: find_unknown_references
-- References of the file to records that neither the file nor the book has. What the file has
-- is not asked for here.
WITH given AS (
    SELECT
        given.record,
        given.field,
        given.kind,
        given.company,
        given.value
    FROM jsonb_to_recordset(%(named)s::jsonb)
        AS given (record text, field text, kind text, company text, value text)
),

known AS (
    SELECT
        'currency' AS kind,
        '' AS company,
        currency AS value
    FROM operations.currency
    UNION ALL
    SELECT
        'role',
        '',
        name
    FROM operations.role
    UNION ALL
    SELECT
        'category',
        '',
        name
    FROM operations.transaction_category
    UNION ALL
    SELECT
        'product',
        '',
        number
    FROM operations.product
    UNION ALL
    SELECT
        'time unit',
        '',
        time_unit
    FROM operations.time_unit
    UNION ALL
    SELECT
        'company',
        '',
        company
    FROM operations.company
    UNION ALL
    SELECT
        'unit',
        company,
        name
    FROM operations.organizational_unit
    WHERE company IN (SELECT company FROM given)
    UNION ALL
    SELECT
        'customer',
        company,
        account
    FROM operations.customer
    WHERE company IN (SELECT company FROM given)
    UNION ALL
    -- created by finance, taken over with this setup
    SELECT
        'customer',
        company,
        account
    FROM operations.customer_accounting
    WHERE company IN (SELECT company FROM given) AND name IS NOT NULL
    UNION ALL
    SELECT
        'contract',
        company,
        number
    FROM operations.contract
    WHERE company IN (SELECT company FROM given)
    UNION ALL
    SELECT
        'project',
        company,
        number
    FROM operations.project
    WHERE company IN (SELECT company FROM given)
)

SELECT
    record,
    field,
    kind,
    value
FROM given
WHERE
    NOT EXISTS (
        SELECT
        FROM known
        WHERE known.kind = given.kind AND known.company = given.company AND known.value = given.value
    )
ORDER BY record, field, value;

-- name: find_retyped_projects
-- Projects with actuals whose type the file would change.
SELECT
    given.number AS project,
    given.project_type::text AS value,
    project.project_type::text AS present
FROM
    jsonb_to_recordset(%(projects)s::jsonb)
        AS given (company text, number text, project_type operations.project_type)
JOIN operations.project ON project.company = given.company AND project.number = given.number
WHERE
    project.company = %(company)s::text
    AND project.project_type <> given.project_type
    AND (
        SELECT min(actual.actual_id)
        FROM operations.actual
        WHERE actual.company = %(company)s::text AND actual.project_id = project.project_id
    ) IS NOT NULL
ORDER BY project;

-- name: find_investment_lines
-- Contract lines that would bill an investment project.
SELECT
    contract.number AS contract,
    contract_line.line_number,
    project.number AS project
FROM operations.contract_line
JOIN operations.contract
    ON contract.company = contract_line.company AND contract.contract_id = contract_line.contract_id
JOIN operations.project
    ON project.company = contract_line.company AND project.project_id = contract_line.project_id
WHERE contract_line.company = %(company)s::text AND project.project_type = 'investment'
ORDER BY contract, line_number;

-- name: find_locked_contracts
-- Contracts whose currency or customer the file would change.
SELECT
    given.number AS contract,
    difference.field,
    difference.given AS value,
    difference.present
FROM jsonb_to_recordset(%(contracts)s::jsonb) AS given (number text, customer text, currency text)
JOIN operations.contract
    ON contract.company = %(company)s::text AND contract.number = given.number
JOIN operations.customer
    ON customer.company = %(company)s::text AND customer.customer_id = contract.customer_id
CROSS JOIN
    LATERAL (
        VALUES ('currency', given.currency, contract.currency), ('customer', given.customer, customer.account)
    ) AS difference (field, given, present)
WHERE difference.given <> difference.present
ORDER BY contract, field;

-- name: find_locked_milestones
-- Milestones that stand on a proforma and that the file would change.
SELECT
    given.contract,
    given.line_number,
    given.name,
    difference.field,
    difference.given AS value,
    difference.present
FROM
    jsonb_to_recordset(%(milestones)s::jsonb)
        AS given (
            contract text, line_number integer, name text, milestone_date date, amount numeric, tax_amount numeric
        )
JOIN operations.contract
    ON contract.company = %(company)s::text AND contract.number = given.contract
JOIN operations.contract_line
    ON
        contract_line.company = %(company)s::text
        AND contract_line.contract_id = contract.contract_id
        AND contract_line.line_number = given.line_number
JOIN operations.milestone
    ON
        milestone.company = %(company)s::text
        AND milestone.contract_line_id = contract_line.contract_line_id
        AND milestone.name = given.name
CROSS JOIN
    LATERAL (
        VALUES
        ('date', given.milestone_date::text, milestone.milestone_date::text),
        ('amount', trim_scale(given.amount)::text, trim_scale(milestone.amount)::text),
        ('tax_amount', trim_scale(given.tax_amount)::text, trim_scale(milestone.tax_amount)::text)
    ) AS difference (field, given, present)
WHERE milestone.state IN ('on_proforma', 'posted') AND difference.given <> difference.present
ORDER BY contract, line_number, name, field;

-- name: find_misfit_milestones
-- Milestones of the file on lines that cannot have any.
SELECT
    given.contract,
    given.line_number,
    given.name,
    contract_line.billing_method::text AS billing_method
FROM jsonb_to_recordset(%(milestones)s::jsonb) AS given (contract text, line_number integer, name text)
JOIN operations.contract
    ON contract.company = %(company)s::text AND contract.number = given.contract
JOIN operations.contract_line
    ON
        contract_line.company = %(company)s::text
        AND contract_line.contract_id = contract.contract_id
        AND contract_line.line_number = given.line_number
WHERE contract_line.billing_method <> 'fixed_price' OR contract_line.project_id IS NULL
ORDER BY contract, line_number, name;

-- name: find_overlapping_lines
-- Work that two lines of one contract would bill: the same class of the same project. Lines
-- always cover all tasks of their project.
SELECT
    contract.number AS contract,
    project.number AS project,
    covered.class AS class_,
    string_agg(contract_line.line_number::text, ', ' ORDER BY contract_line.line_number) AS line_numbers
FROM operations.contract_line
CROSS JOIN
    LATERAL (
        VALUES
        ('time', contract_line.includes_time),
        ('expense', contract_line.includes_expense),
        ('material', contract_line.includes_material),
        ('fee', contract_line.includes_fee)
    ) AS covered (class, is_included)
JOIN operations.contract
    ON contract.company = contract_line.company AND contract.contract_id = contract_line.contract_id
JOIN operations.project
    ON project.company = contract_line.company AND project.project_id = contract_line.project_id
WHERE contract_line.company = %(company)s::text AND covered.is_included
GROUP BY contract.number, project.number, covered.class
HAVING count(*) > 1
ORDER BY contract, project, class_;

-- name: find_uneven_milestones
-- Contract lines whose milestones add up to something else than was agreed.
SELECT
    contract.number AS contract,
    contract_line.line_number,
    trim_scale(contract_line.contracted_amount) AS contracted_amount,
    trim_scale(sum(milestone.amount)) AS milestone_amount
FROM operations.contract_line
JOIN operations.contract
    ON contract.company = contract_line.company AND contract.contract_id = contract_line.contract_id
JOIN operations.milestone
    ON milestone.company = contract_line.company AND milestone.contract_line_id = contract_line.contract_line_id
WHERE contract_line.company = %(company)s::text
GROUP BY contract.number, contract_line.line_number, contract_line.contracted_amount
HAVING sum(milestone.amount) <> contract_line.contracted_amount
ORDER BY contract, line_number;

-- name: find_foreign_price_lists
-- Sales price lists in another currency than their contract's: their prices would mean nothing.
SELECT
    price_list.name AS price_list,
    price_list.currency,
    contract.number AS contract,
    contract.currency AS contract_currency
FROM operations.contract_price_list AS link
JOIN operations.price_list
    ON price_list.company = link.company AND price_list.price_list_id = link.price_list_id
JOIN operations.contract
    ON contract.company = link.company AND contract.contract_id = link.contract_id
WHERE link.company = %(company)s::text AND price_list.currency <> contract.currency
ORDER BY price_list, contract;
