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

-- name: create_billed_sale
-- Chargeable billed sales of the open headers; code says why one cannot become a line yet, about
-- names what that concerns. sale_id: the unbilled sale it bills; transaction_id: the same once it
-- is posted. taxed_as_id: the proposal of what it credits.
CREATE TEMPORARY TABLE billed_sale (
    proposal_id bigint NOT NULL,
    actual_id bigint NOT NULL,
    sale_id bigint,
    transaction_id bigint,
    milestone_id bigint,
    on_account_origin finance.on_account_origin,
    credited_id bigint,
    transaction_date date NOT NULL,
    amount numeric(19, 4) NOT NULL,
    discount_amount numeric(19, 4) NOT NULL DEFAULT 0,
    fee_amount numeric(19, 4) NOT NULL DEFAULT 0,
    tax_group text NOT NULL,
    item_tax_group text NOT NULL,
    tax_on date NOT NULL,
    taxed_as_id bigint NOT NULL DEFAULT 0,
    code text,
    about text,
    dimension_set_id bigint
) ON COMMIT DROP;

-- name: take_billed_work
-- A line bills the posted transaction of its unbilled sale, less discount, is taxed as that one and
-- carries its dimensions; a reversal credits the billed sale it reverses. A discount that was not taken
-- off posts on its own.
-- OFFSET 0 keeps it at one range of keys per proposal and one look-up per sale, whatever the
-- statistics say: taken before the sales arrived, they led to reading all tables once per row.
INSERT INTO pg_temp.billed_sale (
    proposal_id, actual_id, sale_id, transaction_id, credited_id, transaction_date, amount, discount_amount,
    fee_amount, tax_group, item_tax_group, tax_on, code, dimension_set_id
)
SELECT
    open_proposal.proposal_id,
    sale.actual_id,
    CASE link.transaction1_role WHEN 'billed_sales' THEN link.transaction2_id END AS sale_id,
    posted.actual_id AS transaction_id,
    CASE link.transaction1_role WHEN 'reversing' THEN link.transaction2_id END AS credited_id,
    sale.transaction_date,
    sale.amount - sale.discount_amount,
    coalesce(posted.discount_amount, 0),
    sale.fee_amount,
    coalesce(posted.tax_group, ''),
    coalesce(posted.item_tax_group, ''),
    open_proposal.tax_on,
    CASE WHEN posted.actual_id IS NULL AND coalesce(link.transaction1_role <> 'reversing', true) THEN 'ERR-I01' END,
    CASE WHEN adjusted.actual_id IS NULL THEN posted.dimension_set_id ELSE adjusted.dimension_set_id END
FROM pg_temp.open_proposal
CROSS JOIN
    LATERAL (
        SELECT
            billed.actual_id,
            billed.transaction_date,
            billed.amount,
            billed.discount_amount,
            billed.fee_amount,
            billed.milestone_id
        FROM finance.staged_actual AS billed
        WHERE
            billed.company = %(company)s::text
            AND billed.actual_id BETWEEN open_proposal.first_actual_id AND open_proposal.last_actual_id
            AND billed.proforma_id = open_proposal.proposal_id
            AND billed.transaction_type = 'billed_sales'
            AND billed.billing_type = 'chargeable'
            AND billed.class NOT IN ('milestone', 'retainer')
        ORDER BY billed.actual_id
        OFFSET 0
    ) AS sale
LEFT JOIN LATERAL (
    SELECT
        staged_connection.transaction1_role,
        staged_connection.transaction2_id
    FROM finance.staged_connection
    WHERE
        staged_connection.company = %(company)s::text
        AND staged_connection.transaction1_id = sale.actual_id
        AND (staged_connection.transaction1_role, staged_connection.transaction2_role)
        IN (('billed_sales', 'unbilled_sales'), ('reversing', 'original'))
    ORDER BY staged_connection.transaction2_id
    OFFSET 0
) AS link ON true
LEFT JOIN finance.project_transaction AS posted
    ON posted.company = %(company)s::text AND posted.actual_id = link.transaction2_id
LEFT JOIN finance.adjusted_dimension AS adjusted
    ON adjusted.company = %(company)s::text AND adjusted.actual_id = posted.actual_id;

-- name: take_billed_on_account
-- A milestone bills its on-account transaction, which must be open: of two that bill it, the later
-- waits until the earlier is credited. A billed sale of a retainer is an on-account transaction by
-- itself: a prepayment, or a deduction where it is applied or refunded (spec P27, 4.20). The groups of
-- both follow from the same parameters, unless the company has a category for on-account amounts.
-- OFFSET 0: as above.
INSERT INTO pg_temp.billed_sale (
    proposal_id, actual_id, milestone_id, on_account_origin, credited_id, transaction_date, amount, tax_group,
    item_tax_group, tax_on, code
)
SELECT
    open_proposal.proposal_id,
    sale.actual_id,
    CASE WHEN link.transaction2_id IS NULL THEN on_account.milestone_id END,
    CASE
        WHEN link.transaction2_id IS NOT NULL OR sale.class <> 'retainer' THEN NULL
        WHEN sale.amount < 0 THEN 'deduction'
        ELSE 'prepayment'
    END::finance.on_account_origin AS on_account_origin,
    link.transaction2_id AS credited_id,
    sale.transaction_date,
    sale.amount,
    coalesce(
        CASE parameter.tax_group_method
            WHEN 'project' THEN project_accounting.tax_group
            WHEN 'contract' THEN contract_accounting.tax_group
            WHEN 'customer' THEN customer_accounting.tax_group
            WHEN 'search' THEN coalesce(
                nullif(project_accounting.tax_group, ''),
                nullif(contract_accounting.tax_group, ''),
                customer_accounting.tax_group
            )
        END,
        ''
    ),
    coalesce(on_account_category.item_tax_group, parameter.milestone_item_tax_group, ''),
    open_proposal.tax_on,
    CASE
        WHEN link.transaction2_id IS NOT NULL OR sale.class = 'retainer' THEN NULL
        WHEN on_account.milestone_id IS NULL THEN 'ERR-I07'
        WHEN
            on_account_status.state <> 'open'
            OR row_number() OVER (
                PARTITION BY on_account.milestone_id, link.transaction2_id IS NULL ORDER BY sale.actual_id
            ) > 1
            THEN 'ERR-F03'
    END
FROM pg_temp.open_proposal
CROSS JOIN
    LATERAL (
        SELECT
            billed.actual_id,
            billed.transaction_date,
            billed.amount,
            billed.class,
            billed.project_id,
            billed.contract_id,
            billed.customer_id,
            billed.milestone_id
        FROM finance.staged_actual AS billed
        WHERE
            billed.company = %(company)s::text
            AND billed.actual_id BETWEEN open_proposal.first_actual_id AND open_proposal.last_actual_id
            AND billed.proforma_id = open_proposal.proposal_id
            AND billed.transaction_type = 'billed_sales'
            AND billed.billing_type = 'chargeable'
            AND billed.class IN ('milestone', 'retainer')
        ORDER BY billed.actual_id
        OFFSET 0
    ) AS sale
LEFT JOIN LATERAL (
    SELECT staged_connection.transaction2_id
    FROM finance.staged_connection
    WHERE
        staged_connection.company = %(company)s::text
        AND staged_connection.transaction1_id = sale.actual_id
        AND staged_connection.transaction1_role = 'reversing'
    ORDER BY staged_connection.transaction2_id
    OFFSET 0
) AS link ON true
JOIN finance.parameter ON parameter.company = %(company)s::text
LEFT JOIN finance.category_default
    ON category_default.company = %(company)s::text AND category_default.class = sale.class
LEFT JOIN finance.project_category AS on_account_category
    ON
        on_account_category.company = %(company)s::text
        AND on_account_category.category_number = category_default.category_number
        AND on_account_category.class = category_default.class
LEFT JOIN finance.on_account_transaction AS on_account
    ON on_account.company = %(company)s::text AND on_account.milestone_id = sale.milestone_id
LEFT JOIN finance.on_account_status
    ON
        on_account_status.company = %(company)s::text
        AND on_account_status.milestone_id = on_account.milestone_id
LEFT JOIN finance.project
    ON
        project.company = %(company)s::text
        AND project.project_id = coalesce(on_account.project_id, sale.project_id)
LEFT JOIN finance.project_accounting
    ON project_accounting.company = %(company)s::text AND project_accounting.project_number = project.number
LEFT JOIN finance.contract
    ON
        contract.company = %(company)s::text
        AND contract.contract_id = coalesce(on_account.contract_id, sale.contract_id)
LEFT JOIN finance.contract_accounting
    ON contract_accounting.company = %(company)s::text AND contract_accounting.contract_number = contract.number
LEFT JOIN finance.customer
    ON
        customer.company = %(company)s::text
        AND customer.customer_id = coalesce(on_account.customer_id, sale.customer_id)
LEFT JOIN finance.customer_accounting
    ON customer_accounting.company = %(company)s::text AND customer_accounting.account = customer.account;

-- name: take_billed_fees
-- The fee of a sale on the proposal is a line too: it bills the posted fee of what the sale bills, or
-- credits the fee of what the sale credits.
INSERT INTO pg_temp.billed_sale (
    proposal_id, actual_id, sale_id, transaction_id, credited_id, transaction_date, amount, tax_group,
    item_tax_group, tax_on, code, dimension_set_id
)
SELECT
    sale.proposal_id,
    -sale.actual_id,
    -sale.sale_id,
    posted.actual_id AS transaction_id,
    -sale.credited_id,
    sale.transaction_date,
    sale.fee_amount,
    coalesce(posted.tax_group, ''),
    coalesce(posted.item_tax_group, ''),
    sale.tax_on,
    CASE WHEN posted.actual_id IS NULL AND sale.credited_id IS NULL THEN 'ERR-I10' END,
    CASE WHEN adjusted.actual_id IS NULL THEN posted.dimension_set_id ELSE adjusted.dimension_set_id END
FROM pg_temp.billed_sale AS sale
LEFT JOIN finance.project_transaction AS posted
    ON posted.company = %(company)s::text AND posted.actual_id = -sale.sale_id
LEFT JOIN finance.adjusted_dimension AS adjusted
    ON adjusted.company = %(company)s::text AND adjusted.actual_id = posted.actual_id
WHERE sale.fee_amount <> 0;

-- name: analyze_billed_sale
ANALYZE pg_temp.billed_sale;

-- name: complete_credits
-- A credit is taxed as the posted line it mirrors, by that line's groups and on its day, and has its
-- dimensions. Until its original is posted it waits, and names the invoice it corrects.
WITH original AS (
    SELECT
        credit.actual_id,
        bill.proforma_id,
        corrected.number,
        line.tax_group,
        line.item_tax_group,
        line.discount_amount,
        line.dimension_set_id,
        invoice.invoice_date
    FROM pg_temp.billed_sale AS credit
    LEFT JOIN finance.staged_actual AS bill
        ON bill.company = %(company)s::text AND bill.actual_id = abs(credit.credited_id)
    LEFT JOIN finance.proposal AS corrected
        ON corrected.company = %(company)s::text AND corrected.proposal_id = bill.proforma_id
    LEFT JOIN finance.proposal_line AS line
        ON line.company = %(company)s::text AND line.actual_id = credit.credited_id
    LEFT JOIN finance.customer_invoice AS invoice
        ON invoice.company = %(company)s::text AND invoice.proposal_id = line.proposal_id
    WHERE credit.credited_id IS NOT NULL
)

UPDATE pg_temp.billed_sale AS credit
SET
    tax_group = coalesce(original.tax_group, ''),
    item_tax_group = coalesce(original.item_tax_group, ''),
    discount_amount = -coalesce(original.discount_amount, 0),
    tax_on = coalesce(original.invoice_date, credit.tax_on),
    taxed_as_id = coalesce(original.proforma_id, 0),
    code = CASE WHEN original.invoice_date IS NULL THEN 'ERR-I01' END,
    about = coalesce(original.number, ''),
    dimension_set_id = original.dimension_set_id
FROM original
WHERE credit.actual_id = original.actual_id;

-- name: create_reopened_sale
-- Sales that a correction opens again and that are not posted yet.
CREATE TEMPORARY TABLE reopened_sale (
    proposal_id bigint NOT NULL,
    actual_id bigint NOT NULL,
    transaction_date date NOT NULL,
    amount numeric(19, 4) NOT NULL
) ON COMMIT DROP;

-- name: fill_reopened_sale
-- They came in the set of the correction. A credit leaves work in progress alone: only the sale
-- that is open again puts it back (decision Q-41), so the credit waits for its posting.
INSERT INTO pg_temp.reopened_sale (proposal_id, actual_id, transaction_date, amount)
SELECT
    correction.proposal_id,
    sale.actual_id,
    sale.transaction_date,
    sale.amount
FROM (
    SELECT
        proposal_id,
        min(actual_id) AS first_credit_id
    FROM pg_temp.billed_sale
    WHERE credited_id IS NOT NULL
    GROUP BY proposal_id
) AS correction
JOIN finance.staged_actual AS first_credit
    ON first_credit.company = %(company)s::text AND first_credit.actual_id = correction.first_credit_id
JOIN dualwrite.inbox
    ON
        inbox.company = %(company)s::text
        AND inbox.source = 'operations'
        AND inbox.set_id = first_credit.source_set_id
CROSS JOIN
    LATERAL (
        SELECT *
        FROM finance.staged_actual
        WHERE
            staged_actual.company = %(company)s::text
            AND staged_actual.actual_id BETWEEN inbox.key_first AND inbox.key_last
            AND staged_actual.source_set_id = inbox.set_id
            AND staged_actual.transaction_type = 'unbilled_sales'
            AND staged_actual.class <> 'retainer'
        ORDER BY staged_actual.actual_id
        OFFSET 0
    ) AS sale
CROSS JOIN
    LATERAL (
        SELECT staged_connection.transaction2_id
        FROM finance.staged_connection
        WHERE
            staged_connection.company = %(company)s::text
            AND staged_connection.transaction1_id = sale.actual_id
            AND staged_connection.transaction1_role = 'replacing'
        ORDER BY staged_connection.transaction2_id
        OFFSET 0
    ) AS link
LEFT JOIN finance.project_transaction AS posted
    ON posted.company = %(company)s::text AND posted.actual_id = sale.actual_id
LEFT JOIN pg_temp.billed_sale AS billed ON billed.sale_id = sale.actual_id
WHERE posted.actual_id IS NULL AND billed.actual_id IS NULL;

-- name: fill_reopened_fee
-- So does the credit of a fee: the fee of what a correction of the proposal opens again is posted first.
INSERT INTO pg_temp.reopened_sale (proposal_id, actual_id, transaction_date, amount)
SELECT DISTINCT
    credit.proposal_id,
    fee_line.actual_id,
    fee_line.transaction_date,
    fee_line.amount
FROM pg_temp.billed_sale AS credit
JOIN finance.staged_connection AS link
    ON
        link.company = %(company)s::text
        AND link.transaction2_id = -credit.credited_id
        AND link.transaction1_role = 'replacing'
JOIN finance.fee_line
    ON fee_line.company = %(company)s::text AND fee_line.actual_id = -link.transaction1_id
LEFT JOIN finance.project_transaction AS posted
    ON posted.company = %(company)s::text AND posted.actual_id = fee_line.actual_id
LEFT JOIN pg_temp.billed_sale AS billed ON billed.sale_id = fee_line.actual_id
WHERE credit.credited_id < 0 AND posted.actual_id IS NULL AND billed.actual_id IS NULL;

-- name: analyze_reopened_sale
ANALYZE pg_temp.reopened_sale;

-- name: name_taxed_pairs
INSERT INTO pg_temp.taxed_pair (tax_group, item_tax_group, tax_on, taxed_as_id)
SELECT DISTINCT
    tax_group,
    item_tax_group,
    tax_on,
    taxed_as_id
FROM pg_temp.billed_sale;

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
    RETURNING proposal.proposal_id
)

INSERT INTO finance.proposal_event (company, proposal_id, act, actor, at, note)
SELECT
    %(company)s::text,
    proposal_id,
    'nothing_to_bill',
    %(actor)s::text,
    %(at)s::timestamptz,
    'nothing on the proforma is chargeable: closed without an invoice'
FROM closed
ORDER BY proposal_id;

-- name: read_ready
SELECT proposal_id
FROM pg_temp.ready_proposal
ORDER BY proposal_id;

-- name: drop_open_proposal
DROP TABLE pg_temp.open_proposal, pg_temp.billed_sale, pg_temp.reopened_sale, pg_temp.ready_proposal;
