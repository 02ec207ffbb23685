-- name: create_given_line
-- The lines of one journal: what they say, and what of it was found.
CREATE TEMP TABLE given_line (
    line_number integer NOT NULL,
    transaction_type operations.transaction_type NOT NULL,
    class operations.transaction_class NOT NULL,
    transaction_date date NOT NULL,
    project text,
    project_id bigint,
    task text,
    task_id bigint,
    person text,
    resource_id bigint,
    role text,
    role_id bigint,
    category text,
    category_id bigint,
    quantity numeric NOT NULL,
    unit text NOT NULL,
    price numeric,
    currency text,
    customer text,
    customer_id bigint,
    description text
) ON COMMIT DROP;

-- name: analyze_given_line
ANALYZE pg_temp.given_line;

-- name: gather_lines
-- A price on a cost line is what a unit cost; one on a line of sales decides nothing but the sale.
INSERT INTO pg_temp.submission (
    company, entry_id, class, transaction_date, project_id, resource_id, role_id, category_id, quantity,
    unit, unit_price, currency, billing_type
)
SELECT
    %(company)s::text,
    line_number,
    class,
    transaction_date,
    project_id,
    resource_id,
    role_id,
    category_id,
    quantity,
    unit,
    CASE WHEN transaction_type = 'cost' AND class IN ('expense', 'material') THEN price END,
    CASE WHEN transaction_type = 'cost' AND class IN ('expense', 'material') THEN currency END,
    NULL
FROM pg_temp.given_line
WHERE
    project_id IS NOT NULL
    AND transaction_type IN ('cost', 'unbilled_sales')
    AND class IN ('time', 'expense', 'material', 'fee');

-- name: list_line_problems
-- Everything that is wrong with a line, except that no class is judged on an unknown project.
-- Where no line of the contract covers the class, the project's billing method decides.
WITH method AS (
    SELECT
        project_id,
        min(billing_method) AS billing_method
    FROM operations.contract_line
    WHERE company = %(company)s::text AND project_id IS NOT NULL
    GROUP BY project_id
),

judged AS (
    SELECT
        line.*,
        project.state AS project_state,
        agreed.contract_line_id,
        priced.code AS pricing_code,
        priced.sales_currency,
        payer.customer_id AS payer_id,
        known.currency AS known_currency,
        coalesce(agreed.billing_method, method.billing_method, 'fixed_price') AS billing_method
    FROM pg_temp.given_line AS line
    LEFT JOIN operations.project
        ON project.company = %(company)s::text AND project.project_id = line.project_id
    LEFT JOIN pg_temp.priced
        ON priced.company = %(company)s::text AND priced.entry_id = line.line_number
    LEFT JOIN operations.contract_line AS agreed
        ON agreed.company = %(company)s::text AND agreed.contract_line_id = priced.contract_line_id
    LEFT JOIN method ON method.project_id = line.project_id
    LEFT JOIN operations.contract_customer AS payer
        ON
            payer.company = %(company)s::text
            AND payer.contract_id = priced.contract_id
            AND payer.customer_id = line.customer_id
    LEFT JOIN operations.currency AS known ON known.currency = line.currency
)

SELECT
    judged.line_number,
    problem.code,
    problem.field,
    coalesce(problem.value, '') AS value
FROM judged
LEFT JOIN operations.allowed_class AS allowed
    ON
        allowed.billing_method = judged.billing_method
        AND allowed.transaction_type = judged.transaction_type
        AND allowed.class = judged.class
CROSS JOIN
    LATERAL (
        VALUES
        ('ERR-E16', 'project', judged.project, judged.project_id IS NULL),
        ('ERR-E24', 'project', judged.project, judged.project_state = 'completed'),
        ('ERR-E20', 'task', judged.task, judged.task IS NOT NULL AND judged.task_id IS NULL),
        ('ERR-E19', 'person', judged.person, judged.person IS NOT NULL AND judged.resource_id IS NULL),
        ('ERR-E21', 'role', judged.role, judged.role IS NOT NULL AND judged.role_id IS NULL),
        ('ERR-E23', 'category', judged.category, judged.category IS NOT NULL AND judged.category_id IS NULL),
        ('ERR-E26', 'currency', judged.currency, judged.currency IS NOT NULL AND judged.known_currency IS NULL),
        ('ERR-E26', 'currency', judged.currency, (judged.currency IS NULL) <> (judged.price IS NULL)),
        ('ERR-E30', 'quantity', judged.quantity::text, judged.quantity = 0),
        (
            'ERR-B02', 'class', judged.class::text,
            judged.project_id IS NOT NULL AND (
                allowed.class IS NULL
                OR (
                    judged.transaction_type = 'unbilled_sales'
                    AND judged.class IN ('time', 'expense', 'material', 'fee')
                    AND judged.sales_currency IS NULL
                )
            )
        ),
        (
            'ERR-B55', 'type', judged.transaction_type::text,
            judged.transaction_type NOT IN ('cost', 'unbilled_sales')
        ),
        ('ERR-B55', 'class', judged.class::text, judged.class IN ('milestone', 'retainer')),
        ('ERR-E25', 'currency', judged.currency, judged.pricing_code = 'ERR-E25' AND judged.price IS NULL),
        (
            'ERR-B15', 'currency', judged.currency,
            judged.transaction_type = 'unbilled_sales' AND judged.currency <> judged.sales_currency
        ),
        (
            'ERR-B56', 'customer', judged.customer,
            judged.customer IS NOT NULL
            AND (judged.transaction_type = 'cost' OR (judged.project_id IS NOT NULL AND judged.payer_id IS NULL))
        )
    ) AS problem (code, field, value, is_there)
WHERE problem.is_there
ORDER BY judged.line_number, problem.code;

-- name: drop_given_line
DROP TABLE pg_temp.given_line;
