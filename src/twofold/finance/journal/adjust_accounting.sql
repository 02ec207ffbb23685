-- name: create_adjusted_line
-- The transactions, with the sides they were posted on and the dimensions they have and get; 0 where
-- there are none. No debit type: subledger only. code says why one cannot be adjusted.
CREATE TEMPORARY TABLE adjusted_line (
    actual_id bigint PRIMARY KEY,
    is_sale boolean NOT NULL,
    project_id bigint,
    currency text,
    accounting_date date,
    amount numeric(19, 4),
    accounting_amount numeric(19, 4),
    reporting_amount numeric(19, 4),
    debit_type finance.posting_type,
    debit_account text,
    credit_type finance.posting_type,
    credit_account text,
    own_id bigint NOT NULL,
    offset_id bigint NOT NULL,
    new_own_id bigint,
    new_offset_id bigint,
    code text
) ON COMMIT DROP;

-- name: fill_adjusted_line
-- A posted reversal follows its original; the key of a fee is that of its sale, negated. Connections
-- and proposal lines are kept by their newer end; the older end is looked for among all, which a
-- person may wait for.
WITH named AS (
    SELECT
        given.actual_id,
        exists(
            SELECT FROM finance.staged_connection AS link
            WHERE
                link.company = %(company)s::text
                AND link.transaction1_id = abs(given.actual_id)
                AND link.transaction1_role = 'reversing'
        ) AS is_reversal
    FROM unnest(%(actual_ids)s::bigint[]) AS given (actual_id)
    UNION ALL
    SELECT
        reversal.actual_id,
        false
    FROM unnest(%(actual_ids)s::bigint[]) AS given (actual_id)
    JOIN finance.staged_connection AS link
        ON
            link.company = %(company)s::text
            AND link.transaction2_id = abs(given.actual_id)
            AND link.transaction1_role = 'reversing'
    JOIN finance.project_transaction AS reversal
        ON
            reversal.company = %(company)s::text
            AND reversal.actual_id
            = CASE WHEN given.actual_id < 0 THEN -link.transaction1_id ELSE link.transaction1_id END
    WHERE reversal.actual_id <> all(%(actual_ids)s::bigint[])
),

billed AS (
    SELECT
        line.transaction_id,
        proposal.state
    FROM finance.proposal_line AS line
    JOIN finance.proposal
        ON proposal.company = %(company)s::text AND proposal.proposal_id = line.proposal_id
    WHERE line.company = %(company)s::text AND line.transaction_id IN (SELECT named.actual_id FROM named)
),

dated AS (
    SELECT
        posted.*,
        coalesce(%(accounting_date)s::date, posted.accounting_date) AS entry_date
    FROM named
    JOIN finance.project_transaction AS posted
        ON posted.company = %(company)s::text AND posted.actual_id = named.actual_id
)

INSERT INTO pg_temp.adjusted_line (
    actual_id, is_sale, project_id, currency, accounting_date, amount, accounting_amount, reporting_amount,
    debit_type, debit_account, credit_type, credit_account, own_id, offset_id, code
)
SELECT
    named.actual_id,
    coalesce(staged_actual.transaction_type <> 'cost', false),
    staged_actual.project_id,
    staged_actual.currency,
    posted.entry_date,
    CASE
        WHEN named.actual_id < 0 THEN staged_actual.fee_amount
        ELSE staged_actual.amount - staged_actual.discount_amount + posted.discount_amount
    END,
    posted.accounting_amount,
    CASE WHEN posted.wip_account IS NULL THEN posted.cost_reporting_amount ELSE posted.accrued_reporting_amount END,
    CASE WHEN posted.wip_account IS NULL THEN posted.cost_type ELSE 'wip_sales_value' END,
    coalesce(posted.wip_account, posted.cost_account),
    CASE WHEN posted.wip_account IS NULL THEN posted.offset_type ELSE 'accrued_revenue' END,
    coalesce(posted.accrued_revenue_account, posted.offset_account),
    coalesce(CASE WHEN adjusted IS NULL THEN posted.dimension_set_id ELSE adjusted.dimension_set_id END, 0),
    coalesce(
        CASE WHEN adjusted IS NULL THEN posted.offset_dimension_set_id ELSE adjusted.offset_dimension_set_id END, 0
    ),
    CASE
        WHEN posted.actual_id IS NULL THEN 'ERR-J16'
        WHEN named.is_reversal THEN 'ERR-J12'
        WHEN billed.state = 'posted' THEN 'ERR-J17'
        WHEN billed.transaction_id IS NOT NULL THEN 'ERR-F03'
        WHEN
            NOT EXISTS (
                SELECT FROM finance.fiscal_period
                WHERE
                    fiscal_period.company = %(company)s::text
                    AND fiscal_period.state = 'open'
                    AND posted.entry_date BETWEEN fiscal_period.period_start AND fiscal_period.period_end
            )
            THEN 'ERR-J01'
    END
FROM named
LEFT JOIN dated AS posted ON posted.actual_id = named.actual_id
LEFT JOIN finance.staged_actual
    ON staged_actual.company = %(company)s::text AND staged_actual.actual_id = abs(named.actual_id)
LEFT JOIN finance.adjusted_dimension AS adjusted
    ON adjusted.company = %(company)s::text AND adjusted.actual_id = named.actual_id
LEFT JOIN billed ON billed.transaction_id = named.actual_id;

-- name: name_sets
INSERT INTO pg_temp.changed_set (from_id)
SELECT DISTINCT CASE WHEN %(of_offset)s::boolean AND NOT is_sale THEN offset_id ELSE own_id END
FROM pg_temp.adjusted_line;

-- name: place_sets
-- A sale has one set on both sides.
UPDATE pg_temp.adjusted_line AS line
SET
    new_own_id = CASE
        WHEN %(of_offset)s::boolean AND NOT line.is_sale THEN line.own_id
        ELSE coalesce(changed.to_id, 0)
    END,
    new_offset_id = CASE
        WHEN %(of_offset)s::boolean OR line.is_sale THEN coalesce(changed.to_id, 0)
        ELSE line.offset_id
    END
FROM pg_temp.changed_set AS changed
WHERE changed.from_id = CASE WHEN %(of_offset)s::boolean AND NOT line.is_sale THEN line.offset_id ELSE line.own_id END;

-- name: create_adjusted_leg
-- What an adjustment moves: each side that changes, once out of its old dimensions, once into the new.
CREATE TEMPORARY TABLE adjusted_leg (
    actual_id bigint NOT NULL,
    posting_type finance.posting_type NOT NULL,
    account text NOT NULL,
    dimension_set_id bigint NOT NULL,
    direction integer NOT NULL,
    is_new boolean NOT NULL
) ON COMMIT DROP;

-- name: fill_adjusted_leg
INSERT INTO pg_temp.adjusted_leg (actual_id, posting_type, account, dimension_set_id, direction, is_new)
SELECT
    line.actual_id,
    side.posting_type,
    side.account,
    moved.dimension_set_id,
    side.direction * moved.sign,
    moved.sign > 0
FROM pg_temp.adjusted_line AS line
CROSS JOIN
    LATERAL (
        VALUES
        (1, line.debit_type, line.debit_account, line.own_id, line.new_own_id),
        (-1, line.credit_type, line.credit_account, line.offset_id, line.new_offset_id)
    ) AS side (direction, posting_type, account, old_id, new_id)
CROSS JOIN LATERAL (VALUES (-1, side.old_id), (1, side.new_id)) AS moved (sign, dimension_set_id)
WHERE side.account IS NOT NULL AND side.old_id <> side.new_id;

-- name: name_combinations
INSERT INTO pg_temp.needed_combination (account, dimension_set_id)
SELECT DISTINCT
    account,
    dimension_set_id
FROM pg_temp.adjusted_leg
WHERE is_new;

-- name: read_problems
SELECT
    line.actual_id,
    line.code,
    CASE line.code WHEN 'ERR-J01' THEN 'accounting_date' WHEN 'ERR-J12' THEN 'reverses' ELSE 'state' END AS field,
    CASE line.code WHEN 'ERR-J01' THEN line.accounting_date::text ELSE '' END AS value
FROM pg_temp.adjusted_line AS line
WHERE line.code IS NOT NULL
UNION ALL
SELECT
    leg.actual_id,
    'ERR-J04',
    'dimensions',
    bad_combination.problem
FROM pg_temp.adjusted_leg AS leg
JOIN pg_temp.bad_combination
    ON
        bad_combination.account = leg.account
        AND bad_combination.dimension_set_id = leg.dimension_set_id
        AND leg.is_new
ORDER BY actual_id, code, value;

-- name: count_changed
SELECT count(*) AS changed_count
FROM pg_temp.adjusted_line
WHERE (new_own_id, new_offset_id) <> (own_id, offset_id);

-- name: record_adjustment
INSERT INTO finance.accounting_adjustment (company, voucher, reason, adjusted_by, adjusted_at)
VALUES (
    %(company)s::text,
    finance.document_number(%(prefix)s::text, %(digits)s::integer, %(first_number)s::bigint),
    %(reason)s::text,
    %(actor)s::text,
    %(at)s::timestamptz
)
RETURNING voucher, adjustment_number;

-- name: add_adjusted
INSERT INTO finance.adjusted_transaction (
    company, actual_id, voucher, adjustment_number, dimension_set_id, offset_dimension_set_id
)
SELECT
    %(company)s::text,
    actual_id,
    %(voucher)s::text,
    %(adjustment_number)s::bigint,
    nullif(new_own_id, 0),
    nullif(new_offset_id, 0)
FROM pg_temp.adjusted_line
WHERE (new_own_id, new_offset_id) <> (own_id, offset_id);

-- name: add_entries
WITH leg AS (
    SELECT
        line.accounting_date,
        side.account,
        side.posting_type,
        line.project_id,
        line.currency,
        nullif(side.dimension_set_id, 0) AS dimension_set_id,
        sum(side.direction * line.amount) AS transaction_amount,
        sum(side.direction * line.accounting_amount) AS accounting_amount,
        sum(side.direction * line.reporting_amount) AS reporting_amount
    FROM pg_temp.adjusted_leg AS side
    JOIN pg_temp.adjusted_line AS line ON line.actual_id = side.actual_id
    GROUP BY
        line.accounting_date, side.account, side.posting_type, line.project_id, line.currency, side.dimension_set_id
)

INSERT INTO finance.ledger_entry (
    company, voucher, entry_number, accounting_date, account, posting_type, project_id, currency,
    transaction_amount, accounting_amount, reporting_amount, dimension_set_id
)
SELECT
    %(company)s::text,
    %(voucher)s::text,
    row_number() OVER (
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

-- name: drop_adjusted_line
DROP TABLE pg_temp.adjusted_line, pg_temp.adjusted_leg;
