-- name: lock
-- The header's lock stands for all that is on the draft. A confirmed one cannot be locked by
-- whoever keeps the book, so it is read beside.
WITH locked AS (
    SELECT proforma_id
    FROM operations.proforma
    WHERE
        company = %(company)s::text
        AND proforma_id = %(proforma_id)s::bigint
        AND state IN ('draft', 'in_review')
    FOR UPDATE
)

SELECT
    proforma.proforma_id,
    proforma.number,
    proforma.state::text AS state,
    proforma.contract_id,
    proforma.customer_id,
    proforma.currency,
    currency.precision,
    proforma.has_corrections,
    proforma.revision,
    proforma.changed_by,
    proforma.changed_at
FROM operations.proforma
JOIN operations.currency ON currency.currency = proforma.currency
LEFT JOIN locked ON locked.proforma_id = proforma.proforma_id
WHERE
    proforma.company = %(company)s::text
    AND proforma.proforma_id = %(proforma_id)s::bigint;

-- name: total_lines
-- A correction counts with what it changes: what is right less what was billed.
WITH detail AS (
    SELECT
        proforma_line_id,
        billing_type,
        amount - discount_amount + fee_amount - coalesce(previous_amount, 0) AS amount,
        tax_amount - coalesce(previous_tax_amount, 0) AS tax_amount
    FROM operations.proforma_detail
    WHERE company = %(company)s::text AND proforma_id = %(proforma_id)s::bigint
),

placed AS (
    SELECT
        proforma_line_id,
        coalesce(sum(amount) FILTER (WHERE billing_type = 'chargeable'), 0) AS chargeable_amount,
        coalesce(sum(amount) FILTER (WHERE billing_type = 'non_chargeable'), 0) AS non_chargeable_amount,
        coalesce(sum(amount) FILTER (WHERE billing_type = 'complimentary'), 0) AS complimentary_amount,
        sum(tax_amount) AS tax_amount
    FROM detail
    GROUP BY proforma_line_id
),

total AS (
    SELECT
        line.proforma_line_id,
        coalesce(placed.chargeable_amount, 0) AS chargeable_amount,
        coalesce(placed.non_chargeable_amount, 0) AS non_chargeable_amount,
        coalesce(placed.complimentary_amount, 0) AS complimentary_amount,
        coalesce(placed.tax_amount, 0) AS tax_amount
    FROM operations.proforma_line AS line
    LEFT JOIN placed ON placed.proforma_line_id = line.proforma_line_id
    WHERE line.company = %(company)s::text AND line.proforma_id = %(proforma_id)s::bigint
)

UPDATE operations.proforma_line AS line
SET
    chargeable_amount = total.chargeable_amount,
    non_chargeable_amount = total.non_chargeable_amount,
    complimentary_amount = total.complimentary_amount,
    tax_amount = total.tax_amount
FROM total
WHERE
    line.company = %(company)s::text
    AND line.proforma_id = %(proforma_id)s::bigint
    AND line.proforma_line_id = total.proforma_line_id;

-- name: total_header
-- What its lines charge, with the retainers, which are on no line.
WITH total AS (
    SELECT
        coalesce(sum(part.amount), 0) AS detail_amount,
        coalesce(sum(part.tax_amount), 0) AS tax_amount
    FROM (
        SELECT
            line.chargeable_amount AS amount,
            line.tax_amount
        FROM operations.proforma_line AS line
        WHERE line.company = %(company)s::text AND line.proforma_id = %(proforma_id)s::bigint
        UNION ALL
        SELECT
            detail.amount - coalesce(detail.previous_amount, 0) AS amount,
            detail.tax_amount - coalesce(detail.previous_tax_amount, 0)
        FROM operations.proforma_detail AS detail
        WHERE
            detail.company = %(company)s::text
            AND detail.proforma_id = %(proforma_id)s::bigint
            AND detail.retainer_id IS NOT NULL
    ) AS part
),

counted AS (
    SELECT count(*) AS detail_count
    FROM operations.proforma_detail
    WHERE company = %(company)s::text AND proforma_id = %(proforma_id)s::bigint
)

UPDATE operations.proforma
SET
    detail_amount = total.detail_amount,
    tax_amount = total.tax_amount,
    total_amount = total.detail_amount + total.tax_amount,
    detail_count = counted.detail_count,
    revision = proforma.revision + 1,
    changed_by = %(actor)s::text,
    changed_at = %(at)s::timestamptz
FROM total, counted
WHERE proforma.company = %(company)s::text AND proforma.proforma_id = %(proforma_id)s::bigint
RETURNING
    proforma.proforma_id,
    proforma.number,
    proforma.revision,
    proforma.detail_count,
    proforma.detail_amount,
    proforma.tax_amount,
    proforma.total_amount;
