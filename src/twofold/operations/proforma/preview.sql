-- name: totals
-- What a confirmation wrote, by kind. The reversal of a sale stays in this book when it only
-- says that the sale is invoiced.
SELECT
    proforma.number,
    actual.event::text AS event,
    actual.billing_type::text AS billing_type,
    CASE WHEN actual.reverses_id IS NULL THEN '' ELSE 'reversed ' END || actual.transaction_type::text AS kind,
    NOT actual.skip_sync AS travels,
    count(*) AS actual_count,
    sum(actual.quantity) AS quantity,
    sum(actual.amount) AS amount
FROM operations.actual
JOIN operations.proforma
    ON proforma.company = %(company)s::text AND proforma.proforma_id = actual.proforma_id
WHERE
    actual.company = %(company)s::text
    AND actual.actual_id BETWEEN %(first_key)s::bigint AND %(last_key)s::bigint
GROUP BY proforma.number, kind, actual.event, actual.billing_type, actual.skip_sync
ORDER BY proforma.number, min(actual.actual_id);

-- name: keys
SELECT actual_id
FROM operations.actual
WHERE
    company = %(company)s::text
    AND actual_id BETWEEN %(first_key)s::bigint AND %(last_key)s::bigint
ORDER BY actual_id
LIMIT %(rows_max)s::bigint;
