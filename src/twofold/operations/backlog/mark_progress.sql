-- name: lock_contract
-- Who marks and who creates proformas wait for each other, contract by contract.
SELECT contract_id
FROM operations.contract
WHERE
    company = %(company)s::text
    AND contract_id = (
        SELECT milestone.contract_id
        FROM operations.milestone
        WHERE milestone.company = %(company)s::text AND milestone.milestone_id = %(milestone_id)s::bigint
    )
FOR NO KEY UPDATE;

-- name: find
-- The milestone over all its parts. A percentage is one of its whole amount.
SELECT
    whole.contract_id,
    whole.contract_line_id,
    whole.name,
    project.number AS project_number,
    whole.open_amount,
    project.state::text AS project_state,
    agreed.schedule_type = 'progress' AS is_progress,
    coalesce(
        %(amount)s::numeric, round(whole.amount * %(percent)s::numeric / 100, currency.precision)
    ) AS next_amount,
    round(
        coalesce(%(amount)s::numeric, whole.amount * %(percent)s::numeric / 100), currency.precision
    ) AS rounded_amount
FROM operations.milestone
JOIN operations.milestone_progress AS whole
    ON
        whole.company = %(company)s::text
        AND whole.contract_line_id = milestone.contract_line_id
        AND whole.name = milestone.name
JOIN operations.contract_line AS agreed
    ON agreed.company = %(company)s::text AND agreed.contract_line_id = milestone.contract_line_id
JOIN operations.project
    ON project.company = %(company)s::text AND project.project_id = milestone.project_id
JOIN operations.currency ON currency.currency = milestone.currency
WHERE milestone.company = %(company)s::text AND milestone.milestone_id = %(milestone_id)s::bigint;

-- name: plan
-- Each customer is invoiced the share that its parts are of the milestone; rounding is carried on
-- from one to the next. Its open parts are taken in their order: those that the share covers become
-- ready, the one it ends in is divided, and what is divided off goes to the next part, a new one if
-- there is none. If it ends in one of the last two, what is said next and what remains, these are
-- divided anew.
WITH customer AS (
    SELECT
        milestone.customer_id,
        currency.precision,
        sum(milestone.amount) AS amount,
        sum(milestone.tax_amount) AS tax_amount,
        coalesce(sum(milestone.amount) FILTER (WHERE milestone.state IN ('not_ready', 'ready')), 0) AS open_amount,
        coalesce(sum(milestone.tax_amount) FILTER (WHERE milestone.state IN ('not_ready', 'ready')), 0) AS open_tax,
        max(milestone.part) AS last_part
    FROM operations.milestone
    JOIN operations.currency ON currency.currency = milestone.currency
    WHERE
        milestone.company = %(company)s::text
        AND milestone.contract_line_id = %(contract_line_id)s::bigint
        AND milestone.name = %(name)s::text
    GROUP BY milestone.customer_id, currency.precision
),

placed AS (
    SELECT
        customer.*,
        sum(amount) OVER (ORDER BY customer_id) AS amount_so_far,
        sum(amount) OVER () AS whole_amount,
        sum(open_amount) OVER () AS whole_open_amount
    FROM customer
),

shared AS (
    SELECT
        placed.*,
        CASE
            WHEN %(next_amount)s::numeric = placed.whole_open_amount THEN placed.open_amount
            ELSE
                least(
                    placed.open_amount,
                    round(%(next_amount)s::numeric * placed.amount_so_far / placed.whole_amount, placed.precision)
                    - round(
                        %(next_amount)s::numeric * (placed.amount_so_far - placed.amount) / placed.whole_amount,
                        placed.precision
                    )
                )
        END AS share
    FROM placed
),

taxed AS (
    SELECT
        shared.*,
        CASE
            WHEN shared.share = shared.open_amount THEN shared.open_tax
            ELSE least(shared.open_tax, round(shared.tax_amount * shared.share / shared.amount, shared.precision))
        END AS share_tax
    FROM shared
),

open_part AS (
    SELECT
        milestone.milestone_id,
        milestone.customer_id,
        milestone.part,
        milestone.amount,
        milestone.tax_amount,
        taxed.share,
        taxed.share_tax,
        taxed.open_amount,
        taxed.last_part,
        row_number() OVER (PARTITION BY milestone.customer_id ORDER BY milestone.part DESC) AS place_from_last,
        lead(milestone.amount, 1, 0) OVER in_order AS following_amount,
        lead(milestone.tax_amount, 1, 0) OVER in_order AS following_tax
    FROM operations.milestone
    JOIN taxed ON taxed.customer_id = milestone.customer_id
    WHERE
        milestone.company = %(company)s::text
        AND milestone.contract_line_id = %(contract_line_id)s::bigint
        AND milestone.name = %(name)s::text
        AND milestone.state IN ('not_ready', 'ready')
    WINDOW in_order AS (PARTITION BY milestone.customer_id ORDER BY milestone.part)
),

judged AS (
    SELECT
        open_part.*,
        share < open_amount
        AND share > coalesce(
            sum(amount) FILTER (WHERE place_from_last > 2) OVER (PARTITION BY customer_id), 0
        ) AS ends_in_last_two
    FROM open_part
),

gathered AS (
    SELECT
        judged.*,
        CASE
            WHEN ends_in_last_two AND place_from_last = 2 THEN amount + following_amount
            WHEN ends_in_last_two AND place_from_last = 1 AND lag(part) OVER in_order IS NOT NULL THEN 0
            ELSE amount
        END AS whole_amount,
        CASE
            WHEN ends_in_last_two AND place_from_last = 2 THEN tax_amount + following_tax
            WHEN ends_in_last_two AND place_from_last = 1 AND lag(part) OVER in_order IS NOT NULL THEN 0
            ELSE tax_amount
        END AS whole_tax
    FROM judged
    WINDOW in_order AS (PARTITION BY customer_id ORDER BY part)
),

covered AS (
    SELECT
        gathered.*,
        least(whole_amount, greatest(0, share - sum(whole_amount) OVER in_order + whole_amount)) AS ready_amount,
        least(whole_tax, greatest(0, share_tax - sum(whole_tax) OVER in_order + whole_tax)) AS ready_tax
    FROM gathered
    WINDOW in_order AS (PARTITION BY customer_id ORDER BY part)
),

divided AS (
    SELECT
        covered.*,
        ready_amount > 0 AND ready_amount < whole_amount AS is_divided,
        CASE
            WHEN lag(ready_amount > 0 AND ready_amount < whole_amount) OVER in_order
                THEN lag(whole_amount - ready_amount) OVER in_order
            ELSE 0
        END AS rest_amount,
        CASE
            WHEN lag(ready_amount > 0 AND ready_amount < whole_amount) OVER in_order
                THEN lag(whole_tax - ready_tax) OVER in_order
            ELSE 0
        END AS rest_tax
    FROM covered
    WINDOW in_order AS (PARTITION BY customer_id ORDER BY part)
),

planned AS (
    SELECT
        divided.*,
        CASE WHEN is_divided THEN ready_amount ELSE whole_amount + rest_amount END AS planned_amount,
        CASE WHEN is_divided THEN ready_tax ELSE whole_tax + rest_tax END AS planned_tax
    FROM divided
)

SELECT
    milestone_id,
    customer_id,
    part,
    planned_amount AS amount,
    planned_tax AS tax_amount,
    CASE WHEN ready_amount > 0 THEN 'ready' ELSE 'not_ready' END AS state,
    (planned_amount, planned_tax) <> (amount, tax_amount) AS is_divided
FROM planned
UNION ALL
SELECT
    NULL,
    customer_id,
    last_part + 1,
    whole_amount - ready_amount,
    whole_tax - ready_tax,
    'not_ready',
    true
FROM planned
WHERE is_divided AND place_from_last = 1
ORDER BY customer_id, part;

-- name: change_parts
UPDATE operations.milestone
SET
    state = planned.state::operations.milestone_state,
    amount = planned.amount,
    tax_amount = planned.tax_amount,
    change_set_id = CASE
        WHEN (milestone.amount, milestone.tax_amount) <> (planned.amount, planned.tax_amount)
            THEN coalesce(%(set_id)s::bigint, milestone.change_set_id)
        ELSE milestone.change_set_id
    END
FROM
    unnest(
        %(milestone_ids)s::bigint[], %(states)s::text[], %(amounts)s::numeric[], %(tax_amounts)s::numeric[]
    ) AS planned (milestone_id, state, amount, tax_amount)
WHERE milestone.company = %(company)s::text AND milestone.milestone_id = planned.milestone_id;

-- name: add_parts
-- Like the part that was named, but for customer, number and amounts.
INSERT INTO operations.milestone (
    company, milestone_id, contract_id, contract_line_id, customer_id, project_id, name, part, milestone_date,
    amount, tax_amount, currency, change_set_id
)
SELECT
    %(company)s::text,
    %(first_milestone_id)s::bigint + row_number() OVER (ORDER BY planned.customer_id) - 1,
    milestone.contract_id,
    milestone.contract_line_id,
    planned.customer_id,
    milestone.project_id,
    milestone.name,
    planned.part,
    milestone.milestone_date,
    planned.amount,
    planned.tax_amount,
    milestone.currency,
    %(set_id)s::bigint
FROM operations.milestone
CROSS JOIN
    unnest(
        %(customer_ids)s::bigint[], %(parts)s::integer[], %(amounts)s::numeric[], %(tax_amounts)s::numeric[]
    ) AS planned (customer_id, part, amount, tax_amount)
WHERE milestone.company = %(company)s::text AND milestone.milestone_id = %(like_id)s::bigint;

-- name: show
SELECT
    name,
    currency,
    amount,
    tax_amount,
    invoiced_amount,
    next_amount,
    remaining_amount,
    next_state,
    state
FROM operations.milestone_progress
WHERE
    company = %(company)s::text
    AND contract_line_id = %(contract_line_id)s::bigint
    AND name = %(name)s::text;
