-- The figures of a proforma are the sums of its lines and its retainers, and those of a line are the sums of its
-- details, less what corrections credit.
WITH detail AS (
    SELECT
        company,
        proforma_id,
        proforma_line_id,
        contract_line_id,
        billing_type,
        amount - discount_amount + fee_amount - coalesce(previous_amount, 0) AS amount,
        tax_amount - coalesce(previous_tax_amount, 0) AS tax_amount
    FROM operations.proforma_detail
    WHERE retainer_id IS NULL
),

placed AS (
    SELECT
        company,
        proforma_id,
        proforma_line_id,
        contract_line_id,
        count(*) AS detail_count,
        coalesce(sum(amount) FILTER (WHERE billing_type = 'chargeable'), 0) AS chargeable_amount,
        coalesce(sum(amount) FILTER (WHERE billing_type = 'non_chargeable'), 0) AS non_chargeable_amount,
        coalesce(sum(amount) FILTER (WHERE billing_type = 'complimentary'), 0) AS complimentary_amount,
        sum(tax_amount) AS tax_amount
    FROM detail
    GROUP BY company, proforma_id, proforma_line_id, contract_line_id
),

line AS (
    SELECT
        line.chargeable_amount,
        line.tax_amount,
        coalesce(line.company, placed.company) AS company,
        coalesce(line.proforma_id, placed.proforma_id) AS proforma_id,
        coalesce(placed.detail_count, 0) AS detail_count,
        line.proforma_line_id IS NOT NULL
        AND line.chargeable_amount = coalesce(placed.chargeable_amount, 0)
        AND line.non_chargeable_amount = coalesce(placed.non_chargeable_amount, 0)
        AND line.complimentary_amount = coalesce(placed.complimentary_amount, 0)
        AND line.tax_amount = coalesce(placed.tax_amount, 0) AS adds_up
    FROM operations.proforma_line AS line
    FULL JOIN placed
        ON
            placed.company = line.company
            AND placed.proforma_id = line.proforma_id
            AND placed.proforma_line_id = line.proforma_line_id
            AND placed.contract_line_id = line.contract_line_id
),

part AS (
    SELECT
        company,
        proforma_id,
        chargeable_amount,
        tax_amount,
        detail_count,
        adds_up
    FROM line
    UNION ALL
    SELECT
        company,
        proforma_id,
        amount - coalesce(previous_amount, 0),
        tax_amount - coalesce(previous_tax_amount, 0),
        1,
        true
    FROM operations.proforma_detail
    WHERE retainer_id IS NOT NULL
),

total AS (
    SELECT
        company,
        proforma_id,
        sum(chargeable_amount) AS detail_amount,
        sum(tax_amount) AS tax_amount,
        sum(detail_count) AS detail_count,
        bool_and(adds_up) AS lines_add_up
    FROM part
    GROUP BY company, proforma_id
)

SELECT
    proforma.detail_amount,
    total.detail_amount AS line_amount,
    proforma.detail_count,
    total.detail_count AS counted,
    total.lines_add_up,
    coalesce(proforma.company, total.company) AS company,
    'proforma/' || coalesce(proforma.number, total.proforma_id::text) AS record
FROM operations.proforma
FULL JOIN total
    ON total.company = proforma.company AND total.proforma_id = proforma.proforma_id
WHERE
    proforma.proforma_id IS NULL
    OR proforma.detail_amount IS DISTINCT FROM total.detail_amount
    OR proforma.tax_amount IS DISTINCT FROM total.tax_amount
    OR proforma.detail_count IS DISTINCT FROM total.detail_count
    OR NOT total.lines_add_up;
