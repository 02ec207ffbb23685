-- name: create_open_proposal
-- Headers that wait for their lines, with what all lines of one share.
CREATE TEMPORARY TABLE open_proposal (
    proposal_id bigint PRIMARY KEY,
    first_actual_id bigint NOT NULL,
    last_actual_id bigint NOT NULL,
    billable_count bigint NOT NULL,
    billable_hash numeric NOT NULL,
    precision integer NOT NULL,
    invoice_date date NOT NULL,
    tax_on date NOT NULL,
    due_date date,
    payment_terms text,
    is_beginning_balance boolean NOT NULL
) ON COMMIT DROP;

-- name: fill_open_proposal
-- The lock keeps headers from being reviewed or closed while their lines are made.
-- Without terms an invoice is due today (spec P32).
INSERT INTO pg_temp.open_proposal (
    proposal_id, first_actual_id, last_actual_id, billable_count, billable_hash, precision, invoice_date,
    tax_on, due_date, payment_terms, is_beginning_balance
)
SELECT
    proposal.proposal_id,
    proposal.first_actual_id,
    proposal.last_actual_id,
    proposal.billable_count,
    proposal.billable_hash,
    currency.precision,
    coalesce(proposal.invoice_date, proposal.accounting_date),
    CASE parameter.tax_on
        WHEN 'document_date' THEN proposal.accounting_date
        ELSE coalesce(proposal.invoice_date, proposal.accounting_date)
    END,
    CASE
        WHEN proposal.due_date_is_manual THEN proposal.due_date
        WHEN terms.payment_terms IS NULL THEN %(today)s::date
        ELSE finance.due_date(
            coalesce(proposal.invoice_date, proposal.accounting_date),
            terms.method,
            terms.months,
            terms.days,
            terms.cutoff_day
        )
    END,
    terms.payment_terms,
    coalesce(proposal.accounting_date <= beginning_balance.cut_off_on, false)
FROM finance.proposal
LEFT JOIN finance.beginning_balance ON beginning_balance.company = %(company)s::text
JOIN finance.currency ON currency.currency = proposal.currency
JOIN finance.proposal_terms AS terms
    ON terms.company = %(company)s::text AND terms.proposal_id = proposal.proposal_id
LEFT JOIN finance.parameter ON parameter.company = %(company)s::text
WHERE
    proposal.company = %(company)s::text
    AND proposal.state = 'header_only'
    AND (%(proposal_id)s::bigint IS NULL OR proposal.proposal_id = %(proposal_id)s::bigint)
ORDER BY proposal.proposal_id
FOR UPDATE OF proposal;

-- name: analyze_open_proposal
ANALYZE pg_temp.open_proposal;

-- name: clear_problems
-- Only the newest reasons stay.
DELETE FROM finance.proposal_problem
USING pg_temp.open_proposal
WHERE
    proposal_problem.company = %(company)s::text
    AND proposal_problem.proposal_id = open_proposal.proposal_id;

-- name: note_header_problems
-- Problems of a whole proposal stand at actual 0. The announced set must be complete, with
-- neither missing nor surplus rows.
WITH arrived AS (
    SELECT
        proposal_id,
        count(*) AS billable_count,
        sum(hashtextextended(actual_id::text, 0)::numeric) AS billable_hash
    FROM pg_temp.billed_sale
    WHERE actual_id > 0
    GROUP BY proposal_id
)

INSERT INTO finance.proposal_problem (company, proposal_id, actual_id, code, field, value)
SELECT
    %(company)s::text,
    open_proposal.proposal_id,
    0,
    'ERR-I02',
    'billable_count',
    coalesce(arrived.billable_count, 0) || ' of ' || open_proposal.billable_count
FROM pg_temp.open_proposal
LEFT JOIN arrived ON arrived.proposal_id = open_proposal.proposal_id
WHERE
    coalesce(arrived.billable_count, 0) <> open_proposal.billable_count
    OR coalesce(arrived.billable_hash, 0) <> open_proposal.billable_hash
UNION ALL
SELECT
    %(company)s::text,
    open_proposal.proposal_id,
    0,
    'ERR-A10',
    'payment_terms',
    open_proposal.payment_terms
FROM pg_temp.open_proposal
WHERE open_proposal.due_date IS NULL
UNION ALL
SELECT
    %(company)s::text,
    sale.proposal_id,
    0,
    'ERR-F10',
    'tax_code',
    min(line_tax.tax_code || ' ' || line_tax.tax_on)
FROM pg_temp.line_tax
JOIN pg_temp.billed_sale AS sale
    ON
        sale.tax_group = line_tax.tax_group
        AND sale.item_tax_group = line_tax.item_tax_group
        AND sale.tax_on = line_tax.tax_on
        AND sale.taxed_as_id = line_tax.taxed_as_id
WHERE line_tax.rate IS NULL
GROUP BY sale.proposal_id
UNION ALL
-- Milestones, retainers and credits are not brought over (spec P38.1), and neither is the bill of what
-- is in the ledger.
SELECT
    %(company)s::text,
    sale.proposal_id,
    0,
    'ERR-I13',
    'cut_off',
    beginning_balance.cut_off_on::text
FROM pg_temp.billed_sale AS sale
JOIN pg_temp.open_proposal
    ON open_proposal.proposal_id = sale.proposal_id AND open_proposal.is_beginning_balance
JOIN finance.beginning_balance ON beginning_balance.company = %(company)s::text
LEFT JOIN finance.project_transaction AS posted
    ON posted.company = %(company)s::text AND posted.actual_id = sale.transaction_id
LEFT JOIN finance.journal
    ON journal.company = %(company)s::text AND journal.journal_id = posted.journal_id
WHERE sale.sale_id IS NULL OR NOT journal.is_beginning_balance
GROUP BY sale.proposal_id, beginning_balance.cut_off_on;

-- name: note_line_problems
INSERT INTO finance.proposal_problem (company, proposal_id, actual_id, code, field, value)
SELECT
    %(company)s::text,
    sale.proposal_id,
    sale.actual_id,
    sale.code,
    CASE
        WHEN sale.code IN ('ERR-I07', 'ERR-F03') THEN 'on_account'
        WHEN sale.credited_id IS NOT NULL THEN 'corrects_number'
        WHEN sale.code = 'ERR-I10' THEN 'fee'
        ELSE 'unbilled_sales'
    END,
    coalesce(
        sale.about,
        sale.transaction_date || ' ' || round(sale.amount, open_proposal.precision) || ' ' || proposal.currency
    )
FROM (
    SELECT
        proposal_id,
        actual_id,
        transaction_date,
        amount,
        credited_id,
        code,
        about
    FROM pg_temp.billed_sale
    WHERE code IS NOT NULL
    UNION ALL
    SELECT
        proposal_id,
        actual_id,
        transaction_date,
        amount,
        NULL,
        CASE WHEN actual_id < 0 THEN 'ERR-I10' ELSE 'ERR-I01' END,
        NULL
    FROM pg_temp.reopened_sale
) AS sale
JOIN pg_temp.open_proposal ON open_proposal.proposal_id = sale.proposal_id
JOIN finance.proposal
    ON proposal.company = %(company)s::text AND proposal.proposal_id = sale.proposal_id;

-- name: forget_messages
DELETE FROM finance.message
USING pg_temp.open_proposal
WHERE
    message.company = %(company)s::text
    AND message.source = 'proposal'
    AND message.record_id = open_proposal.proposal_id;

-- name: log_problems
INSERT INTO finance.message (company, source, record_id, code, field, value, row_count, logged_at)
SELECT
    %(company)s::text,
    'proposal',
    problem.proposal_id,
    problem.code,
    problem.field,
    min(problem.value),
    count(*),
    %(at)s::timestamptz
FROM finance.proposal_problem AS problem
JOIN pg_temp.open_proposal ON open_proposal.proposal_id = problem.proposal_id
WHERE problem.company = %(company)s::text
GROUP BY problem.proposal_id, problem.code, problem.field;

-- name: read_problems
-- One row per proposal and reason: how many rows, of which days, and what they come to.
WITH sale AS (
    SELECT
        actual_id,
        transaction_date,
        amount
    FROM pg_temp.billed_sale
    UNION ALL
    SELECT
        actual_id,
        transaction_date,
        amount
    FROM pg_temp.reopened_sale
)

SELECT
    proposal.number AS proposal_number,
    problem.code,
    problem.field,
    proposal.currency,
    min(problem.value) AS value,
    count(*) AS row_count,
    min(sale.transaction_date) AS first_date,
    max(sale.transaction_date) AS last_date,
    round(sum(sale.amount), max(open_proposal.precision)) AS amount
FROM finance.proposal_problem AS problem
JOIN finance.proposal
    ON proposal.company = %(company)s::text AND proposal.proposal_id = problem.proposal_id
JOIN pg_temp.open_proposal ON open_proposal.proposal_id = problem.proposal_id
LEFT JOIN sale ON sale.actual_id = problem.actual_id
WHERE problem.company = %(company)s::text
GROUP BY proposal.proposal_id, proposal.number, proposal.currency, problem.code, problem.field
ORDER BY proposal.proposal_id, problem.code;

-- name: create_ready_proposal
CREATE TEMPORARY TABLE ready_proposal (
    proposal_id bigint PRIMARY KEY
) ON COMMIT DROP;

-- name: fill_ready_proposal
INSERT INTO pg_temp.ready_proposal (proposal_id)
SELECT open_proposal.proposal_id
FROM pg_temp.open_proposal
WHERE
    open_proposal.billable_count > 0
    AND NOT open_proposal.is_beginning_balance
    AND NOT EXISTS (
        SELECT 1 FROM finance.proposal_problem AS problem
        WHERE problem.company = %(company)s::text AND problem.proposal_id = open_proposal.proposal_id
    );

-- name: analyze_ready_proposal
ANALYZE pg_temp.ready_proposal;

-- name: add_lines
-- All lines of a ready proposal, and its totals. Tax is rounded per line and code.
WITH pair AS (
    SELECT
        tax_group,
        item_tax_group,
        tax_on,
        taxed_as_id,
        array_agg(rate ORDER BY tax_code) AS rates
    FROM pg_temp.line_tax
    GROUP BY tax_group, item_tax_group, tax_on, taxed_as_id
),

line AS (
    INSERT INTO finance.proposal_line (
        company, actual_id, proposal_id, transaction_id, milestone_id, credited_id, on_account_origin, tax_group,
        item_tax_group, dimension_set_id, amount, discount_amount, tax_amount
    )
    SELECT
        %(company)s::text,
        sale.actual_id,
        sale.proposal_id,
        sale.transaction_id,
        sale.milestone_id,
        sale.credited_id,
        sale.on_account_origin,
        nullif(sale.tax_group, ''),
        nullif(sale.item_tax_group, ''),
        sale.dimension_set_id,
        sale.amount,
        sale.discount_amount,
        CASE
            WHEN pair.rates IS NULL THEN 0
            ELSE (
                SELECT coalesce(sum(round(sale.amount * rate.rate / 100, open_proposal.precision)), 0)
                FROM unnest(pair.rates) AS rate (rate)
            )
        END
    FROM pg_temp.billed_sale AS sale
    JOIN pg_temp.ready_proposal ON ready_proposal.proposal_id = sale.proposal_id
    JOIN pg_temp.open_proposal ON open_proposal.proposal_id = sale.proposal_id
    LEFT JOIN pair
        ON
            pair.tax_group = sale.tax_group
            AND pair.item_tax_group = sale.item_tax_group
            AND pair.tax_on = sale.tax_on
            AND pair.taxed_as_id = sale.taxed_as_id
    RETURNING proposal_id, amount, tax_amount
),

total AS (
    SELECT
        proposal_id,
        sum(amount) AS net_amount,
        sum(tax_amount) AS tax_amount,
        count(*) AS line_count
    FROM line
    GROUP BY proposal_id
)

UPDATE finance.proposal
SET
    state = 'ready',
    invoice_date = open_proposal.invoice_date,
    due_date = open_proposal.due_date,
    net_amount = total.net_amount,
    tax_amount = total.tax_amount,
    total_amount = total.net_amount + total.tax_amount,
    line_count = total.line_count
FROM total
JOIN pg_temp.open_proposal ON open_proposal.proposal_id = total.proposal_id
WHERE proposal.company = %(company)s::text AND proposal.proposal_id = total.proposal_id;

-- name: bring_over
-- Invoiced before the cut-over: fully invoiced, without an invoice here.
WITH brought AS (
    INSERT INTO finance.brought_over_sale (company, actual_id, proposal_id, transaction_id)
    SELECT
        %(company)s::text,
        sale.actual_id,
        sale.proposal_id,
        sale.transaction_id
    FROM pg_temp.open_proposal
    JOIN pg_temp.billed_sale AS sale ON sale.proposal_id = open_proposal.proposal_id
    WHERE
        open_proposal.is_beginning_balance
        AND NOT EXISTS (
            SELECT 1 FROM finance.proposal_problem AS problem
            WHERE problem.company = %(company)s::text AND problem.proposal_id = open_proposal.proposal_id
        )
    RETURNING proposal_id
)

UPDATE finance.proposal
SET state = 'brought_over'
FROM (SELECT DISTINCT proposal_id FROM brought) AS closed
WHERE proposal.company = %(company)s::text AND proposal.proposal_id = closed.proposal_id;

-- name: close_empty
-- Nothing chargeable on it: no invoice will come of it, and its history says so (decision Q-07).
WITH closed AS (
    UPDATE finance.proposal
    SET state = 'nothing_to_bill'
    FROM pg_temp.open_proposal
    LEFT JOIN finance.proposal_problem AS problem
        ON
            problem.company = %(company)s::text
            AND problem.proposal_id = open_proposal.proposal_id
            AND problem.code = 'ERR-I02'
    WHERE
        proposal.company = %(company)s::text
        AND proposal.proposal_id = open_proposal.proposal_id
        AND open_proposal.billable_count = 0
        AND problem.proposal_id IS NULL
    RETURNING proposal.proposal_id, proposal.number
),

noted AS (
    INSERT INTO finance.proposal_event (company, proposal_id, act, actor, at, note)
    SELECT
        %(company)s::text,
        proposal_id,
        'nothing_to_bill',
        %(actor)s::text,
        %(at)s::timestamptz,
        'nothing on the proforma is chargeable: closed without an invoice'
    FROM closed
    ORDER BY proposal_id
)

SELECT number
FROM closed
ORDER BY proposal_id;

-- name: read_ready
SELECT proposal_id
FROM pg_temp.ready_proposal
ORDER BY proposal_id;

-- name: drop_open_proposal
DROP TABLE pg_temp.open_proposal, pg_temp.ready_proposal;
