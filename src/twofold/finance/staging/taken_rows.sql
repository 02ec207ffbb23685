-- name: create_taken_set
CREATE TEMPORARY TABLE taken_set (
    source_set_id bigint PRIMARY KEY,
    key_first bigint NOT NULL,
    key_last bigint NOT NULL,
    has_rows boolean NOT NULL
) ON COMMIT DROP;

-- name: find_last_link
-- Links are committed in their order, so every set up to this one is visible.
SELECT coalesce(max(chain_number), 0) AS chain_number
FROM dualwrite.chain
WHERE company = %(company)s::text AND source = 'operations';

-- name: fill_taken_set
-- While its map is stopped a set comes without its rows: it is looked at again every time.
INSERT INTO pg_temp.taken_set (source_set_id, key_first, key_last, has_rows)
SELECT
    inbox.set_id,
    inbox.key_first,
    inbox.key_last,
    (
        SELECT staged_actual.actual_id FROM finance.staged_actual
        WHERE
            staged_actual.company = %(company)s::text
            AND staged_actual.actual_id BETWEEN inbox.key_first AND inbox.key_last
            AND staged_actual.source_set_id = inbox.set_id
        ORDER BY staged_actual.actual_id
        LIMIT 1
    ) IS NOT NULL
FROM (
    SELECT chain.set_id
    FROM dualwrite.chain
    WHERE
        chain.company = %(company)s::text
        AND chain.source = 'operations'
        AND chain.chain_number <= %(last_link)s::bigint
        AND chain.chain_number > coalesce(
            (
                SELECT import_progress.chain_number FROM finance.import_progress
                WHERE import_progress.company = %(company)s::text
            ),
            0
        )
    UNION ALL
    SELECT awaited_set.source_set_id
    FROM finance.awaited_set
    WHERE awaited_set.company = %(company)s::text
) AS candidate
JOIN dualwrite.inbox
    ON
        inbox.company = %(company)s::text
        AND inbox.source = 'operations'
        AND inbox.set_id = candidate.set_id
WHERE
    inbox.kind IN ('approval', 'cancellation', 'adjustment', 'confirmation')
    AND inbox.key_first IS NOT NULL;

-- name: note_progress
INSERT INTO finance.import_progress (company, chain_number)
VALUES (%(company)s::text, %(last_link)s::bigint)
ON CONFLICT (company) DO UPDATE SET chain_number = excluded.chain_number;

-- name: await_sets
INSERT INTO finance.awaited_set (company, source_set_id)
SELECT
    %(company)s::text,
    source_set_id
FROM pg_temp.taken_set
WHERE NOT has_rows
ON CONFLICT (company, source_set_id) DO NOTHING;

-- name: stop_awaiting
DELETE FROM finance.awaited_set
USING pg_temp.taken_set
WHERE
    awaited_set.company = %(company)s::text
    AND awaited_set.source_set_id = taken_set.source_set_id
    AND taken_set.has_rows;

-- name: leave_awaited
DELETE FROM pg_temp.taken_set
WHERE NOT has_rows;

-- name: analyze_taken_set
ANALYZE pg_temp.taken_set;

-- name: mark_sets_imported
-- The key of the table keeps a set from ever being imported twice.
INSERT INTO finance.imported_set (company, source_set_id, imported_at)
SELECT
    %(company)s::text,
    source_set_id,
    %(at)s::timestamptz
FROM pg_temp.taken_set;

-- name: create_import_line
-- Staged rows to judge. Keys are 0 where the row has none, so that they join.
-- original_id: the row that a reversal reverses. held_since: when an earlier import held it.
CREATE TEMPORARY TABLE import_line (
    actual_id bigint NOT NULL,
    transaction_type finance.transaction_type NOT NULL,
    class finance.transaction_class NOT NULL,
    billing_type finance.billing_type NOT NULL,
    transaction_date date NOT NULL,
    accounting_date date NOT NULL,
    currency text NOT NULL,
    project_id bigint NOT NULL,
    contract_id bigint NOT NULL,
    customer_id bigint NOT NULL,
    category_id bigint NOT NULL,
    product_number text NOT NULL,
    original_id bigint,
    fee_amount numeric(19, 4) NOT NULL DEFAULT 0,
    held_since timestamptz
) ON COMMIT DROP;

-- name: take_arrived
-- Retainers have no ledger effect (decision Q-08); billed sales go to their proposal.
-- OFFSET 0 keeps it at one range of keys per set and one look-up per row, whatever the
-- statistics say.
INSERT INTO pg_temp.import_line (
    actual_id, transaction_type, class, billing_type, transaction_date, accounting_date, currency,
    project_id, contract_id, customer_id, category_id, product_number, fee_amount, original_id
)
SELECT
    arrived.actual_id,
    arrived.transaction_type,
    arrived.class,
    arrived.billing_type,
    arrived.transaction_date,
    arrived.accounting_date,
    arrived.currency,
    arrived.project_id,
    coalesce(arrived.contract_id, 0),
    coalesce(arrived.customer_id, 0),
    coalesce(arrived.category_id, 0),
    coalesce(arrived.product_number, ''),
    arrived.fee_amount,
    link.transaction2_id
FROM pg_temp.taken_set
CROSS JOIN
    LATERAL (
        SELECT *
        FROM finance.staged_actual
        WHERE
            staged_actual.company = %(company)s::text
            AND staged_actual.actual_id BETWEEN taken_set.key_first AND taken_set.key_last
            AND staged_actual.source_set_id = taken_set.source_set_id
            AND staged_actual.transaction_type IN ('cost', 'unbilled_sales')
            AND staged_actual.class <> 'retainer'
        ORDER BY staged_actual.actual_id
        OFFSET 0
    ) AS arrived
LEFT JOIN LATERAL (
    SELECT staged_connection.transaction2_id
    FROM finance.staged_connection
    WHERE
        staged_connection.company = %(company)s::text
        AND staged_connection.transaction1_id = arrived.actual_id
        AND staged_connection.transaction1_role = 'reversing'
    ORDER BY staged_connection.transaction2_id
    OFFSET 0
) AS link ON true;

-- name: leave_taken_ahead
-- Rows that an import for one proposal took before stand somewhere else by now.
WITH ahead AS (
    DELETE FROM finance.taken_ahead
    USING pg_temp.taken_set
    WHERE
        taken_ahead.company = %(company)s::text
        AND taken_ahead.source_set_id = taken_set.source_set_id
    RETURNING taken_ahead.actual_id
)

DELETE FROM pg_temp.import_line
USING ahead
WHERE import_line.actual_id = ahead.actual_id;

-- name: create_waiting_row
-- Rows of sets that are imported, or not yet, which stand nowhere: held, reopened, or wanted now.
CREATE TEMPORARY TABLE waiting_row (
    actual_id bigint PRIMARY KEY,
    held_since timestamptz
) ON COMMIT DROP;

-- name: fill_waiting_row
-- Those that still lack something are held again when they are judged.
WITH held AS (
    DELETE FROM finance.held_actual
    WHERE company = %(company)s::text
    RETURNING actual_id, held_since
),

reopened AS (
    DELETE FROM finance.reopened_actual
    WHERE company = %(company)s::text
    RETURNING actual_id
)

INSERT INTO pg_temp.waiting_row (actual_id, held_since)
SELECT
    actual_id,
    held_since
FROM held
UNION ALL
SELECT
    actual_id,
    NULL::timestamptz
FROM reopened;

-- name: create_wanted_sale
-- Unbilled sales that a proposal needs.
CREATE TEMPORARY TABLE wanted_sale (
    actual_id bigint PRIMARY KEY,
    source_set_id bigint NOT NULL
) ON COMMIT DROP;

-- name: fill_wanted_sale
-- Those its billed sales bill, and those that came in the same set: a correction opens them again.
INSERT INTO pg_temp.wanted_sale (actual_id, source_set_id)
WITH billed AS (
    SELECT
        sale.actual_id,
        sale.source_set_id
    FROM finance.proposal
    JOIN finance.staged_actual AS sale
        ON
            sale.company = %(company)s::text
            AND sale.actual_id BETWEEN proposal.first_actual_id AND proposal.last_actual_id
            AND sale.proforma_id = proposal.proposal_id
    WHERE
        proposal.company = %(company)s::text
        AND proposal.proposal_id = %(proposal_id)s::bigint
        AND sale.transaction_type = 'billed_sales'
)

SELECT
    sale.actual_id,
    sale.source_set_id
FROM billed
JOIN finance.staged_connection AS link
    ON
        link.company = %(company)s::text
        AND link.transaction1_id = billed.actual_id
        AND link.transaction1_role = 'billed_sales'
JOIN finance.staged_actual AS sale
    ON sale.company = %(company)s::text AND sale.actual_id = link.transaction2_id
WHERE sale.transaction_type = 'unbilled_sales' AND sale.class <> 'retainer'
UNION
SELECT
    sale.actual_id,
    sale.source_set_id
FROM (SELECT DISTINCT source_set_id FROM billed) AS came
JOIN dualwrite.inbox
    ON
        inbox.company = %(company)s::text
        AND inbox.source = 'operations'
        AND inbox.set_id = came.source_set_id
JOIN finance.staged_actual AS sale
    ON
        sale.company = %(company)s::text
        AND sale.actual_id BETWEEN inbox.key_first AND inbox.key_last
        AND sale.source_set_id = inbox.set_id
WHERE sale.transaction_type = 'unbilled_sales' AND sale.class <> 'retainer';

-- name: analyze_wanted_sale
ANALYZE pg_temp.wanted_sale;

-- name: fill_wanted_row
-- A wanted sale, or its fee, is held or reopened; or its set has not been imported yet: then it is taken
-- ahead.
WITH held AS (
    DELETE FROM finance.held_actual
    USING pg_temp.wanted_sale
    WHERE held_actual.company = %(company)s::text AND abs(held_actual.actual_id) = wanted_sale.actual_id
    RETURNING held_actual.actual_id, held_actual.held_since
),

reopened AS (
    DELETE FROM finance.reopened_actual
    USING pg_temp.wanted_sale
    WHERE reopened_actual.company = %(company)s::text AND abs(reopened_actual.actual_id) = wanted_sale.actual_id
    RETURNING reopened_actual.actual_id
),

ahead AS (
    INSERT INTO finance.taken_ahead (company, actual_id, source_set_id)
    SELECT
        %(company)s::text,
        wanted_sale.actual_id,
        wanted_sale.source_set_id
    FROM pg_temp.wanted_sale
    LEFT JOIN finance.imported_set
        ON
            imported_set.company = %(company)s::text
            AND imported_set.source_set_id = wanted_sale.source_set_id
    WHERE imported_set.source_set_id IS NULL
    ON CONFLICT (company, actual_id) DO NOTHING
    RETURNING actual_id
)

INSERT INTO pg_temp.waiting_row (actual_id, held_since)
SELECT
    actual_id,
    held_since
FROM held
UNION ALL
SELECT
    actual_id,
    NULL::timestamptz
FROM reopened
UNION ALL
SELECT
    actual_id,
    NULL::timestamptz
FROM ahead;

-- name: analyze_waiting_row
ANALYZE pg_temp.waiting_row;

-- name: take_waiting
INSERT INTO pg_temp.import_line (
    actual_id, transaction_type, class, billing_type, transaction_date, accounting_date, currency,
    project_id, contract_id, customer_id, category_id, product_number, fee_amount, original_id, held_since
)
SELECT
    arrived.actual_id,
    arrived.transaction_type,
    arrived.class,
    arrived.billing_type,
    arrived.transaction_date,
    arrived.accounting_date,
    arrived.currency,
    arrived.project_id,
    coalesce(arrived.contract_id, 0),
    coalesce(arrived.customer_id, 0),
    coalesce(arrived.category_id, 0),
    coalesce(arrived.product_number, ''),
    arrived.fee_amount,
    link.transaction2_id,
    waiting_row.held_since
FROM pg_temp.waiting_row
JOIN finance.staged_actual AS arrived
    ON arrived.company = %(company)s::text AND arrived.actual_id = waiting_row.actual_id
LEFT JOIN LATERAL (
    SELECT staged_connection.transaction2_id
    FROM finance.staged_connection
    WHERE
        staged_connection.company = %(company)s::text
        AND staged_connection.transaction1_id = arrived.actual_id
        AND staged_connection.transaction1_role = 'reversing'
    ORDER BY staged_connection.transaction2_id
    OFFSET 0
) AS link ON true;

-- name: analyze_import_line
ANALYZE pg_temp.import_line;

-- name: take_fees
-- The fee of a sale that was taken, and what an earlier import held, where it is not on a journal yet: a
-- held sale may come after its fee. It takes back the fee of what its sale takes back, and has the
-- default category of fees.
WITH candidate AS (
    SELECT actual_id
    FROM pg_temp.import_line
    WHERE fee_amount <> 0 AND transaction_type = 'unbilled_sales'
    UNION
    SELECT -actual_id
    FROM pg_temp.waiting_row
    WHERE actual_id < 0
)

INSERT INTO pg_temp.import_line (
    actual_id, transaction_type, class, billing_type, transaction_date, accounting_date, currency,
    project_id, contract_id, customer_id, category_id, product_number, original_id, held_since
)
SELECT
    fee_line.actual_id,
    fee_line.transaction_type,
    fee_line.class,
    fee_line.billing_type,
    fee_line.transaction_date,
    fee_line.accounting_date,
    fee_line.currency,
    fee_line.project_id,
    coalesce(fee_line.contract_id, 0),
    coalesce(fee_line.customer_id, 0),
    0,
    '',
    -link.transaction2_id,
    waiting_row.held_since
FROM candidate
JOIN finance.fee_line
    ON fee_line.company = %(company)s::text AND fee_line.actual_id = -candidate.actual_id
LEFT JOIN pg_temp.waiting_row
    ON waiting_row.actual_id = fee_line.actual_id
LEFT JOIN finance.staged_connection AS link
    ON
        link.company = %(company)s::text
        AND link.transaction1_id = candidate.actual_id
        AND link.transaction1_role = 'reversing'
WHERE
    NOT EXISTS (
        SELECT FROM finance.journal_line
        WHERE journal_line.company = %(company)s::text AND journal_line.actual_id = fee_line.actual_id
    )
    AND NOT EXISTS (
        SELECT FROM finance.project_transaction AS posted
        WHERE posted.company = %(company)s::text AND posted.actual_id = fee_line.actual_id
    );

-- name: drop_taken_set
DROP TABLE pg_temp.taken_set;

-- name: drop_wanted_sale
DROP TABLE pg_temp.wanted_sale;

-- name: drop_waiting_row
DROP TABLE pg_temp.waiting_row;
