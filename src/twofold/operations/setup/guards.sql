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
        'invoice frequency',
        company,
        name
    FROM operations.invoice_frequency
    WHERE company IN (SELECT company FROM given)
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
    UNION ALL
    SELECT
        'task',
        task.company,
        project.number || '/' || task.name
    FROM operations.task
    JOIN operations.project
        ON project.company = task.company AND project.project_id = task.project_id
    WHERE task.company IN (SELECT given.company FROM given)
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
-- Contracts whose currency the file would change.
SELECT
    given.number AS contract,
    given.currency AS value,
    contract.currency AS present
FROM jsonb_to_recordset(%(contracts)s::jsonb) AS given (number text, currency text)
JOIN operations.contract
    ON contract.company = %(company)s::text AND contract.number = given.number
WHERE given.currency <> contract.currency
ORDER BY contract;

-- name: find_locked_milestones
-- Milestones of which a part stands on a proforma, or that are billed by progress, and that the file
-- would change.
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
JOIN operations.contract_line
    ON
        contract_line.company = %(company)s::text
        AND contract_line.contract_line_id
        = operations.line_of(%(company)s::text, given.contract, given.line_number)
JOIN operations.milestone_header AS header
    ON
        header.company = %(company)s::text
        AND header.contract_line_id = contract_line.contract_line_id
        AND header.name = given.name
CROSS JOIN
    LATERAL (
        VALUES
        ('date', given.milestone_date::text, header.milestone_date::text),
        ('amount', trim_scale(given.amount)::text, trim_scale(header.amount)::text),
        ('tax_amount', trim_scale(given.tax_amount)::text, trim_scale(header.tax_amount)::text)
    ) AS difference (field, given, present)
WHERE
    difference.given <> difference.present
    AND (
        header.is_on_a_proforma
        OR EXISTS (
            SELECT FROM operations.milestone AS divided
            WHERE
                divided.company = %(company)s::text
                AND divided.contract_line_id = header.contract_line_id
                AND divided.name = header.name
                AND divided.part > 1
        )
    )
ORDER BY contract, line_number, name, field;

-- name: find_misfit_milestones
-- Milestones of the file on lines that cannot have any, and those whose tax cannot be shared out
-- like the amount: a customer would be taxed on nothing.
SELECT
    given.contract,
    given.line_number,
    given.name,
    misfit.field,
    misfit.value,
    misfit.reason
FROM
    jsonb_to_recordset(%(milestones)s::jsonb)
        AS given (contract text, line_number integer, name text, amount numeric, tax_amount numeric)
JOIN operations.contract_line
    ON
        contract_line.company = %(company)s::text
        AND contract_line.contract_line_id
        = operations.line_of(%(company)s::text, given.contract, given.line_number)
LEFT JOIN operations.milestone_header AS header
    ON
        header.company = %(company)s::text
        AND header.contract_line_id = contract_line.contract_line_id
        AND header.name = given.name
CROSS JOIN
    LATERAL (
        VALUES
        (
            'billing_method',
            contract_line.billing_method::text,
            'its line is not fixed price',
            contract_line.billing_method <> 'fixed_price'
        ),
        (
            'project',
            '',
            'its line has no project',
            contract_line.billing_method = 'fixed_price' AND contract_line.project_id IS NULL
        ),
        (
            'tax_amount',
            trim_scale(given.tax_amount)::text,
            'split over the customers of its line it taxes a share of nothing',
            contract_line.billing_method = 'fixed_price' AND contract_line.project_id IS NOT NULL
            AND given.amount <> 0
            AND (header.name IS NULL OR NOT header.is_on_a_proforma)
            AND (header.amount, header.tax_amount) IS DISTINCT FROM (given.amount, given.tax_amount)
        )
    ) AS misfit (field, value, reason, is_so)
WHERE misfit.is_so
ORDER BY contract, line_number, name;

-- name: find_overlapping_lines
-- Work that two lines of one contract would bill: the same class of the same project, on both for
-- the same task, or on one of them for all tasks (L-1 to L-4).
WITH covered AS (
    SELECT
        contract_line.contract_id,
        contract_line.project_id,
        contract_line.line_number,
        class.name AS class,
        line_task.task_id,
        contract_line.included_tasks = 'all' AS is_whole
    FROM operations.contract_line
    CROSS JOIN
        LATERAL (
            VALUES
            ('time', contract_line.includes_time),
            ('expense', contract_line.includes_expense),
            ('material', contract_line.includes_material),
            ('fee', contract_line.includes_fee)
        ) AS class (name, is_included)
    LEFT JOIN operations.contract_line_task AS line_task
        ON
            line_task.company = contract_line.company
            AND line_task.contract_line_id = contract_line.contract_line_id
            AND contract_line.included_tasks = 'selected'
    WHERE contract_line.company = %(company)s::text AND class.is_included
),

overlap AS (
    SELECT DISTINCT
        one.contract_id,
        one.project_id,
        one.class,
        line.number
    FROM covered AS one
    JOIN covered AS other
        ON
            other.contract_id = one.contract_id
            AND other.project_id = one.project_id
            AND other.class = one.class
            AND other.line_number > one.line_number
    CROSS JOIN LATERAL (VALUES (one.line_number), (other.line_number)) AS line (number)
    WHERE one.is_whole OR other.is_whole OR one.task_id = other.task_id
)

SELECT
    contract.number AS contract,
    project.number AS project,
    overlap.class AS class_,
    string_agg(overlap.number::text, ', ' ORDER BY overlap.number) AS line_numbers
FROM overlap
JOIN operations.contract
    ON contract.company = %(company)s::text AND contract.contract_id = overlap.contract_id
JOIN operations.project
    ON project.company = %(company)s::text AND project.project_id = overlap.project_id
GROUP BY contract.number, project.number, overlap.class
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
