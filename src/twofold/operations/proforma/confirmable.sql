-- name: ledger
SELECT accounting_currency
FROM operations.company
WHERE company = %(company)s::text;

-- name: lock_proformas
-- One confirmation of a proforma at a time: the other waits here, and then finds it confirmed.
-- The header's lock also stands for its details, items and milestones: whoever changes what is
-- on a draft takes it first.
SELECT proforma_id
FROM operations.proforma
WHERE company = %(company)s::text AND proforma_id = any(%(proforma_ids)s::bigint[])
ORDER BY proforma_id
FOR UPDATE;

-- name: headers
SELECT
    proforma.proforma_id,
    proforma.number,
    proforma.corrects_number,
    proforma.state::text AS state,
    proforma.accounting_date,
    proforma.currency,
    contract.number AS contract_number,
    contract.state::text AS contract_state,
    contract.currency AS contract_currency,
    detail.detail_count,
    detail.milestone_count,
    detail.sale_count,
    detail.correction_count,
    detail.changed_count,
    piece.bill_count,
    piece.new_sale_count,
    piece.open_sale_count
FROM operations.proforma
JOIN operations.contract
    ON contract.company = %(company)s::text AND contract.contract_id = proforma.contract_id
CROSS JOIN
    LATERAL (
        SELECT
            count(*) AS detail_count,
            count(one.milestone_id) AS milestone_count,
            count(one.actual_id) AS sale_count,
            count(one.corrects_id) AS correction_count,
            count(*) FILTER (
                WHERE one.corrects_id IS NULL OR one.amount <> one.previous_amount
                OR one.tax_amount <> one.previous_tax_amount
            ) AS changed_count
        FROM operations.proforma_detail AS one
        WHERE one.company = %(company)s::text AND one.proforma_id = proforma.proforma_id
    ) AS detail
CROSS JOIN
    LATERAL (
        SELECT
            count(*) FILTER (WHERE one.is_billed) AS bill_count,
            count(one.new_sale) AS new_sale_count,
            count(*) FILTER (WHERE NOT one.is_billed) AS open_sale_count
        FROM operations.proforma_piece AS one
        WHERE one.company = %(company)s::text AND one.proforma_id = proforma.proforma_id
    ) AS piece
WHERE
    proforma.company = %(company)s::text
    AND proforma.proforma_id = any(%(proforma_ids)s::bigint[])
ORDER BY proforma.proforma_id;

-- name: problems
-- Details of open proformas that what backs them no longer agrees with, one row per reason.
WITH detail AS (
    SELECT
        proforma.number,
        proforma.contract_id,
        proforma.customer_id,
        proforma.currency,
        one.proforma_id,
        one.proforma_detail_id,
        one.actual_id,
        one.milestone_id,
        one.project_id,
        one.corrects_id,
        one.class,
        one.transaction_date,
        one.quantity,
        one.price,
        one.amount,
        agreed.billing_method
    FROM operations.proforma
    JOIN operations.proforma_detail AS one
        ON one.company = %(company)s::text AND one.proforma_id = proforma.proforma_id
    JOIN operations.contract_line AS agreed
        ON agreed.company = %(company)s::text AND agreed.contract_line_id = one.contract_line_id
    WHERE
        proforma.company = %(company)s::text
        AND proforma.proforma_id = any(%(proforma_ids)s::bigint[])
        AND proforma.state IN ('draft', 'in_review')
),

faced AS (
    SELECT
        detail.number,
        detail.proforma_detail_id,
        project.number AS project_number,
        CASE
            WHEN detail.project_id IS NOT NULL THEN true
            WHEN detail.corrects_id IS NOT NULL
                THEN coalesce(
                    correction.proforma_id = detail.proforma_id
                    AND sale.transaction_type = 'billed_sales'
                    AND sale.contract_id = detail.contract_id
                    AND sale.customer_id = detail.customer_id
                    AND NOT EXISTS (
                        SELECT FROM operations.actual AS reversal
                        WHERE reversal.company = %(company)s::text AND reversal.reverses_id = sale.actual_id
                    ),
                    false
                )
            WHEN detail.actual_id IS NOT NULL
                THEN coalesce(
                    item.proforma_id = detail.proforma_id
                    AND item.customer_id = detail.customer_id
                    AND item.transaction_date = detail.transaction_date
                    AND sale.transaction_type = 'unbilled_sales',
                    false
                )
            ELSE coalesce(
                milestone.proforma_id = detail.proforma_id
                AND milestone.state = 'on_proforma'
                AND milestone.contract_id = detail.contract_id
                AND milestone.customer_id = detail.customer_id
                AND milestone.milestone_date = detail.transaction_date
                AND milestone.amount = detail.amount,
                false
            )
        END
        AND detail.amount = round(detail.quantity * detail.price, currency.precision) AS is_backed,
        item.not_to_exceed IN ('not_evaluated', 'failed') AS is_unlimited,
        detail.class
        <> CASE WHEN detail.milestone_id IS NULL THEN coalesce(sale.class, detail.class) ELSE 'milestone' END
            AS has_other_class,
        -- Work on a fixed-price line is paid by its milestones.
        detail.project_id IS NOT NULL AND detail.billing_method = 'fixed_price' AS is_manual_on_fixed_price,
        detail.corrects_id IS NOT NULL AND detail.class = 'milestone' AND detail.quantity <> 0 AS is_partial_credit,
        detail.currency <> coalesce(sale.currency, milestone.currency, detail.currency) AS has_other_currency,
        project.state <> 'in_process' AS is_completed
    FROM detail
    LEFT JOIN operations.backlog_item AS item
        ON
            item.company = %(company)s::text
            AND item.contract_id = detail.contract_id
            AND item.actual_id = detail.actual_id
    JOIN operations.currency ON currency.currency = detail.currency
    LEFT JOIN operations.actual AS sale
        ON sale.company = %(company)s::text AND sale.actual_id = coalesce(detail.actual_id, detail.corrects_id)
    LEFT JOIN operations.milestone
        ON milestone.company = %(company)s::text AND milestone.milestone_id = detail.milestone_id
    LEFT JOIN operations.correction
        ON correction.company = %(company)s::text AND correction.actual_id = detail.corrects_id
    LEFT JOIN operations.project
        ON
            project.company = %(company)s::text
            AND project.project_id = coalesce(sale.project_id, milestone.project_id, detail.project_id)
),

wrong AS (
    SELECT *
    FROM faced
    WHERE
        NOT is_backed OR is_unlimited OR has_other_class OR has_other_currency OR is_completed
        OR is_manual_on_fixed_price OR is_partial_credit
)

SELECT DISTINCT
    reason.code,
    wrong.number,
    reason.field,
    reason.value
FROM wrong
CROSS JOIN
    LATERAL (
        VALUES
        ('ERR-B11', 'detail', wrong.proforma_detail_id::text, NOT wrong.is_backed),
        ('ERR-B02', 'detail', wrong.proforma_detail_id::text, wrong.is_manual_on_fixed_price),
        ('ERR-B03', 'detail', wrong.proforma_detail_id::text, wrong.is_unlimited),
        ('ERR-C03', 'detail', wrong.proforma_detail_id::text, wrong.is_partial_credit),
        ('ERR-B12', 'detail', wrong.proforma_detail_id::text, wrong.has_other_class),
        ('ERR-B15', 'detail', wrong.proforma_detail_id::text, wrong.has_other_currency),
        ('ERR-B21', 'project', wrong.project_number, wrong.is_completed)
    ) AS reason (code, field, value, is_given)
WHERE reason.is_given
ORDER BY wrong.number, reason.code, reason.field, reason.value;
