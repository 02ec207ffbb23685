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

-- name: lock_retainers
-- What is available of a retainer is judged and used under its lock, taken in key order: of two
-- confirmations that use one retainer, the second sees what the first has left.
SELECT retainer_id
FROM operations.retainer
WHERE
    company = %(company)s::text
    AND retainer_id IN (
        SELECT detail.retainer_id FROM operations.proforma_detail AS detail
        WHERE
            detail.company = %(company)s::text
            AND detail.proforma_id = any(%(proforma_ids)s::bigint[])
            AND detail.retainer_id IS NOT NULL
    )
ORDER BY retainer_id
FOR UPDATE;

-- name: create_pieces
-- The pieces of the drafts, read once: each step below and of the confirmation goes on from them. They are in
-- the order of the details, which is that of the keys; places count what came before, from zero. Created from
-- the query, many are read by several processes at once. (AM04: all columns of a piece, which the view names.)
CREATE TEMPORARY TABLE draft_piece ON COMMIT DROP AS
SELECT
    one.*, -- noqa: AM04
    count(one.corrects_id) FILTER (WHERE one.number = 1) OVER in_order - 1 AS credit_place,
    count(*) FILTER (WHERE one.is_billed) OVER in_order - 1 AS bill_place,
    count(one.new_sale) FILTER (WHERE one.is_billed) OVER in_order - 1 AS new_place,
    count(one.actual_id) FILTER (WHERE one.number = 1) OVER in_order - 1 AS reversal_place
FROM operations.proforma_piece AS one
WHERE
    one.company = %(company)s::text
    AND one.proforma_id = any(%(proforma_ids)s::bigint[])
WINDOW
    in_order AS (
        PARTITION BY one.proforma_id ORDER BY one.proforma_detail_id, one.number ROWS UNBOUNDED PRECEDING
    );

-- name: analyze_pieces
ANALYZE pg_temp.draft_piece (
    proforma_id, number, actual_id, milestone_id, retainer_id, corrects_id, contract_line_id, project_id, is_billed,
    new_sale
);

-- name: drop_pieces
DROP TABLE pg_temp.draft_piece;

-- name: headers
WITH counted AS (
    SELECT
        proforma_id,
        count(*) FILTER (WHERE number = 1) AS detail_count,
        count(*) FILTER (WHERE number = 1 AND milestone_id IS NOT NULL) AS milestone_count,
        count(*) FILTER (WHERE number = 1 AND actual_id IS NOT NULL AND retainer_id IS NULL) AS sale_count,
        count(*) FILTER (WHERE number = 1 AND corrects_id IS NOT NULL) AS correction_count,
        count(*) FILTER (WHERE number = 1 AND is_changed) AS changed_count,
        count(*) FILTER (WHERE number = 1 AND retainer_id IS NOT NULL) AS retainer_count,
        count(*) FILTER (WHERE number = 1 AND retainer_id IS NOT NULL AND actual_id IS NOT NULL)
            AS retainer_sale_count,
        count(*) FILTER (WHERE is_billed) AS bill_count,
        count(new_sale) AS new_sale_count,
        count(new_sale) FILTER (WHERE NOT is_billed) AS open_sale_count,
        count(new_sale) FILTER (WHERE NOT is_billed AND class = 'retainer') AS open_retainer_count
    FROM pg_temp.draft_piece
    GROUP BY proforma_id
)

SELECT
    proforma.proforma_id,
    proforma.number,
    proforma.corrects_number,
    proforma.state::text AS state,
    proforma.accounting_date,
    proforma.currency,
    proforma.contract_id,
    contract.number AS contract_number,
    contract.state::text AS contract_state,
    contract.currency AS contract_currency,
    bulk.state::text AS bulk_state,
    coalesce(counted.detail_count, 0) AS detail_count,
    coalesce(counted.milestone_count, 0) AS milestone_count,
    coalesce(counted.sale_count, 0) AS sale_count,
    coalesce(counted.correction_count, 0) AS correction_count,
    coalesce(counted.changed_count, 0) AS changed_count,
    coalesce(counted.retainer_count, 0) AS retainer_count,
    coalesce(counted.retainer_sale_count, 0) AS retainer_sale_count,
    coalesce(counted.bill_count, 0) AS bill_count,
    coalesce(counted.new_sale_count, 0) AS new_sale_count,
    coalesce(counted.open_sale_count, 0) AS open_sale_count,
    coalesce(counted.open_retainer_count, 0) AS open_retainer_count
FROM operations.proforma
JOIN operations.contract
    ON contract.company = %(company)s::text AND contract.contract_id = proforma.contract_id
LEFT JOIN operations.bulk_confirmation AS bulk
    ON bulk.company = %(company)s::text AND bulk.proforma_id = proforma.proforma_id
LEFT JOIN counted ON counted.proforma_id = proforma.proforma_id
WHERE
    proforma.company = %(company)s::text
    AND proforma.proforma_id = any(%(proforma_ids)s::bigint[])
ORDER BY proforma.proforma_id;

-- name: problems
-- Details of open proformas that what backs them no longer agrees with, one row per reason. What is
-- done with retainers is judged apart.
WITH held AS MATERIALIZED (
    -- Materialised, it is joined by whole keys, which is fast for one row and for a million.
    SELECT
        item.actual_id,
        item.proforma_id,
        item.customer_id,
        item.transaction_date,
        item.not_to_exceed
    FROM operations.proforma
    JOIN operations.backlog_item AS item
        ON
            item.company = %(company)s::text
            AND item.contract_id = proforma.contract_id
            AND item.proforma_id = proforma.proforma_id
    WHERE
        proforma.company = %(company)s::text
        AND proforma.proforma_id = any(%(proforma_ids)s::bigint[])
        AND item.proforma_id = any(%(proforma_ids)s::bigint[])
),

faced AS (
    SELECT
        proforma.number,
        detail.proforma_detail_id,
        project.number AS project_number,
        CASE
            WHEN detail.is_manual THEN true
            WHEN detail.corrects_id IS NOT NULL
                THEN coalesce(
                    correction.proforma_id = detail.proforma_id
                    AND detail.basis_type = 'billed_sales'
                    AND detail.basis_contract_id = proforma.contract_id
                    AND detail.basis_customer_id = proforma.customer_id
                    AND NOT EXISTS (
                        SELECT FROM operations.actual AS reversal
                        WHERE reversal.company = %(company)s::text AND reversal.reverses_id = detail.corrects_id
                    ),
                    false
                )
            WHEN detail.actual_id IS NOT NULL
                THEN coalesce(
                    item.proforma_id = detail.proforma_id
                    AND item.customer_id = proforma.customer_id
                    AND item.transaction_date = detail.transaction_date
                    AND detail.basis_type = 'unbilled_sales',
                    false
                )
            ELSE coalesce(
                milestone.proforma_id = detail.proforma_id
                AND milestone.state = 'on_proforma'
                AND milestone.contract_id = proforma.contract_id
                AND milestone.customer_id = proforma.customer_id
                AND milestone.milestone_date = detail.transaction_date
                AND milestone.amount = detail.detail_amount,
                false
            )
        END
        -- What a first piece is worth is its product, rounded to the currency.
        AND detail.detail_amount = detail.amount AS is_backed,
        item.not_to_exceed IN ('not_evaluated', 'failed') AS is_unlimited,
        detail.class
        <> CASE WHEN detail.milestone_id IS NULL THEN coalesce(detail.basis_class, detail.class) ELSE 'milestone' END
            AS has_other_class,
        -- Work on a fixed-price line is paid by its milestones.
        detail.is_manual AND agreed.billing_method = 'fixed_price' AS is_manual_on_fixed_price,
        detail.corrects_id IS NOT NULL AND detail.class IN ('milestone', 'retainer') AND detail.quantity <> 0
            AS is_partial_credit,
        proforma.currency <> coalesce(detail.basis_currency, milestone.currency, proforma.currency)
            AS has_other_currency,
        -- A retainer belongs to the contract: what becomes of one project does not hold it.
        project.state <> 'in_process' AND detail.class <> 'retainer' AS is_completed
    FROM operations.proforma
    JOIN pg_temp.draft_piece AS detail ON detail.proforma_id = proforma.proforma_id
    LEFT JOIN operations.contract_line AS agreed
        ON agreed.company = %(company)s::text AND agreed.contract_line_id = detail.contract_line_id
    LEFT JOIN held AS item ON item.actual_id = detail.actual_id
    LEFT JOIN operations.milestone
        ON milestone.company = %(company)s::text AND milestone.milestone_id = detail.milestone_id
    LEFT JOIN operations.correction
        ON correction.company = %(company)s::text AND correction.actual_id = detail.corrects_id
    LEFT JOIN operations.project
        ON
            project.company = %(company)s::text
            AND project.project_id = coalesce(detail.project_id, milestone.project_id)
    WHERE
        proforma.company = %(company)s::text
        AND proforma.proforma_id = any(%(proforma_ids)s::bigint[])
        AND proforma.state IN ('draft', 'in_review')
        AND detail.number = 1
        AND (detail.retainer_id IS NULL OR detail.corrects_id IS NOT NULL)
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

-- name: retainer_problems
-- What keeps retainers from being invoiced, applied, refunded or credited, one row per reason. The
-- rows of operations.retainer are locked. An application is judged against what is available less
-- what is kept for a refund, and all of a proforma against what is chargeable on it.
WITH named AS (
    SELECT
        proforma.number,
        proforma.contract_id,
        proforma.customer_id,
        detail.proforma_id,
        detail.proforma_detail_id,
        detail.retainer_id,
        detail.retainer_use,
        detail.amount,
        detail.corrects_id IS NOT NULL AS is_correction,
        count(*) OVER (PARTITION BY detail.retainer_id) AS use_count
    FROM operations.proforma
    JOIN operations.proforma_detail AS detail
        ON detail.company = %(company)s::text AND detail.proforma_id = proforma.proforma_id
    WHERE
        proforma.company = %(company)s::text
        AND proforma.proforma_id = any(%(proforma_ids)s::bigint[])
        AND proforma.state IN ('draft', 'in_review')
        AND detail.retainer_id IS NOT NULL
),

faced AS (
    SELECT
        named.number,
        named.proforma_detail_id,
        named.retainer_id,
        held.applicable_amount,
        named.use_count > 1 AS is_used_twice,
        CASE
            WHEN named.is_correction THEN true
            WHEN named.retainer_use = 'applied' THEN true
            WHEN named.retainer_use = 'invoiced'
                THEN
                    retainer.state = 'on_proforma' AND retainer.proforma_id = named.proforma_id
                    AND retainer.amount = named.amount
            ELSE
                coalesce(retainer.refund_state = 'on_proforma', false) AND retainer.proforma_id = named.proforma_id
                AND retainer.refund_amount = -named.amount
        END
        AND retainer.contract_id = named.contract_id AS is_backed,
        retainer.customer_id <> named.customer_id
        OR (
            named.retainer_use = 'applied' AND NOT named.is_correction
            AND (named.amount > 0 OR -named.amount > held.applicable_amount)
        )
        OR (
            named.retainer_use = 'refunded' AND NOT named.is_correction
            AND -named.amount > held.available_amount
        ) AS is_too_much,
        named.is_correction AND named.retainer_use = 'invoiced'
        AND (retainer.used_amount <> 0 OR coalesce(retainer.refund_state = 'on_proforma', false)) AS is_in_use
    FROM named
    JOIN operations.retainer
        ON retainer.company = %(company)s::text AND retainer.retainer_id = named.retainer_id
    JOIN operations.retainer_available AS held
        ON held.company = %(company)s::text AND held.retainer_id = named.retainer_id
),

total AS (
    SELECT
        named.number,
        detail.proforma_id,
        coalesce(
            sum(detail.amount - detail.discount_amount + detail.fee_amount - coalesce(detail.previous_amount, 0))
            FILTER (WHERE detail.billing_type = 'chargeable' AND detail.retainer_id IS NULL),
            0
        ) AS chargeable_amount,
        coalesce(
            -sum(detail.amount) FILTER (WHERE detail.retainer_use = 'applied' AND detail.corrects_id IS NULL), 0
        ) AS applied_amount
    FROM (SELECT DISTINCT
        number,
        proforma_id
    FROM named) AS named
    JOIN operations.proforma_detail AS detail
        ON detail.company = %(company)s::text AND detail.proforma_id = named.proforma_id
    GROUP BY named.number, detail.proforma_id
)

SELECT
    reason.code,
    faced.number,
    reason.field,
    reason.value
FROM faced
CROSS JOIN
    LATERAL (
        VALUES
        ('ERR-B11', 'detail', faced.proforma_detail_id::text, NOT faced.is_backed),
        ('ERR-B13', 'applicable', round(faced.applicable_amount, 2)::text, faced.is_too_much),
        ('ERR-B30', 'retainer', faced.retainer_id::text, faced.is_used_twice),
        ('ERR-B31', 'retainer', faced.retainer_id::text, faced.is_in_use)
    ) AS reason (code, field, value, is_given)
WHERE reason.is_given
UNION ALL
SELECT
    'ERR-B13',
    number,
    'chargeable',
    round(chargeable_amount, 2)::text
FROM total
WHERE applied_amount > greatest(chargeable_amount, 0)
ORDER BY number, code, field, value;
