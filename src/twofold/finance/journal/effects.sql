-- name: add_error_journal
-- Where the bad lines of a journal go; nothing posts it until it is updated to draft.
INSERT INTO finance.journal (
    company, journal_id, number, description, state, period_start, original_journal_id, created_at,
    is_beginning_balance
)
SELECT
    %(company)s::text,
    %(error_journal_id)s::bigint,
    finance.document_number(%(prefix)s::text, %(digits)s::integer, %(first_number)s::bigint),
    'Lines that could not be posted with journal ' || original.number,
    'error',
    original.period_start,
    original.journal_id,
    %(at)s::timestamptz,
    original.is_beginning_balance
FROM finance.journal AS original
WHERE original.company = %(company)s::text AND original.journal_id = %(journal_id)s::bigint
RETURNING number;

-- name: count_shared_vouchers
-- Vouchers that good and bad lines share: the bad ones need another, for a voucher is posted once.
SELECT count(*) AS shared_count
FROM (
    SELECT line.voucher
    FROM pg_temp.judged_ledger_line AS judged
    JOIN pg_temp.ledger_line AS line ON line.actual_id = judged.actual_id
    GROUP BY line.voucher
    HAVING bool_or(judged.code IS NULL) AND bool_or(judged.code IS NOT NULL)
) AS shared;

-- name: move_bad_lines
WITH shared AS (
    SELECT
        line.voucher,
        finance.document_number(
            %(prefix)s::text,
            %(digits)s::integer,
            %(first_number)s::bigint + row_number() OVER (ORDER BY line.voucher) - 1
        ) AS new_voucher
    FROM pg_temp.judged_ledger_line AS judged
    JOIN pg_temp.ledger_line AS line ON line.actual_id = judged.actual_id
    GROUP BY line.voucher
    HAVING bool_or(judged.code IS NULL) AND bool_or(judged.code IS NOT NULL)
)

UPDATE finance.journal_line
SET
    journal_id = %(error_journal_id)s::bigint,
    voucher = coalesce(shared.new_voucher, journal_line.voucher),
    state = 'error',
    code = judged.code,
    field = judged.field,
    value = judged.value
FROM pg_temp.judged_ledger_line AS judged
JOIN pg_temp.ledger_line AS line ON line.actual_id = judged.actual_id
LEFT JOIN shared ON shared.voucher = line.voucher
WHERE
    journal_line.company = %(company)s::text
    AND journal_line.actual_id = judged.actual_id
    AND judged.code IS NOT NULL;

-- name: mark_bad_lines
UPDATE finance.journal_line
SET
    state = 'error',
    code = judged.code,
    field = judged.field,
    value = judged.value
FROM pg_temp.judged_ledger_line AS judged
WHERE journal_line.company = %(company)s::text AND journal_line.actual_id = judged.actual_id;

-- name: mark_journal_in_error
UPDATE finance.journal
SET state = 'error'
WHERE company = %(company)s::text AND journal_id = %(journal_id)s::bigint;

-- name: add_transactions
-- Lines come about in the order of their keys, and so the index grows cheapest without sorting them.
INSERT INTO finance.project_transaction (
    company, actual_id, journal_id, voucher, accounting_date, category_number, line_property, tax_group,
    item_tax_group, profile, exchange_rate, accounting_amount, discount_amount, accrued_amount,
    accrued_reporting_amount, wip_account, accrued_revenue_account, change_set_id, dimension_set_id,
    offset_dimension_set_id, cost_type, cost_account, offset_type, offset_account, cost_reporting_amount
)
SELECT
    %(company)s::text,
    line.actual_id,
    %(journal_id)s::bigint,
    line.voucher,
    line.accounting_date,
    line.category_number,
    line.line_property,
    nullif(line.tax_group, ''),
    line.item_tax_group,
    judged.profile,
    line.exchange_rate,
    line.accounting_amount,
    line.discount_amount,
    CASE judged.debit_type WHEN 'wip_sales_value' THEN line.accounting_amount ELSE 0 END,
    CASE judged.debit_type WHEN 'wip_sales_value' THEN judged.reporting_amount ELSE 0 END,
    CASE judged.debit_type WHEN 'wip_sales_value' THEN judged.debit_account END,
    CASE judged.debit_type WHEN 'wip_sales_value' THEN judged.credit_account END,
    %(change_set_id)s::bigint,
    line.dimension_set_id,
    line.offset_dimension_set_id,
    CASE line.transaction_type WHEN 'cost' THEN judged.debit_type END,
    CASE line.transaction_type WHEN 'cost' THEN judged.debit_account END,
    CASE line.transaction_type WHEN 'cost' THEN judged.credit_type END,
    CASE line.transaction_type WHEN 'cost' THEN judged.credit_account END,
    CASE WHEN line.transaction_type = 'cost' AND judged.debit_type IS NOT NULL THEN judged.reporting_amount END
FROM pg_temp.judged_ledger_line AS judged
JOIN pg_temp.ledger_line AS line ON line.actual_id = judged.actual_id
WHERE judged.code IS NULL;

-- name: keep_totals
-- What a posted journal has of each kind never changes: it is added up once, for lists and pages.
INSERT INTO finance.journal_total (
    company, journal_id, transaction_type, class, currency, line_count, quantity, amount
)
SELECT
    %(company)s::text,
    %(journal_id)s::bigint,
    line.transaction_type,
    line.class,
    line.currency,
    count(*),
    sum(line.quantity),
    sum(line.amount - line.discount_amount)
FROM pg_temp.ledger_line AS line
WHERE
    NOT EXISTS (
        SELECT 1 FROM pg_temp.judged_ledger_line AS judged
        WHERE judged.actual_id = line.actual_id AND judged.code IS NOT NULL
    )
GROUP BY line.transaction_type, line.class, line.currency;

-- name: create_shared_voucher
-- Vouchers of several lines; bad lines count as well.
CREATE TEMPORARY TABLE shared_voucher (
    voucher text PRIMARY KEY
) ON COMMIT DROP;

-- name: fill_shared_voucher
INSERT INTO pg_temp.shared_voucher (voucher)
SELECT voucher
FROM pg_temp.ledger_line
GROUP BY voucher
HAVING count(*) > 1;

-- name: analyze_shared_voucher
ANALYZE pg_temp.shared_voucher;

-- name: add_entries_of_lines
-- A line that has its voucher for itself is its debit and its credit, and nothing has to be summed. They are of
-- different types, which number them as summed entries are numbered. Vouchers rise, and so does the index.
INSERT INTO finance.ledger_entry (
    company, voucher, entry_number, accounting_date, account, posting_type, project_id, currency,
    transaction_amount, accounting_amount, reporting_amount, dimension_set_id
)
SELECT
    %(company)s::text,
    posted.voucher,
    entry.entry_number,
    posted.accounting_date,
    CASE WHEN side.is_debit THEN posted.debit_account ELSE posted.credit_account END,
    CASE WHEN side.is_debit THEN posted.debit_type ELSE posted.credit_type END,
    posted.project_id,
    posted.currency,
    CASE WHEN side.is_debit THEN posted.amount ELSE -posted.amount END,
    CASE WHEN side.is_debit THEN posted.accounting_amount ELSE -posted.accounting_amount END,
    CASE WHEN side.is_debit THEN posted.reporting_amount ELSE -posted.reporting_amount END,
    CASE WHEN side.is_debit THEN posted.dimension_set_id ELSE posted.offset_dimension_set_id END
FROM (
    SELECT
        line.voucher,
        line.accounting_date,
        line.project_id,
        line.currency,
        line.amount,
        line.accounting_amount,
        judged.reporting_amount,
        judged.debit_type,
        judged.debit_account,
        judged.credit_type,
        judged.credit_account,
        line.dimension_set_id,
        line.offset_dimension_set_id
    FROM pg_temp.judged_ledger_line AS judged
    JOIN pg_temp.ledger_line AS line ON line.actual_id = judged.actual_id
    LEFT JOIN pg_temp.shared_voucher AS shared ON shared.voucher = line.voucher
    WHERE judged.code IS NULL AND judged.debit_type IS NOT NULL AND shared.voucher IS NULL
    ORDER BY line.voucher
) AS posted
CROSS JOIN (VALUES (1), (2)) AS entry (entry_number)
CROSS JOIN
    LATERAL (VALUES ((entry.entry_number = 1) = (posted.debit_type < posted.credit_type))) AS side (is_debit);

-- name: add_summed_entries
-- Debit and credit of each line, summed up per voucher that lines share. Each line balances in every
-- currency, and so does every voucher. They are grouped in the order they are numbered in: sorted once.
WITH posted AS (
    SELECT
        line.voucher,
        line.accounting_date,
        line.project_id,
        line.currency,
        line.amount,
        line.accounting_amount,
        judged.reporting_amount,
        judged.debit_type,
        judged.debit_account,
        judged.credit_type,
        judged.credit_account,
        line.dimension_set_id,
        line.offset_dimension_set_id
    FROM pg_temp.judged_ledger_line AS judged
    JOIN pg_temp.ledger_line AS line ON line.actual_id = judged.actual_id
    JOIN pg_temp.shared_voucher AS shared ON shared.voucher = line.voucher
    WHERE judged.code IS NULL AND judged.debit_type IS NOT NULL
),

leg AS (
    SELECT
        posted.voucher,
        side.posting_type,
        side.account,
        side.dimension_set_id,
        posted.project_id,
        posted.currency,
        posted.accounting_date,
        sum(side.transaction_amount) AS transaction_amount,
        sum(side.accounting_amount) AS accounting_amount,
        sum(side.reporting_amount) AS reporting_amount
    FROM posted
    CROSS JOIN
        LATERAL (
            VALUES
            (
                posted.debit_type,
                posted.debit_account,
                posted.dimension_set_id,
                posted.amount,
                posted.accounting_amount,
                posted.reporting_amount
            ),
            (
                posted.credit_type,
                posted.credit_account,
                posted.offset_dimension_set_id,
                -posted.amount,
                -posted.accounting_amount,
                -posted.reporting_amount
            )
        ) AS side (
            posting_type, account, dimension_set_id, transaction_amount, accounting_amount, reporting_amount
        )
    GROUP BY
        posted.voucher, side.posting_type, side.account, posted.project_id, posted.currency,
        posted.accounting_date, side.dimension_set_id
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

-- name: drop_shared_voucher
DROP TABLE pg_temp.shared_voucher;

-- name: delete_posted_lines
-- The bad lines have left the journal by now.
DELETE FROM finance.journal_line
WHERE company = %(company)s::text AND journal_id = %(journal_id)s::bigint;

-- name: mark_journal_posted
UPDATE finance.journal
SET
    state = 'posted',
    posted_at = %(at)s::timestamptz,
    posted_by = %(actor)s::text,
    change_set_id = %(change_set_id)s::bigint
WHERE company = %(company)s::text AND journal_id = %(journal_id)s::bigint;

-- name: read_bad_lines
SELECT
    judged.actual_id,
    judged.code,
    judged.field,
    journal_line.voucher,
    line.transaction_type::text AS transaction_type,
    line.class::text AS class_,
    line.accounting_date,
    coalesce(judged.value, '') AS value,
    coalesce(project.number, line.project_id::text) AS project_number,
    coalesce(project.name, '') AS project_name
FROM pg_temp.judged_ledger_line AS judged
JOIN pg_temp.ledger_line AS line ON line.actual_id = judged.actual_id
JOIN finance.journal_line
    ON journal_line.company = %(company)s::text AND journal_line.actual_id = judged.actual_id
LEFT JOIN finance.project
    ON project.company = %(company)s::text AND project.project_id = line.project_id
WHERE judged.code IS NOT NULL
ORDER BY judged.actual_id;
