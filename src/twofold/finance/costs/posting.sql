-- name: take_keys
SELECT finance.take_keys('finance.posted_cost_key', %(count)s::bigint) AS first_key;

-- name: add_documents
INSERT INTO finance.cost_document (
    company, kind, number, file_name, content_hash, prices_include_tax, is_intercompany, posted_by, posted_at
)
SELECT DISTINCT
    %(company)s::text,
    %(kind)s::finance.cost_document_kind,
    coalesce(nullif(document, ''), %(journal_number)s::text),
    %(file_name)s::text,
    %(content_hash)s::text,
    %(prices_include_tax)s::boolean,
    %(is_intercompany)s::boolean,
    %(actor)s::text,
    %(at)s::timestamptz
FROM pg_temp.costing_line;

-- name: add_costs
INSERT INTO finance.posted_cost (
    company, posted_cost_id, kind, document, line_number, voucher, accounting_date, class, project_id, task_id,
    category_id, category_number, customer_id, quantity, price, amount, currency, sales_price, exchange_rate,
    accounting_amount, reporting_amount, recoverable_tax_amount, profile, cost_type, cost_account, offset_type,
    offset_account, dimension_set_id, offset_dimension_set_id, description, is_intercompany, change_set_id
)
SELECT
    %(company)s::text,
    %(first_key)s::bigint + line.number - 1,
    %(kind)s::finance.cost_document_kind,
    coalesce(nullif(line.document, ''), %(journal_number)s::text),
    row_number() OVER (PARTITION BY line.document ORDER BY line.number),
    finance.document_number(
        %(prefix)s::text, %(digits)s::integer, %(first_number)s::bigint + line.voucher_number - 1
    ),
    line.accounting_date,
    line.class,
    line.project_id,
    line.task_id,
    line.category_id,
    line.category_number,
    line.customer_id,
    line.quantity,
    round(line.cost_amount / line.quantity, 4),
    line.cost_amount,
    line.currency,
    line.sales_price,
    line.exchange_rate,
    worth.accounting_amount,
    round(worth.accounting_amount * 100 / line.reporting_rate, line.reporting_precision),
    line.recoverable_amount,
    line.profile,
    line.cost_type,
    line.cost_account,
    line.offset_type,
    line.offset_account,
    line.dimension_set_id,
    line.offset_dimension_set_id,
    line.description,
    %(is_intercompany)s::boolean,
    %(change_set_id)s::bigint
FROM pg_temp.costing_line AS line
CROSS JOIN
    LATERAL (
        VALUES (round(line.cost_amount * line.exchange_rate / 100, line.accounting_precision))
    ) AS worth (accounting_amount);

-- name: add_ledger_entries
-- Debit the cost and the tax that comes back, credit the offset with both: each line balances in every
-- currency, and so does every voucher.
WITH posted AS (
    SELECT
        line.*,
        cost.accounting_amount AS cost_accounting_amount,
        tax.accounting_amount AS tax_accounting_amount,
        finance.document_number(
            %(prefix)s::text, %(digits)s::integer, %(first_number)s::bigint + line.voucher_number - 1
        ) AS voucher,
        round(cost.accounting_amount * 100 / line.reporting_rate, line.reporting_precision)
            AS cost_reporting_amount,
        round(tax.accounting_amount * 100 / line.reporting_rate, line.reporting_precision) AS tax_reporting_amount
    FROM pg_temp.costing_line AS line
    CROSS JOIN
        LATERAL (
            VALUES (round(line.cost_amount * line.exchange_rate / 100, line.accounting_precision))
        ) AS cost (accounting_amount)
    CROSS JOIN
        LATERAL (
            VALUES (round(line.recoverable_amount * line.exchange_rate / 100, line.accounting_precision))
        ) AS tax (accounting_amount)
),

leg AS (
    SELECT
        posted.voucher,
        posted.accounting_date,
        posted.currency,
        side.posting_type,
        side.account,
        side.project_id,
        side.dimension_set_id,
        sum(side.transaction_amount) AS transaction_amount,
        sum(side.accounting_amount) AS accounting_amount,
        sum(side.reporting_amount) AS reporting_amount
    FROM posted
    CROSS JOIN
        LATERAL (
            VALUES
            (
                posted.cost_type, posted.cost_account, posted.project_id, posted.dimension_set_id,
                posted.cost_amount, posted.cost_accounting_amount, posted.cost_reporting_amount
            ),
            (
                'sales_tax_receivable', posted.tax_account, posted.project_id, posted.dimension_set_id,
                posted.recoverable_amount, posted.tax_accounting_amount, posted.tax_reporting_amount
            ),
            (
                posted.offset_type, posted.offset_account, posted.project_id, posted.offset_dimension_set_id,
                -posted.cost_amount - posted.recoverable_amount,
                -posted.cost_accounting_amount - posted.tax_accounting_amount,
                -posted.cost_reporting_amount - posted.tax_reporting_amount
            )
        ) AS side (
            posting_type, account, project_id, dimension_set_id, transaction_amount, accounting_amount,
            reporting_amount
        )
    GROUP BY
        posted.voucher, posted.accounting_date, posted.currency, side.posting_type, side.account, side.project_id,
        side.dimension_set_id
)

INSERT INTO finance.ledger_entry (
    company, voucher, entry_number, accounting_date, account, posting_type, project_id, currency,
    transaction_amount, accounting_amount, reporting_amount, dimension_set_id
)
SELECT
    %(company)s::text,
    voucher,
    row_number() OVER (
        PARTITION BY voucher
        ORDER BY posting_type, account, project_id, currency, accounting_date, dimension_set_id
    ),
    accounting_date,
    account,
    posting_type,
    project_id,
    currency,
    transaction_amount,
    accounting_amount,
    reporting_amount,
    dimension_set_id
FROM leg
WHERE transaction_amount <> 0 OR accounting_amount <> 0 OR reporting_amount <> 0;
