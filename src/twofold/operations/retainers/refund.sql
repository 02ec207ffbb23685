-- name: lock
-- The row's lock keeps a confirmation from using what is being refunded.
WITH locked AS (
    SELECT
        retainer.retainer_id,
        retainer.description,
        retainer.currency,
        retainer.amount,
        retainer.refund_state,
        retainer.refund_amount,
        retainer.proforma_id,
        CASE retainer.state WHEN 'posted' THEN retainer.amount - retainer.used_amount ELSE 0 END AS available_amount
    FROM operations.retainer
    WHERE retainer.company = %(company)s::text AND retainer.retainer_id = %(retainer_id)s::bigint
    FOR UPDATE
)

SELECT
    locked.retainer_id,
    locked.description,
    locked.currency,
    currency.precision,
    locked.refund_state::text AS refund_state,
    proforma.number AS proforma_number,
    round(locked.amount, currency.precision) AS amount,
    round(locked.available_amount, currency.precision) AS available_amount,
    round(locked.refund_amount, currency.precision) AS refund_amount
FROM locked
JOIN operations.currency ON currency.currency = locked.currency
LEFT JOIN operations.proforma
    ON proforma.company = %(company)s::text AND proforma.proforma_id = locked.proforma_id;

-- name: mark
UPDATE operations.retainer
SET refund_state = 'ready', refund_amount = %(amount)s::numeric
WHERE company = %(company)s::text AND retainer_id = %(retainer_id)s::bigint;

-- name: cancel
UPDATE operations.retainer
SET refund_state = NULL, refund_amount = NULL
WHERE company = %(company)s::text AND retainer_id = %(retainer_id)s::bigint;
