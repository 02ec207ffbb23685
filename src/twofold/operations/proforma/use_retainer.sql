-- name: find
-- The retainer and what the draft has of it; its row is locked, so that its refund is decided once.
-- chargeable_amount is what the draft charges less what it applies of other retainers.
WITH locked AS (
    SELECT
        retainer.retainer_id,
        retainer.contract_id,
        retainer.customer_id,
        retainer.refund_state
    FROM operations.retainer
    WHERE retainer.company = %(company)s::text AND retainer.retainer_id = %(retainer_id)s::bigint
    FOR UPDATE
),

charged AS (
    SELECT
        coalesce(
            sum(
                detail.amount - detail.discount_amount + detail.fee_amount - coalesce(detail.previous_amount, 0)
            ) FILTER (
                WHERE detail.billing_type = 'chargeable'
                AND (
                    detail.retainer_id IS NULL
                    OR (
                        detail.retainer_use = 'applied'
                        AND detail.corrects_id IS NULL
                        AND detail.retainer_id <> %(retainer_id)s::bigint
                    )
                )
            ),
            0
        ) AS amount
    FROM operations.proforma_detail AS detail
    WHERE detail.company = %(company)s::text AND detail.proforma_id = %(proforma_id)s::bigint
)

SELECT
    locked.refund_state::text AS refund_state,
    mine.proforma_detail_id AS detail_id,
    held.available_amount,
    held.applicable_amount,
    charged.amount AS chargeable_amount,
    (locked.contract_id, locked.customer_id) = (proforma.contract_id, proforma.customer_id) AS is_payers,
    CASE WHEN mine.corrects_id IS NULL THEN mine.retainer_use::text ELSE 'corrected' END AS use_on_draft
FROM locked
JOIN operations.proforma
    ON proforma.company = %(company)s::text AND proforma.proforma_id = %(proforma_id)s::bigint
JOIN operations.retainer_available AS held
    ON held.company = %(company)s::text AND held.retainer_id = locked.retainer_id
LEFT JOIN operations.proforma_detail AS mine
    ON
        mine.company = %(company)s::text
        AND mine.proforma_id = proforma.proforma_id
        AND mine.retainer_id = locked.retainer_id
CROSS JOIN charged;

-- name: claim_refund
UPDATE operations.retainer
SET refund_state = 'on_proforma', refund_amount = %(amount)s::numeric, proforma_id = %(proforma_id)s::bigint
WHERE company = %(company)s::text AND retainer_id = %(retainer_id)s::bigint;

-- name: add
INSERT INTO operations.proforma_detail (
    company, proforma_id, proforma_detail_id, retainer_id, retainer_use, class, billing_type,
    transaction_date, quantity, price, amount, tax_amount, unit, description
)
SELECT
    company,
    %(proforma_id)s::bigint,
    %(detail_id)s::bigint,
    retainer_id,
    %(use)s::operations.retainer_use,
    'retainer',
    'chargeable',
    %(used_on)s::date,
    1,
    %(amount)s::numeric,
    %(amount)s::numeric,
    0,
    'each',
    description
FROM operations.retainer
WHERE company = %(company)s::text AND retainer_id = %(retainer_id)s::bigint;

-- name: change
UPDATE operations.proforma_detail
SET price = %(amount)s::numeric, amount = %(amount)s::numeric
WHERE
    company = %(company)s::text
    AND proforma_id = %(proforma_id)s::bigint
    AND proforma_detail_id = %(detail_id)s::bigint;
