-- name: count_offered
SELECT count(*) AS retainer_count
FROM operations.proforma
JOIN operations.retainer
    ON
        retainer.company = %(company)s::text
        AND retainer.contract_id = proforma.contract_id
        AND retainer.customer_id = proforma.customer_id
WHERE
    proforma.company = %(company)s::text
    AND proforma.proforma_id = any(%(proforma_ids)s::bigint[])
    AND retainer.state = 'posted'
    AND retainer.used_amount < retainer.amount;

-- name: apply
-- Per draft, its customer's retainers in the order of their invoice dates, each up to what those
-- before it have left of the chargeable amount. Retainers are not applied to retainers, nor to tax.
WITH draft AS (
    SELECT
        proforma.proforma_id,
        proforma.contract_id,
        proforma.customer_id,
        coalesce(
            sum(
                detail.amount - detail.discount_amount + detail.fee_amount - coalesce(detail.previous_amount, 0)
            ) FILTER (
                WHERE detail.billing_type = 'chargeable'
                AND (detail.retainer_id IS NULL OR (detail.retainer_use = 'applied' AND detail.corrects_id IS NULL))
            ),
            0
        ) AS chargeable_amount
    FROM operations.proforma
    JOIN operations.proforma_detail AS detail
        ON detail.company = %(company)s::text AND detail.proforma_id = proforma.proforma_id
    WHERE
        proforma.company = %(company)s::text
        AND proforma.proforma_id = any(%(proforma_ids)s::bigint[])
    GROUP BY proforma.proforma_id, proforma.contract_id, proforma.customer_id
),

meant AS (
    -- What open drafts apply already.
    SELECT
        detail.retainer_id,
        sum(-detail.amount) AS amount
    FROM draft
    JOIN operations.proforma AS open
        ON
            open.company = %(company)s::text
            AND open.contract_id = draft.contract_id
            AND open.customer_id = draft.customer_id
            AND open.state IN ('draft', 'in_review')
    JOIN operations.proforma_detail AS detail
        ON
            detail.company = %(company)s::text
            AND detail.proforma_id = open.proforma_id
            AND detail.retainer_use = 'applied'
            AND detail.corrects_id IS NULL
            AND detail.retainer_id IS NOT NULL
    GROUP BY detail.retainer_id
),

offered AS (
    SELECT
        draft.proforma_id,
        draft.chargeable_amount,
        retainer.retainer_id,
        retainer.description,
        free.amount,
        coalesce(
            sum(free.amount) OVER (
                PARTITION BY draft.proforma_id
                ORDER BY retainer.invoice_date, retainer.retainer_id
                ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING
            ),
            0
        ) AS offered_before
    FROM draft
    JOIN operations.retainer
        ON
            retainer.company = %(company)s::text
            AND retainer.contract_id = draft.contract_id
            AND retainer.customer_id = draft.customer_id
    JOIN operations.retainer_available AS held
        ON held.company = %(company)s::text AND held.retainer_id = retainer.retainer_id
    LEFT JOIN meant ON meant.retainer_id = retainer.retainer_id
    CROSS JOIN LATERAL (VALUES (held.applicable_amount - coalesce(meant.amount, 0))) AS free (amount)
    WHERE
        free.amount > 0
        AND NOT EXISTS (
            SELECT FROM operations.proforma_detail AS already
            WHERE
                already.company = %(company)s::text
                AND already.proforma_id = draft.proforma_id
                AND already.retainer_id = retainer.retainer_id
        )
),

opened AS (
    INSERT INTO operations.proforma_detail (
        company, proforma_id, proforma_detail_id, retainer_id, retainer_use, class, billing_type,
        transaction_date, quantity, price, amount, tax_amount, unit, description
    )
    SELECT
        %(company)s::text,
        offered.proforma_id,
        %(first_detail_id)s::bigint
        + row_number() OVER (ORDER BY offered.proforma_id, offered.offered_before, offered.retainer_id) - 1,
        offered.retainer_id,
        'applied',
        'retainer',
        'chargeable',
        %(applied_on)s::date,
        1,
        -least(offered.amount, offered.chargeable_amount - offered.offered_before),
        -least(offered.amount, offered.chargeable_amount - offered.offered_before),
        0,
        'each',
        offered.description
    FROM offered
    WHERE offered.offered_before < offered.chargeable_amount
    RETURNING
        proforma_id,
        amount
),

applied AS (
    SELECT
        proforma_id,
        count(*) AS detail_count,
        sum(-amount) AS amount
    FROM opened
    GROUP BY proforma_id
)

UPDATE operations.proforma
SET
    detail_amount = proforma.detail_amount - applied.amount,
    total_amount = proforma.total_amount - applied.amount,
    detail_count = proforma.detail_count + applied.detail_count
FROM applied
WHERE
    proforma.company = %(company)s::text
    AND proforma.proforma_id = applied.proforma_id
    AND proforma.proforma_id = any(%(proforma_ids)s::bigint[])
RETURNING
    applied.proforma_id,
    applied.detail_count,
    applied.amount;
