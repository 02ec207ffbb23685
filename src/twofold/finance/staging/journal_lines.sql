-- name: create_import_period
-- Where the lines of a period begin and how many they are, and the open journal they continue.
CREATE TEMPORARY TABLE import_period (
    period_key date PRIMARY KEY,
    first_line bigint NOT NULL,
    line_count bigint NOT NULL,
    draft_id bigint,
    draft_count bigint NOT NULL
) ON COMMIT DROP;

-- name: fill_import_period
-- The lock keeps a draft from being posted while lines are added to it. A journal that is just
-- being posted is passed over, and so is one that collects the bad lines of another.
WITH needed AS (
    SELECT
        period_key,
        min(line_number) AS first_line,
        count(*) AS line_count
    FROM pg_temp.judged_import
    WHERE code IS NULL
    GROUP BY period_key
),

draft AS (
    SELECT
        journal_id,
        CASE WHEN is_beginning_balance THEN 'infinity' ELSE coalesce(period_start, '-infinity') END AS period_key
    FROM finance.journal
    WHERE
        company = %(company)s::text
        AND state = 'draft'
        AND original_journal_id IS NULL
        AND CASE WHEN is_beginning_balance THEN 'infinity' ELSE coalesce(period_start, '-infinity') END
        IN (SELECT period_key FROM needed)
    ORDER BY journal_id
    FOR UPDATE SKIP LOCKED
),

newest AS (
    SELECT DISTINCT ON (draft.period_key)
        draft.period_key,
        draft.journal_id,
        (
            SELECT count(*)
            FROM finance.journal_line
            WHERE journal_line.company = %(company)s::text AND journal_line.journal_id = draft.journal_id
        ) AS line_count
    FROM draft
    ORDER BY draft.period_key ASC, draft.journal_id DESC
)

INSERT INTO pg_temp.import_period (period_key, first_line, line_count, draft_id, draft_count)
SELECT
    needed.period_key,
    needed.first_line,
    needed.line_count,
    newest.journal_id,
    coalesce(newest.line_count, 0)
FROM needed
JOIN finance.parameter ON parameter.company = %(company)s::text
LEFT JOIN newest
    ON
        newest.period_key = needed.period_key
        AND (parameter.journal_lines_max IS NULL OR newest.line_count < parameter.journal_lines_max);

-- name: create_import_journal
-- The journals of a period, in the order they are filled; slot 0 is the draft where one continues.
CREATE TEMPORARY TABLE import_journal (
    period_key date NOT NULL,
    slot bigint NOT NULL,
    journal_id bigint,
    new_number bigint,
    PRIMARY KEY (period_key, slot)
) ON COMMIT DROP;

-- name: fill_import_journal
INSERT INTO pg_temp.import_journal (period_key, slot, journal_id, new_number)
SELECT
    period.period_key,
    slot.slot,
    CASE slot.slot WHEN 0 THEN period.draft_id END,
    CASE
        WHEN slot.slot > 0 OR period.draft_id IS NULL
            THEN row_number() OVER (
                PARTITION BY slot.slot = 0 AND period.draft_id IS NOT NULL
                ORDER BY period.period_key, slot.slot
            )
    END
FROM pg_temp.import_period AS period
JOIN finance.parameter ON parameter.company = %(company)s::text
CROSS JOIN
    LATERAL
    generate_series(
        0,
        CASE
            WHEN parameter.journal_lines_max IS NULL THEN 0
            ELSE (period.draft_count + period.line_count - 1) / parameter.journal_lines_max
        END
    ) AS slot (slot);

-- name: count_new_journals
SELECT coalesce(max(new_number), 0) AS new_count
FROM pg_temp.import_journal;

-- name: add_journals
WITH numbered AS (
    UPDATE pg_temp.import_journal
    SET journal_id = %(first_key)s::bigint + new_number - 1
    WHERE new_number IS NOT NULL
    RETURNING
        period_key,
        journal_id,
        new_number
)

INSERT INTO finance.journal (
    company, journal_id, number, description, state, period_start, created_at, is_beginning_balance
)
SELECT
    %(company)s::text,
    journal_id,
    finance.document_number(
        %(prefix)s::text, %(digits)s::integer, %(first_number)s::bigint + new_number - 1
    ),
    CASE period_key WHEN 'infinity' THEN 'Opening balances' ELSE 'Import from staging' END,
    'draft',
    CASE WHEN isfinite(period_key) THEN period_key END,
    %(at)s::timestamptz,
    period_key = 'infinity'
FROM numbered;

-- name: create_import_voucher
-- Vouchers that several lines share; voucher is that of the lines the journal already has.
CREATE TEMPORARY TABLE import_voucher (
    journal_id bigint NOT NULL,
    accounting_date date NOT NULL,
    voucher text,
    new_number bigint,
    PRIMARY KEY (journal_id, accounting_date)
) ON COMMIT DROP;

-- name: fill_import_voucher
-- Empty where each line has a voucher of its own.
WITH shared AS (
    SELECT DISTINCT
        journal.journal_id,
        line.accounting_date,
        CASE parameter.voucher_per WHEN 'journal' THEN '-infinity' ELSE line.accounting_date END AS voucher_date
    FROM pg_temp.judged_import AS line
    JOIN finance.parameter ON parameter.company = %(company)s::text AND parameter.voucher_per <> 'line'
    JOIN pg_temp.import_period AS period ON period.period_key = line.period_key
    JOIN pg_temp.import_journal AS journal
        ON
            journal.period_key = line.period_key
            AND journal.slot
            = coalesce((period.draft_count + line.line_number - period.first_line) / parameter.journal_lines_max, 0)
    WHERE line.code IS NULL
),

used AS (
    SELECT
        shared.journal_id,
        shared.voucher_date,
        min(journal_line.voucher) AS voucher
    FROM (SELECT DISTINCT
        journal_id,
        voucher_date
    FROM shared) AS shared
    LEFT JOIN finance.journal_line
        ON
            journal_line.company = %(company)s::text
            AND journal_line.journal_id = shared.journal_id
            AND shared.voucher_date IN ('-infinity', journal_line.accounting_date)
    GROUP BY shared.journal_id, shared.voucher_date
)

INSERT INTO pg_temp.import_voucher (journal_id, accounting_date, voucher, new_number)
SELECT
    shared.journal_id,
    shared.accounting_date,
    used.voucher,
    dense_rank() OVER (PARTITION BY used.voucher IS NULL ORDER BY shared.journal_id, shared.voucher_date)
FROM shared
JOIN used ON used.journal_id = shared.journal_id AND used.voucher_date = shared.voucher_date;

-- name: count_new_vouchers
SELECT
    CASE parameter.voucher_per
        WHEN 'line'
            THEN (
                SELECT count(*) FROM pg_temp.judged_import
                WHERE code IS NULL
            )
        ELSE (
            SELECT coalesce(max(new_number), 0) FROM pg_temp.import_voucher
            WHERE voucher IS NULL
        )
    END AS new_count
FROM finance.parameter
WHERE parameter.company = %(company)s::text;

-- name: add_lines
-- In key order: that is how the index grows cheapest.
INSERT INTO finance.journal_line (
    company, actual_id, journal_id, voucher, accounting_date, category_number, line_property, tax_group,
    item_tax_group, exchange_rate, dimension_set_id, offset_dimension_set_id
)
SELECT
    %(company)s::text,
    line.actual_id,
    journal.journal_id,
    coalesce(
        voucher.voucher,
        finance.document_number(
            %(prefix)s::text,
            %(digits)s::integer,
            %(first_number)s::bigint + coalesce(voucher.new_number, line.line_number) - 1
        )
    ),
    line.accounting_date,
    line.category_number,
    line.line_property,
    line.tax_group,
    line.item_tax_group,
    line.exchange_rate,
    dimension.dimension_set_id,
    dimension.offset_dimension_set_id
FROM pg_temp.judged_import AS line
JOIN finance.parameter ON parameter.company = %(company)s::text
JOIN pg_temp.import_period AS period ON period.period_key = line.period_key
JOIN pg_temp.import_journal AS journal
    ON
        journal.period_key = line.period_key
        AND journal.slot
        = coalesce((period.draft_count + line.line_number - period.first_line) / parameter.journal_lines_max, 0)
LEFT JOIN pg_temp.import_voucher AS voucher
    ON voucher.journal_id = journal.journal_id AND voucher.accounting_date = line.accounting_date
LEFT JOIN pg_temp.import_dimension AS dimension ON dimension.actual_id = line.actual_id
WHERE line.code IS NULL
ORDER BY line.actual_id;

-- name: read_journals
SELECT
    journal.journal_id,
    journal.number,
    least(
        import_period.line_count,
        parameter.journal_lines_max
        - CASE import_journal.slot WHEN 0 THEN import_period.draft_count ELSE 0 END,
        import_period.draft_count + import_period.line_count
        - import_journal.slot * coalesce(parameter.journal_lines_max, 0)
    ) AS line_count
FROM pg_temp.import_journal
JOIN pg_temp.import_period ON import_period.period_key = import_journal.period_key
JOIN finance.parameter ON parameter.company = %(company)s::text
JOIN finance.journal
    ON journal.company = %(company)s::text AND journal.journal_id = import_journal.journal_id
ORDER BY journal.journal_id;

-- name: drop_import_journal
DROP TABLE pg_temp.import_period, pg_temp.import_journal, pg_temp.import_voucher;
