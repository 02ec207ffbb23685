-- name: problems
-- Why details cannot be given these values, one row per field. Retainers are set apart, and left out
-- of what is said of all.
WITH given AS (
    SELECT
        detail_id,
        quantity,
        price,
        billing_type,
        tax_amount
    FROM unnest(
        %(detail_ids)s::bigint[],
        %(quantities)s::numeric[],
        %(prices)s::numeric[],
        %(billing_types)s::text[],
        %(tax_amounts)s::numeric[]
    ) AS one (detail_id, quantity, price, billing_type, tax_amount)
),

detail AS (
    SELECT *
    FROM operations.proforma_detail
    WHERE company = %(company)s::text AND proforma_id = %(proforma_id)s::bigint
),

meant AS (
    SELECT
        detail.*,
        given.quantity AS new_quantity,
        given.price AS new_price,
        given.billing_type AS new_billing_type,
        given.tax_amount AS new_tax_amount
    FROM given
    JOIN detail ON detail.proforma_detail_id = given.detail_id
    UNION ALL
    SELECT
        detail.*,
        given.quantity,
        given.price,
        given.billing_type,
        given.tax_amount
    FROM given
    CROSS JOIN detail
    WHERE given.detail_id IS NULL AND detail.retainer_id IS NULL
)

SELECT DISTINCT
    reason.code,
    meant.proforma_detail_id AS detail_id,
    reason.field,
    reason.value
FROM meant
CROSS JOIN
    LATERAL (
        VALUES
        (
            'ERR-B09', 'quantity', meant.new_quantity::text,
            num_nonnulls(meant.milestone_id, CASE WHEN meant.corrects_id IS NULL THEN meant.retainer_id END) > 0
            AND meant.new_quantity <> meant.quantity
            OR meant.new_quantity <> round(meant.new_quantity, 4)
            -- Nothing stands behind work added by hand: of none of it nothing is left to bill.
            OR (meant.project_id IS NOT NULL AND meant.new_quantity = 0)
        ),
        (
            'ERR-B09', 'price', meant.new_price::text,
            meant.class IN ('milestone', 'retainer') AND meant.new_price <> meant.price
            OR meant.new_price <> round(meant.new_price, 4)
        ),
        (
            'ERR-B09',
            'tax_amount',
            meant.new_tax_amount::text,
            meant.retainer_id IS NOT NULL AND meant.new_tax_amount <> meant.tax_amount
            OR meant.new_tax_amount <> round(meant.new_tax_amount, %(precision)s::integer)
        ),
        (
            'ERR-B09', 'billing_type', meant.new_billing_type,
            meant.retainer_id IS NOT NULL AND meant.corrects_id IS NULL
            AND meant.new_billing_type <> meant.billing_type::text
        ),
        (
            'ERR-C05', 'billing_type', meant.new_billing_type,
            meant.corrects_id IS NOT NULL AND meant.new_billing_type <> meant.billing_type::text
        ),
        (
            'ERR-C03',
            'quantity',
            meant.new_quantity::text,
            meant.corrects_id IS NOT NULL AND meant.class IN ('milestone', 'retainer')
            AND meant.new_quantity <> 0
        )
    ) AS reason (code, field, value, is_given)
WHERE reason.is_given
UNION ALL
SELECT
    'ERR-B22',
    given.detail_id,
    'detail',
    given.detail_id::text
FROM given
WHERE
    given.detail_id IS NOT NULL
    AND NOT EXISTS (
        SELECT FROM detail
        WHERE detail.proforma_detail_id = given.detail_id
    )
ORDER BY detail_id, code, field;

-- name: change
-- What is said of one detail goes before what is said of all. Discount and fee follow the amount, and
-- are those of the sale again where its figures are given back: a share of a split may differ by a cent.
WITH given AS (
    SELECT
        detail_id,
        quantity,
        price,
        billing_type,
        tax_amount,
        description
    FROM unnest(
        %(detail_ids)s::bigint[],
        %(quantities)s::numeric[],
        %(prices)s::numeric[],
        %(billing_types)s::text[],
        %(tax_amounts)s::numeric[],
        %(descriptions)s::text[]
    ) AS one (detail_id, quantity, price, billing_type, tax_amount, description)
),

whole AS (
    SELECT
        max(quantity) AS quantity,
        max(price) AS price,
        max(billing_type) AS billing_type,
        max(tax_amount) AS tax_amount,
        max(description) AS description,
        count(*) AS change_count
    FROM given
    WHERE detail_id IS NULL
),

meant AS (
    SELECT
        detail.proforma_detail_id,
        detail.discount_percent,
        detail.fee_percent,
        coalesce(given.quantity, whole.quantity, detail.quantity) AS quantity,
        coalesce(given.price, whole.price, detail.price) AS price,
        coalesce(given.billing_type, whole.billing_type, detail.billing_type::text) AS billing_type,
        coalesce(given.tax_amount, whole.tax_amount, detail.tax_amount) AS tax_amount,
        coalesce(given.description, whole.description, detail.description) AS description,
        coalesce(detail.actual_id, detail.corrects_id) AS basis_id
    FROM operations.proforma_detail AS detail
    LEFT JOIN whole ON detail.retainer_id IS NULL
    LEFT JOIN given ON given.detail_id = detail.proforma_detail_id
    WHERE
        detail.company = %(company)s::text
        AND detail.proforma_id = %(proforma_id)s::bigint
        AND (whole.change_count > 0 OR given.detail_id IS NOT NULL)
),

valued AS (
    SELECT
        meant.*,
        round(meant.quantity * meant.price, %(precision)s::integer) AS amount,
        CASE
            WHEN meant.discount_percent <> 0 OR meant.fee_percent <> 0
                THEN (
                    SELECT ARRAY[basis.discount_amount, basis.fee_amount]
                    FROM operations.actual AS basis
                    WHERE
                        basis.company = %(company)s::text
                        AND basis.actual_id = meant.basis_id
                        AND (basis.quantity, basis.price, basis.billing_type::text)
                        = (meant.quantity, meant.price, meant.billing_type)
                )
        END AS sold
    FROM meant
)

UPDATE operations.proforma_detail AS detail
SET
    quantity = meant.quantity,
    price = meant.price,
    amount = meant.amount,
    discount_amount = CASE
        WHEN meant.billing_type <> 'chargeable' THEN 0
        ELSE coalesce(meant.sold[1], round(meant.amount * meant.discount_percent / 100, %(precision)s::integer))
    END,
    fee_amount = CASE
        WHEN meant.billing_type <> 'chargeable' THEN 0
        ELSE coalesce(meant.sold[2], round(meant.amount * meant.fee_percent / 100, %(precision)s::integer))
    END,
    billing_type = meant.billing_type::operations.billing_type,
    tax_amount = meant.tax_amount,
    description = meant.description
FROM valued AS meant
WHERE
    detail.company = %(company)s::text
    AND detail.proforma_id = %(proforma_id)s::bigint
    AND detail.proforma_detail_id = meant.proforma_detail_id
    AND (detail.quantity, detail.price, detail.billing_type::text, detail.tax_amount, detail.description)
    IS DISTINCT FROM
    (meant.quantity, meant.price, meant.billing_type, meant.tax_amount, meant.description);
