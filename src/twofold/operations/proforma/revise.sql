-- name: find
SELECT
    proforma.number,
    proforma.state::text AS state,
    proforma.contract_id,
    (
        SELECT count(*)
        FROM operations.contract_line AS agreed
        WHERE agreed.company = %(company)s::text AND agreed.contract_id = proforma.contract_id
    ) AS line_count
FROM operations.proforma
WHERE proforma.company = %(company)s::text AND proforma.proforma_id = %(proforma_id)s::bigint;

-- name: create_bills
-- Billed sales of the proforma, those named or all, each with what keeps it from being corrected; without a
-- code it is corrected. Created from the query, many are read by several processes at once.
CREATE TEMPORARY TABLE revised_bill ON COMMIT DROP AS
SELECT
    bill.actual_id,
    CASE
        WHEN reversal.actual_id IS NOT NULL THEN 'ERR-B11'
        WHEN correction.proforma_id IS NOT NULL THEN 'ERR-B06'
    END AS code,
    coalesce(later.number, open.number) AS value
FROM operations.proforma
JOIN operations.actual AS bill
    ON
        bill.company = %(company)s::text
        AND bill.actual_id BETWEEN proforma.first_actual_id AND proforma.last_actual_id
        AND bill.proforma_id = proforma.proforma_id
        AND bill.transaction_type = 'billed_sales'
        AND bill.reverses_id IS NULL
LEFT JOIN operations.actual AS reversal
    ON reversal.company = %(company)s::text AND reversal.reverses_id = bill.actual_id
LEFT JOIN operations.proforma AS later
    ON later.company = %(company)s::text AND later.proforma_id = reversal.proforma_id
LEFT JOIN operations.correction
    ON correction.company = %(company)s::text AND correction.actual_id = bill.actual_id
LEFT JOIN operations.proforma AS open
    ON open.company = %(company)s::text AND open.proforma_id = correction.proforma_id
WHERE
    proforma.company = %(company)s::text
    AND proforma.proforma_id = %(proforma_id)s::bigint
    AND (%(actual_ids)s::bigint[] IS NULL OR bill.actual_id = any(%(actual_ids)s::bigint[]));

-- name: analyze_bills
ANALYZE pg_temp.revised_bill;

-- name: drop_bills
DROP TABLE pg_temp.revised_bill;

-- name: count_bills
SELECT count(*) FILTER (WHERE code IS NULL) AS chosen_count
FROM pg_temp.revised_bill;

-- name: held
-- Of those named, what is no billed sale of the proforma, and what cannot be corrected.
SELECT
    named.actual_id,
    bill.value,
    coalesce(bill.code, 'ERR-B22') AS code
FROM unnest(%(actual_ids)s::bigint[]) AS named (actual_id)
LEFT JOIN pg_temp.revised_bill AS bill ON bill.actual_id = named.actual_id
WHERE bill.actual_id IS NULL OR bill.code IS NOT NULL
ORDER BY bill.actual_id IS NOT NULL, named.actual_id;

-- name: claim
-- Of two drafts that correct the same sale at once, the second waits here, and claims one less.
INSERT INTO operations.correction (company, actual_id, proforma_id)
SELECT
    %(company)s::text,
    bill.actual_id,
    %(proforma_id)s::bigint
FROM pg_temp.revised_bill AS bill
WHERE bill.code IS NULL
ON CONFLICT (company, actual_id) DO NOTHING;

-- name: rivals
-- What another draft claimed meanwhile.
SELECT
    bill.actual_id,
    'ERR-B06' AS code,
    proforma.number AS value
FROM pg_temp.revised_bill AS bill
JOIN operations.correction
    ON correction.company = %(company)s::text AND correction.actual_id = bill.actual_id
JOIN operations.proforma
    ON proforma.company = %(company)s::text AND proforma.proforma_id = correction.proforma_id
WHERE bill.code IS NULL AND correction.proforma_id <> %(proforma_id)s::bigint
ORDER BY bill.actual_id;

-- name: open_header
WITH drawn AS (
    UPDATE operations.proforma_number
    SET last_number = last_number + 1
    WHERE company = %(company)s::text
    RETURNING last_number::text AS digits
)

INSERT INTO operations.proforma (
    company, proforma_id, number, name, contract_id, customer_id, currency, payment_terms, bill_to_name, state,
    has_corrections, corrects_number, detail_amount, tax_amount, total_amount, detail_count, created_by, created_at
)
SELECT
    original.company,
    %(proforma_id)s::bigint,
    %(company)s::text || '-PF-' || lpad(drawn.digits, greatest(6, length(drawn.digits)), '0'),
    original.name,
    original.contract_id,
    original.customer_id,
    original.currency,
    original.payment_terms,
    original.bill_to_name,
    'draft',
    true,
    coalesce(original.corrects_number, original.number),
    0,
    0,
    0,
    0,
    %(actor)s::text,
    %(at)s::timestamptz
FROM operations.proforma AS original
CROSS JOIN drawn
WHERE original.company = %(company)s::text AND original.proforma_id = %(original_id)s::bigint;

-- name: open_lines
-- One line per contract line, with what confirmed proformas have billed on it so far.
WITH invoiced AS (
    SELECT
        line.contract_line_id,
        sum(line.chargeable_amount) AS amount
    FROM operations.proforma AS original
    JOIN operations.proforma AS earlier
        ON earlier.company = %(company)s::text AND earlier.contract_id = original.contract_id
    JOIN operations.proforma_line AS line
        ON line.company = %(company)s::text AND line.proforma_id = earlier.proforma_id
    WHERE
        original.company = %(company)s::text
        AND original.proforma_id = %(original_id)s::bigint
        AND earlier.state IN ('confirmed', 'paid')
    GROUP BY line.contract_line_id
)

INSERT INTO operations.proforma_line (
    company, proforma_line_id, proforma_id, contract_line_id, name, billing_method, project_id,
    invoiced_till_date_amount, chargeable_amount, non_chargeable_amount, complimentary_amount, tax_amount
)
SELECT
    %(company)s::text,
    %(first_line_id)s::bigint + row_number() OVER (ORDER BY agreed.line_number) - 1,
    %(proforma_id)s::bigint,
    agreed.contract_line_id,
    agreed.name,
    agreed.billing_method,
    agreed.project_id,
    coalesce(invoiced.amount, 0),
    0,
    0,
    0,
    0
FROM operations.proforma AS original
JOIN operations.contract_line AS agreed
    ON agreed.company = %(company)s::text AND agreed.contract_id = original.contract_id
LEFT JOIN invoiced ON invoiced.contract_line_id = agreed.contract_line_id
WHERE original.company = %(company)s::text AND original.proforma_id = %(original_id)s::bigint;

-- name: open_details
-- A full credit each, until somebody says what is right: quantity, amount and tax are zero.
INSERT INTO operations.proforma_detail (
    company, proforma_id, proforma_detail_id, proforma_line_id, contract_line_id, retainer_id, retainer_use, class,
    billing_type, transaction_date, quantity, price, amount, discount_percent, fee_percent, tax_amount, unit,
    corrects_id, previous_amount,
    previous_tax_amount, description
)
SELECT
    %(company)s::text,
    %(proforma_id)s::bigint,
    %(first_detail_id)s::bigint + row_number() OVER (ORDER BY bill.transaction_date, bill.actual_id) - 1,
    line.proforma_line_id,
    bill.contract_line_id,
    billed.retainer_id,
    billed.retainer_use,
    bill.class,
    bill.billing_type,
    bill.transaction_date,
    0,
    bill.price,
    0,
    bill.discount_percent,
    bill.fee_percent,
    0,
    bill.unit,
    bill.actual_id,
    bill.amount - bill.discount_amount + bill.fee_amount,
    -- The tax was entered for the detail as a whole: the first of its bills carries it.
    CASE WHEN sibling.actual_id IS NULL THEN billed.tax_amount ELSE 0 END,
    bill.description
FROM pg_temp.revised_bill AS revised
JOIN operations.actual AS bill
    ON bill.company = %(company)s::text AND bill.actual_id = revised.actual_id
JOIN operations.proforma_detail AS billed
    ON
        billed.company = %(company)s::text
        AND billed.proforma_id = bill.proforma_id
        AND billed.proforma_detail_id = bill.proforma_detail_id
LEFT JOIN operations.proforma_line AS line
    ON
        line.company = %(company)s::text
        AND line.proforma_id = %(proforma_id)s::bigint
        AND line.contract_line_id = bill.contract_line_id
LEFT JOIN operations.actual AS sibling
    ON
        sibling.company = %(company)s::text
        AND sibling.actual_id = bill.actual_id - 1
        AND sibling.proforma_detail_id = bill.proforma_detail_id
        AND sibling.transaction_type = 'billed_sales'
        AND sibling.reverses_id IS NULL
WHERE revised.code IS NULL;
