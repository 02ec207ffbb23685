-- name: list_proposals
-- Newest first.
WITH page AS (
    SELECT *
    FROM finance.proposal
    WHERE
        company = %(company)s::text
        AND (%(state)s::text IS NULL OR state::text = %(state)s::text)
        AND (%(number)s::text IS NULL OR number = %(number)s::text)
        AND (%(after)s::bigint IS NULL OR proposal_id < %(after)s::bigint)
        AND (
            %(customer)s::text = ''
            OR customer_id IN (
                SELECT named.customer_id
                FROM finance.customer AS named
                WHERE
                    named.company = %(company)s::text
                    AND (
                        named.account = %(customer)s::text
                        OR strpos(lower(named.name), lower(%(customer)s::text)) > 0
                    )
            )
        )
        AND (%(day_from)s::date IS NULL OR coalesce(invoice_date, accounting_date) >= %(day_from)s::date)
        AND (%(day_to)s::date IS NULL OR coalesce(invoice_date, accounting_date) <= %(day_to)s::date)
    ORDER BY proposal_id DESC
    LIMIT %(rows_max)s::integer
),

problem AS (
    SELECT
        proposal_problem.proposal_id,
        count(*) AS problem_count
    FROM page
    JOIN finance.proposal_problem
        ON proposal_problem.company = page.company AND proposal_problem.proposal_id = page.proposal_id
    GROUP BY proposal_problem.proposal_id
)

SELECT
    page.proposal_id,
    page.number,
    page.name,
    page.description,
    page.state::text AS state,
    contract.number AS contract_number,
    customer.account AS customer_account,
    customer.name AS customer_name,
    page.bill_to_name,
    terms.payment_terms,
    page.currency,
    page.accounting_date,
    page.confirmed_at,
    page.invoice_date,
    page.due_date,
    page.due_date_is_manual,
    page.revision,
    page.review::text AS review,
    page.net_amount,
    page.tax_amount,
    page.total_amount,
    page.line_count,
    page.billable_count,
    customer_invoice.invoice_number,
    dimension_set.label AS dimensions,
    coalesce(problem.problem_count, 0) AS problem_count
FROM page
JOIN finance.proposal_terms AS terms
    ON terms.company = page.company AND terms.proposal_id = page.proposal_id
LEFT JOIN finance.contract
    ON contract.company = page.company AND contract.contract_id = page.contract_id
LEFT JOIN finance.customer
    ON customer.company = page.company AND customer.customer_id = page.customer_id
LEFT JOIN finance.customer_invoice
    ON customer_invoice.company = page.company AND customer_invoice.proposal_id = page.proposal_id
LEFT JOIN finance.dimension_set
    ON dimension_set.company = page.company AND dimension_set.dimension_set_id = page.dimension_set_id
LEFT JOIN problem ON problem.proposal_id = page.proposal_id
ORDER BY page.proposal_id DESC;

-- name: proposal_totals
-- Fees that are charged on other work are lines of class fee too.
WITH block AS (
    SELECT
        first_actual_id,
        last_actual_id
    FROM finance.proposal
    WHERE company = %(company)s::text AND proposal_id = %(proposal_id)s::bigint
),

line AS (
    SELECT
        staged_actual.class,
        staged_actual.quantity,
        staged_actual.discount_amount,
        proposal_line.amount,
        proposal_line.tax_amount
    FROM finance.proposal_line
    JOIN finance.staged_actual
        ON staged_actual.company = proposal_line.company AND staged_actual.actual_id = proposal_line.actual_id
    WHERE
        proposal_line.company = %(company)s::text
        AND proposal_line.proposal_id = %(proposal_id)s::bigint
        AND proposal_line.actual_id >= (SELECT block.first_actual_id FROM block)
        AND proposal_line.actual_id <= (SELECT block.last_actual_id FROM block)
    UNION ALL
    SELECT
        fee_line.class,
        fee_line.quantity,
        0,
        proposal_line.amount,
        proposal_line.tax_amount
    FROM finance.proposal_line
    JOIN finance.fee_line
        ON fee_line.company = proposal_line.company AND fee_line.actual_id = proposal_line.actual_id
    WHERE
        proposal_line.company = %(company)s::text
        AND proposal_line.proposal_id = %(proposal_id)s::bigint
        AND proposal_line.actual_id >= (SELECT -block.last_actual_id FROM block)
        AND proposal_line.actual_id <= (SELECT -block.first_actual_id FROM block)
)

SELECT
    class::text AS class_,
    count(*) AS line_count,
    sum(quantity) AS quantity,
    sum(discount_amount) AS discount_amount,
    sum(amount) AS net_amount,
    sum(tax_amount) AS tax_amount
FROM line
GROUP BY class
ORDER BY class;

-- name: proposal_lines
WITH block AS (
    SELECT
        first_actual_id,
        last_actual_id
    FROM finance.proposal
    WHERE company = %(company)s::text AND proposal_id = %(proposal_id)s::bigint
),

page AS (
    SELECT *
    FROM finance.proposal_line
    WHERE
        company = %(company)s::text
        AND proposal_id = %(proposal_id)s::bigint
        AND actual_id > %(after)s::bigint
        AND actual_id >= (SELECT block.first_actual_id FROM block)
        AND actual_id <= (SELECT block.last_actual_id FROM block)
    ORDER BY actual_id
    LIMIT %(rows_max)s::integer
)

SELECT
    proposal_line.actual_id,
    proposal_line.transaction_id,
    proposal_line.milestone_id,
    proposal_line.on_account_origin::text AS on_account_origin,
    proposal_line.credited_id,
    credited_invoice.invoice_number AS credited_invoice_number,
    staged_actual.class::text AS class_,
    staged_actual.transaction_date,
    project.number AS project_number,
    resource.name AS resource_name,
    category.number AS category_number,
    staged_actual.quantity,
    staged_actual.price,
    staged_actual.currency,
    proposal_line.tax_group,
    proposal_line.item_tax_group,
    dimension_set.label AS dimensions,
    proposal_line.amount,
    staged_actual.discount_amount,
    coalesce(fee.amount, 0) AS fee_amount,
    proposal_line.tax_amount + coalesce(fee.tax_amount, 0) AS tax_amount,
    coalesce(staged_actual.description, on_account_transaction.description) AS description
FROM page AS proposal_line
JOIN finance.staged_actual
    ON staged_actual.company = proposal_line.company AND staged_actual.actual_id = proposal_line.actual_id
LEFT JOIN finance.on_account_transaction
    ON
        on_account_transaction.company = proposal_line.company
        AND on_account_transaction.milestone_id = proposal_line.milestone_id
LEFT JOIN finance.invoice_line AS credited
    ON credited.company = proposal_line.company AND credited.actual_id = proposal_line.credited_id
LEFT JOIN finance.customer_invoice AS credited_invoice
    ON credited_invoice.company = credited.company AND credited_invoice.proposal_id = credited.proposal_id
LEFT JOIN finance.project
    ON project.company = staged_actual.company AND project.project_id = staged_actual.project_id
LEFT JOIN finance.resource
    ON resource.company = staged_actual.company AND resource.resource_id = staged_actual.resource_id
LEFT JOIN finance.category
    ON category.company = staged_actual.company AND category.category_id = staged_actual.category_id
LEFT JOIN finance.proposal_line AS fee
    ON fee.company = proposal_line.company AND fee.actual_id = -proposal_line.actual_id
LEFT JOIN finance.dimension_set
    ON
        dimension_set.company = proposal_line.company
        AND dimension_set.dimension_set_id = proposal_line.dimension_set_id
ORDER BY proposal_line.actual_id;

-- name: proposal_problems
-- Each problem with the sale it is about and where the unbilled sale behind it stands; a sale that a
-- correction opens again stands for itself.
SELECT
    proposal_problem.proposal_id,
    proposal_problem.actual_id,
    proposal_problem.code,
    proposal_problem.field,
    proposal_problem.value,
    staged_actual.transaction_date,
    staged_actual.quantity,
    staged_actual.currency,
    project.number AS project_number,
    unbilled.actual_id AS unbilled_id,
    journal.number AS journal_number,
    journal.state::text AS journal_state,
    held_actual.code AS held_code,
    CASE WHEN proposal_problem.actual_id < 0 THEN 'fee' ELSE staged_actual.class::text END AS class_,
    round(
        CASE
            WHEN proposal_problem.actual_id < 0 THEN staged_actual.fee_amount
            ELSE staged_actual.amount - staged_actual.discount_amount
        END,
        currency.precision
    ) AS amount
FROM finance.proposal_problem
LEFT JOIN finance.staged_actual
    ON
        staged_actual.company = proposal_problem.company
        AND staged_actual.actual_id = abs(proposal_problem.actual_id)
LEFT JOIN finance.currency
    ON currency.currency = staged_actual.currency
LEFT JOIN finance.project
    ON project.company = staged_actual.company AND project.project_id = staged_actual.project_id
LEFT JOIN finance.staged_connection
    ON
        staged_connection.company = proposal_problem.company
        AND staged_connection.transaction1_id = abs(proposal_problem.actual_id)
        AND staged_connection.transaction2_role = 'unbilled_sales'
CROSS JOIN
    LATERAL (
        VALUES (
            CASE
                WHEN staged_actual.transaction_type = 'unbilled_sales' THEN staged_actual.actual_id
                ELSE staged_connection.transaction2_id
            END
            * CASE WHEN proposal_problem.actual_id < 0 THEN -1 ELSE 1 END
        )
    ) AS unbilled (actual_id)
LEFT JOIN finance.journal_line
    ON
        journal_line.company = proposal_problem.company
        AND journal_line.actual_id = unbilled.actual_id
LEFT JOIN finance.journal
    ON journal.company = journal_line.company AND journal.journal_id = journal_line.journal_id
LEFT JOIN finance.held_actual
    ON
        held_actual.company = proposal_problem.company
        AND held_actual.actual_id = unbilled.actual_id
WHERE
    proposal_problem.company = %(company)s::text
    AND proposal_problem.proposal_id = %(proposal_id)s::bigint
    AND (
        %(after)s::bigint IS NULL
        OR (proposal_problem.actual_id, proposal_problem.code) > (%(after)s::bigint, %(after_code)s::text)
    )
ORDER BY proposal_problem.actual_id, proposal_problem.code
LIMIT %(rows_max)s::integer;

-- name: proposal_events
SELECT
    act::text AS act,
    actor,
    at,
    note
FROM finance.proposal_event
WHERE company = %(company)s::text AND proposal_id = %(proposal_id)s::bigint
ORDER BY event_id;

-- name: proposal_sections
SELECT
    class::text AS class_,
    CASE WHEN NOT is_included THEN 'out' WHEN is_detailed THEN 'detail' ELSE 'summary' END AS layout
FROM finance.proposal_section
WHERE company = %(company)s::text AND proposal_id = %(proposal_id)s::bigint
ORDER BY position;
