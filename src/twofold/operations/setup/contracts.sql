-- As in masters.sql: every section writes only when it is given first_key.

-- name: merge_contracts
-- Currency and customer are those of the first save: a difference is refused, never written.
WITH given AS (
    SELECT
        given.number,
        given.name,
        customer.customer_id,
        unit.organizational_unit_id,
        given.currency,
        given.payment_terms,
        given.state
    FROM
        jsonb_to_recordset(%(content)s::jsonb)
            AS given (
                number text, name text, customer text, unit text, currency text, payment_terms text,
                state operations.contract_state
            )
    JOIN operations.currency ON currency.currency = given.currency
    JOIN operations.customer
        ON customer.company = %(company)s::text AND customer.account = given.customer
    JOIN operations.organizational_unit AS unit
        ON unit.company = %(company)s::text AND unit.name = given.unit
),

judged AS (
    SELECT
        given.*,
        CASE
            WHEN contract.contract_id IS NULL THEN 'added'
            WHEN
                (contract.name IS DISTINCT FROM given.name)
                OR (contract.organizational_unit_id IS DISTINCT FROM given.organizational_unit_id)
                OR (contract.payment_terms IS DISTINCT FROM given.payment_terms)
                OR (contract.state IS DISTINCT FROM given.state)
                THEN 'changed'
            ELSE 'unchanged'
        END AS verdict
    FROM given
    LEFT JOIN operations.contract
        ON contract.company = %(company)s::text AND contract.number = given.number
),

added AS (
    INSERT INTO operations.contract (
        company, contract_id, number, name, customer_id, organizational_unit_id, currency, payment_terms, state,
        change_set_id
    )
    SELECT
        %(company)s::text,
        %(first_key)s::bigint + row_number() OVER (ORDER BY number) - 1,
        number,
        name,
        customer_id,
        organizational_unit_id,
        currency,
        payment_terms,
        state,
        %(set_id)s::bigint
    FROM judged
    WHERE verdict = 'added' AND %(first_key)s::bigint IS NOT NULL
),

changed AS (
    UPDATE operations.contract
    SET
        name = judged.name,
        organizational_unit_id = judged.organizational_unit_id,
        payment_terms = judged.payment_terms,
        state = judged.state,
        change_set_id = %(set_id)s::bigint
    FROM judged
    WHERE
        contract.company = %(company)s::text
        AND contract.number = judged.number
        AND judged.verdict = 'changed'
        AND %(first_key)s::bigint IS NOT NULL
)

SELECT
    verdict,
    count(*) AS row_count
FROM judged
GROUP BY verdict;

-- name: merge_contract_customers
-- The contract's customer pays all of it and takes the rounding. Terms are the contract's, else
-- the customer's.
WITH given AS (
    SELECT
        contract.contract_id,
        contract.customer_id,
        customer.name AS bill_to_name,
        coalesce(contract.payment_terms, customer.payment_terms) AS payment_terms
    FROM jsonb_to_recordset(%(content)s::jsonb) AS given (number text)
    JOIN operations.contract
        ON contract.company = %(company)s::text AND contract.number = given.number
    JOIN operations.customer
        ON customer.company = %(company)s::text AND customer.customer_id = contract.customer_id
),

judged AS (
    SELECT
        given.*,
        payer.contract_customer_id,
        CASE
            WHEN payer.contract_customer_id IS NULL THEN 'added'
            WHEN
                (payer.payment_terms IS DISTINCT FROM given.payment_terms)
                OR (payer.bill_to_name IS DISTINCT FROM given.bill_to_name)
                THEN 'changed'
            ELSE 'unchanged'
        END AS verdict
    FROM given
    LEFT JOIN operations.contract_customer AS payer
        ON
            payer.company = %(company)s::text
            AND payer.contract_id = given.contract_id
            AND payer.customer_id = given.customer_id
),

added AS (
    INSERT INTO operations.contract_customer (
        company, contract_customer_id, contract_id, customer_id, split_percent, is_rounding, is_primary,
        payment_terms, bill_to_name, change_set_id
    )
    SELECT
        %(company)s::text,
        %(first_key)s::bigint + row_number() OVER (ORDER BY contract_id) - 1,
        contract_id,
        customer_id,
        100,
        true,
        true,
        payment_terms,
        bill_to_name,
        %(set_id)s::bigint
    FROM judged
    WHERE verdict = 'added' AND %(first_key)s::bigint IS NOT NULL
),

changed AS (
    UPDATE operations.contract_customer AS payer
    SET
        payment_terms = judged.payment_terms,
        bill_to_name = judged.bill_to_name,
        change_set_id = %(set_id)s::bigint
    FROM judged
    WHERE
        payer.company = %(company)s::text
        AND payer.contract_customer_id = judged.contract_customer_id
        AND judged.verdict = 'changed'
        AND %(first_key)s::bigint IS NOT NULL
)

SELECT
    verdict,
    count(*) AS row_count
FROM judged
GROUP BY verdict;

-- name: merge_projects
-- A project that names no customer is for the customer of its contract.
WITH given AS (
    SELECT
        given.number,
        given.name,
        contract.contract_id,
        given.state,
        coalesce(customer.customer_id, contract.customer_id) AS customer_id
    FROM
        jsonb_to_recordset(%(content)s::jsonb)
            AS given (number text, name text, customer text, contract text, state operations.project_state)
    LEFT JOIN operations.customer
        ON customer.company = %(company)s::text AND customer.account = given.customer
    LEFT JOIN operations.contract
        ON contract.company = %(company)s::text AND contract.number = given.contract
),

judged AS (
    SELECT
        given.*,
        CASE
            WHEN project.project_id IS NULL THEN 'added'
            WHEN
                (project.name IS DISTINCT FROM given.name)
                OR (project.customer_id IS DISTINCT FROM given.customer_id)
                OR (project.contract_id IS DISTINCT FROM given.contract_id)
                OR (project.state IS DISTINCT FROM given.state)
                THEN 'changed'
            ELSE 'unchanged'
        END AS verdict
    FROM given
    LEFT JOIN operations.project
        ON project.company = %(company)s::text AND project.number = given.number
),

added AS (
    INSERT INTO operations.project (
        company, project_id, number, name, customer_id, contract_id, state, change_set_id
    )
    SELECT
        %(company)s::text,
        %(first_key)s::bigint + row_number() OVER (ORDER BY number) - 1,
        number,
        name,
        customer_id,
        contract_id,
        state,
        %(set_id)s::bigint
    FROM judged
    WHERE verdict = 'added' AND %(first_key)s::bigint IS NOT NULL
),

changed AS (
    UPDATE operations.project
    SET
        name = judged.name,
        customer_id = judged.customer_id,
        contract_id = judged.contract_id,
        state = judged.state,
        change_set_id = %(set_id)s::bigint
    FROM judged
    WHERE
        project.company = %(company)s::text
        AND project.number = judged.number
        AND judged.verdict = 'changed'
        AND %(first_key)s::bigint IS NOT NULL
)

SELECT
    verdict,
    count(*) AS row_count
FROM judged
GROUP BY verdict;

-- name: merge_tasks
WITH given AS (
    SELECT
        project.project_id,
        given.name
    FROM jsonb_to_recordset(%(content)s::jsonb) AS given (project text, name text)
    JOIN operations.project
        ON project.company = %(company)s::text AND project.number = given.project
),

judged AS (
    SELECT
        given.*,
        CASE WHEN task.task_id IS NULL THEN 'added' ELSE 'unchanged' END AS verdict
    FROM given
    LEFT JOIN operations.task
        ON
            task.company = %(company)s::text
            AND task.project_id = given.project_id
            AND task.name = given.name
),

added AS (
    INSERT INTO operations.task (company, task_id, project_id, name)
    SELECT
        %(company)s::text,
        %(first_key)s::bigint + row_number() OVER (ORDER BY project_id, name) - 1,
        project_id,
        name
    FROM judged
    WHERE verdict = 'added' AND %(first_key)s::bigint IS NOT NULL
)

SELECT
    verdict,
    count(*) AS row_count
FROM judged
GROUP BY verdict;

-- name: merge_contract_lines
WITH given AS (
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
        jsonb_to_recordset(%(content)s::jsonb)
            AS given (
                contract text, line_number integer, name text, billing_method operations.billing_method, project text,
                includes_time boolean, includes_expense boolean, includes_material boolean, includes_fee boolean,
                contracted_amount numeric
            )
    JOIN operations.contract
        ON contract.company = %(company)s::text AND contract.number = given.contract
    LEFT JOIN operations.project
        ON project.company = %(company)s::text AND project.number = given.project
),

judged AS (
    SELECT
        given.*,
        CASE
            WHEN contract_line.contract_line_id IS NULL THEN 'added'
            WHEN
                (contract_line.name IS DISTINCT FROM given.name)
                OR (contract_line.billing_method IS DISTINCT FROM given.billing_method)
                OR (contract_line.project_id IS DISTINCT FROM given.project_id)
                OR (contract_line.includes_time IS DISTINCT FROM given.includes_time)
                OR (contract_line.includes_expense IS DISTINCT FROM given.includes_expense)
                OR (contract_line.includes_material IS DISTINCT FROM given.includes_material)
                OR (contract_line.includes_fee IS DISTINCT FROM given.includes_fee)
                OR (contract_line.contracted_amount IS DISTINCT FROM given.contracted_amount)
                THEN 'changed'
            ELSE 'unchanged'
        END AS verdict
    FROM given
    LEFT JOIN operations.contract_line
        ON
            contract_line.company = %(company)s::text
            AND contract_line.contract_id = given.contract_id
            AND contract_line.line_number = given.line_number
),

added AS (
    INSERT INTO operations.contract_line (
        company, contract_line_id, contract_id, line_number, name, billing_method, project_id, includes_time,
        includes_expense, includes_material, includes_fee, contracted_amount, change_set_id
    )
    SELECT
        %(company)s::text,
        %(first_key)s::bigint + row_number() OVER (ORDER BY contract_id, line_number) - 1,
        contract_id,
        line_number,
        name,
        billing_method,
        project_id,
        includes_time,
        includes_expense,
        includes_material,
        includes_fee,
        contracted_amount,
        %(set_id)s::bigint
    FROM judged
    WHERE verdict = 'added' AND %(first_key)s::bigint IS NOT NULL
),

changed AS (
    UPDATE operations.contract_line
    SET
        name = judged.name,
        billing_method = judged.billing_method,
        project_id = judged.project_id,
        includes_time = judged.includes_time,
        includes_expense = judged.includes_expense,
        includes_material = judged.includes_material,
        includes_fee = judged.includes_fee,
        contracted_amount = judged.contracted_amount,
        change_set_id = %(set_id)s::bigint
    FROM judged
    WHERE
        contract_line.company = %(company)s::text
        AND contract_line.contract_id = judged.contract_id
        AND contract_line.line_number = judged.line_number
        AND judged.verdict = 'changed'
        AND %(first_key)s::bigint IS NOT NULL
)

SELECT
    verdict,
    count(*) AS row_count
FROM judged
GROUP BY verdict;

-- name: merge_milestones
-- A milestone starts in the state the file names; after that its state is the backlog's.
-- One that is on a proforma is left alone: a difference is refused. One that does not fit its
-- line or taxes nothing is refused too, and cannot be written at all.
WITH given AS (
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
        jsonb_to_recordset(%(content)s::jsonb)
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
    WHERE contract_line.project_id IS NOT NULL AND (given.amount <> 0 OR given.tax_amount = 0)
),

judged AS (
    SELECT
        given.*,
        milestone.milestone_id,
        CASE
            WHEN milestone.milestone_id IS NULL THEN 'added'
            WHEN
                milestone.state IN ('not_ready', 'ready')
                AND (milestone.milestone_date, milestone.amount, milestone.tax_amount)
                <> (given.milestone_date, given.amount, given.tax_amount)
                THEN 'changed'
            ELSE 'unchanged'
        END AS verdict
    FROM given
    LEFT JOIN operations.milestone
        ON
            milestone.company = %(company)s::text
            AND milestone.contract_line_id = given.contract_line_id
            AND milestone.name = given.name
),

added AS (
    INSERT INTO operations.milestone (
        company, milestone_id, contract_id, contract_line_id, customer_id, project_id, name, milestone_date,
        amount, tax_amount, currency, state, change_set_id
    )
    SELECT
        %(company)s::text,
        %(first_key)s::bigint + row_number() OVER (ORDER BY contract_line_id, milestone_date, name) - 1,
        contract_id,
        contract_line_id,
        customer_id,
        project_id,
        name,
        milestone_date,
        amount,
        tax_amount,
        currency,
        state,
        %(set_id)s::bigint
    FROM judged
    WHERE verdict = 'added' AND %(first_key)s::bigint IS NOT NULL
),

changed AS (
    UPDATE operations.milestone
    SET
        milestone_date = judged.milestone_date,
        amount = judged.amount,
        tax_amount = judged.tax_amount,
        change_set_id = %(set_id)s::bigint
    FROM judged
    WHERE
        milestone.company = %(company)s::text
        AND milestone.milestone_id = judged.milestone_id
        AND milestone.state IN ('not_ready', 'ready')
        AND judged.verdict = 'changed'
        AND %(first_key)s::bigint IS NOT NULL
)

SELECT
    verdict,
    count(*) AS row_count
FROM judged
GROUP BY verdict;
