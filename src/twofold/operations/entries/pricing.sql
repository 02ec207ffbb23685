-- name: create_agreed
-- The same entries with what was agreed about them: contract line, chargeability.
CREATE TEMP TABLE agreed (
    company text NOT NULL,
    entry_id bigint NOT NULL,
    class operations.transaction_class NOT NULL,
    transaction_date date NOT NULL,
    role_id bigint,
    category_id bigint,
    product_id bigint,
    quantity numeric NOT NULL,
    unit text,
    unit_price numeric,
    currency text,
    billing_type operations.billing_type NOT NULL,
    organizational_unit_id bigint,
    contract_id bigint,
    contract_line_id bigint,
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

-- name: analyze_submission
ANALYZE pg_temp.submission;

-- name: analyze_agreed
ANALYZE pg_temp.agreed;

-- name: analyze_effective_list
ANALYZE pg_temp.effective_list;

-- name: analyze_priced
ANALYZE pg_temp.priced;

-- name: find_agreed
-- An entry falls on the line of its project's contract that includes its class and its task; a
-- closed contract bills nothing more. Time is as chargeable as its role and an expense as its
-- category, on the line or else by themselves, and any work as its task on the line (P04); the
-- person who recorded the entry may only take away from that.
INSERT INTO pg_temp.agreed (
    company, entry_id, class, transaction_date, role_id, category_id, product_id, quantity, unit, unit_price,
    currency, billing_type, organizational_unit_id, contract_id, contract_line_id, sales_currency, is_completed
)
WITH covered AS (
    SELECT
        contract_line.project_id,
        contract_line.contract_id,
        contract_line.contract_line_id,
        included.class,
        line_task.task_id,
        line_task.billing_type AS task_billing_type,
        contract_line.included_tasks = 'all' AS is_whole,
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
    LEFT JOIN operations.contract_line_task AS line_task
        ON
            line_task.company = contract_line.company
            AND line_task.contract_line_id = contract_line.contract_line_id
            AND contract_line.included_tasks = 'selected'
    WHERE contract_line.company = %(company)s::text AND included.is_included AND contract.state <> 'closed'
),

placed AS (
    SELECT
        work.*,
        part.task_billing_type,
        coalesce(whole.contract_id, part.contract_id) AS contract_id,
        coalesce(whole.contract_line_id, part.contract_line_id) AS contract_line_id,
        coalesce(whole.sales_currency, part.sales_currency) AS sales_currency
    FROM pg_temp.submission AS work
    LEFT JOIN covered AS whole
        ON whole.project_id = work.project_id AND whole.class = work.class AND whole.is_whole
    LEFT JOIN covered AS part
        ON part.project_id = work.project_id AND part.class = work.class AND part.task_id = work.task_id
    WHERE work.company = %(company)s::text
)

SELECT
    placed.company,
    placed.entry_id,
    placed.class,
    placed.transaction_date,
    placed.role_id,
    placed.category_id,
    placed.product_id,
    placed.quantity,
    placed.unit,
    placed.unit_price,
    placed.currency,
    CASE
        WHEN placed.contract_line_id IS NULL THEN 'not_available'
        WHEN placed.billing_type = 'non_chargeable' THEN 'non_chargeable'
        WHEN placed.task_billing_type <> 'chargeable' THEN 'non_chargeable'
        WHEN placed.class = 'time' AND coalesce(line_role.billing_type, role.billing_type) <> 'chargeable'
            THEN 'non_chargeable'
        WHEN placed.class = 'expense' AND coalesce(line_category.billing_type, category.billing_type) <> 'chargeable'
            THEN 'non_chargeable'
        ELSE 'chargeable'
    END::operations.billing_type,
    coalesce(resource.organizational_unit_id, contract.organizational_unit_id),
    placed.contract_id,
    placed.contract_line_id,
    placed.sales_currency,
    project.state = 'completed'
FROM placed
JOIN operations.project
    ON project.company = %(company)s::text AND project.project_id = placed.project_id
LEFT JOIN operations.contract
    ON contract.company = %(company)s::text AND contract.contract_id = project.contract_id
LEFT JOIN operations.contract_line_role AS line_role
    ON
        line_role.company = %(company)s::text
        AND line_role.contract_line_id = placed.contract_line_id
        AND line_role.role_id = placed.role_id
LEFT JOIN operations.contract_line_category AS line_category
    ON
        line_category.company = %(company)s::text
        AND line_category.contract_line_id = placed.contract_line_id
        AND line_category.category_id = placed.category_id
LEFT JOIN operations.resource
    ON resource.company = %(company)s::text AND resource.resource_id = placed.resource_id
LEFT JOIN operations.role ON role.role_id = placed.role_id
LEFT JOIN operations.transaction_category AS category ON category.category_id = placed.category_id;

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
-- A fee costs nothing, and a price entered for it is what it sells for. Each different question
-- is answered once, however many entries ask it.
INSERT INTO pg_temp.priced (
    company, entry_id, quantity, billing_type, contract_id, contract_line_id, cost_price,
    cost_currency, sales_price, sales_currency, is_uncosted, is_unpriced, code, field, value
)
WITH asked AS (
    -- Time is priced by its role, material by its product or, written in, by its category like
    -- the rest.
    SELECT
        agreed.*,
        CASE
            WHEN agreed.class = 'time' THEN 'role'
            WHEN agreed.product_id IS NOT NULL THEN 'product'
            ELSE 'category'
        END AS subject,
        CASE
            WHEN agreed.class = 'time' THEN agreed.role_id
            ELSE coalesce(agreed.product_id, agreed.category_id)
        END AS subject_id,
        CASE WHEN agreed.class = 'time' THEN '' ELSE coalesce(agreed.unit, '') END AS sold_by
    FROM pg_temp.agreed
    WHERE agreed.company = %(company)s::text
),

question AS (
    SELECT DISTINCT
        owner.context,
        owner.owner_id,
        asked.transaction_date,
        asked.organizational_unit_id,
        asked.subject,
        asked.subject_id,
        asked.sold_by
    FROM asked
    CROSS JOIN
        LATERAL (
            VALUES
            ('cost'::operations.price_context, asked.organizational_unit_id),
            ('sales', asked.contract_id)
        ) AS owner (context, owner_id)
    WHERE owner.owner_id IS NOT NULL
),

put AS MATERIALIZED (
    -- To whom a question goes is settled first: joined the other way round, every price of a role
    -- on any list would be looked at.
    SELECT
        question.*,
        list.price_list_id,
        contract.contract_id,
        contract.customer_id
    FROM question
    JOIN pg_temp.effective_list AS list
        ON
            list.company = %(company)s::text
            AND list.context = question.context
            AND list.owner_id = question.owner_id
            AND list.transaction_date = question.transaction_date
    LEFT JOIN operations.contract
        ON
            question.context = 'sales'
            AND contract.company = %(company)s::text
            AND contract.contract_id = question.owner_id
),

answer AS (
    SELECT DISTINCT ON (
        put.context, put.owner_id, put.transaction_date, put.organizational_unit_id, put.subject, put.subject_id,
        put.sold_by
    )
        put.*,
        listed.method,
        listed.price,
        listed.percent
    FROM put
    JOIN operations.listed_price AS listed
        ON
            listed.company = %(company)s::text
            AND listed.price_list_id = put.price_list_id
            AND listed.subject = put.subject
            AND listed.subject_id = put.subject_id
            AND (listed.unit IS NULL OR listed.unit = put.sold_by)
            AND (listed.resourcing_company IS NULL OR listed.resourcing_company = %(company)s::text)
            AND (listed.resourcing_unit_id IS NULL OR listed.resourcing_unit_id = put.organizational_unit_id)
            AND (listed.contract_id IS NULL OR listed.contract_id = put.contract_id)
            AND (listed.customer_id IS NULL OR listed.customer_id = put.customer_id)
            AND (listed.effective_from IS NULL OR listed.effective_from <= put.transaction_date)
    ORDER BY
        put.context ASC,
        put.owner_id ASC,
        put.transaction_date ASC,
        put.organizational_unit_id ASC,
        put.subject ASC,
        put.subject_id ASC,
        put.sold_by ASC,
        listed.precedence DESC,
        listed.effective_from DESC NULLS LAST
),

costed AS (
    SELECT
        asked.*,
        CASE WHEN asked.class <> 'fee' THEN coalesce(asked.unit_price, answer.price) END AS cost_price,
        CASE
            WHEN asked.unit_price IS NOT NULL THEN asked.currency
            ELSE coalesce(cost_list.currency, unit.currency, company.accounting_currency)
        END AS cost_currency,
        company.accounting_currency
    FROM asked
    JOIN operations.company ON company.company = asked.company
    LEFT JOIN operations.organizational_unit AS unit
        ON unit.company = %(company)s::text AND unit.organizational_unit_id = asked.organizational_unit_id
    LEFT JOIN pg_temp.effective_list AS cost_list
        ON
            cost_list.company = %(company)s::text
            AND cost_list.context = 'cost'
            AND cost_list.owner_id = asked.organizational_unit_id
            AND cost_list.transaction_date = asked.transaction_date
    LEFT JOIN answer
        ON
            answer.context = 'cost'
            AND answer.owner_id = asked.organizational_unit_id
            AND answer.transaction_date = asked.transaction_date
            AND answer.organizational_unit_id = asked.organizational_unit_id
            AND answer.subject = asked.subject
            AND answer.subject_id = asked.subject_id
            AND answer.sold_by = asked.sold_by
),

exchange AS (
    -- What 100 units are worth in the accounting currency, by the last rate up to the day.
    SELECT DISTINCT ON (needed.currency, needed.transaction_date)
        needed.currency,
        needed.transaction_date,
        rate.rate
    FROM (
        SELECT DISTINCT
            side.currency,
            costed.transaction_date,
            costed.accounting_currency
        FROM costed
        CROSS JOIN LATERAL (VALUES (costed.cost_currency), (costed.sales_currency)) AS side (currency)
        WHERE costed.cost_currency <> costed.sales_currency
    ) AS needed
    JOIN operations.exchange_rate AS rate
        ON
            rate.company = %(company)s::text
            AND rate.rate_type = 'Default'
            AND rate.from_currency = needed.currency
            AND rate.to_currency = needed.accounting_currency
            AND rate.valid_from <= needed.transaction_date
    ORDER BY needed.currency ASC, needed.transaction_date ASC, rate.valid_from DESC
),

converted AS (
    -- Both currencies at their rates, which are the same where nothing is converted; NULL where there is none.
    SELECT
        costed.*,
        CASE
            WHEN costed.cost_currency IN (costed.sales_currency, costed.accounting_currency) THEN 100
            ELSE of_cost.rate
        END AS cost_rate,
        CASE
            WHEN costed.sales_currency IN (costed.cost_currency, costed.accounting_currency) THEN 100
            ELSE of_sale.rate
        END AS sales_rate
    FROM costed
    LEFT JOIN exchange AS of_cost
        ON of_cost.currency = costed.cost_currency AND of_cost.transaction_date = costed.transaction_date
    LEFT JOIN exchange AS of_sale
        ON of_sale.currency = costed.sales_currency AND of_sale.transaction_date = costed.transaction_date
),

sold AS (
    SELECT
        converted.*,
        answer.method,
        CASE
            WHEN converted.class = 'fee' AND converted.unit_price IS NOT NULL THEN converted.unit_price
            WHEN answer.method = 'per_unit' THEN answer.price
            WHEN answer.method = 'at_cost'
                THEN round(converted.cost_price * converted.cost_rate / converted.sales_rate, 4)
            WHEN answer.method = 'markup'
                THEN
                    round(
                        converted.cost_price * (1 + answer.percent / 100) * converted.cost_rate / converted.sales_rate,
                        4
                    )
        END AS sales_price
    FROM converted
    LEFT JOIN answer
        ON
            answer.context = 'sales'
            AND answer.owner_id = converted.contract_id
            AND answer.transaction_date = converted.transaction_date
            AND answer.organizational_unit_id = converted.organizational_unit_id
            AND answer.subject = converted.subject
            AND answer.subject_id = converted.subject_id
            AND answer.sold_by = converted.sold_by
),

judged AS (
    -- A price that follows the cost needs a rate; one entered for a fee is not converted.
    SELECT
        sold.*,
        CASE
            WHEN sold.is_completed THEN 'ERR-E24'
            WHEN sold.class = 'fee' AND sold.sales_currency IS NULL THEN 'ERR-B02'
            WHEN
                sold.cost_currency <> sold.sales_currency
                AND CASE sold.class
                    WHEN 'fee' THEN sold.unit_price IS NOT NULL
                    ELSE sold.method <> 'per_unit' AND (sold.cost_rate IS NULL OR sold.sales_rate IS NULL)
                END
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

-- name: drop_pricing
DROP TABLE pg_temp.agreed, pg_temp.effective_list, pg_temp.priced;
