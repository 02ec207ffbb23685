-- As in masters.sql: what the rows of a file mean in the columns of one table.

-- name: invoice_frequencies
SELECT
    given.name,
    given.period,
    given.days,
    given.weekdays,
    given.occurrences
FROM
    jsonb_to_recordset(%(rows)s::jsonb)
        AS given (
            name text, period operations.invoice_period, days integer[], weekdays integer[],
            occurrences operations.weekday_occurrence[]
        )
WHERE (given.days IS NULL) <> (given.weekdays IS NULL);

-- name: contracts
-- The currency is that of the first save: a difference is refused, never written. A contract starts
-- in the state the file names; after that `twofold contract` moves it.
SELECT
    given.number,
    given.name,
    customer.customer_id,
    unit.organizational_unit_id,
    given.currency,
    given.payment_terms,
    given.state,
    given.not_to_exceed,
    given.requested_delivery_date
FROM
    jsonb_to_recordset(%(rows)s::jsonb)
        AS given (
            number text, name text, customer text, unit text, currency text, payment_terms text,
            state operations.contract_state, not_to_exceed numeric, requested_delivery_date date
        )
JOIN operations.currency ON currency.currency = given.currency
JOIN operations.customer
    ON customer.company = %(company)s::text AND customer.account = given.customer
JOIN operations.organizational_unit AS unit
    ON unit.company = %(company)s::text AND unit.name = given.unit;

-- name: contract_customers
-- Where the file lists a contract's customers, they are all that pay. Where it does not, the
-- contract's customer pays all of a new contract and takes the rounding; other shares stay as
-- they are. One that only a line names, and one that becomes the contract's customer, comes in
-- with nothing to pay (S-2, S-7). Terms are the contract's for its own customer, else the customer's.
WITH named AS (
    SELECT
        given.*,
        contract.contract_id
    FROM
        jsonb_to_recordset(%(rows)s::jsonb)
            AS given (
                contract text, account text, split_percent numeric, is_rounding boolean, not_to_exceed numeric,
                bill_to_name text, payment_terms text
            )
    JOIN operations.contract
        ON contract.company = %(company)s::text AND contract.number = given.contract
),

stored AS (
    SELECT *
    FROM operations.contract_customer
    WHERE company = %(company)s::text AND contract_id IN (SELECT named.contract_id FROM named)
),

agreed AS (
    SELECT
        contract.contract_id,
        contract.customer_id AS primary_id,
        contract.payment_terms,
        contract.contract_id IN (
            SELECT named.contract_id FROM named
            WHERE named.split_percent IS NOT NULL
        ) AS has_list,
        contract.contract_id NOT IN (SELECT stored.contract_id FROM stored) AS is_new
    FROM operations.contract
    WHERE
        contract.company = %(company)s::text
        AND contract.contract_id IN (SELECT named.contract_id FROM named)
),

payer AS (
    SELECT
        contract_id,
        primary_id AS customer_id
    FROM agreed
    UNION
    SELECT
        contract_id,
        customer_id
    FROM stored
    UNION
    SELECT
        named.contract_id,
        customer.customer_id
    FROM named
    JOIN operations.customer
        ON customer.company = %(company)s::text AND customer.account = named.account
),

faced AS (
    SELECT
        payer.contract_id,
        payer.customer_id,
        agreed.has_list,
        agreed.is_new,
        listed.split_percent AS listed_percent,
        listed.is_rounding AS is_listed_rounding,
        stored.split_percent AS stored_percent,
        stored.is_rounding AS is_stored_rounding,
        stored.bill_to_name AS kept_name,
        stored.payment_terms AS kept_terms,
        payer.customer_id = agreed.primary_id AS is_primary,
        -- What nobody speaks of stays.
        listed.account IS NULL AND stored.customer_id IS NOT NULL AND payer.customer_id <> agreed.primary_id AS is_kept,
        CASE WHEN listed.account IS NULL THEN stored.not_to_exceed ELSE listed.not_to_exceed END AS not_to_exceed,
        coalesce(listed.bill_to_name, customer.name) AS bill_to_name,
        coalesce(
            listed.payment_terms,
            CASE payer.customer_id WHEN agreed.primary_id THEN agreed.payment_terms END,
            customer.payment_terms
        ) AS payment_terms
    FROM payer
    JOIN agreed ON agreed.contract_id = payer.contract_id
    JOIN operations.customer
        ON customer.company = %(company)s::text AND customer.customer_id = payer.customer_id
    LEFT JOIN stored
        ON stored.contract_id = payer.contract_id AND stored.customer_id = payer.customer_id
    LEFT JOIN named AS listed
        ON
            listed.contract_id = payer.contract_id
            AND listed.account = customer.account
            AND listed.split_percent IS NOT NULL
)

SELECT
    contract_id,
    customer_id,
    is_primary,
    not_to_exceed,
    CASE
        WHEN has_list THEN coalesce(listed_percent, 0)
        WHEN is_new AND is_primary THEN 100
        ELSE coalesce(stored_percent, 0)
    END AS split_percent,
    CASE
        WHEN has_list THEN coalesce(is_listed_rounding, false)
        WHEN is_new THEN is_primary
        ELSE coalesce(is_stored_rounding, false)
    END AS is_rounding,
    CASE WHEN is_kept THEN kept_name ELSE bill_to_name END AS bill_to_name,
    CASE WHEN is_kept THEN kept_terms ELSE payment_terms END AS payment_terms
FROM faced;

-- name: projects
-- A project that names no customer is for the customer of its contract. An investment with a
-- contract is refused, and cannot be written at all. One of a contract that was lost stays
-- completed, whatever the file says.
SELECT
    given.number,
    given.name,
    contract.contract_id,
    given.project_type,
    CASE WHEN closing.reason = 'lost' THEN 'completed' ELSE given.state END AS state,
    coalesce(customer.customer_id, contract.customer_id) AS customer_id
FROM
    jsonb_to_recordset(%(rows)s::jsonb)
        AS given (
            number text, name text, customer text, contract text, project_type operations.project_type,
            state operations.project_state
        )
LEFT JOIN operations.customer
    ON customer.company = %(company)s::text AND customer.account = given.customer
LEFT JOIN operations.contract
    ON contract.company = %(company)s::text AND contract.number = given.contract
LEFT JOIN operations.contract_closing AS closing
    ON closing.company = %(company)s::text AND closing.contract_id = contract.contract_id
WHERE given.project_type <> 'investment' OR given.contract IS NULL;

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
    given.included_tasks,
    given.contracted_amount,
    given.not_to_exceed,
    given.discount_percent,
    given.fee_percent,
    given.estimated_tax_amount,
    given.billing_start_date,
    frequency.invoice_frequency_id,
    given.schedule_type
FROM
    jsonb_to_recordset(%(rows)s::jsonb)
        AS given (
            contract text, line_number integer, name text, billing_method operations.billing_method, project text,
            includes_time boolean, includes_expense boolean, includes_material boolean, includes_fee boolean,
            included_tasks operations.included_tasks, contracted_amount numeric, not_to_exceed numeric,
            discount_percent numeric, fee_percent numeric,
            estimated_tax_amount numeric, billing_start_date date, invoice_frequency text,
            schedule_type operations.schedule_type
        )
JOIN operations.contract
    ON contract.company = %(company)s::text AND contract.number = given.contract
LEFT JOIN operations.project
    ON project.company = %(company)s::text AND project.number = given.project
LEFT JOIN operations.invoice_frequency AS frequency
    ON frequency.company = %(company)s::text AND frequency.name = given.invoice_frequency;

-- name: line_customers
-- A new line whose customers the file does not list has those of its contract (S-1); shares of
-- other lines stay as they are. Who is left out of a list pays nothing from now on.
WITH named AS (
    SELECT
        contract_line.contract_line_id,
        contract_line.contract_id,
        customer.customer_id,
        given.split_percent,
        given.is_rounding,
        given.not_to_exceed
    FROM
        jsonb_to_recordset(%(rows)s::jsonb)
            AS given (
                contract text, line_number integer, account text, split_percent numeric, is_rounding boolean,
                not_to_exceed numeric
            )
    JOIN operations.contract
        ON contract.company = %(company)s::text AND contract.number = given.contract
    JOIN operations.contract_line
        ON
            contract_line.company = %(company)s::text
            AND contract_line.contract_id = contract.contract_id
            AND contract_line.line_number = given.line_number
    LEFT JOIN operations.customer
        ON customer.company = %(company)s::text AND customer.account = given.account
),

agreed AS (
    SELECT
        contract_line_id,
        contract_id,
        bool_or(split_percent IS NOT NULL) AS has_list
    FROM named
    GROUP BY contract_line_id, contract_id
),

stored AS (
    SELECT *
    FROM operations.contract_line_customer
    WHERE company = %(company)s::text AND contract_line_id IN (SELECT agreed.contract_line_id FROM agreed)
)

SELECT
    contract_line_id,
    customer_id,
    split_percent,
    is_rounding,
    not_to_exceed
FROM named
WHERE customer_id IS NOT NULL
UNION ALL
SELECT
    stored.contract_line_id,
    stored.customer_id,
    CASE WHEN agreed.has_list THEN 0 ELSE stored.split_percent END,
    stored.is_rounding AND NOT agreed.has_list,
    stored.not_to_exceed
FROM stored
JOIN agreed ON agreed.contract_line_id = stored.contract_line_id
WHERE
    NOT EXISTS (
        SELECT FROM named
        WHERE named.contract_line_id = stored.contract_line_id AND named.customer_id = stored.customer_id
    )
UNION ALL
SELECT
    agreed.contract_line_id,
    payer.customer_id,
    payer.split_percent,
    payer.is_rounding,
    NULL
FROM agreed
JOIN operations.contract_customer AS payer
    ON payer.company = %(company)s::text AND payer.contract_id = agreed.contract_id
WHERE
    NOT agreed.has_list
    AND agreed.contract_line_id NOT IN (SELECT stored.contract_line_id FROM stored);

-- name: remove_line_tasks
WITH named AS (
    SELECT
        contract_line.contract_line_id,
        given.name
    FROM jsonb_to_recordset(%(rows)s::jsonb) AS given (contract text, line_number integer, name text)
    JOIN operations.contract
        ON contract.company = %(company)s::text AND contract.number = given.contract
    JOIN operations.contract_line
        ON
            contract_line.company = %(company)s::text
            AND contract_line.contract_id = contract.contract_id
            AND contract_line.line_number = given.line_number
),

gone AS (
    SELECT
        present.contract_line_id,
        present.task_id
    FROM operations.contract_line_task AS present
    JOIN operations.task
        ON task.company = %(company)s::text AND task.task_id = present.task_id
    LEFT JOIN named
        ON named.contract_line_id = present.contract_line_id AND named.name = task.name
    WHERE
        present.company = %(company)s::text
        AND present.contract_line_id IN (SELECT line.contract_line_id FROM named AS line)
        AND named.contract_line_id IS NULL
),

removed AS (
    DELETE FROM operations.contract_line_task AS present
    USING gone
    WHERE
        present.company = %(company)s::text
        AND present.contract_line_id = gone.contract_line_id
        AND present.task_id = gone.task_id
        AND %(first_key)s::bigint IS NOT NULL
)

SELECT
    'changed' AS verdict,
    count(*) AS row_count
FROM gone;

-- name: line_tasks
SELECT
    contract_line.contract_line_id,
    task.task_id,
    given.billing_type
FROM
    jsonb_to_recordset(%(rows)s::jsonb)
        AS given (contract text, line_number integer, name text, billing_type operations.billing_type)
JOIN operations.contract
    ON contract.company = %(company)s::text AND contract.number = given.contract
JOIN operations.contract_line
    ON
        contract_line.company = %(company)s::text
        AND contract_line.contract_id = contract.contract_id
        AND contract_line.line_number = given.line_number
JOIN operations.task
    ON
        task.company = %(company)s::text
        AND task.project_id = contract_line.project_id
        AND task.name = given.name;

-- name: remove_line_roles
WITH named AS (
    SELECT
        contract_line.contract_line_id,
        given.name
    FROM jsonb_to_recordset(%(rows)s::jsonb) AS given (contract text, line_number integer, name text)
    JOIN operations.contract
        ON contract.company = %(company)s::text AND contract.number = given.contract
    JOIN operations.contract_line
        ON
            contract_line.company = %(company)s::text
            AND contract_line.contract_id = contract.contract_id
            AND contract_line.line_number = given.line_number
),

gone AS (
    SELECT
        present.contract_line_id,
        present.role_id
    FROM operations.contract_line_role AS present
    JOIN operations.role ON role.role_id = present.role_id
    LEFT JOIN named
        ON named.contract_line_id = present.contract_line_id AND named.name = role.name
    WHERE
        present.company = %(company)s::text
        AND present.contract_line_id IN (SELECT line.contract_line_id FROM named AS line)
        AND named.contract_line_id IS NULL
),

removed AS (
    DELETE FROM operations.contract_line_role AS present
    USING gone
    WHERE
        present.company = %(company)s::text
        AND present.contract_line_id = gone.contract_line_id
        AND present.role_id = gone.role_id
        AND %(first_key)s::bigint IS NOT NULL
)

SELECT
    'changed' AS verdict,
    count(*) AS row_count
FROM gone;

-- name: line_roles
SELECT
    contract_line.contract_line_id,
    role.role_id,
    given.billing_type
FROM
    jsonb_to_recordset(%(rows)s::jsonb)
        AS given (contract text, line_number integer, name text, billing_type operations.billing_type)
JOIN operations.contract
    ON contract.company = %(company)s::text AND contract.number = given.contract
JOIN operations.contract_line
    ON
        contract_line.company = %(company)s::text
        AND contract_line.contract_id = contract.contract_id
        AND contract_line.line_number = given.line_number
JOIN operations.role ON role.name = given.name;

-- name: remove_line_categories
WITH named AS (
    SELECT
        contract_line.contract_line_id,
        given.name
    FROM jsonb_to_recordset(%(rows)s::jsonb) AS given (contract text, line_number integer, name text)
    JOIN operations.contract
        ON contract.company = %(company)s::text AND contract.number = given.contract
    JOIN operations.contract_line
        ON
            contract_line.company = %(company)s::text
            AND contract_line.contract_id = contract.contract_id
            AND contract_line.line_number = given.line_number
),

gone AS (
    SELECT
        present.contract_line_id,
        present.category_id
    FROM operations.contract_line_category AS present
    JOIN operations.transaction_category AS category ON category.category_id = present.category_id
    LEFT JOIN named
        ON named.contract_line_id = present.contract_line_id AND named.name = category.name
    WHERE
        present.company = %(company)s::text
        AND present.contract_line_id IN (SELECT line.contract_line_id FROM named AS line)
        AND named.contract_line_id IS NULL
),

removed AS (
    DELETE FROM operations.contract_line_category AS present
    USING gone
    WHERE
        present.company = %(company)s::text
        AND present.contract_line_id = gone.contract_line_id
        AND present.category_id = gone.category_id
        AND %(first_key)s::bigint IS NOT NULL
)

SELECT
    'changed' AS verdict,
    count(*) AS row_count
FROM gone;

-- name: line_categories
SELECT
    contract_line.contract_line_id,
    category.category_id,
    given.billing_type
FROM
    jsonb_to_recordset(%(rows)s::jsonb)
        AS given (contract text, line_number integer, name text, billing_type operations.billing_type)
JOIN operations.contract
    ON contract.company = %(company)s::text AND contract.number = given.contract
JOIN operations.contract_line
    ON
        contract_line.company = %(company)s::text
        AND contract_line.contract_id = contract.contract_id
        AND contract_line.line_number = given.line_number
JOIN operations.transaction_category AS category ON category.name = given.name;

-- name: milestones
-- A milestone is split over the customers of its line, rounded to the currency; the one that
-- takes the rounding takes what is left. As long as no part of it is on a proforma it follows the
-- split; then its parts stand as they are, and a difference is refused. One that does not fit its
-- line or taxes nothing is refused too, and cannot be written at all.
-- It starts in the state the file names; after that its state is the backlog's.
WITH agreed AS (
    SELECT
        contract_line.contract_id,
        contract_line.contract_line_id,
        contract_line.project_id,
        contract.currency,
        currency.precision,
        given.name,
        given.milestone_date,
        given.amount,
        given.tax_amount,
        given.state,
        coalesce(header.is_on_a_proforma, false) AS is_settled
    FROM
        jsonb_to_recordset(%(rows)s::jsonb)
            AS given (
                contract text, line_number integer, name text, milestone_date date, amount numeric,
                tax_amount numeric, state operations.milestone_state
            )
    JOIN operations.contract
        ON contract.company = %(company)s::text AND contract.number = given.contract
    JOIN operations.currency ON currency.currency = contract.currency
    JOIN operations.contract_line
        ON
            contract_line.company = %(company)s::text
            AND contract_line.contract_id = contract.contract_id
            AND contract_line.line_number = given.line_number
    LEFT JOIN operations.milestone_header AS header
        ON
            header.company = %(company)s::text
            AND header.contract_line_id = contract_line.contract_line_id
            AND header.name = given.name
    WHERE
        contract_line.project_id IS NOT NULL
        AND (given.amount <> 0 OR given.tax_amount = 0)
        -- What is billed in parts by progress stands as it is.
        AND NOT EXISTS (
            SELECT FROM operations.milestone AS divided
            WHERE
                divided.company = %(company)s::text
                AND divided.contract_line_id = contract_line.contract_line_id
                AND divided.name = given.name
                AND divided.part > 1
        )
),

payer AS (
    SELECT
        agreed.contract_line_id,
        agreed.name,
        share.customer_id
    FROM agreed
    JOIN operations.contract_line_customer AS share
        ON share.company = %(company)s::text AND share.contract_line_id = agreed.contract_line_id
    WHERE share.split_percent > 0 AND NOT agreed.is_settled
    UNION
    SELECT
        contract_line_id,
        name,
        customer_id
    FROM operations.milestone
    WHERE company = %(company)s::text
),

rounded AS (
    SELECT
        agreed.*,
        payer.customer_id,
        stored.milestone_date AS stored_date,
        stored.amount AS stored_amount,
        stored.tax_amount AS stored_tax_amount,
        coalesce(share.is_rounding, false) AS is_rounding,
        CASE
            WHEN share.is_rounding THEN 0
            ELSE round(agreed.amount * coalesce(share.split_percent, 0) / 100, agreed.precision)
        END AS amount_share,
        CASE
            WHEN share.is_rounding THEN 0
            ELSE round(agreed.tax_amount * coalesce(share.split_percent, 0) / 100, agreed.precision)
        END AS tax_share
    FROM agreed
    JOIN payer ON payer.contract_line_id = agreed.contract_line_id AND payer.name = agreed.name
    LEFT JOIN operations.contract_line_customer AS share
        ON
            share.company = %(company)s::text
            AND share.contract_line_id = agreed.contract_line_id
            AND share.customer_id = payer.customer_id
    LEFT JOIN operations.milestone AS stored
        ON
            stored.company = %(company)s::text
            AND stored.contract_line_id = agreed.contract_line_id
            AND stored.name = agreed.name
            AND stored.customer_id = payer.customer_id
),

split AS (
    SELECT
        rounded.*,
        CASE WHEN is_rounding THEN amount - sum(amount_share) OVER whole ELSE amount_share END AS part_amount,
        CASE WHEN is_rounding THEN tax_amount - sum(tax_share) OVER whole ELSE tax_share END AS part_tax_amount
    FROM rounded
    WINDOW whole AS (PARTITION BY contract_line_id, name)
)

SELECT
    contract_id,
    contract_line_id,
    project_id,
    customer_id,
    currency,
    name,
    state,
    CASE WHEN is_settled THEN stored_date ELSE milestone_date END AS milestone_date,
    CASE WHEN is_settled THEN stored_amount ELSE part_amount END AS amount,
    CASE WHEN is_settled THEN stored_tax_amount ELSE part_tax_amount END AS tax_amount
FROM split
WHERE is_settled OR (part_tax_amount >= 0 AND (part_amount <> 0 OR part_tax_amount = 0));
