-- name: create_submission
-- The entries being submitted, of one company or more.
CREATE TEMP TABLE submission (
    company text NOT NULL,
    entry_id bigint NOT NULL,
    class operations.transaction_class NOT NULL,
    transaction_date date NOT NULL,
    project_id bigint NOT NULL,
    resource_id bigint,
    role_id bigint,
    category_id bigint,
    quantity numeric NOT NULL,
    unit_price numeric,
    currency text,
    billing_type operations.billing_type
) ON COMMIT DROP;

-- name: create_agreed
-- The same entries with what was agreed about them: contract line, payer, chargeability.
CREATE TEMP TABLE agreed (
    company text NOT NULL,
    entry_id bigint NOT NULL,
    class operations.transaction_class NOT NULL,
    transaction_date date NOT NULL,
    role_id bigint,
    category_id bigint,
    quantity numeric NOT NULL,
    unit_price numeric,
    currency text,
    billing_type operations.billing_type NOT NULL,
    organizational_unit_id bigint,
    contract_id bigint,
    contract_line_id bigint,
    customer_id bigint,
    sales_currency text,
    is_completed boolean NOT NULL
) ON COMMIT DROP;

-- name: create_effective_list
-- The one price list that holds for an organizational unit (cost) or a contract (sales) on a
-- day; days with none, or with more than one, are not here.
CREATE TEMP TABLE effective_list (
    company text NOT NULL,
    context operations.price_context NOT NULL,
    owner_id bigint NOT NULL,
    transaction_date date NOT NULL,
    price_list_id bigint NOT NULL,
    currency text NOT NULL
) ON COMMIT DROP;

-- name: create_priced
-- The same entries with their prices, or with the code of what is wrong. sales_currency is
-- there only where something is sold by time and material.
CREATE TEMP TABLE priced (
    company text NOT NULL,
    entry_id bigint NOT NULL,
    quantity numeric NOT NULL,
    billing_type operations.billing_type NOT NULL,
    contract_id bigint,
    contract_line_id bigint,
    customer_id bigint,
    cost_price numeric,
    cost_currency text,
    sales_price numeric,
    sales_currency text,
    is_uncosted boolean NOT NULL,
    is_unpriced boolean NOT NULL,
    code text,
    field text,
    value text
) ON COMMIT DROP;

-- name: gather_submission
INSERT INTO pg_temp.submission (
    company, entry_id, class, transaction_date, project_id, resource_id, role_id, category_id, quantity,
    unit_price, currency, billing_type
)
SELECT
    company,
    entry_id,
    class,
    transaction_date,
    project_id,
    resource_id,
    role_id,
    category_id,
    quantity,
    unit_price,
    currency,
    billing_type
FROM operations.entry
WHERE company = %(company)s::text AND entry_id = any(%(entry_ids)s::bigint[]);

-- name: drop_working_tables
DROP TABLE pg_temp.submission, pg_temp.agreed, pg_temp.effective_list, pg_temp.priced;

-- name: analyze_submission
ANALYZE pg_temp.submission;

-- name: analyze_agreed
ANALYZE pg_temp.agreed;

-- name: analyze_effective_list
ANALYZE pg_temp.effective_list;

-- name: analyze_priced
ANALYZE pg_temp.priced;

-- name: find_agreed
-- An entry falls on the line of its project's contract that includes its class; a closed
-- contract bills nothing more. Time is as chargeable as its role, an expense as its category;
-- the person who recorded the entry may only take away from that.
INSERT INTO pg_temp.agreed (
    company, entry_id, class, transaction_date, role_id, category_id, quantity, unit_price, currency, billing_type,
    organizational_unit_id, contract_id, contract_line_id, customer_id, sales_currency, is_completed
)
WITH covered AS (
    SELECT
        contract_line.project_id,
        contract_line.contract_id,
        contract_line.contract_line_id,
        included.class,
        payer.customer_id,
        CASE contract_line.billing_method WHEN 'time_and_material' THEN contract.currency END AS sales_currency
    FROM operations.contract_line
    CROSS JOIN
        LATERAL (
            VALUES
            ('time'::operations.transaction_class, contract_line.includes_time),
            ('expense', contract_line.includes_expense),
            ('material', contract_line.includes_material),
            ('fee', contract_line.includes_fee)
        ) AS included (class, is_included)
    JOIN operations.contract
        ON contract.company = contract_line.company AND contract.contract_id = contract_line.contract_id
    JOIN operations.project
        ON
            project.company = contract_line.company
            AND project.project_id = contract_line.project_id
            AND project.contract_id = contract_line.contract_id
    LEFT JOIN operations.contract_customer AS payer
        ON
            payer.company = contract_line.company
            AND payer.contract_id = contract_line.contract_id
            AND payer.is_primary
    WHERE contract_line.company = %(company)s::text AND included.is_included AND contract.state <> 'closed'
)

SELECT
    work.company,
    work.entry_id,
    work.class,
    work.transaction_date,
    work.role_id,
    work.category_id,
    work.quantity,
    work.unit_price,
    work.currency,
    CASE
        WHEN covered.contract_line_id IS NULL THEN 'not_available'
        WHEN work.billing_type = 'non_chargeable' THEN 'non_chargeable'
        WHEN work.class = 'time' AND role.billing_type <> 'chargeable' THEN 'non_chargeable'
        WHEN work.class = 'expense' AND category.billing_type <> 'chargeable' THEN 'non_chargeable'
        ELSE 'chargeable'
    END::operations.billing_type,
    coalesce(resource.organizational_unit_id, contract.organizational_unit_id),
    covered.contract_id,
    covered.contract_line_id,
    covered.customer_id,
    covered.sales_currency,
    project.state = 'completed'
FROM pg_temp.submission AS work
JOIN operations.project
    ON project.company = %(company)s::text AND project.project_id = work.project_id
LEFT JOIN operations.contract
    ON contract.company = %(company)s::text AND contract.contract_id = project.contract_id
LEFT JOIN covered ON covered.project_id = work.project_id AND covered.class = work.class
LEFT JOIN operations.resource
    ON resource.company = %(company)s::text AND resource.resource_id = work.resource_id
LEFT JOIN operations.role ON role.role_id = work.role_id
LEFT JOIN operations.transaction_category AS category ON category.category_id = work.category_id
WHERE work.company = %(company)s::text;

-- name: find_effective_lists
-- Overlapping price lists give no price at all, rather than one that depends on luck. A sales
-- list in another currency than the contract's does not count.
INSERT INTO pg_temp.effective_list (company, context, owner_id, transaction_date, price_list_id, currency)
WITH day AS (
    SELECT DISTINCT
        owner.context,
        owner.owner_id,
        agreed.transaction_date,
        owner.currency
    FROM pg_temp.agreed
    CROSS JOIN
        LATERAL (
            VALUES
            ('cost'::operations.price_context, agreed.organizational_unit_id, NULL),
            ('sales', agreed.contract_id, agreed.sales_currency)
        ) AS owner (context, owner_id, currency)
    WHERE
        agreed.company = %(company)s::text
        AND owner.owner_id IS NOT NULL
        AND (owner.context = 'cost' OR owner.currency IS NOT NULL)
),

link AS (
    SELECT
        'cost'::operations.price_context AS context,
        organizational_unit_id AS owner_id,
        price_list_id
    FROM operations.unit_price_list
    WHERE company = %(company)s::text
    UNION ALL
    SELECT
        'sales',
        contract_id,
        price_list_id
    FROM operations.contract_price_list
    WHERE company = %(company)s::text
)

SELECT
    %(company)s::text,
    day.context,
    day.owner_id,
    day.transaction_date,
    min(price_list.price_list_id),
    min(price_list.currency)
FROM day
JOIN link ON link.context = day.context AND link.owner_id = day.owner_id
JOIN operations.price_list
    ON
        price_list.company = %(company)s::text
        AND price_list.price_list_id = link.price_list_id
        AND price_list.context = day.context
        AND price_list.currency = coalesce(day.currency, price_list.currency)
        AND day.transaction_date >= price_list.effective_from
        AND day.transaction_date <= coalesce(price_list.effective_to, 'infinity')
GROUP BY day.context, day.owner_id, day.transaction_date
HAVING count(*) = 1;

-- name: find_prices
-- Cost is what was entered, else the cost price list's; sales follow the contract's list. Where
-- no list or more than one is effective that day, or the list has no price, the price is 0.
-- A fee costs nothing, and a price entered for it is what it sells for.
INSERT INTO pg_temp.priced (
    company, entry_id, quantity, billing_type, contract_id, contract_line_id, customer_id, cost_price,
    cost_currency, sales_price, sales_currency, is_uncosted, is_unpriced, code, field, value
)
WITH costed AS (
    SELECT
        agreed.*,
        CASE
            WHEN agreed.class = 'time' THEN role_price.price
            WHEN agreed.class <> 'fee' THEN coalesce(agreed.unit_price, category_price.price)
        END AS cost_price,
        CASE
            WHEN agreed.unit_price IS NOT NULL THEN agreed.currency
            ELSE coalesce(cost_list.currency, unit.currency, company.accounting_currency)
        END AS cost_currency
    FROM pg_temp.agreed
    JOIN operations.company ON company.company = agreed.company
    LEFT JOIN operations.organizational_unit AS unit
        ON unit.company = %(company)s::text AND unit.organizational_unit_id = agreed.organizational_unit_id
    LEFT JOIN pg_temp.effective_list AS cost_list
        ON
            cost_list.company = %(company)s::text
            AND cost_list.context = 'cost'
            AND cost_list.owner_id = agreed.organizational_unit_id
            AND cost_list.transaction_date = agreed.transaction_date
    LEFT JOIN operations.role_price
        ON
            role_price.company = %(company)s::text
            AND role_price.price_list_id = cost_list.price_list_id
            AND role_price.role_id = agreed.role_id
    LEFT JOIN operations.category_price
        ON
            category_price.company = %(company)s::text
            AND category_price.price_list_id = cost_list.price_list_id
            AND category_price.category_id = agreed.category_id
    WHERE agreed.company = %(company)s::text
),

sold AS (
    SELECT
        costed.*,
        category_price.method,
        CASE
            WHEN costed.class = 'time' THEN role_price.price
            WHEN costed.class = 'fee' AND costed.unit_price IS NOT NULL THEN costed.unit_price
            WHEN category_price.method = 'per_unit' THEN category_price.price
            WHEN category_price.method = 'at_cost' THEN costed.cost_price
            WHEN category_price.method = 'markup'
                THEN round(costed.cost_price * (1 + category_price.percent / 100), 4)
        END AS sales_price
    FROM costed
    LEFT JOIN pg_temp.effective_list AS sales_list
        ON
            sales_list.company = %(company)s::text
            AND sales_list.context = 'sales'
            AND sales_list.owner_id = costed.contract_id
            AND sales_list.transaction_date = costed.transaction_date
    LEFT JOIN operations.role_price
        ON
            role_price.company = %(company)s::text
            AND role_price.price_list_id = sales_list.price_list_id
            AND role_price.role_id = costed.role_id
    LEFT JOIN operations.category_price
        ON
            category_price.company = %(company)s::text
            AND category_price.price_list_id = sales_list.price_list_id
            AND category_price.category_id = costed.category_id
),

judged AS (
    -- A price that rests on what was entered cannot be converted, so the currencies must agree.
    SELECT
        sold.*,
        CASE
            WHEN sold.is_completed THEN 'ERR-E24'
            WHEN sold.class = 'fee' AND sold.sales_currency IS NULL THEN 'ERR-B02'
            WHEN
                sold.cost_currency <> sold.sales_currency
                AND (
                    (sold.class = 'fee' AND sold.unit_price IS NOT NULL)
                    OR (sold.class IN ('expense', 'material') AND sold.method IN ('at_cost', 'markup'))
                )
                THEN 'ERR-E25'
        END AS code
    FROM sold
)

SELECT
    judged.company,
    judged.entry_id,
    judged.quantity,
    judged.billing_type,
    judged.contract_id,
    judged.contract_line_id,
    judged.customer_id,
    CASE WHEN judged.class <> 'fee' THEN coalesce(judged.cost_price, 0) END,
    judged.cost_currency,
    CASE WHEN judged.sales_currency IS NOT NULL THEN coalesce(judged.sales_price, 0) END,
    judged.sales_currency,
    judged.class <> 'fee' AND judged.cost_price IS NULL,
    judged.sales_currency IS NOT NULL AND judged.sales_price IS NULL,
    judged.code,
    CASE judged.code WHEN 'ERR-E24' THEN 'Project' WHEN 'ERR-B02' THEN 'Class' WHEN 'ERR-E25' THEN 'Currency' END,
    CASE judged.code WHEN 'ERR-B02' THEN 'fee' WHEN 'ERR-E25' THEN judged.cost_currency ELSE '' END
FROM judged;

-- name: list_problems
SELECT
    entry_id,
    code,
    field,
    value
FROM pg_temp.priced
WHERE code IS NOT NULL
ORDER BY entry_id;

-- name: count_priced
-- What is to be submitted, and how much of it found no price.
SELECT
    count(*) AS entry_count,
    count(*) FILTER (WHERE is_unpriced) AS unpriced_count,
    count(*) FILTER (WHERE is_uncosted) AS uncosted_count
FROM pg_temp.priced
WHERE company = %(company)s::text AND code IS NULL;

-- name: write_journal_lines
-- One cost line, except for a fee, and one sales line where something is sold by time and
-- material. Each entry has two keys of the block, whether it needs both or not.
INSERT INTO operations.journal_line (
    company, journal_line_id, entry_id, transaction_type, billing_type, quantity, price, amount, currency,
    contract_id, contract_line_id, customer_id
)
WITH numbered AS (
    SELECT
        priced.*,
        %(first_key)s::bigint + 2 * (row_number() OVER (ORDER BY entry_id) - 1) AS first_line_id
    FROM pg_temp.priced
    WHERE company = %(company)s::text AND code IS NULL
)

SELECT
    numbered.company,
    numbered.first_line_id + line.position,
    numbered.entry_id,
    line.transaction_type,
    numbered.billing_type,
    numbered.quantity,
    line.price,
    round(numbered.quantity * line.price, currency.precision),
    line.currency,
    numbered.contract_id,
    numbered.contract_line_id,
    numbered.customer_id
FROM numbered
CROSS JOIN
    LATERAL (
        VALUES
        (0, 'cost'::operations.transaction_type, numbered.cost_price, numbered.cost_currency),
        (1, 'unbilled_sales', numbered.sales_price, numbered.sales_currency)
    ) AS line (position, transaction_type, price, currency)
JOIN operations.currency ON currency.currency = line.currency
WHERE line.price IS NOT NULL;

-- name: open_approvals
INSERT INTO operations.approval (company, entry_id, billable_quantity, billing_type, submitted_by, submitted_at)
SELECT
    company,
    entry_id,
    CASE billing_type WHEN 'chargeable' THEN quantity ELSE 0 END,
    billing_type,
    %(actor)s::text,
    %(at)s::timestamptz
FROM pg_temp.priced
WHERE company = %(company)s::text AND code IS NULL;
