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
