-- name: credit
-- Each billed sale that is corrected is reversed whole, in both books.
INSERT INTO operations.actual (
    company, actual_id, transaction_type, class, billing_type, event, transaction_date, accounting_date,
    quantity, price, amount, discount_percent, fee_percent, discount_amount, fee_amount, currency, unit,
    project_id, task_id, resource_id, role_id, category_id,
    contract_id, contract_line_id, customer_id, reverses_id, source_id, entry_id, milestone_id, retainer_id,
    proforma_id, proforma_detail_id, skip_sync, change_set_id, description
)
SELECT
    %(company)s::text,
    confirmed.first_credit + piece.credit_place,
    piece.basis_type,
    piece.basis_class,
    piece.basis_billing_type,
    'correction',
    piece.basis_transaction_date,
    piece.basis_accounting_date,
    -piece.basis_quantity,
    piece.basis_price,
    -piece.basis_amount,
    piece.basis_discount_percent,
    piece.basis_fee_percent,
    -piece.basis_discount_amount,
    -piece.basis_fee_amount,
    piece.basis_currency,
    piece.basis_unit,
    piece.project_id,
    piece.task_id,
    piece.resource_id,
    piece.role_id,
    piece.category_id,
    piece.basis_contract_id,
    piece.basis_contract_line_id,
    piece.basis_customer_id,
    piece.corrects_id,
    piece.basis_source_id,
    piece.entry_id,
    piece.basis_milestone_id,
    piece.basis_retainer_id,
    piece.proforma_id,
    piece.proforma_detail_id,
    false,
    confirmed.set_id,
    piece.basis_description
FROM
    unnest(
        %(proforma_ids)s::bigint[], %(set_ids)s::bigint[], %(first_credits)s::bigint[]
    ) AS confirmed (proforma_id, set_id, first_credit)
JOIN pg_temp.draft_piece AS piece ON piece.proforma_id = confirmed.proforma_id
WHERE piece.number = 1 AND piece.corrects_id IS NOT NULL;

-- name: bill
-- One billed sale per piece, numbered in the order of the details. It bills the sale as approved, or
-- the new one of its piece, whose keys run in the same order.
INSERT INTO operations.actual (
    company, actual_id, transaction_type, class, billing_type, event, transaction_date, accounting_date,
    quantity, price, amount, discount_percent, fee_percent, discount_amount, fee_amount, currency, unit,
    project_id, task_id, resource_id, role_id, category_id,
    contract_id, contract_line_id, customer_id, source_id, entry_id, milestone_id, retainer_id,
    proforma_id, proforma_detail_id, skip_sync, change_set_id, description
)
SELECT
    %(company)s::text,
    confirmed.first_bill + piece.bill_place,
    'billed_sales',
    piece.class,
    piece.billing_type,
    'invoicing',
    piece.transaction_date,
    coalesce(proforma.accounting_date, %(confirmed_on)s::date),
    piece.quantity,
    piece.price,
    piece.amount,
    piece.discount_percent,
    piece.fee_percent,
    piece.discount_amount,
    piece.fee_amount,
    proforma.currency,
    piece.unit,
    coalesce(piece.project_id, milestone.project_id, retainer.project_id),
    piece.task_id,
    piece.resource_id,
    piece.role_id,
    piece.category_id,
    proforma.contract_id,
    piece.contract_line_id,
    proforma.customer_id,
    CASE WHEN piece.new_sale IS NULL THEN piece.actual_id ELSE confirmed.first_new_sale + piece.new_place END,
    piece.entry_id,
    piece.milestone_id,
    piece.retainer_id,
    piece.proforma_id,
    piece.proforma_detail_id,
    false,
    confirmed.set_id,
    piece.description
FROM
    unnest(
        %(proforma_ids)s::bigint[], %(set_ids)s::bigint[], %(first_bills)s::bigint[], %(first_new_sales)s::bigint[]
    ) AS confirmed (proforma_id, set_id, first_bill, first_new_sale)
JOIN operations.proforma
    ON proforma.company = %(company)s::text AND proforma.proforma_id = confirmed.proforma_id
JOIN pg_temp.draft_piece AS piece ON piece.proforma_id = confirmed.proforma_id
LEFT JOIN operations.milestone
    ON milestone.company = %(company)s::text AND milestone.milestone_id = piece.milestone_id
LEFT JOIN operations.retainer
    ON retainer.company = %(company)s::text AND retainer.retainer_id = piece.retainer_id
WHERE piece.is_billed;

-- name: reverse
-- Each sale on the proforma is reversed, all its attributes kept. Billed as approved, finance marks
-- the sale as invoiced by itself and the reversal stays here; edited, the reversal adjusts the sale
-- in both books.
INSERT INTO operations.actual (
    company, actual_id, transaction_type, class, billing_type, event, transaction_date, accounting_date,
    quantity, price, amount, discount_percent, fee_percent, discount_amount, fee_amount, currency, unit,
    project_id, task_id, resource_id, role_id, category_id,
    contract_id, contract_line_id, customer_id, reverses_id, source_id, entry_id, milestone_id, retainer_id,
    proforma_id, proforma_detail_id, skip_sync, change_set_id, description
)
SELECT
    %(company)s::text,
    confirmed.first_reversal + piece.reversal_place,
    piece.basis_type,
    piece.basis_class,
    piece.basis_billing_type,
    faced.event,
    piece.basis_transaction_date,
    piece.basis_accounting_date,
    -piece.basis_quantity,
    piece.basis_price,
    -piece.basis_amount,
    piece.basis_discount_percent,
    piece.basis_fee_percent,
    -piece.basis_discount_amount,
    -piece.basis_fee_amount,
    piece.basis_currency,
    piece.basis_unit,
    piece.project_id,
    piece.task_id,
    piece.resource_id,
    piece.role_id,
    piece.category_id,
    piece.basis_contract_id,
    piece.basis_contract_line_id,
    piece.basis_customer_id,
    piece.actual_id,
    piece.basis_source_id,
    piece.entry_id,
    piece.basis_milestone_id,
    piece.basis_retainer_id,
    piece.proforma_id,
    piece.proforma_detail_id,
    faced.event = 'invoicing',
    confirmed.set_id,
    piece.basis_description
FROM
    unnest(
        %(proforma_ids)s::bigint[], %(set_ids)s::bigint[], %(first_reversals)s::bigint[]
    ) AS confirmed (proforma_id, set_id, first_reversal)
JOIN pg_temp.draft_piece AS piece ON piece.proforma_id = confirmed.proforma_id
CROSS JOIN
    LATERAL (
        VALUES (
            CASE
                WHEN
                    (piece.quantity, piece.price, piece.billing_type)
                    <> (piece.basis_quantity, piece.basis_price, piece.basis_billing_type)
                    THEN 'invoice_edit'::operations.actual_event
                ELSE 'invoicing'
            END
        )
    ) AS faced (event)
WHERE piece.number = 1 AND piece.actual_id IS NOT NULL AND piece.retainer_id IS NULL;

-- name: reverse_retainers
-- The open sale of a retainer that is used makes room for one of what is available afterwards; a
-- correction of that use adjusts it.
INSERT INTO operations.actual (
    company, actual_id, transaction_type, class, billing_type, event, transaction_date, accounting_date,
    quantity, price, amount, discount_percent, fee_percent, discount_amount, fee_amount, currency, unit,
    project_id, task_id, resource_id, role_id, category_id,
    contract_id, contract_line_id, customer_id, reverses_id, source_id, entry_id, milestone_id, retainer_id,
    proforma_id, proforma_detail_id, skip_sync, change_set_id, description
)
SELECT
    %(company)s::text,
    confirmed.first_reversal + piece.reversal_place,
    sale.transaction_type,
    sale.class,
    sale.billing_type,
    faced.event,
    sale.transaction_date,
    sale.accounting_date,
    -sale.quantity,
    sale.price,
    -sale.amount,
    sale.discount_percent,
    sale.fee_percent,
    -sale.discount_amount,
    -sale.fee_amount,
    sale.currency,
    sale.unit,
    sale.project_id,
    sale.task_id,
    sale.resource_id,
    sale.role_id,
    sale.category_id,
    sale.contract_id,
    sale.contract_line_id,
    sale.customer_id,
    sale.actual_id,
    sale.source_id,
    sale.entry_id,
    sale.milestone_id,
    sale.retainer_id,
    piece.proforma_id,
    piece.proforma_detail_id,
    faced.event = 'invoicing',
    confirmed.set_id,
    sale.description
FROM
    unnest(
        %(proforma_ids)s::bigint[], %(set_ids)s::bigint[], %(first_reversals)s::bigint[]
    ) AS confirmed (proforma_id, set_id, first_reversal)
JOIN pg_temp.draft_piece AS piece ON piece.proforma_id = confirmed.proforma_id
JOIN operations.actual AS sale
    ON sale.company = %(company)s::text AND sale.actual_id = piece.actual_id
CROSS JOIN
    LATERAL (
        VALUES (
            CASE WHEN piece.corrects_id IS NULL THEN 'invoicing' ELSE 'correction' END::operations.actual_event
        )
    ) AS faced (event)
WHERE piece.number = 1 AND piece.actual_id IS NOT NULL AND piece.retainer_id IS NOT NULL;

-- name: sell_anew
-- The sales behind edited, manual and corrected pieces: first those that are billed at once, then
-- those that are open again, and those that stand for what is available of retainers.
WITH piece AS (
    SELECT
        one.*,
        row_number() OVER (
            PARTITION BY one.proforma_id ORDER BY one.is_billed DESC, one.proforma_detail_id ASC, one.number ASC
        ) - 1 AS place
    FROM pg_temp.draft_piece AS one
    WHERE one.new_sale IS NOT NULL
)

INSERT INTO operations.actual (
    company, actual_id, transaction_type, class, billing_type, event, transaction_date, accounting_date,
    quantity, price, amount, discount_percent, fee_percent, discount_amount, fee_amount, currency, unit,
    project_id, task_id, resource_id, role_id, category_id,
    contract_id, contract_line_id, customer_id, source_id, entry_id, retainer_id,
    proforma_id, proforma_detail_id, skip_sync, change_set_id, description
)
SELECT
    %(company)s::text,
    confirmed.first_new_sale + piece.place,
    'unbilled_sales',
    piece.class,
    piece.billing_type,
    piece.new_sale,
    piece.transaction_date,
    CASE
        WHEN piece.new_sale = 'invoice_edit' THEN piece.basis_accounting_date
        ELSE coalesce(proforma.accounting_date, %(confirmed_on)s::date)
    END,
    piece.quantity,
    piece.price,
    piece.amount,
    piece.discount_percent,
    piece.fee_percent,
    piece.discount_amount,
    piece.fee_amount,
    proforma.currency,
    piece.unit,
    coalesce(piece.project_id, retainer.project_id),
    piece.task_id,
    piece.resource_id,
    piece.role_id,
    piece.category_id,
    proforma.contract_id,
    piece.contract_line_id,
    proforma.customer_id,
    coalesce(piece.corrects_id, piece.basis_source_id),
    piece.entry_id,
    piece.retainer_id,
    piece.proforma_id,
    piece.proforma_detail_id,
    false,
    confirmed.set_id,
    piece.description
FROM
    unnest(
        %(proforma_ids)s::bigint[], %(set_ids)s::bigint[], %(first_new_sales)s::bigint[]
    ) AS confirmed (proforma_id, set_id, first_new_sale)
JOIN operations.proforma
    ON proforma.company = %(company)s::text AND proforma.proforma_id = confirmed.proforma_id
JOIN piece ON piece.proforma_id = confirmed.proforma_id
LEFT JOIN operations.retainer
    ON retainer.company = %(company)s::text AND retainer.retainer_id = piece.retainer_id;

-- name: reverse_new_sales
-- The reversal of a new sale that is billed at once follows it at a fixed distance, and stays here.
INSERT INTO operations.actual (
    company, actual_id, transaction_type, class, billing_type, event, transaction_date, accounting_date,
    quantity, price, amount, discount_percent, fee_percent, discount_amount, fee_amount, currency, unit,
    project_id, task_id, resource_id, role_id, category_id,
    contract_id, contract_line_id, customer_id, reverses_id, source_id, entry_id,
    proforma_id, proforma_detail_id, skip_sync, change_set_id, description
)
SELECT
    sale.company,
    sale.actual_id + confirmed.new_sale_count,
    sale.transaction_type,
    sale.class,
    sale.billing_type,
    'invoicing',
    sale.transaction_date,
    sale.accounting_date,
    -sale.quantity,
    sale.price,
    -sale.amount,
    sale.discount_percent,
    sale.fee_percent,
    -sale.discount_amount,
    -sale.fee_amount,
    sale.currency,
    sale.unit,
    sale.project_id,
    sale.task_id,
    sale.resource_id,
    sale.role_id,
    sale.category_id,
    sale.contract_id,
    sale.contract_line_id,
    sale.customer_id,
    sale.actual_id,
    sale.source_id,
    sale.entry_id,
    sale.proforma_id,
    sale.proforma_detail_id,
    true,
    sale.change_set_id,
    sale.description
FROM operations.actual AS sale
JOIN
    unnest(
        %(proforma_ids)s::bigint[],
        %(first_new_sales)s::bigint[],
        %(new_sale_counts)s::bigint[],
        %(open_sale_counts)s::bigint[]
    ) AS confirmed (proforma_id, first_new_sale, new_sale_count, open_sale_count)
    ON confirmed.proforma_id = sale.proforma_id
WHERE
    sale.company = %(company)s::text
    AND sale.actual_id BETWEEN %(first_key)s::bigint AND %(last_key)s::bigint
    AND sale.transaction_type = 'unbilled_sales'
    AND sale.reverses_id IS NULL
    AND sale.actual_id < confirmed.first_new_sale + confirmed.new_sale_count - confirmed.open_sale_count;

-- name: complete_bulk
-- Said by whoever confirms one that was ever confirmed in bulk: a run, or a person after it failed.
UPDATE operations.bulk_confirmation
SET state = 'complete', reasons = NULL
WHERE company = %(company)s::text AND proforma_id = any(%(proforma_ids)s::bigint[]);

-- name: close_corrections
DELETE FROM operations.correction
WHERE company = %(company)s::text AND proforma_id = any(%(proforma_ids)s::bigint[]);

-- name: reopen_milestones
-- A milestone that was credited may be billed again.
UPDATE operations.milestone
SET state = 'ready', proforma_id = NULL
FROM operations.proforma_detail AS detail
JOIN operations.actual AS bill
    ON bill.company = %(company)s::text AND bill.actual_id = detail.corrects_id
WHERE
    detail.company = %(company)s::text
    AND detail.proforma_id = any(%(proforma_ids)s::bigint[])
    AND milestone.company = %(company)s::text
    AND milestone.milestone_id = bill.milestone_id;

-- name: close_items
-- What is on the drafts: each item is there for one detail, which was checked, and they are counted.
WITH closed AS (
    DELETE FROM operations.backlog_item AS item
    USING operations.proforma
    WHERE
        proforma.company = %(company)s::text
        AND proforma.proforma_id = any(%(proforma_ids)s::bigint[])
        AND item.company = %(company)s::text
        AND item.contract_id = proforma.contract_id
        AND item.proforma_id = proforma.proforma_id
        AND item.proforma_id = any(%(proforma_ids)s::bigint[])
    RETURNING
        item.contract_id,
        item.customer_id,
        item.project_id,
        item.transaction_date,
        operations.chargeable_amount(item.billing_type, item.amount, item.discount_amount, item.fee_amount) AS amount
),

part AS (
    SELECT
        contract_id,
        customer_id,
        project_id,
        transaction_date,
        count(*) AS item_count,
        sum(amount) AS amount
    FROM closed
    GROUP BY contract_id, customer_id, project_id, transaction_date
),

kept AS (
    INSERT INTO operations.backlog_sum (
        company, contract_id, customer_id, project_id, transaction_date, state, item_count, amount
    )
    SELECT
        %(company)s::text,
        contract_id,
        customer_id,
        project_id,
        transaction_date,
        'on_proforma',
        -item_count,
        -amount
    FROM part
)

SELECT count(*) AS item_count
FROM closed;

-- name: close_milestones
UPDATE operations.milestone
SET state = 'posted'
FROM operations.proforma_detail AS detail
WHERE
    detail.company = %(company)s::text
    AND detail.proforma_id = any(%(proforma_ids)s::bigint[])
    AND detail.milestone_id IS NOT NULL
    AND milestone.company = %(company)s::text
    AND milestone.milestone_id = detail.milestone_id;

-- name: close_retainers
-- An invoiced retainer is available; what is applied or refunded of one is used. A correction takes
-- it back: the retainer may be invoiced again, or what was used of it is available again. Each is on
-- one of the proformas, once.
UPDATE operations.retainer
SET
    state = CASE
        WHEN detail.retainer_use <> 'invoiced' THEN retainer.state
        WHEN detail.corrects_id IS NULL THEN 'posted'
        ELSE 'ready'
    END,
    used_amount = retainer.used_amount + taken.amount,
    refund_state = CASE
        WHEN detail.retainer_use = 'applied' THEN retainer.refund_state
        WHEN detail.retainer_use = 'refunded' AND detail.corrects_id IS NOT NULL
            THEN nullif(retainer.refund_state, 'refunded')
        WHEN detail.retainer_use = 'refunded' AND retainer.used_amount + taken.amount = retainer.amount THEN 'refunded'
    END,
    refund_amount = CASE
        WHEN detail.retainer_use = 'applied' OR (detail.retainer_use = 'refunded' AND detail.corrects_id IS NOT NULL)
            THEN retainer.refund_amount
    END,
    proforma_id = CASE
        WHEN detail.retainer_use = 'applied' OR detail.corrects_id IS NOT NULL THEN retainer.proforma_id
    END
FROM operations.proforma_detail AS detail
CROSS JOIN
    LATERAL (
        VALUES
        (
            CASE
                WHEN detail.retainer_use = 'invoiced' THEN 0
                ELSE coalesce(detail.previous_amount, 0) - detail.amount
            END
        )
    ) AS taken (amount)
WHERE
    detail.company = %(company)s::text
    AND detail.proforma_id = any(%(proforma_ids)s::bigint[])
    AND detail.retainer_id IS NOT NULL
    AND retainer.company = %(company)s::text
    AND retainer.retainer_id = detail.retainer_id;

-- name: confirm_headers
-- The count and the hash tell finance what it must have before it makes invoice lines. All is
-- read off the bills in one pass over their keys, so that no plan can pair up keys and blocks.
WITH confirmed AS (
    SELECT
        bill.proforma_id,
        min(bill.change_set_id) AS set_id,
        min(bill.actual_id) AS first_actual_id,
        max(bill.actual_id) AS last_actual_id,
        count(*) FILTER (WHERE bill.billing_type = 'chargeable') AS billable_count,
        coalesce(
            sum(hashtextextended(bill.actual_id::text, 0)::numeric) FILTER (WHERE bill.billing_type = 'chargeable'), 0
        ) AS billable_hash
    FROM operations.actual AS bill
    WHERE
        bill.company = %(company)s::text
        AND bill.actual_id BETWEEN %(first_key)s::bigint AND %(last_key)s::bigint
        AND bill.transaction_type = 'billed_sales'
    GROUP BY bill.proforma_id
),

changed AS (
    UPDATE operations.proforma
    SET
        state = 'confirmed',
        accounting_date = coalesce(proforma.accounting_date, %(confirmed_on)s::date),
        confirmed_by = %(actor)s::text,
        confirmed_at = %(at)s::timestamptz,
        change_set_id = confirmed.set_id,
        first_actual_id = confirmed.first_actual_id,
        last_actual_id = confirmed.last_actual_id,
        billable_count = confirmed.billable_count,
        billable_hash = confirmed.billable_hash
    FROM confirmed
    WHERE
        proforma.company = %(company)s::text
        AND proforma.proforma_id = confirmed.proforma_id
        AND proforma.proforma_id = any(%(proforma_ids)s::bigint[])
    RETURNING proforma.*
)

SELECT
    proforma_id,
    number,
    accounting_date,
    currency,
    detail_amount,
    tax_amount,
    total_amount,
    billable_count,
    change_set_id,
    last_actual_id - first_actual_id + 1 AS billed_count
FROM changed
ORDER BY proforma_id;
