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

-- name: drop_billed_sales
DROP TABLE pg_temp.billed_sale, pg_temp.reopened_sale;
