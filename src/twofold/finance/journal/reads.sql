-- name: list_journals
-- Newest first. What has been posted was added up then; what waits is counted.
WITH page AS (
    SELECT
        journal_id,
        number,
        description,
        state,
        period_start,
        original_journal_id,
        created_at,
        posted_at,
        posted_by
    FROM finance.journal
    WHERE
        company = %(company)s::text
        AND (%(state)s::text IS NULL OR state::text = %(state)s::text)
        AND (%(number)s::text IS NULL OR number = %(number)s::text)
        AND (%(after)s::bigint IS NULL OR journal_id < %(after)s::bigint)
        AND (%(day_from)s::date IS NULL OR period_start >= %(day_from)s::date)
        AND (%(day_to)s::date IS NULL OR period_start <= %(day_to)s::date)
    ORDER BY journal_id DESC
    LIMIT %(rows_max)s::integer
),

waiting AS (
    SELECT
        journal_line.journal_id,
        count(*) AS line_count,
        count(*) FILTER (WHERE journal_line.code IS NOT NULL) AS problem_count
    FROM page
    JOIN finance.journal_line
        ON journal_line.company = %(company)s::text AND journal_line.journal_id = page.journal_id
    GROUP BY journal_line.journal_id
),

posted AS (
    SELECT
        journal_total.journal_id,
        sum(journal_total.line_count)::bigint AS line_count
    FROM page
    JOIN finance.journal_total
        ON journal_total.company = %(company)s::text AND journal_total.journal_id = page.journal_id
    GROUP BY journal_total.journal_id
)

SELECT
    page.journal_id,
    page.number,
    page.description,
    page.state::text AS state,
    page.period_start,
    original.number AS original_number,
    page.created_at,
    page.posted_at,
    page.posted_by,
    coalesce(waiting.line_count, posted.line_count, 0) AS line_count,
    coalesce(waiting.problem_count, 0) AS problem_count
FROM page
LEFT JOIN finance.journal AS original
    ON original.company = %(company)s::text AND original.journal_id = page.original_journal_id
LEFT JOIN waiting ON waiting.journal_id = page.journal_id
LEFT JOIN posted ON posted.journal_id = page.journal_id
ORDER BY page.journal_id DESC;

-- name: journal_totals
-- What is billed: less discount, also where the ledger shows it apart. What has been posted was added
-- up then; what waits is added up here.
WITH waiting AS (
    SELECT
        staged_actual.transaction_type,
        line_of.class,
        staged_actual.currency,
        line_of.quantity,
        line_of.amount
    FROM finance.journal_line
    JOIN finance.staged_actual
        ON
            staged_actual.company = %(company)s::text
            AND staged_actual.actual_id = abs(journal_line.actual_id)
    CROSS JOIN
        LATERAL (
            VALUES (
                CASE WHEN journal_line.actual_id < 0 THEN 'fee' ELSE staged_actual.class END,
                CASE
                    WHEN journal_line.actual_id < 0 THEN sign(staged_actual.fee_amount)
                    ELSE staged_actual.quantity
                END,
                CASE
                    WHEN journal_line.actual_id < 0 THEN staged_actual.fee_amount
                    ELSE staged_actual.amount - staged_actual.discount_amount
                END
            )
        ) AS line_of (class, quantity, amount)
    WHERE
        journal_line.company = %(company)s::text
        AND journal_line.journal_id = %(journal_id)s::bigint
),

total AS (
    SELECT
        transaction_type,
        class,
        currency,
        count(*) AS line_count,
        sum(quantity) AS quantity,
        sum(amount) AS amount
    FROM waiting
    GROUP BY transaction_type, class, currency
    UNION ALL
    SELECT
        transaction_type,
        class,
        currency,
        line_count,
        quantity,
        amount
    FROM finance.journal_total
    WHERE company = %(company)s::text AND journal_id = %(journal_id)s::bigint
)

SELECT
    transaction_type::text AS transaction_type,
    class::text AS class_,
    currency,
    line_count,
    quantity,
    amount
FROM total
ORDER BY total.transaction_type, total.class, total.currency;

-- name: journal_lines
-- A fee line has the negated key of its sale. Only the keys of the page are looked for, so that the
-- first page of a million lines costs what that of ten does.
WITH sent AS (
    SELECT
        outbox.key_first,
        outbox.key_last
    FROM finance.journal
    JOIN dualwrite.outbox
        ON outbox.company = journal.company AND outbox.set_id = journal.change_set_id
    WHERE
        journal.company = %(company)s::text
        AND journal.journal_id = %(journal_id)s::bigint
),

waiting AS (
    SELECT journal_line.actual_id
    FROM finance.journal_line
    WHERE
        journal_line.company = %(company)s::text
        AND journal_line.journal_id = %(journal_id)s::bigint
        AND journal_line.actual_id > %(after)s::bigint
    ORDER BY journal_line.actual_id
    LIMIT %(rows_max)s::integer
),

fee AS (
    SELECT project_transaction.actual_id
    FROM finance.project_transaction
    WHERE
        project_transaction.company = %(company)s::text
        AND project_transaction.journal_id = %(journal_id)s::bigint
        AND project_transaction.actual_id > %(after)s::bigint
        AND project_transaction.actual_id >= (SELECT -sent.key_last FROM sent)
        AND project_transaction.actual_id <= (SELECT -sent.key_first FROM sent)
    ORDER BY project_transaction.actual_id
    LIMIT %(rows_max)s::integer
),

sale AS (
    SELECT project_transaction.actual_id
    FROM finance.project_transaction
    WHERE
        project_transaction.company = %(company)s::text
        AND project_transaction.journal_id = %(journal_id)s::bigint
        AND project_transaction.actual_id > %(after)s::bigint
        AND project_transaction.actual_id >= (SELECT sent.key_first FROM sent)
        AND project_transaction.actual_id <= (SELECT sent.key_last FROM sent)
    ORDER BY project_transaction.actual_id
    LIMIT %(rows_max)s::integer
),

posted AS (
    SELECT fee.actual_id FROM fee
    UNION ALL
    SELECT sale.actual_id FROM sale
),

line AS (
    SELECT
        journal_line.actual_id,
        journal_line.voucher,
        journal_line.accounting_date,
        journal_line.category_number,
        journal_line.line_property,
        journal_line.tax_group,
        journal_line.item_tax_group,
        journal_line.exchange_rate,
        journal_line.state::text AS state,
        journal_line.code,
        journal_line.field,
        journal_line.value,
        journal_line.dimension_set_id,
        journal_line.offset_dimension_set_id,
        NULL::numeric AS accounting_amount,
        NULL::numeric AS accrued_amount
    FROM waiting
    JOIN finance.journal_line
        ON
            journal_line.company = %(company)s::text
            AND journal_line.journal_id = %(journal_id)s::bigint
            AND journal_line.actual_id = waiting.actual_id
    UNION ALL
    SELECT
        project_transaction.actual_id,
        project_transaction.voucher,
        project_transaction.accounting_date,
        project_transaction.category_number,
        project_transaction.line_property,
        project_transaction.tax_group,
        project_transaction.item_tax_group,
        project_transaction.exchange_rate,
        'posted',
        NULL,
        NULL,
        NULL,
        CASE
            WHEN adjusted.actual_id IS NULL THEN project_transaction.dimension_set_id
            ELSE adjusted.dimension_set_id
        END,
        CASE
            WHEN adjusted.actual_id IS NULL THEN project_transaction.offset_dimension_set_id
            ELSE adjusted.offset_dimension_set_id
        END,
        project_transaction.accounting_amount,
        project_transaction.accrued_amount
    FROM posted
    JOIN finance.project_transaction
        ON
            project_transaction.company = %(company)s::text
            AND project_transaction.actual_id = posted.actual_id
    LEFT JOIN finance.adjusted_dimension AS adjusted
        ON
            adjusted.company = project_transaction.company
            AND adjusted.actual_id = project_transaction.actual_id
)

SELECT
    line.actual_id,
    line.voucher,
    line.state,
    staged_actual.transaction_type::text AS transaction_type,
    staged_actual.transaction_date,
    line.accounting_date,
    project.number AS project_number,
    resource.name AS resource_name,
    staged_actual.description,
    line.category_number,
    line.line_property,
    line.tax_group,
    line.item_tax_group,
    staged_actual.currency,
    line.exchange_rate,
    dimension_set.label AS dimensions,
    offset_set.label AS offset_dimensions,
    line.accounting_amount,
    line.accrued_amount,
    line.code,
    line.field,
    line.value,
    CASE WHEN line.actual_id < 0 THEN 'fee' ELSE staged_actual.class::text END AS class_,
    CASE WHEN line.actual_id < 0 THEN sign(staged_actual.fee_amount) ELSE staged_actual.quantity END AS quantity,
    CASE WHEN line.actual_id < 0 THEN abs(staged_actual.fee_amount) ELSE staged_actual.price END AS price,
    CASE
        WHEN line.actual_id < 0 THEN staged_actual.fee_amount
        ELSE staged_actual.amount - staged_actual.discount_amount
    END AS amount
FROM line
JOIN finance.staged_actual
    ON staged_actual.company = %(company)s::text AND staged_actual.actual_id = abs(line.actual_id)
LEFT JOIN finance.project
    ON project.company = staged_actual.company AND project.project_id = staged_actual.project_id
LEFT JOIN finance.resource
    ON resource.company = staged_actual.company AND resource.resource_id = staged_actual.resource_id
LEFT JOIN finance.dimension_set
    ON dimension_set.company = %(company)s::text AND dimension_set.dimension_set_id = line.dimension_set_id
LEFT JOIN finance.dimension_set AS offset_set
    ON
        offset_set.company = %(company)s::text
        AND offset_set.dimension_set_id = line.offset_dimension_set_id
ORDER BY line.actual_id
LIMIT %(rows_max)s::integer;
