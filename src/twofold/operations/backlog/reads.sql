-- name: list_backlog
-- Each kind reads its page by key; the outer part joins names to one page only. Which contracts have such
-- items is read from the kept sums, so that items of others are not looked at; all but the contract of the
-- place have one at least.
WITH open_contract AS (
    SELECT contract_id
    FROM operations.backlog_sum
    WHERE
        company = %(company)s::text
        AND contract_id >= %(after_contract_id)s::bigint
        AND (%(contract_id)s::bigint IS NULL OR contract_id = %(contract_id)s::bigint)
        AND (%(customer_id)s::bigint IS NULL OR customer_id = %(customer_id)s::bigint)
        AND (%(project_id)s::bigint IS NULL OR project_id = %(project_id)s::bigint)
        AND (%(as_of)s::date IS NULL OR transaction_date <= %(as_of)s::date)
        AND coalesce(%(kind)s::text, 'sale') = 'sale'
        AND (%(state)s::text IS NULL OR state = (SELECT %(state)s::text::operations.backlog_state))
    GROUP BY contract_id
    HAVING sum(item_count) <> 0
    ORDER BY contract_id
    LIMIT %(rows_max)s::bigint + 1
),

sale AS (
    SELECT
        'sale' AS kind,
        item.actual_id AS key,
        item.contract_id,
        item.contract_line_id,
        item.customer_id,
        item.project_id,
        item.class::text AS transaction_class,
        item.billing_type::text AS billing_type,
        item.transaction_date,
        item.quantity,
        item.amount,
        item.discount_amount,
        item.fee_amount,
        item.currency,
        item.state::text AS state,
        item.not_to_exceed::text AS not_to_exceed,
        item.exceeds::text AS exceeds,
        NULL::text AS name,
        item.proforma_id
    FROM open_contract
    CROSS JOIN
        LATERAL (
            SELECT *
            FROM operations.backlog_item
            WHERE
                backlog_item.company = %(company)s::text
                AND backlog_item.contract_id = open_contract.contract_id
                AND backlog_item.actual_id
                > CASE open_contract.contract_id
                    WHEN %(after_contract_id)s::bigint THEN %(after_actual_id)s::bigint
                    ELSE 0
                END
                AND (%(customer_id)s::bigint IS NULL OR backlog_item.customer_id = %(customer_id)s::bigint)
                AND (%(project_id)s::bigint IS NULL OR backlog_item.project_id = %(project_id)s::bigint)
                AND (%(as_of)s::date IS NULL OR backlog_item.transaction_date <= %(as_of)s::date)
                AND (%(state)s::text IS NULL OR backlog_item.state::text = %(state)s::text)
            ORDER BY backlog_item.actual_id
            LIMIT %(rows_max)s::bigint
        ) AS item
    ORDER BY open_contract.contract_id, item.actual_id
    LIMIT %(rows_max)s::bigint
),

stage AS (
    SELECT
        'milestone',
        milestone.milestone_id,
        milestone.contract_id,
        milestone.contract_line_id,
        milestone.customer_id,
        milestone.project_id,
        'milestone',
        'chargeable',
        milestone.milestone_date,
        1::numeric,
        milestone.amount,
        0::numeric,
        0::numeric,
        milestone.currency,
        milestone.state::text,
        'not_applicable',
        NULL,
        milestone.name,
        milestone.proforma_id
    FROM operations.milestone
    WHERE
        milestone.company = %(company)s::text
        AND milestone.state <> 'posted'
        AND (milestone.contract_id, milestone.milestone_id)
        > (%(after_contract_id)s::bigint, %(after_milestone_id)s::bigint)
        AND (%(contract_id)s::bigint IS NULL OR milestone.contract_id = %(contract_id)s::bigint)
        AND (%(customer_id)s::bigint IS NULL OR milestone.customer_id = %(customer_id)s::bigint)
        AND (%(project_id)s::bigint IS NULL OR milestone.project_id = %(project_id)s::bigint)
        AND (%(as_of)s::date IS NULL OR milestone.milestone_date <= %(as_of)s::date)
        AND coalesce(%(kind)s::text, 'milestone') = 'milestone'
        AND (
            %(state)s::text IS NULL
            OR CASE milestone.state WHEN 'not_ready' THEN 'created' ELSE milestone.state::text END = %(state)s::text
        )
    ORDER BY milestone.contract_id, milestone.milestone_id
    LIMIT %(rows_max)s::bigint
),

advance AS (
    SELECT
        'retainer',
        retainer.retainer_id,
        retainer.contract_id,
        NULL::bigint,
        retainer.customer_id,
        NULL::bigint,
        'retainer',
        'chargeable',
        retainer.invoice_date,
        1::numeric,
        retainer.amount,
        0::numeric,
        0::numeric,
        retainer.currency,
        retainer.state,
        'not_applicable',
        NULL,
        retainer.description,
        retainer.proforma_id
    FROM operations.retainer_item AS retainer
    WHERE
        retainer.company = %(company)s::text
        AND (retainer.contract_id, retainer.retainer_id)
        > (%(after_contract_id)s::bigint, %(after_retainer_id)s::bigint)
        AND (%(contract_id)s::bigint IS NULL OR retainer.contract_id = %(contract_id)s::bigint)
        AND (%(customer_id)s::bigint IS NULL OR retainer.customer_id = %(customer_id)s::bigint)
        AND %(project_id)s::bigint IS NULL
        AND (%(as_of)s::date IS NULL OR retainer.invoice_date <= %(as_of)s::date)
        AND coalesce(%(kind)s::text, 'retainer') = 'retainer'
        AND (
            %(state)s::text IS NULL
            OR CASE retainer.state WHEN 'not_ready' THEN 'created' ELSE retainer.state END = %(state)s::text
        )
    ORDER BY retainer.contract_id, retainer.retainer_id
    LIMIT %(rows_max)s::bigint
),

page AS (
    SELECT *
    FROM (
        SELECT * FROM sale
        UNION ALL
        SELECT * FROM stage
        UNION ALL
        SELECT * FROM advance
    ) AS all_kinds
    ORDER BY contract_id ASC, kind DESC, key ASC
    LIMIT %(rows_max)s::bigint
)

SELECT
    page.kind,
    page.key,
    page.contract_id,
    contract.number AS contract_number,
    agreed.name AS contract_line,
    customer.account AS customer_account,
    project.number AS project_number,
    page.transaction_class,
    page.billing_type,
    page.transaction_date,
    page.quantity,
    page.amount,
    page.discount_amount,
    page.fee_amount,
    page.currency,
    page.state,
    page.not_to_exceed,
    page.exceeds,
    proforma.number AS proforma_number,
    coalesce(page.name, resource.name, category.name) AS name
FROM page
JOIN operations.contract
    ON contract.company = %(company)s::text AND contract.contract_id = page.contract_id
LEFT JOIN operations.contract_line AS agreed
    ON agreed.company = %(company)s::text AND agreed.contract_line_id = page.contract_line_id
LEFT JOIN operations.project
    ON project.company = %(company)s::text AND project.project_id = page.project_id
LEFT JOIN operations.customer
    ON customer.company = %(company)s::text AND customer.customer_id = page.customer_id
LEFT JOIN operations.proforma
    ON proforma.company = %(company)s::text AND proforma.proforma_id = page.proforma_id
LEFT JOIN operations.actual
    ON actual.company = %(company)s::text AND actual.actual_id = page.key AND page.kind = 'sale'
LEFT JOIN operations.resource
    ON resource.company = %(company)s::text AND resource.resource_id = actual.resource_id
LEFT JOIN operations.transaction_category AS category ON category.category_id = actual.category_id
ORDER BY page.contract_id ASC, page.kind DESC, page.key ASC;

-- name: count_backlog
-- Sales from the kept sums, however many there are; of the others no more than so many are looked for.
SELECT least(sum(open_work.found), %(count_max)s::bigint)::bigint AS count
FROM (
    SELECT coalesce(sum(item_count), 0) AS found
    FROM operations.backlog_sum
    WHERE
        company = %(company)s::text
        AND (%(contract_id)s::bigint IS NULL OR contract_id = %(contract_id)s::bigint)
        AND (%(customer_id)s::bigint IS NULL OR customer_id = %(customer_id)s::bigint)
        AND (%(project_id)s::bigint IS NULL OR project_id = %(project_id)s::bigint)
        AND (%(as_of)s::date IS NULL OR transaction_date <= %(as_of)s::date)
        AND coalesce(%(kind)s::text, 'sale') = 'sale'
        AND (%(state)s::text IS NULL OR state = (SELECT %(state)s::text::operations.backlog_state))
    UNION ALL
    (
        SELECT 1
        FROM operations.milestone
        WHERE
            milestone.company = %(company)s::text
            AND milestone.state <> 'posted'
            AND (%(contract_id)s::bigint IS NULL OR milestone.contract_id = %(contract_id)s::bigint)
            AND (%(customer_id)s::bigint IS NULL OR milestone.customer_id = %(customer_id)s::bigint)
            AND (%(project_id)s::bigint IS NULL OR milestone.project_id = %(project_id)s::bigint)
            AND (%(as_of)s::date IS NULL OR milestone.milestone_date <= %(as_of)s::date)
            AND coalesce(%(kind)s::text, 'milestone') = 'milestone'
            AND (
                %(state)s::text IS NULL
                OR CASE milestone.state WHEN 'not_ready' THEN 'created' ELSE milestone.state::text END = %(state)s::text
            )
        ORDER BY milestone.milestone_id
        LIMIT %(count_max)s::bigint
    )
    UNION ALL
    (
        SELECT 1
        FROM operations.retainer_item AS retainer
        WHERE
            retainer.company = %(company)s::text
            AND (%(contract_id)s::bigint IS NULL OR retainer.contract_id = %(contract_id)s::bigint)
            AND (%(customer_id)s::bigint IS NULL OR retainer.customer_id = %(customer_id)s::bigint)
            AND %(project_id)s::bigint IS NULL
            AND (%(as_of)s::date IS NULL OR retainer.invoice_date <= %(as_of)s::date)
            AND coalesce(%(kind)s::text, 'retainer') = 'retainer'
            AND (
                %(state)s::text IS NULL
                OR CASE retainer.state WHEN 'not_ready' THEN 'created' ELSE retainer.state END = %(state)s::text
            )
        ORDER BY retainer.retainer_id
        LIMIT %(count_max)s::bigint
    )
) AS open_work;

-- name: backlog_totals
-- What is open of sales is read from the kept sums, however many there are. place says where a contract
-- stands in the order that is asked for; names are joined to one page only.
WITH open_work AS (
    SELECT
        contract_id,
        -- What a correction journal holds is still to be invoiced.
        CASE state WHEN 'in_process' THEN 'created' ELSE state::text END AS state,
        sum(item_count) AS item_count,
        sum(amount) AS amount
    FROM operations.backlog_sum
    WHERE
        company = %(company)s::text
        AND (%(contract_id)s::bigint IS NULL OR contract_id = %(contract_id)s::bigint)
        AND (%(customer_id)s::bigint IS NULL OR customer_id = %(customer_id)s::bigint)
        AND (%(project_id)s::bigint IS NULL OR project_id = %(project_id)s::bigint)
        AND (%(as_of)s::date IS NULL OR transaction_date <= %(as_of)s::date)
    GROUP BY contract_id, state
    HAVING sum(item_count) <> 0
    UNION ALL
    SELECT
        contract_id,
        CASE state WHEN 'not_ready' THEN 'created' ELSE state::text END,
        count(*),
        sum(amount)
    FROM operations.milestone
    WHERE
        company = %(company)s::text
        AND state <> 'posted'
        AND (%(contract_id)s::bigint IS NULL OR contract_id = %(contract_id)s::bigint)
        AND (%(customer_id)s::bigint IS NULL OR customer_id = %(customer_id)s::bigint)
        AND (%(project_id)s::bigint IS NULL OR project_id = %(project_id)s::bigint)
        AND (%(as_of)s::date IS NULL OR milestone_date <= %(as_of)s::date)
    GROUP BY contract_id, state
    UNION ALL
    SELECT
        contract_id,
        CASE state WHEN 'not_ready' THEN 'created' ELSE state END,
        count(*),
        sum(amount)
    FROM operations.retainer_item
    WHERE
        company = %(company)s::text
        AND (%(contract_id)s::bigint IS NULL OR contract_id = %(contract_id)s::bigint)
        AND (%(customer_id)s::bigint IS NULL OR customer_id = %(customer_id)s::bigint)
        AND %(project_id)s::bigint IS NULL
        AND (%(as_of)s::date IS NULL OR invoice_date <= %(as_of)s::date)
    GROUP BY contract_id, state
),

total AS (
    SELECT
        contract_id,
        coalesce(sum(item_count) FILTER (WHERE state = 'created'), 0)::bigint AS created_count,
        coalesce(sum(amount) FILTER (WHERE state = 'created'), 0) AS created_amount,
        coalesce(sum(item_count) FILTER (WHERE state = 'ready'), 0)::bigint AS ready_count,
        coalesce(sum(amount) FILTER (WHERE state = 'ready'), 0) AS ready_amount,
        coalesce(sum(item_count) FILTER (WHERE state = 'on_proforma'), 0)::bigint AS on_proforma_count,
        coalesce(sum(amount) FILTER (WHERE state = 'on_proforma'), 0) AS on_proforma_amount
    FROM open_work
    GROUP BY contract_id
),

placed AS (
    SELECT
        total.*,
        contract.number,
        contract.name,
        contract.currency,
        customer.account,
        row_number() OVER (
            ORDER BY
                CASE %(sort)s::text
                    WHEN 'created' THEN total.created_amount
                    WHEN 'ready' THEN total.ready_amount
                    WHEN 'on_proforma' THEN total.on_proforma_amount
                END * CASE WHEN %(is_down)s::boolean THEN -1 ELSE 1 END ASC,
                CASE WHEN %(sort)s::text = 'customer' AND NOT %(is_down)s::boolean THEN customer.account END ASC,
                CASE WHEN %(sort)s::text = 'customer' AND %(is_down)s::boolean THEN customer.account END DESC,
                CASE WHEN %(sort)s::text = 'contract' AND %(is_down)s::boolean THEN contract.number END DESC,
                contract.number ASC
        ) AS place
    FROM total
    JOIN operations.contract
        ON contract.company = %(company)s::text AND contract.contract_id = total.contract_id
    JOIN operations.customer
        ON customer.company = %(company)s::text AND customer.customer_id = contract.customer_id
)

SELECT
    contract_id,
    number AS contract_number,
    name AS contract_name,
    account AS customer_account,
    currency,
    created_count,
    created_amount,
    ready_count,
    ready_amount,
    on_proforma_count,
    on_proforma_amount,
    place
FROM placed
WHERE place > %(after)s::bigint
ORDER BY place
LIMIT %(rows_max)s::bigint;

-- name: find_keys
SELECT
    (
        SELECT contract.contract_id FROM operations.contract
        WHERE contract.company = %(company)s::text AND contract.number = %(contract)s::text
    ) AS contract_id,
    (
        SELECT project.project_id FROM operations.project
        WHERE project.company = %(company)s::text AND project.number = %(project)s::text
    ) AS project_id,
    (
        SELECT customer.customer_id FROM operations.customer
        WHERE customer.company = %(company)s::text AND customer.account = %(customer)s::text
    ) AS customer_id;
