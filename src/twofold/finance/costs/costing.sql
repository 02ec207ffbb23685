-- name: create_stated
-- The lines as they are written in the file: what they name are still names.
CREATE TEMPORARY TABLE stated_cost (
    number bigint PRIMARY KEY,
    place text NOT NULL,
    document text NOT NULL,
    accounting_date date NOT NULL,
    project text NOT NULL,
    quantity numeric(19, 4) NOT NULL,
    price numeric(19, 4) NOT NULL,
    charge_amount numeric(19, 4) NOT NULL,
    sales_price numeric(19, 4),
    currency text,
    class text NOT NULL,
    category text,
    task text,
    customer text,
    contract_line integer,
    offset_account text,
    tax_group text,
    item_tax_group text,
    description text
) ON COMMIT DROP;

-- name: analyze_stated
ANALYZE pg_temp.stated_cost;

-- name: create_costing
-- The same lines with what they name, and what posting them comes to. voucher_number: their voucher's place
-- among those of the file. cost_amount and recoverable_amount are in the currency of the line.
CREATE TEMPORARY TABLE costing_line (
    number bigint PRIMARY KEY,
    place text NOT NULL,
    document text NOT NULL,
    voucher_number bigint NOT NULL,
    accounting_date date NOT NULL,
    class finance.transaction_class NOT NULL,
    project text NOT NULL,
    project_id bigint,
    project_state finance.project_state,
    task text,
    task_id bigint,
    category_number text,
    category_id bigint,
    is_category_known boolean NOT NULL,
    contract_id bigint NOT NULL,
    contract_line integer,
    contract_line_id bigint NOT NULL,
    billing_method finance.billing_method,
    customer text,
    customer_id bigint,
    is_payer_open boolean NOT NULL,
    quantity numeric(19, 4) NOT NULL,
    price numeric(19, 4) NOT NULL,
    charge_amount numeric(19, 4) NOT NULL,
    sales_price numeric(19, 4),
    currency text NOT NULL,
    precision integer,
    accounting_precision integer NOT NULL,
    reporting_precision integer NOT NULL,
    exchange_rate numeric(19, 9),
    reporting_rate numeric(19, 9),
    is_open boolean NOT NULL,
    tax_group text NOT NULL,
    item_tax_group text NOT NULL,
    missing_rate text,
    cost_amount numeric(19, 4) NOT NULL DEFAULT 0,
    recoverable_amount numeric(19, 4) NOT NULL DEFAULT 0,
    profile text,
    cost_type finance.posting_type,
    cost_account text,
    offset_type finance.posting_type NOT NULL,
    stated_offset text,
    offset_account text,
    tax_account text,
    dimension_set_id bigint,
    offset_dimension_set_id bigint,
    bad_combination text,
    description text
) ON COMMIT DROP;

-- name: fill_costing
-- The billing method is that of the contract line named, else the one all lines of the project have; without a
-- contract line, time and material, as in the integration journal. Who pays is who is named, else the only
-- customer of the contract; nobody, if the line sells nothing.
WITH asked AS (
    SELECT
        stated.*,
        legal_entity.accounting_currency,
        legal_entity.reporting_currency,
        coalesce(stated.currency, legal_entity.accounting_currency) AS known_currency,
        min(stated.number) OVER (
            PARTITION BY CASE WHEN %(is_journal)s::boolean THEN stated.place ELSE stated.document END
        ) AS first_number
    FROM pg_temp.stated_cost AS stated
    JOIN finance.legal_entity ON legal_entity.company = %(company)s::text
),

rated AS (
    SELECT
        day.accounting_date,
        day.known_currency,
        finance.rate_on(%(company)s::text, day.known_currency, day.accounting_date) AS exchange_rate,
        finance.rate_on(%(company)s::text, day.reporting_currency, day.accounting_date) AS reporting_rate,
        exists(
            SELECT FROM finance.fiscal_period
            WHERE
                fiscal_period.company = %(company)s::text
                AND fiscal_period.state = 'open'
                AND day.accounting_date BETWEEN fiscal_period.period_start AND fiscal_period.period_end
        ) AS is_open
    FROM (
        SELECT DISTINCT
            asked.accounting_date,
            asked.known_currency,
            asked.reporting_currency
        FROM asked
    ) AS day
),

agreed AS (
    SELECT
        contract_line.project_id,
        count(DISTINCT contract_line.billing_method) AS method_count,
        min(contract_line.billing_method) AS billing_method
    FROM finance.contract_line
    WHERE contract_line.company = %(company)s::text AND contract_line.project_id IS NOT NULL
    GROUP BY contract_line.project_id
),

funded AS (
    SELECT
        funding_source.contract_id,
        count(*) AS payer_count,
        min(funding_source.customer_id) AS customer_id
    FROM finance.funding_source
    WHERE funding_source.company = %(company)s::text
    GROUP BY funding_source.contract_id
)

INSERT INTO pg_temp.costing_line (
    number, place, document, voucher_number, accounting_date, class, project, project_id, project_state, task,
    task_id, category_number, category_id, is_category_known, contract_id, contract_line, contract_line_id,
    billing_method, customer, customer_id, is_payer_open, quantity, price, charge_amount, sales_price, currency,
    precision, accounting_precision, reporting_precision, exchange_rate, reporting_rate, is_open, tax_group,
    item_tax_group, offset_type, stated_offset, offset_account, description
)
SELECT
    asked.number,
    asked.place,
    asked.document,
    dense_rank() OVER (ORDER BY asked.first_number),
    asked.accounting_date,
    asked.class::finance.transaction_class,
    asked.project,
    project.project_id,
    project.state,
    asked.task,
    task.task_id,
    coalesce(asked.category, category_default.category_number),
    category.category_id,
    project_category.category_number IS NOT NULL,
    coalesce(project.contract_id, 0),
    asked.contract_line,
    coalesce(named.contract_line_id, 0),
    CASE
        WHEN asked.contract_line IS NOT NULL THEN named.billing_method
        WHEN agreed.project_id IS NULL THEN 'time_and_material'
        WHEN agreed.method_count = 1 THEN agreed.billing_method
    END,
    asked.customer,
    CASE WHEN asked.customer IS NULL THEN sole.customer_id ELSE payer.customer_id END,
    NOT %(is_intercompany)s::boolean
    AND project.contract_id IS NOT NULL
    AND coalesce(named.billing_method, agreed.billing_method) = 'time_and_material'
    AND CASE WHEN asked.customer IS NULL THEN sole.customer_id ELSE payer.customer_id END IS NULL,
    asked.quantity,
    asked.price,
    asked.charge_amount,
    asked.sales_price,
    asked.known_currency,
    currency.precision,
    accounting.precision AS accounting_precision,
    reporting.precision AS reporting_precision,
    rated.exchange_rate,
    rated.reporting_rate,
    rated.is_open,
    coalesce(asked.tax_group, ''),
    coalesce(asked.item_tax_group, ''),
    CASE WHEN %(is_journal)s::boolean THEN 'general_journal_offset' ELSE 'vendor_balance' END::finance.posting_type,
    asked.offset_account,
    main_account.account,
    asked.description
FROM asked
JOIN rated
    ON rated.accounting_date = asked.accounting_date AND rated.known_currency = asked.known_currency
JOIN finance.currency AS accounting ON accounting.currency = asked.accounting_currency
JOIN finance.currency AS reporting ON reporting.currency = asked.reporting_currency
LEFT JOIN finance.currency ON currency.currency = asked.known_currency
LEFT JOIN finance.project
    ON project.company = %(company)s::text AND project.number = asked.project
LEFT JOIN finance.task
    ON
        task.company = %(company)s::text
        AND task.project_id = project.project_id
        AND task.name = asked.task
LEFT JOIN finance.category_default
    ON
        category_default.company = %(company)s::text
        AND category_default.class = asked.class::finance.transaction_class
LEFT JOIN finance.project_category
    ON
        project_category.company = %(company)s::text
        AND project_category.category_number = coalesce(asked.category, category_default.category_number)
        AND project_category.class = asked.class::finance.transaction_class
        AND project_category.is_active
LEFT JOIN finance.category
    ON category.company = %(company)s::text AND category.number = project_category.category_number
LEFT JOIN agreed ON agreed.project_id = project.project_id
LEFT JOIN finance.contract_line AS named
    ON
        named.company = %(company)s::text
        AND named.contract_id = project.contract_id
        AND named.project_id = project.project_id
        AND named.line_number = asked.contract_line
LEFT JOIN funded AS sole ON sole.contract_id = project.contract_id AND sole.payer_count = 1
LEFT JOIN finance.customer
    ON customer.company = %(company)s::text AND customer.account = asked.customer
LEFT JOIN finance.funding_source AS payer
    ON
        payer.company = %(company)s::text
        AND payer.contract_id = project.contract_id
        AND payer.customer_id = customer.customer_id
LEFT JOIN finance.main_account
    ON main_account.company = %(company)s::text AND main_account.account = asked.offset_account;

-- name: analyze_costing
ANALYZE pg_temp.costing_line;

-- name: name_taxes
INSERT INTO pg_temp.taxed_pair (tax_group, item_tax_group, tax_on, taxed_as_id)
SELECT DISTINCT
    tax_group,
    item_tax_group,
    accounting_date,
    0
FROM pg_temp.costing_line
WHERE tax_group <> '' AND item_tax_group <> '';

-- name: tax_costs
-- Each code's tax is rounded, and its part that is cost. Of an amount that includes tax, what no tax takes is
-- the amount without it.
WITH whole AS (
    SELECT
        tax_group,
        item_tax_group,
        tax_on,
        sum(rate) AS rate
    FROM pg_temp.line_tax
    GROUP BY tax_group, item_tax_group, tax_on
),

coded AS (
    SELECT
        line.number,
        line.precision,
        line_tax.tax_code,
        line_tax.rate,
        CASE WHEN parameter.purchase_tax_is_cost THEN 100 ELSE tax_code.nondeductible_percent END AS cost_percent,
        round(
            round(line.quantity * line.price, line.precision) * line_tax.rate
            / CASE WHEN %(prices_include_tax)s::boolean THEN 100 + whole.rate ELSE 100 END,
            line.precision
        ) AS tax_amount
    FROM pg_temp.costing_line AS line
    JOIN pg_temp.line_tax
        ON
            line_tax.tax_group = line.tax_group
            AND line_tax.item_tax_group = line.item_tax_group
            AND line_tax.tax_on = line.accounting_date
    JOIN whole
        ON
            whole.tax_group = line.tax_group
            AND whole.item_tax_group = line.item_tax_group
            AND whole.tax_on = line.accounting_date
    JOIN finance.tax_code
        ON tax_code.company = %(company)s::text AND tax_code.tax_code = line_tax.tax_code
    JOIN finance.parameter ON parameter.company = %(company)s::text
),

taxed AS (
    SELECT
        number,
        sum(tax_amount) AS tax_amount,
        sum(round(tax_amount * cost_percent / 100, precision)) AS cost_tax_amount,
        string_agg(tax_code, ' ') FILTER (WHERE rate IS NULL) AS missing_rate
    FROM coded
    GROUP BY number
)

UPDATE pg_temp.costing_line AS line
SET
    missing_rate = taxed.missing_rate,
    recoverable_amount = coalesce(taxed.tax_amount - taxed.cost_tax_amount, 0),
    cost_amount
    = round(stated.quantity * stated.price, stated.precision) + round(stated.charge_amount, stated.precision)
    - CASE WHEN %(prices_include_tax)s::boolean THEN coalesce(taxed.tax_amount, 0) ELSE 0 END
    + coalesce(taxed.cost_tax_amount, 0)
FROM pg_temp.costing_line AS stated
LEFT JOIN taxed ON taxed.number = stated.number
WHERE stated.number = line.number AND stated.precision IS NOT NULL;

-- name: read_problems
-- Everything that is wrong with a line; what follows from an unknown project is not told again.
SELECT
    line.number,
    line.place,
    problem.code,
    problem.field,
    coalesce(problem.value, '') AS value
FROM pg_temp.costing_line AS line
CROSS JOIN
    LATERAL (
        VALUES
        ('ERR-J72', 'project', line.project, line.project_id IS NULL),
        ('ERR-J72', 'task', line.task, line.task IS NOT NULL AND line.task_id IS NULL),
        ('ERR-J72', 'currency', line.currency, line.precision IS NULL),
        (
            'ERR-J72', 'offset_account', line.stated_offset,
            line.stated_offset IS NOT NULL AND line.offset_account IS NULL
        ),
        ('ERR-I05', 'category', line.category_number, NOT line.is_category_known),
        ('ERR-J01', 'date', line.accounting_date::text, NOT line.is_open),
        ('ERR-J06', 'project', line.project, line.project_state <> 'in_process'),
        (
            'ERR-J73', 'contract_line', line.contract_line::text,
            line.project_id IS NOT NULL AND line.billing_method IS NULL
        ),
        (
            'ERR-J74', 'customer', line.customer,
            line.is_payer_open OR (line.customer IS NOT NULL AND line.customer_id IS NULL)
        ),
        (
            'ERR-I04', 'exchange_rate', line.currency || ' ' || line.accounting_date,
            line.precision IS NOT NULL AND (line.exchange_rate IS NULL OR line.reporting_rate IS NULL)
        ),
        ('ERR-F10', 'tax_code', line.missing_rate, line.missing_rate IS NOT NULL),
        ('ERR-I08', 'profile_rule', line.project, line.billing_method IS NOT NULL AND line.profile IS NULL),
        (
            'ERR-J03', 'account', 'cost, project ' || line.project,
            line.profile IS NOT NULL AND line.cost_account IS NULL
        ),
        (
            'ERR-J03', 'account', 'vendor_balance, project ' || line.project,
            line.profile IS NOT NULL AND line.offset_type = 'vendor_balance' AND line.offset_account IS NULL
        ),
        (
            'ERR-J03', 'account', 'sales_tax_receivable, project ' || line.project,
            line.profile IS NOT NULL AND line.recoverable_amount <> 0 AND line.tax_account IS NULL
        ),
        ('ERR-J04', 'dimensions', line.bad_combination, line.bad_combination IS NOT NULL),
        (
            'ERR-J75', 'quantity', line.quantity::text,
            line.precision IS NOT NULL
            AND line.missing_rate IS NULL
            AND (
                line.cost_amount = 0
                OR round(line.quantity * round(line.cost_amount / line.quantity, 4), line.precision)
                <> line.cost_amount
            )
        )
    ) AS problem (code, field, value, is_one)
WHERE problem.is_one AND (line.project_id IS NOT NULL OR problem.code <> 'ERR-I08')
ORDER BY line.number, problem.code, problem.field, problem.value;

-- name: read_loaded
SELECT
    max(voucher_number) AS voucher_count,
    count(*) AS line_count,
    sum(round(cost_amount * exchange_rate / 100, accounting_precision)) AS accounting_amount
FROM pg_temp.costing_line;

-- name: drop_costing
DROP TABLE pg_temp.stated_cost, pg_temp.costing_line;
