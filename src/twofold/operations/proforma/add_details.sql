-- name: problems
-- Why new details cannot be added, one row per field of each.
WITH given AS (
    SELECT one.*
    FROM
        jsonb_to_recordset(%(rows)s::text::jsonb)
            AS one (
                place bigint, line_number integer, transaction_class text, quantity numeric, price numeric,
                tax_amount numeric, project text, resource text, role text, category text
            )
),

found AS (
    SELECT
        given.*,
        line.contract_line_id,
        agreed.billing_method,
        project.project_id,
        project.state AS project_state,
        resource.resource_id,
        role.role_id,
        category.category_id,
        CASE given.transaction_class
            WHEN 'time' THEN agreed.includes_time
            WHEN 'expense' THEN agreed.includes_expense
            WHEN 'material' THEN agreed.includes_material
            WHEN 'fee' THEN agreed.includes_fee
        END AS is_included
    FROM given
    LEFT JOIN operations.contract_line AS agreed
        ON
            agreed.company = %(company)s::text
            AND agreed.contract_id = %(contract_id)s::bigint
            AND agreed.line_number = given.line_number
    -- A line that was agreed after the draft was created comes with a refresh.
    LEFT JOIN operations.proforma_line AS line
        ON
            line.company = %(company)s::text
            AND line.proforma_id = %(proforma_id)s::bigint
            AND line.contract_line_id = agreed.contract_line_id
    LEFT JOIN operations.project
        ON
            project.company = %(company)s::text
            AND project.contract_id = %(contract_id)s::bigint
            AND CASE
                WHEN given.project IS NULL THEN project.project_id = agreed.project_id
                ELSE project.number = given.project
            END
            AND project.project_id = coalesce(agreed.project_id, project.project_id)
    LEFT JOIN operations.resource
        ON resource.company = %(company)s::text AND resource.name = given.resource
    LEFT JOIN operations.role ON role.name = given.role
    LEFT JOIN operations.transaction_category AS category ON category.name = given.category
)

SELECT
    found.place,
    reason.code,
    reason.field,
    reason.value
FROM found
CROSS JOIN
    LATERAL (
        VALUES
        ('ERR-B22', 'line_number', found.line_number::text, found.contract_line_id IS NULL),
        ('ERR-B22', 'project', found.project, found.contract_line_id IS NOT NULL AND found.project_id IS NULL),
        ('ERR-B22', 'resource', found.resource, found.resource IS NOT NULL AND found.resource_id IS NULL),
        ('ERR-B22', 'role', found.role, found.role IS NOT NULL AND found.role_id IS NULL),
        ('ERR-B22', 'category', found.category, found.category IS NOT NULL AND found.category_id IS NULL),
        (
            'ERR-B02', 'transaction_class', found.transaction_class,
            found.billing_method = 'fixed_price' OR NOT found.is_included
        ),
        ('ERR-B09', 'quantity', found.quantity::text, found.quantity <> round(found.quantity, 4) OR found.quantity = 0),
        ('ERR-B09', 'price', found.price::text, found.price <> round(found.price, 4)),
        (
            'ERR-B09',
            'tax_amount',
            found.tax_amount::text,
            found.tax_amount <> round(found.tax_amount, %(precision)s::integer)
        ),
        ('ERR-B21', 'project', found.project, found.project_state <> 'in_process')
    ) AS reason (code, field, value, is_given)
WHERE reason.is_given
ORDER BY found.place, reason.code, reason.field;

-- name: add
-- The one sales list of the contract that is effective on the day gives the price that was left
-- out; none or more than one gives 0.
WITH given AS (
    SELECT one.*
    FROM
        jsonb_to_recordset(%(rows)s::text::jsonb)
            AS one (
                place bigint, line_number integer, transaction_class operations.transaction_class,
                transaction_date date, quantity numeric, unit text, price numeric, tax_amount numeric, project text,
                resource text, role text, category text, description text
            )
),

effective AS (
    SELECT
        day.transaction_date,
        min(price_list.price_list_id) AS price_list_id
    FROM (SELECT DISTINCT given.transaction_date FROM given) AS day
    JOIN operations.contract_price_list AS link
        ON link.company = %(company)s::text AND link.contract_id = %(contract_id)s::bigint
    JOIN operations.price_list
        ON
            price_list.company = %(company)s::text
            AND price_list.price_list_id = link.price_list_id
            AND price_list.context = 'sales'
            AND price_list.currency = %(currency)s::text
            AND day.transaction_date >= price_list.effective_from
            AND day.transaction_date <= coalesce(price_list.effective_to, 'infinity')
    GROUP BY day.transaction_date
    HAVING count(*) = 1
),

found AS (
    SELECT
        given.*,
        agreed.contract_line_id,
        agreed.discount_percent,
        agreed.fee_percent,
        contract.customer_id,
        project.project_id,
        resource.resource_id,
        role.role_id,
        category.category_id,
        coalesce(resource.organizational_unit_id, contract.organizational_unit_id) AS organizational_unit_id
    FROM given
    JOIN operations.contract
        ON contract.company = %(company)s::text AND contract.contract_id = %(contract_id)s::bigint
    JOIN operations.contract_line AS agreed
        ON
            agreed.company = %(company)s::text
            AND agreed.contract_id = %(contract_id)s::bigint
            AND agreed.line_number = given.line_number
    JOIN operations.project
        ON
            project.company = %(company)s::text
            AND project.contract_id = %(contract_id)s::bigint
            AND CASE
                WHEN given.project IS NULL THEN project.project_id = agreed.project_id
                ELSE project.number = given.project
            END
    LEFT JOIN operations.resource
        ON resource.company = %(company)s::text AND resource.name = given.resource
    LEFT JOIN operations.role ON role.name = given.role
    LEFT JOIN operations.transaction_category AS category ON category.name = given.category
),

priced AS (
    SELECT DISTINCT ON (found.place)
        found.*,
        coalesce(found.price, listed.price, 0) AS unit_price
    FROM found
    LEFT JOIN effective ON effective.transaction_date = found.transaction_date
    LEFT JOIN operations.listed_price AS listed
        ON
            listed.company = %(company)s::text
            AND listed.price_list_id = effective.price_list_id
            AND listed.subject = CASE found.transaction_class WHEN 'time' THEN 'role' ELSE 'category' END
            AND listed.subject_id
            = CASE found.transaction_class WHEN 'time' THEN found.role_id ELSE found.category_id END
            AND (listed.unit IS NULL OR listed.unit = found.unit)
            AND (listed.resourcing_company IS NULL OR listed.resourcing_company = %(company)s::text)
            AND (listed.resourcing_unit_id IS NULL OR listed.resourcing_unit_id = found.organizational_unit_id)
            AND (listed.contract_id IS NULL OR listed.contract_id = %(contract_id)s::bigint)
            AND (listed.customer_id IS NULL OR listed.customer_id = found.customer_id)
            AND (listed.effective_from IS NULL OR listed.effective_from <= found.transaction_date)
    ORDER BY found.place ASC, listed.precedence DESC, listed.effective_from DESC NULLS LAST
)

INSERT INTO operations.proforma_detail (
    company, proforma_id, proforma_detail_id, proforma_line_id, contract_line_id, class, billing_type,
    transaction_date, quantity, price, amount, discount_percent, fee_percent, discount_amount, fee_amount,
    tax_amount, unit, project_id, resource_id, role_id, category_id, description
)
SELECT
    %(company)s::text,
    %(proforma_id)s::bigint,
    %(first_detail_id)s::bigint + priced.place - 1,
    line.proforma_line_id,
    priced.contract_line_id,
    priced.transaction_class,
    'chargeable',
    priced.transaction_date,
    priced.quantity,
    priced.unit_price,
    valued.amount,
    priced.discount_percent,
    priced.fee_percent,
    round(valued.amount * priced.discount_percent / 100, %(precision)s::integer),
    round(valued.amount * priced.fee_percent / 100, %(precision)s::integer),
    priced.tax_amount,
    priced.unit,
    priced.project_id,
    priced.resource_id,
    priced.role_id,
    priced.category_id,
    priced.description
FROM priced
CROSS JOIN LATERAL (VALUES (round(priced.quantity * priced.unit_price, %(precision)s::integer))) AS valued (amount)
JOIN operations.proforma_line AS line
    ON
        line.company = %(company)s::text
        AND line.proforma_id = %(proforma_id)s::bigint
        AND line.contract_line_id = priced.contract_line_id;
