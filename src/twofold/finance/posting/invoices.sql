-- name: create_numbered_invoice
-- The numbers given to each proposal, in the order of the proposals, and its change set.
CREATE TEMPORARY TABLE numbered_invoice (
    proposal_id bigint PRIMARY KEY,
    change_set_id bigint NOT NULL,
    invoice_number text NOT NULL,
    voucher text NOT NULL
) ON COMMIT DROP;

-- name: fill_numbered_invoice
INSERT INTO pg_temp.numbered_invoice (proposal_id, change_set_id, invoice_number, voucher)
SELECT
    proposal_id,
    change_set_id,
    finance.document_number(
        %(invoice_prefix)s::text, %(invoice_digits)s::integer, %(first_invoice)s::bigint + position - 1
    ),
    finance.document_number(
        %(voucher_prefix)s::text, %(voucher_digits)s::integer, %(first_voucher)s::bigint + position - 1
    )
FROM
    unnest(%(proposal_ids)s::bigint[], %(set_ids)s::bigint[])
    WITH ORDINALITY AS given (proposal_id, change_set_id, position);

-- name: create_taxed_line
-- Tax per line and code, in the invoice's, the accounting and the reporting currency.
CREATE TEMPORARY TABLE taxed_line (
    proposal_id bigint NOT NULL,
    actual_id bigint NOT NULL,
    tax_code text NOT NULL,
    payable_account text NOT NULL,
    rate numeric(9, 4) NOT NULL,
    base_amount numeric(19, 4) NOT NULL,
    tax_amount numeric(19, 4) NOT NULL,
    accounting_base_amount numeric(19, 4) NOT NULL,
    accounting_tax_amount numeric(19, 4) NOT NULL,
    reporting_tax_amount numeric(19, 4) NOT NULL,
    dimension_set_id bigint
) ON COMMIT DROP;

-- name: fill_taxed_line
INSERT INTO pg_temp.taxed_line (
    proposal_id, actual_id, tax_code, payable_account, rate, base_amount, tax_amount, accounting_base_amount,
    accounting_tax_amount, reporting_tax_amount, dimension_set_id
)
SELECT
    line.proposal_id,
    line.actual_id,
    line_tax.tax_code,
    line_tax.payable_account,
    line_tax.rate,
    line.amount,
    rounded.tax_amount,
    line.accounting_amount,
    accounting.accounting_tax_amount,
    round(accounting.accounting_tax_amount * 100 / line.reporting_rate, invoice.reporting_precision),
    line.dimension_set_id
FROM pg_temp.invoiced_line AS line
JOIN pg_temp.posting_invoice AS invoice ON invoice.proposal_id = line.proposal_id
JOIN pg_temp.line_tax
    ON
        line_tax.tax_group = line.tax_group
        AND line_tax.item_tax_group = line.item_tax_group
        AND line_tax.tax_on = line.tax_on
        AND line_tax.taxed_as_id = line.taxed_as_id
CROSS JOIN LATERAL (VALUES (round(line.amount * line_tax.rate / 100, invoice.precision))) AS rounded (tax_amount)
CROSS JOIN
    LATERAL (
        VALUES (round(rounded.tax_amount * line.exchange_rate / 100, invoice.accounting_precision))
    ) AS accounting (accounting_tax_amount);

-- name: analyze_taxed_line
ANALYZE pg_temp.taxed_line;

-- name: create_summed_tax
-- The tax of a line over its codes.
CREATE TEMPORARY TABLE summed_tax (
    actual_id bigint NOT NULL,
    tax_amount numeric(19, 4) NOT NULL,
    accounting_tax_amount numeric(19, 4) NOT NULL
) ON COMMIT DROP;

-- name: fill_summed_tax
INSERT INTO pg_temp.summed_tax (actual_id, tax_amount, accounting_tax_amount)
SELECT
    actual_id,
    sum(tax_amount),
    sum(accounting_tax_amount)
FROM pg_temp.taxed_line
GROUP BY actual_id;

-- name: analyze_summed_tax
ANALYZE pg_temp.summed_tax;

-- name: create_posting_leg
-- The ledger side of each invoice but the receivable, summed up.
CREATE TEMPORARY TABLE posting_leg (
    proposal_id bigint NOT NULL,
    posting_type finance.posting_type NOT NULL,
    account text NOT NULL,
    project_id bigint,
    dimension_set_id bigint,
    transaction_amount numeric(19, 4) NOT NULL,
    accounting_amount numeric(19, 4) NOT NULL,
    reporting_amount numeric(19, 4) NOT NULL
) ON COMMIT DROP;

-- name: fill_posting_leg
-- An accrual leaves the books with the amounts, accounts and dimensions it came in with, whatever the
-- rate of the invoice: nobody changes the dimensions of a sale that stands on a proposal. A discount that
-- posts on its own is no longer taken off the revenue of its line, nor was it off the accrual.
INSERT INTO pg_temp.posting_leg (
    proposal_id, posting_type, account, project_id, dimension_set_id, transaction_amount, accounting_amount,
    reporting_amount
)
SELECT
    line.proposal_id,
    coalesce(revenue.posting_type, line.revenue_type),
    coalesce(revenue.account, line.revenue_account),
    line.project_id,
    line.dimension_set_id,
    -sum(line.amount + line.discount_amount),
    -sum(line.accounting_amount + line.discount_accounting_amount),
    -sum(
        round(
            (line.accounting_amount + line.discount_accounting_amount) * 100 / line.reporting_rate,
            invoice.reporting_precision
        )
    )
FROM pg_temp.invoiced_line AS line
JOIN pg_temp.posting_invoice AS invoice ON invoice.proposal_id = line.proposal_id
LEFT JOIN pg_temp.posting_revenue AS revenue
    ON
        line.credited_id IS NULL
        AND revenue.is_on_account = line.is_on_account
        AND revenue.project_id = line.project_id
        AND revenue.contract_id = line.contract_id
        AND revenue.customer_id = line.customer_id
        AND revenue.tax_group = line.tax_group
        AND revenue.billing_method = line.billing_method
        AND revenue.category_number = line.category_number
        AND revenue.class = line.class
GROUP BY
    line.proposal_id,
    coalesce(revenue.posting_type, line.revenue_type),
    coalesce(revenue.account, line.revenue_account),
    line.project_id,
    line.dimension_set_id
UNION ALL
SELECT
    line.proposal_id,
    'invoiced_revenue',
    line.discount_account,
    line.project_id,
    line.dimension_set_id,
    sum(line.discount_amount),
    sum(line.discount_accounting_amount),
    sum(round(line.discount_accounting_amount * 100 / line.reporting_rate, invoice.reporting_precision))
FROM pg_temp.invoiced_line AS line
JOIN pg_temp.posting_invoice AS invoice ON invoice.proposal_id = line.proposal_id
WHERE line.discount_amount <> 0
GROUP BY line.proposal_id, line.discount_account, line.project_id, line.dimension_set_id
UNION ALL
SELECT
    taxed_line.proposal_id,
    'sales_tax_payable',
    taxed_line.payable_account,
    NULL,
    taxed_line.dimension_set_id,
    -sum(taxed_line.tax_amount),
    -sum(taxed_line.accounting_tax_amount),
    -sum(taxed_line.reporting_tax_amount)
FROM pg_temp.taxed_line
GROUP BY taxed_line.proposal_id, taxed_line.payable_account, taxed_line.dimension_set_id
UNION ALL
SELECT
    accrual.proposal_id,
    side.posting_type::finance.posting_type,
    side.account,
    accrual.project_id,
    accrual.dimension_set_id,
    sum(side.direction * accrual.amount),
    sum(side.direction * accrual.accrued_amount),
    sum(side.direction * accrual.accrued_reporting_amount)
FROM (
    SELECT
        proposal_id,
        project_id,
        dimension_set_id,
        accrued_revenue_account,
        wip_account,
        sum(amount + discount_amount) AS amount,
        sum(accrued_amount) AS accrued_amount,
        sum(accrued_reporting_amount) AS accrued_reporting_amount
    FROM pg_temp.invoiced_line
    WHERE accrued_amount <> 0
    GROUP BY proposal_id, project_id, dimension_set_id, accrued_revenue_account, wip_account
) AS accrual
CROSS JOIN
    LATERAL (
        VALUES
        (1, 'accrued_revenue', accrual.accrued_revenue_account),
        (-1, 'wip_sales_value', accrual.wip_account)
    ) AS side (direction, posting_type, account)
GROUP BY
    accrual.proposal_id, side.posting_type, side.account, accrual.project_id, accrual.dimension_set_id;

-- name: add_invoices
WITH net AS (
    SELECT
        proposal_id,
        sum(amount) AS amount
    FROM pg_temp.invoiced_line
    GROUP BY proposal_id
),

tax AS (
    SELECT
        proposal_id,
        sum(tax_amount) AS amount
    FROM pg_temp.taxed_line
    GROUP BY proposal_id
)

INSERT INTO finance.customer_invoice (
    company, proposal_id, invoice_number, voucher, invoice_date, due_date, customer_id, currency, exchange_rate,
    reporting_rate, net_amount, tax_amount, total_amount, posted_by, posted_at, change_set_id
)
SELECT
    %(company)s::text,
    invoice.proposal_id,
    numbered.invoice_number,
    numbered.voucher,
    invoice.invoice_date,
    invoice.due_date,
    invoice.customer_id,
    invoice.currency,
    invoice.exchange_rate,
    invoice.reporting_rate,
    net.amount,
    coalesce(tax.amount, 0),
    net.amount + coalesce(tax.amount, 0),
    %(actor)s::text,
    %(at)s::timestamptz,
    numbered.change_set_id
FROM pg_temp.posting_invoice AS invoice
JOIN pg_temp.numbered_invoice AS numbered ON numbered.proposal_id = invoice.proposal_id
JOIN net ON net.proposal_id = invoice.proposal_id
LEFT JOIN tax ON tax.proposal_id = invoice.proposal_id;

-- name: add_invoice_lines
-- Lines come about in the order of their keys, and so the index grows cheapest without sorting them.
INSERT INTO finance.invoice_line (
    company, actual_id, proposal_id, voucher, accounting_date, exchange_rate, accounting_amount, sales_tax_amount,
    accrued_amount, accrual_reversed_amount, revenue_type, revenue_account, discount_accounting_amount,
    discount_account, change_set_id, dimension_set_id
)
SELECT
    %(company)s::text,
    line.actual_id,
    line.proposal_id,
    numbered.voucher,
    invoice.invoice_date,
    line.exchange_rate,
    line.accounting_amount,
    coalesce(tax.accounting_tax_amount, 0),
    line.accrued_amount,
    line.accrued_amount AS accrual_reversed_amount,
    coalesce(revenue.posting_type, line.revenue_type),
    coalesce(revenue.account, line.revenue_account),
    line.discount_accounting_amount,
    line.discount_account,
    numbered.change_set_id,
    line.dimension_set_id
FROM pg_temp.invoiced_line AS line
JOIN pg_temp.posting_invoice AS invoice ON invoice.proposal_id = line.proposal_id
JOIN pg_temp.numbered_invoice AS numbered ON numbered.proposal_id = line.proposal_id
LEFT JOIN pg_temp.summed_tax AS tax ON tax.actual_id = line.actual_id
LEFT JOIN pg_temp.posting_revenue AS revenue
    ON
        line.credited_id IS NULL
        AND revenue.is_on_account = line.is_on_account
        AND revenue.project_id = line.project_id
        AND revenue.contract_id = line.contract_id
        AND revenue.customer_id = line.customer_id
        AND revenue.tax_group = line.tax_group
        AND revenue.billing_method = line.billing_method
        AND revenue.category_number = line.category_number
        AND revenue.class = line.class;

-- name: add_invoiced_taxes
-- What the groups of this invoice's own lines stood for, for a credit of them to repeat.
INSERT INTO finance.invoiced_tax (
    company, proposal_id, tax_group, item_tax_group, tax_code, rate, payable_account
)
SELECT
    %(company)s::text,
    pair.proposal_id,
    line_tax.tax_group,
    line_tax.item_tax_group,
    line_tax.tax_code,
    line_tax.rate,
    line_tax.payable_account
FROM (
    SELECT DISTINCT
        proposal_id,
        tax_group,
        item_tax_group,
        tax_on
    FROM pg_temp.invoiced_line
    WHERE credited_id IS NULL
) AS pair
JOIN pg_temp.line_tax
    ON
        line_tax.tax_group = pair.tax_group
        AND line_tax.item_tax_group = pair.item_tax_group
        AND line_tax.tax_on = pair.tax_on
        AND line_tax.taxed_as_id = 0;

-- name: create_renewed_tax
-- Lines whose tax that is posted is another than they say. It is known how many they are, mostly none:
-- else all lines of the book are read to look for them.
CREATE TEMPORARY TABLE renewed_tax (
    actual_id bigint NOT NULL,
    tax_amount numeric(19, 4) NOT NULL
) ON COMMIT DROP;

-- name: fill_renewed_tax
INSERT INTO pg_temp.renewed_tax (actual_id, tax_amount)
SELECT
    line.actual_id,
    coalesce(tax.tax_amount, 0)
FROM pg_temp.invoiced_line AS line
LEFT JOIN pg_temp.summed_tax AS tax ON tax.actual_id = line.actual_id
WHERE line.stated_tax_amount <> coalesce(tax.tax_amount, 0);

-- name: renew_line_taxes
-- A later invoice date, or changed rates, made it another.
UPDATE finance.proposal_line
SET tax_amount = renewed.tax_amount
FROM pg_temp.renewed_tax AS renewed
WHERE proposal_line.company = %(company)s::text AND proposal_line.actual_id = renewed.actual_id;

-- name: add_customer_transactions
-- The receivable is what the other sides come to, so that the voucher balances to the cent.
INSERT INTO finance.customer_transaction (
    company, voucher, customer_id, transaction_date, due_date, invoice_number, posting_profile, currency,
    exchange_rate, amount, accounting_amount, reporting_amount
)
SELECT
    %(company)s::text,
    numbered.voucher,
    invoice.customer_id,
    invoice.invoice_date,
    invoice.due_date,
    numbered.invoice_number,
    invoice.posting_profile,
    invoice.currency,
    invoice.exchange_rate,
    -sum(leg.transaction_amount),
    -sum(leg.accounting_amount),
    -sum(leg.reporting_amount)
FROM pg_temp.posting_invoice AS invoice
JOIN pg_temp.numbered_invoice AS numbered ON numbered.proposal_id = invoice.proposal_id
JOIN pg_temp.posting_leg AS leg ON leg.proposal_id = invoice.proposal_id
GROUP BY invoice.proposal_id, numbered.proposal_id;

-- name: add_tax_transactions
INSERT INTO finance.tax_transaction (
    company, voucher, tax_code, rate, base_amount, tax_amount, accounting_base_amount, accounting_tax_amount
)
SELECT
    %(company)s::text,
    numbered.voucher,
    taxed_line.tax_code,
    taxed_line.rate,
    sum(taxed_line.base_amount),
    sum(taxed_line.tax_amount),
    sum(taxed_line.accounting_base_amount),
    sum(taxed_line.accounting_tax_amount)
FROM pg_temp.taxed_line
JOIN pg_temp.numbered_invoice AS numbered ON numbered.proposal_id = taxed_line.proposal_id
GROUP BY numbered.voucher, taxed_line.tax_code, taxed_line.rate;

-- name: add_ledger_entries
WITH leg AS (
    SELECT
        proposal_id,
        posting_type,
        account,
        project_id,
        dimension_set_id,
        transaction_amount,
        accounting_amount,
        reporting_amount
    FROM pg_temp.posting_leg
    UNION ALL
    SELECT
        invoice.proposal_id,
        'customer_balance',
        invoice.receivable_account,
        NULL,
        invoice.dimension_set_id,
        -sum(leg.transaction_amount),
        -sum(leg.accounting_amount),
        -sum(leg.reporting_amount)
    FROM pg_temp.posting_invoice AS invoice
    JOIN pg_temp.posting_leg AS leg ON leg.proposal_id = invoice.proposal_id
    GROUP BY invoice.proposal_id
)

INSERT INTO finance.ledger_entry (
    company, voucher, entry_number, accounting_date, account, posting_type, project_id, currency,
    transaction_amount, accounting_amount, reporting_amount, dimension_set_id
)
SELECT
    %(company)s::text,
    numbered.voucher,
    row_number() OVER (
        PARTITION BY leg.proposal_id
        ORDER BY
            leg.posting_type = 'customer_balance' DESC,
            leg.posting_type ASC,
            leg.account ASC,
            leg.project_id ASC,
            leg.dimension_set_id ASC
    ),
    invoice.invoice_date,
    leg.account,
    leg.posting_type,
    leg.project_id,
    invoice.currency,
    leg.transaction_amount,
    leg.accounting_amount,
    leg.reporting_amount,
    leg.dimension_set_id
FROM leg
JOIN pg_temp.posting_invoice AS invoice ON invoice.proposal_id = leg.proposal_id
JOIN pg_temp.numbered_invoice AS numbered ON numbered.proposal_id = leg.proposal_id
WHERE leg.transaction_amount <> 0 OR leg.accounting_amount <> 0 OR leg.reporting_amount <> 0;

-- name: mark_proposals_posted
UPDATE finance.proposal
SET
    state = 'posted',
    invoice_date = posted.invoice_date,
    due_date = posted.due_date,
    due_date_is_manual = invoice.due_date_is_manual,
    tax_amount = posted.tax_amount,
    total_amount = posted.total_amount
FROM pg_temp.posting_invoice AS invoice
JOIN finance.customer_invoice AS posted
    ON posted.company = %(company)s::text AND posted.proposal_id = invoice.proposal_id
WHERE proposal.company = %(company)s::text AND proposal.proposal_id = invoice.proposal_id;

-- name: read_invoices
SELECT
    invoice.proposal_id,
    invoice.number AS proposal_number,
    posted.invoice_number,
    posted.voucher,
    posted.invoice_date,
    posted.due_date,
    posted.currency,
    posted.net_amount,
    posted.tax_amount,
    posted.total_amount
FROM pg_temp.posting_invoice AS invoice
JOIN finance.customer_invoice AS posted
    ON posted.company = %(company)s::text AND posted.proposal_id = invoice.proposal_id
ORDER BY invoice.proposal_id;

-- name: drop_numbered_invoice
DROP TABLE
pg_temp.numbered_invoice, pg_temp.taxed_line, pg_temp.summed_tax, pg_temp.renewed_tax, pg_temp.posting_leg;
