-- name: lock_journal
-- The lock keeps everyone else from adding, changing or posting lines of this journal. Whoever runs
-- several took it before: it is Processing, and belongs to the run.
SELECT
    journal.number,
    journal.is_beginning_balance,
    CASE
        WHEN
            journal.state = 'processing'
            AND EXISTS (
                SELECT 1 FROM finance.posting_run_journal AS step
                WHERE
                    step.company = %(company)s::text
                    AND step.posting_run_id = %(posting_run_id)s::bigint
                    AND step.journal_id = journal.journal_id
                    AND step.state = 'processing'
            )
            THEN 'taken'
        ELSE journal.state::text
    END AS state,
    exists(
        SELECT 1 FROM finance.journal_line
        WHERE journal_line.company = %(company)s::text AND journal_line.journal_id = journal.journal_id
    ) AS has_lines
FROM finance.journal
WHERE journal.company = %(company)s::text AND journal.journal_id = %(journal_id)s::bigint
FOR UPDATE OF journal;

-- name: name_profiles
INSERT INTO pg_temp.needed_profile (project_id, contract_id, billing_method)
SELECT DISTINCT
    project_id,
    contract_id,
    billing_method
FROM pg_temp.ledger_line
WHERE profile IS NULL;

-- name: name_accounts
INSERT INTO pg_temp.needed_account (
    posting_type, project_id, category_number, class, contract_id, customer_id, tax_group
)
SELECT DISTINCT
    side.posting_type,
    line.project_id,
    line.category_number,
    line.class,
    line.contract_id,
    line.customer_id,
    line.tax_group
FROM (
    SELECT DISTINCT
        ledger_line.transaction_type,
        ledger_line.class,
        ledger_line.project_id,
        ledger_line.category_number,
        ledger_line.contract_id,
        ledger_line.customer_id,
        ledger_line.tax_group,
        coalesce(ledger_line.profile, found_profile.profile) AS profile
    FROM pg_temp.ledger_line
    LEFT JOIN pg_temp.found_profile
        ON
            found_profile.project_id = ledger_line.project_id
            AND found_profile.contract_id = ledger_line.contract_id
            AND found_profile.billing_method = ledger_line.billing_method
    WHERE ledger_line.may_be_posted
) AS line
JOIN finance.profile_posting AS posting
    ON
        posting.company = %(company)s::text
        AND posting.profile = line.profile
        AND posting.transaction_type = line.transaction_type
        AND posting.class = line.class
CROSS JOIN LATERAL (VALUES (posting.debit_type), (posting.credit_type)) AS side (posting_type);

-- name: create_posting_date
-- Whether a day is open, and the reporting currency's rate on it; 100 where it is the
-- accounting currency, NULL where it is missing.
CREATE TEMPORARY TABLE ledger_date (
    accounting_date date PRIMARY KEY,
    is_open boolean NOT NULL,
    reporting_rate numeric(19, 9)
) ON COMMIT DROP;

-- name: fill_posting_date
-- What lies before the cut-over needs no open period.
INSERT INTO pg_temp.ledger_date (accounting_date, is_open, reporting_rate)
SELECT
    needed.accounting_date,
    %(is_beginning_balance)s::boolean OR EXISTS (
        SELECT 1 FROM finance.fiscal_period
        WHERE
            company = %(company)s::text
            AND state = 'open'
            AND needed.accounting_date BETWEEN period_start AND period_end
    ),
    finance.rate_on(%(company)s::text, legal_entity.reporting_currency, needed.accounting_date)
FROM (SELECT DISTINCT accounting_date FROM pg_temp.ledger_line) AS needed
JOIN finance.legal_entity ON legal_entity.company = %(company)s::text;

-- name: analyze_posting_date
ANALYZE pg_temp.ledger_date;

-- name: create_judged_line
-- Every line with its debit and credit, or with the reason why it cannot be posted. No debit
-- type: subledger only.
CREATE TEMPORARY TABLE judged_ledger_line (
    actual_id bigint NOT NULL,
    profile text,
    debit_type finance.posting_type,
    credit_type finance.posting_type,
    debit_account text,
    credit_account text,
    reporting_amount numeric(19, 4),
    code text,
    field text,
    value text
) ON COMMIT DROP;

-- name: judge_lines
-- Postings of the profiles are apart: they are few, and a plan that knows it keeps lines in their order.
WITH posting AS MATERIALIZED (
    SELECT
        profile,
        transaction_type,
        class,
        debit_type,
        credit_type
    FROM finance.profile_posting
    WHERE company = %(company)s::text
),

treated AS (
    SELECT
        line.*,
        posting.debit_type,
        posting.credit_type,
        coalesce(line.profile, found_profile.profile) AS applied_profile
    FROM pg_temp.ledger_line AS line
    LEFT JOIN pg_temp.found_profile
        ON
            found_profile.project_id = line.project_id
            AND found_profile.contract_id = line.contract_id
            AND found_profile.billing_method = line.billing_method
    LEFT JOIN posting
        ON
            posting.profile = coalesce(line.profile, found_profile.profile)
            AND posting.transaction_type = line.transaction_type
            AND posting.class = line.class
            AND line.may_be_posted
            AND line.accounting_amount <> 0
),

mirrored AS (
    -- A sale that reverses an accrual mirrors it, on its accounts, whatever the setup says
    -- by now; one whose original was not accrued is not accrued either.
    SELECT
        treated.actual_id,
        treated.applied_profile,
        treated.project_id,
        treated.category_number,
        treated.accounting_date,
        treated.accounting_amount,
        treated.is_reversal,
        CASE
            WHEN NOT treated.is_reversal OR treated.transaction_type = 'cost' THEN treated.debit_type
            WHEN reversed_ledger_line.wip_account IS NOT NULL THEN 'wip_sales_value'
        END AS debit_type,
        CASE
            WHEN NOT treated.is_reversal OR treated.transaction_type = 'cost' THEN treated.credit_type
            WHEN reversed_ledger_line.wip_account IS NOT NULL THEN 'accrued_revenue'
        END AS credit_type,
        coalesce(reversed_ledger_line.wip_account, debit.account) AS debit_account,
        coalesce(reversed_ledger_line.accrued_revenue_account, offset_line.account, credit.account)
            AS credit_account,
        CASE
            WHEN reversed_ledger_line.wip_account IS NOT NULL THEN reversed_ledger_line.accrued_reporting_amount
        END AS reporting_amount
    FROM treated
    LEFT JOIN pg_temp.reversed_ledger_line ON reversed_ledger_line.actual_id = treated.actual_id
    LEFT JOIN pg_temp.offset_line ON offset_line.actual_id = treated.actual_id
    LEFT JOIN pg_temp.found_account AS debit
        ON
            debit.posting_type = treated.debit_type
            AND debit.project_id = treated.project_id
            AND debit.category_number = treated.category_number
            AND debit.class = treated.class
            AND debit.contract_id = treated.contract_id
            AND debit.customer_id = treated.customer_id
            AND debit.tax_group = treated.tax_group
    LEFT JOIN pg_temp.found_account AS credit
        ON
            credit.posting_type = treated.credit_type
            AND credit.project_id = treated.project_id
            AND credit.category_number = treated.category_number
            AND credit.class = treated.class
            AND credit.contract_id = treated.contract_id
            AND credit.customer_id = treated.customer_id
            AND credit.tax_group = treated.tax_group
),

judged AS (
    -- First reason wins, so the order of the branches is the order of precedence. A finished
    -- project takes no new cost and no new sale, but what was posted can be taken back.
    SELECT
        mirrored.*,
        project.number AS project_number,
        ledger_date.reporting_rate,
        CASE
            WHEN NOT ledger_date.is_open THEN 'ERR-J01'
            WHEN NOT mirrored.is_reversal AND coalesce(project.state <> 'in_process', true) THEN 'ERR-J06'
            WHEN mirrored.applied_profile IS NULL THEN 'ERR-I08'
            WHEN mirrored.debit_type IS NOT NULL AND mirrored.debit_account IS NULL THEN 'ERR-J03'
            WHEN mirrored.credit_type IS NOT NULL AND mirrored.credit_account IS NULL THEN 'ERR-J03'
            WHEN mirrored.debit_type IS NOT NULL AND ledger_date.reporting_rate IS NULL THEN 'ERR-I04'
        END AS code
    FROM mirrored
    JOIN pg_temp.ledger_date ON ledger_date.accounting_date = mirrored.accounting_date
    LEFT JOIN finance.project
        ON project.company = %(company)s::text AND project.project_id = mirrored.project_id
)

INSERT INTO pg_temp.judged_ledger_line (
    actual_id, profile, debit_type, credit_type, debit_account, credit_account, reporting_amount, code, field, value
)
SELECT
    judged.actual_id,
    judged.applied_profile,
    judged.debit_type,
    judged.credit_type,
    judged.debit_account,
    judged.credit_account,
    coalesce(
        judged.reporting_amount,
        round(judged.accounting_amount * 100 / judged.reporting_rate, currency.precision)
    ),
    judged.code,
    CASE judged.code
        WHEN 'ERR-J01' THEN 'accounting_date'
        WHEN 'ERR-J06' THEN 'project'
        WHEN 'ERR-I08' THEN 'profile_rule'
        WHEN 'ERR-J03' THEN 'account'
        WHEN 'ERR-I04' THEN 'exchange_rate'
    END,
    CASE judged.code
        WHEN 'ERR-J01' THEN judged.accounting_date::text
        WHEN 'ERR-J03'
            THEN
                concat_ws(
                    ' ',
                    CASE WHEN judged.debit_account IS NULL THEN judged.debit_type END,
                    CASE WHEN judged.credit_account IS NULL THEN judged.credit_type END,
                    'project ' || judged.project_number,
                    'category ' || judged.category_number
                )
        WHEN 'ERR-I04' THEN legal_entity.reporting_currency || ' ' || judged.accounting_date
        ELSE judged.project_number
    END
FROM judged
JOIN finance.legal_entity ON legal_entity.company = %(company)s::text
JOIN finance.currency ON currency.currency = legal_entity.reporting_currency;

-- name: analyze_judged_line
ANALYZE pg_temp.judged_ledger_line (
    actual_id, debit_type, credit_type, debit_account, credit_account, code
);

-- name: name_combinations
-- Accounts really posted to, with the dimensions that go there; what is taken back is not judged.
INSERT INTO pg_temp.needed_combination (account, dimension_set_id)
SELECT DISTINCT
    side.account,
    coalesce(side.dimension_set_id, 0)
FROM (
    SELECT DISTINCT
        judged.debit_account,
        judged.credit_account,
        line.dimension_set_id,
        line.offset_dimension_set_id
    FROM pg_temp.judged_ledger_line AS judged
    JOIN pg_temp.ledger_line AS line ON line.actual_id = judged.actual_id
    WHERE judged.code IS NULL AND judged.debit_type IS NOT NULL AND NOT line.is_reversal
) AS posted
CROSS JOIN
    LATERAL (
        VALUES
        (posted.debit_account, posted.dimension_set_id),
        (posted.credit_account, posted.offset_dimension_set_id)
    ) AS side (account, dimension_set_id);

-- name: refuse_combinations
UPDATE pg_temp.judged_ledger_line AS judged
SET
    code = 'ERR-J04',
    field = 'dimensions',
    value = refused.problem
FROM (
    SELECT
        good.actual_id,
        concat_ws('; ', debit.problem, credit.problem) AS problem
    FROM pg_temp.judged_ledger_line AS good
    JOIN pg_temp.ledger_line AS line ON line.actual_id = good.actual_id
    LEFT JOIN pg_temp.bad_combination AS debit
        ON debit.account = good.debit_account AND debit.dimension_set_id = coalesce(line.dimension_set_id, 0)
    LEFT JOIN pg_temp.bad_combination AS credit
        ON
            credit.account = good.credit_account
            AND credit.dimension_set_id = coalesce(line.offset_dimension_set_id, 0)
    WHERE
        good.code IS NULL
        AND good.debit_type IS NOT NULL
        AND NOT line.is_reversal
        AND coalesce(debit.problem, credit.problem) IS NOT NULL
) AS refused
WHERE judged.actual_id = refused.actual_id;

-- name: forget_messages
-- What an earlier posting said of these lines.
DELETE FROM finance.message
USING pg_temp.ledger_line
WHERE
    message.company = %(company)s::text
    AND message.source = 'journal'
    AND message.record_id = ledger_line.actual_id;

-- name: log_bad_lines
INSERT INTO finance.message (company, source, record_id, code, field, value, logged_at)
SELECT
    %(company)s::text,
    'journal',
    actual_id,
    code,
    field,
    coalesce(value, ''),
    %(at)s::timestamptz
FROM pg_temp.judged_ledger_line
WHERE code IS NOT NULL;

-- name: sum_up
-- The keys of the actuals that lines are about: those of a fee's sale, for a fee.
SELECT
    count(*) FILTER (WHERE code IS NULL) AS good_count,
    count(*) FILTER (WHERE code IS NOT NULL) AS bad_count,
    min(abs(actual_id)) FILTER (WHERE code IS NULL) AS first_actual_id,
    max(abs(actual_id)) FILTER (WHERE code IS NULL) AS last_actual_id
FROM pg_temp.judged_ledger_line;

-- name: drop_judged_line
DROP TABLE pg_temp.ledger_date, pg_temp.judged_ledger_line;
