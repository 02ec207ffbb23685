-- name: create_import_date
-- Where the accounting date lies; NULL where it must move to an open period and none follows. What is
-- dated before the cut-over keeps its date: nothing of it is posted to the ledger.
CREATE TEMPORARY TABLE import_date (
    accounting_date date PRIMARY KEY,
    posting_date date,
    is_beginning_balance boolean NOT NULL
) ON COMMIT DROP;

-- name: fill_import_date
INSERT INTO pg_temp.import_date (accounting_date, posting_date, is_beginning_balance)
SELECT
    needed.accounting_date,
    CASE
        WHEN needed.accounting_date <= beginning_balance.cut_off_on THEN needed.accounting_date
        WHEN NOT parameter.moves_accounting_date_to_open_period THEN needed.accounting_date
        WHEN EXISTS (
            SELECT 1 FROM finance.fiscal_period
            WHERE
                company = %(company)s::text
                AND state = 'open'
                AND needed.accounting_date BETWEEN period_start AND period_end
        ) THEN needed.accounting_date
        ELSE (
            SELECT min(period_start)
            FROM finance.fiscal_period
            WHERE company = %(company)s::text AND state = 'open' AND period_start > needed.accounting_date
        )
    END,
    coalesce(needed.accounting_date <= beginning_balance.cut_off_on, false)
FROM (SELECT DISTINCT accounting_date FROM pg_temp.import_line) AS needed
JOIN finance.parameter ON parameter.company = %(company)s::text
LEFT JOIN finance.beginning_balance ON beginning_balance.company = %(company)s::text;

-- name: create_import_rate
-- Exchange rates per currency, day and contract; contract 0 for costs: they never use an agreement.
CREATE TEMPORARY TABLE import_rate (
    currency text NOT NULL,
    contract_id bigint NOT NULL,
    posting_date date NOT NULL,
    rate numeric(19, 9),
    PRIMARY KEY (currency, contract_id, posting_date)
) ON COMMIT DROP;

-- name: fill_import_rate
INSERT INTO pg_temp.import_rate (currency, contract_id, posting_date, rate)
SELECT
    needed.currency,
    needed.contract_id,
    needed.posting_date,
    coalesce(
        agreement.rate,
        finance.rate_on(%(company)s::text, needed.currency, needed.posting_date)
    )
FROM (
    SELECT DISTINCT
        line.currency,
        CASE line.transaction_type WHEN 'unbilled_sales' THEN line.contract_id ELSE 0 END AS contract_id,
        import_date.posting_date
    FROM pg_temp.import_line AS line
    JOIN pg_temp.import_date ON import_date.accounting_date = line.accounting_date
    WHERE import_date.posting_date IS NOT NULL
) AS needed
JOIN finance.legal_entity ON legal_entity.company = %(company)s::text
LEFT JOIN finance.contract
    ON contract.company = %(company)s::text AND contract.contract_id = needed.contract_id
LEFT JOIN finance.fixed_rate_agreement AS agreement
    ON
        agreement.company = %(company)s::text
        AND agreement.contract_number = contract.number
        AND agreement.currency = needed.currency
        AND agreement.currency <> legal_entity.accounting_currency;

-- name: create_import_category
-- The project category per category and class; '' where none is named, is known, or is active.
CREATE TEMPORARY TABLE import_category (
    category_id bigint NOT NULL,
    class finance.transaction_class NOT NULL,
    wanted_number text NOT NULL,
    category_number text NOT NULL,
    item_tax_group text,
    PRIMARY KEY (category_id, class)
) ON COMMIT DROP;

-- name: fill_import_category
INSERT INTO pg_temp.import_category (category_id, class, wanted_number, category_number, item_tax_group)
SELECT
    needed.category_id,
    needed.class,
    coalesce(category.number, category_default.category_number, ''),
    coalesce(project_category.category_number, ''),
    project_category.item_tax_group
FROM (SELECT DISTINCT
    category_id,
    class
FROM pg_temp.import_line) AS needed
LEFT JOIN finance.category
    ON category.company = %(company)s::text AND category.category_id = needed.category_id
LEFT JOIN finance.category_default
    ON
        category_default.company = %(company)s::text
        AND category_default.class = needed.class
        AND needed.category_id = 0
LEFT JOIN finance.project_category
    ON
        project_category.company = %(company)s::text
        AND project_category.category_number = coalesce(category.number, category_default.category_number)
        AND project_category.class = needed.class
        AND project_category.is_active;

-- name: create_import_payer
-- The sales tax group per project, contract and customer.
CREATE TEMPORARY TABLE import_payer (
    project_id bigint NOT NULL,
    contract_id bigint NOT NULL,
    customer_id bigint NOT NULL,
    tax_group text,
    PRIMARY KEY (project_id, contract_id, customer_id)
) ON COMMIT DROP;

-- name: fill_import_payer
INSERT INTO pg_temp.import_payer (project_id, contract_id, customer_id, tax_group)
SELECT
    needed.project_id,
    needed.contract_id,
    needed.customer_id,
    CASE parameter.tax_group_method
        WHEN 'project' THEN nullif(project_accounting.tax_group, '')
        WHEN 'contract' THEN nullif(contract_accounting.tax_group, '')
        WHEN 'customer' THEN nullif(customer_accounting.tax_group, '')
        WHEN 'search' THEN coalesce(
            nullif(project_accounting.tax_group, ''),
            nullif(contract_accounting.tax_group, ''),
            nullif(customer_accounting.tax_group, '')
        )
    END
FROM (
    SELECT DISTINCT
        project_id,
        contract_id,
        customer_id
    FROM pg_temp.import_line
    WHERE transaction_type = 'unbilled_sales'
) AS needed
JOIN finance.parameter ON parameter.company = %(company)s::text
LEFT JOIN finance.project
    ON project.company = %(company)s::text AND project.project_id = needed.project_id
LEFT JOIN finance.project_accounting
    ON project_accounting.company = %(company)s::text AND project_accounting.project_number = project.number
LEFT JOIN finance.contract
    ON contract.company = %(company)s::text AND contract.contract_id = needed.contract_id
LEFT JOIN finance.contract_accounting
    ON contract_accounting.company = %(company)s::text AND contract_accounting.contract_number = contract.number
LEFT JOIN finance.customer
    ON
        customer.company = %(company)s::text
        AND customer.customer_id = coalesce(nullif(needed.customer_id, 0), contract.customer_id)
LEFT JOIN finance.customer_accounting
    ON customer_accounting.company = %(company)s::text AND customer_accounting.account = customer.account;

-- name: analyze_facts
ANALYZE pg_temp.import_date, pg_temp.import_rate, pg_temp.import_category, pg_temp.import_payer;

-- name: create_judged_line
-- Every row with its accounting facts, or with the reason why it has none. Lines to be made
-- come first in line_number; period_key is -infinity where one journal takes all, and infinity for
-- what lies before the cut-over.
CREATE TEMPORARY TABLE judged_import (
    actual_id bigint NOT NULL,
    line_number bigint NOT NULL,
    period_key date NOT NULL,
    accounting_date date NOT NULL,
    category_number text NOT NULL,
    line_property text,
    tax_group text,
    item_tax_group text,
    exchange_rate numeric(19, 9),
    code text,
    field text,
    value text,
    held_since timestamptz
) ON COMMIT DROP;

-- name: judge_lines
WITH original AS (
    -- What a reversal repeats: the facts its original stands in the books with.
    SELECT
        line.actual_id,
        coalesce(posted.category_number, waiting.category_number) AS category_number,
        coalesce(posted.line_property, waiting.line_property) AS line_property,
        coalesce(posted.exchange_rate, waiting.exchange_rate) AS exchange_rate,
        CASE WHEN posted.actual_id IS NULL THEN waiting.tax_group ELSE posted.tax_group END AS tax_group,
        CASE WHEN posted.actual_id IS NULL THEN waiting.item_tax_group ELSE posted.item_tax_group END
            AS item_tax_group
    FROM pg_temp.import_line AS line
    LEFT JOIN finance.project_transaction AS posted
        ON posted.company = %(company)s::text AND posted.actual_id = line.original_id
    LEFT JOIN finance.journal_line AS waiting
        ON waiting.company = %(company)s::text AND waiting.actual_id = line.original_id
    WHERE line.original_id IS NOT NULL AND (posted.actual_id IS NOT NULL OR waiting.actual_id IS NOT NULL)
),

completed AS (
    SELECT
        line.*,
        import_date.posting_date,
        import_category.wanted_number,
        coalesce(original.category_number, import_category.category_number) AS category_number,
        coalesce(original.line_property, mapped.line_property) AS line_property,
        coalesce(original.exchange_rate, import_rate.rate) AS exchange_rate,
        CASE
            WHEN original.actual_id IS NOT NULL THEN original.tax_group
            ELSE import_payer.tax_group
        END AS tax_group,
        CASE
            WHEN original.actual_id IS NOT NULL THEN original.item_tax_group
            WHEN line.transaction_type <> 'unbilled_sales' THEN NULL
            WHEN line.class = 'material' AND parameter.item_tax_group_method = 'item'
                THEN item_accounting.item_tax_group
            ELSE import_category.item_tax_group
        END AS item_tax_group,
        CASE CASE WHEN import_date.is_beginning_balance THEN 'beginning' ELSE parameter.period_unit::text END
            WHEN 'beginning' THEN 'infinity'
            WHEN 'days' THEN line.transaction_date
            WHEN 'months' THEN date_trunc('month', line.transaction_date::timestamp)::date
            WHEN 'years' THEN date_trunc('year', line.transaction_date::timestamp)::date
            WHEN 'all' THEN '-infinity'
        END AS period_key
    FROM pg_temp.import_line AS line
    JOIN finance.parameter ON parameter.company = %(company)s::text
    JOIN pg_temp.import_date ON import_date.accounting_date = line.accounting_date
    JOIN pg_temp.import_category
        ON import_category.category_id = line.category_id AND import_category.class = line.class
    LEFT JOIN finance.billing_type_line_property AS mapped
        ON mapped.company = %(company)s::text AND mapped.billing_type = line.billing_type
    LEFT JOIN pg_temp.import_rate
        ON
            import_rate.currency = line.currency
            AND import_rate.contract_id
            = CASE line.transaction_type WHEN 'unbilled_sales' THEN line.contract_id ELSE 0 END
            AND import_rate.posting_date = import_date.posting_date
    LEFT JOIN pg_temp.import_payer
        ON
            import_payer.project_id = line.project_id
            AND import_payer.contract_id = line.contract_id
            AND import_payer.customer_id = line.customer_id
            AND line.transaction_type = 'unbilled_sales'
    LEFT JOIN finance.item_accounting
        ON item_accounting.company = %(company)s::text AND item_accounting.product_number = line.product_number
    LEFT JOIN original ON original.actual_id = line.actual_id
),

judged AS (
    -- First reason wins, so the order of the branches is the order of precedence.
    SELECT
        *,
        CASE
            WHEN posting_date IS NULL THEN 'ERR-J02'
            WHEN category_number = '' THEN 'ERR-I05'
            WHEN line_property IS NULL THEN 'ERR-D02'
            WHEN exchange_rate IS NULL THEN 'ERR-I04'
        END AS code
    FROM completed
)

INSERT INTO pg_temp.judged_import (
    actual_id, line_number, period_key, accounting_date, category_number, line_property, tax_group,
    item_tax_group, exchange_rate, code, field, value, held_since
)
SELECT
    actual_id,
    row_number() OVER (ORDER BY code NULLS FIRST, period_key, transaction_date, actual_id),
    period_key,
    coalesce(posting_date, accounting_date),
    category_number,
    line_property,
    tax_group,
    item_tax_group,
    exchange_rate,
    code,
    CASE code
        WHEN 'ERR-J02' THEN 'accounting_date'
        WHEN 'ERR-I05' THEN 'category'
        WHEN 'ERR-D02' THEN 'billing_type'
        WHEN 'ERR-I04' THEN 'exchange_rate'
    END,
    CASE code
        WHEN 'ERR-J02' THEN accounting_date::text
        WHEN 'ERR-I05' THEN wanted_number
        WHEN 'ERR-D02' THEN billing_type::text
        WHEN 'ERR-I04' THEN currency || ' ' || posting_date
    END,
    held_since
FROM judged;

-- name: analyze_judged_line
ANALYZE pg_temp.judged_import (actual_id, line_number, period_key, accounting_date, code);

-- name: hold_lines
INSERT INTO finance.held_actual (company, actual_id, code, field, value, held_since)
SELECT
    %(company)s::text,
    actual_id,
    code,
    field,
    value,
    coalesce(held_since, %(at)s::timestamptz)
FROM pg_temp.judged_import
WHERE code IS NOT NULL;

-- name: forget_messages
-- What the last run said of the rows taken now. A row that is new has no message.
DELETE FROM finance.message
USING pg_temp.waiting_row
WHERE
    message.company = %(company)s::text
    AND message.source = 'import'
    AND message.record_id = waiting_row.actual_id;

-- name: log_held
INSERT INTO finance.message (company, source, record_id, code, field, value, logged_at)
SELECT
    %(company)s::text,
    'import',
    actual_id,
    code,
    field,
    value,
    %(at)s::timestamptz
FROM pg_temp.judged_import
WHERE code IS NOT NULL;

-- name: read_held
SELECT
    held.actual_id,
    held.code,
    held.field,
    held.value,
    line.transaction_type::text AS transaction_type,
    line.class::text AS class_,
    line.transaction_date,
    coalesce(project.number, line.project_id::text) AS project_number,
    coalesce(project.name, '') AS project_name
FROM pg_temp.judged_import AS held
JOIN pg_temp.import_line AS line ON line.actual_id = held.actual_id
LEFT JOIN finance.project
    ON project.company = %(company)s::text AND project.project_id = line.project_id
WHERE held.code IS NOT NULL
ORDER BY held.actual_id;

-- name: drop_judged_line
DROP TABLE
pg_temp.import_line, pg_temp.import_date, pg_temp.import_rate, pg_temp.import_category, pg_temp.import_payer,
pg_temp.judged_import;
