-- As in masters.sql: what the rows of a file mean in the columns of one table.

-- name: contracts
-- Currency and customer are those of the first save: a difference is refused, never written.
-- A contract starts in the state the file names; after that `twofold contract` moves it.
SELECT
    given.number,
    given.name,
    customer.customer_id,
    unit.organizational_unit_id,
    given.currency,
    given.payment_terms,
    given.state
FROM
    jsonb_to_recordset(%(rows)s::jsonb)
        AS given (
            number text, name text, customer text, unit text, currency text, payment_terms text,
            state operations.contract_state
        )
JOIN operations.currency ON currency.currency = given.currency
JOIN operations.customer
    ON customer.company = %(company)s::text AND customer.account = given.customer
JOIN operations.organizational_unit AS unit
    ON unit.company = %(company)s::text AND unit.name = given.unit;

-- name: contract_customers
-- The contract's customer pays all of it and takes the rounding. Terms are the contract's, else
-- the customer's.
SELECT
    contract.contract_id,
    contract.customer_id,
    customer.name AS bill_to_name,
    100 AS split_percent,
    true AS is_rounding,
    true AS is_primary,
    coalesce(contract.payment_terms, customer.payment_terms) AS payment_terms
FROM jsonb_to_recordset(%(rows)s::jsonb) AS given (number text)
JOIN operations.contract
    ON contract.company = %(company)s::text AND contract.number = given.number
JOIN operations.customer
    ON customer.company = %(company)s::text AND customer.customer_id = contract.customer_id;

-- name: projects
-- A project that names no customer is for the customer of its contract. One of a contract that was
-- lost stays completed, whatever the file says.
SELECT
    given.number,
    given.name,
    contract.contract_id,
    CASE WHEN closing.reason = 'lost' THEN 'completed' ELSE given.state END AS state,
    coalesce(customer.customer_id, contract.customer_id) AS customer_id
FROM
    jsonb_to_recordset(%(rows)s::jsonb)
        AS given (number text, name text, customer text, contract text, state operations.project_state)
LEFT JOIN operations.customer
    ON customer.company = %(company)s::text AND customer.account = given.customer
LEFT JOIN operations.contract
    ON contract.company = %(company)s::text AND contract.number = given.contract
LEFT JOIN operations.contract_closing AS closing
    ON closing.company = %(company)s::text AND closing.contract_id = contract.contract_id;

-- name: tasks
SELECT
    project.project_id,
    given.name,
    given.wbs
FROM jsonb_to_recordset(%(rows)s::jsonb) AS given (project text, name text, wbs text)
JOIN operations.project
    ON project.company = %(company)s::text AND project.number = given.project;

-- name: contract_lines
SELECT
    contract.contract_id,
    given.line_number,
    given.name,
    given.billing_method,
    project.project_id,
    given.includes_time,
    given.includes_expense,
    given.includes_material,
    given.includes_fee,
    given.contracted_amount
FROM
    jsonb_to_recordset(%(rows)s::jsonb)
        AS given (
            contract text, line_number integer, name text, billing_method operations.billing_method, project text,
            includes_time boolean, includes_expense boolean, includes_material boolean, includes_fee boolean,
            contracted_amount numeric
        )
JOIN operations.contract
    ON contract.company = %(company)s::text AND contract.number = given.contract
LEFT JOIN operations.project
    ON project.company = %(company)s::text AND project.number = given.project;

-- name: milestones
-- A milestone starts in the state the file names; after that its state is the backlog's.
-- One that is on a proforma is left alone: a difference is refused. One that does not fit its
-- line or taxes nothing is refused too, and cannot be written at all.
SELECT
    contract_line.contract_id,
    contract_line.contract_line_id,
    contract_line.project_id,
    contract.customer_id,
    contract.currency,
    given.name,
    given.milestone_date,
    given.amount,
    given.tax_amount,
    given.state
FROM
    jsonb_to_recordset(%(rows)s::jsonb)
        AS given (
            contract text, line_number integer, name text, milestone_date date, amount numeric, tax_amount numeric,
            state operations.milestone_state
        )
JOIN operations.contract
    ON contract.company = %(company)s::text AND contract.number = given.contract
JOIN operations.contract_line
    ON
        contract_line.company = %(company)s::text
        AND contract_line.contract_id = contract.contract_id
        AND contract_line.line_number = given.line_number
WHERE contract_line.project_id IS NOT NULL AND (given.amount <> 0 OR given.tax_amount = 0);
