-- name: known_names
-- What the book knows of a company already: the names a setup file may refer to without stating them.
SELECT
    'currency' AS kind,
    currency AS name,
    '' AS detail
FROM finance.currency
UNION ALL
SELECT
    'account',
    account,
    ''
FROM finance.main_account
WHERE company = %(company)s::text
UNION ALL
SELECT
    'posting_profile',
    posting_profile,
    ''
FROM finance.posting_profile
WHERE company = %(company)s::text
UNION ALL
SELECT
    'tax_code',
    tax_code,
    ''
FROM finance.tax_code
WHERE company = %(company)s::text
UNION ALL
SELECT DISTINCT
    'tax_group',
    tax_group,
    ''
FROM finance.tax_group_code
WHERE company = %(company)s::text
UNION ALL
SELECT DISTINCT
    'item_tax_group',
    item_tax_group,
    ''
FROM finance.item_tax_group_code
WHERE company = %(company)s::text
UNION ALL
SELECT
    'line_property',
    line_property,
    ''
FROM finance.line_property
WHERE company = %(company)s::text
UNION ALL
SELECT
    'billing_type',
    billing_type::text,
    ''
FROM finance.billing_type_line_property
WHERE company = %(company)s::text
UNION ALL
SELECT
    'project_category',
    category_number || ' (' || class || ')',
    ''
FROM finance.project_category
WHERE company = %(company)s::text
UNION ALL
SELECT DISTINCT
    'category',
    category_number,
    ''
FROM finance.project_category
WHERE company = %(company)s::text
UNION ALL
SELECT
    'cost_template',
    template,
    ''
FROM finance.cost_template
WHERE company = %(company)s::text
UNION ALL
SELECT
    'estimate_period',
    period,
    ''
FROM finance.estimate_period
WHERE company = %(company)s::text
UNION ALL
SELECT
    'profile',
    profile,
    billing_method::text
FROM finance.revenue_profile
WHERE company = %(company)s::text
UNION ALL
SELECT DISTINCT
    'profile_rule',
    billing_method::text,
    ''
FROM finance.profile_rule
WHERE company = %(company)s::text
UNION ALL
SELECT DISTINCT
    'posting_type',
    posting_type::text,
    ''
FROM finance.posting_setup
WHERE company = %(company)s::text
UNION ALL
SELECT
    'number_sequence',
    reference::text,
    prefix
FROM finance.number_sequence
WHERE company = %(company)s::text
UNION ALL
SELECT
    'fixed_currency',
    accounting_currency,
    reporting_currency
FROM finance.legal_entity
WHERE
    company = %(company)s::text
    AND EXISTS (
        SELECT FROM finance.ledger_entry
        WHERE ledger_entry.company = %(company)s::text
    );

-- name: fixed_by_use
-- What the file would change although something depends on it: the stated rows that differ, and are
-- used. Each is looked for only where it differs.
SELECT
    'main_account' AS table_name,
    stored.account AS key,
    'kind' AS field,
    stored.kind::text AS value,
    'The ledger has entries on this account.' AS reason
FROM jsonb_populate_recordset(NULL::finance.main_account, %(accounts)s::jsonb) AS given
JOIN finance.main_account AS stored
    ON stored.company = %(company)s::text AND stored.account = given.account AND stored.kind <> given.kind
WHERE
    EXISTS (
        SELECT FROM finance.ledger_entry
        WHERE ledger_entry.company = %(company)s::text AND ledger_entry.account = given.account
    )
UNION ALL
SELECT
    'tax_rate',
    stored.tax_code || ', ' || stored.valid_from,
    CASE WHEN stored.rate <> given.rate THEN 'rate' ELSE 'valid_to' END,
    CASE WHEN stored.rate <> given.rate THEN trim_scale(stored.rate)::text ELSE coalesce(stored.valid_to::text, '') END,
    'Tax was posted with this rate; another rate begins on a day of its own.'
FROM jsonb_populate_recordset(NULL::finance.tax_rate, %(rates)s::jsonb) AS given
JOIN finance.tax_rate AS stored
    ON
        stored.company = %(company)s::text
        AND stored.tax_code = given.tax_code
        AND stored.valid_from = given.valid_from
WHERE
    (stored.rate, stored.valid_to) IS DISTINCT FROM (given.rate, given.valid_to)
    AND EXISTS (
        SELECT FROM finance.tax_transaction
        JOIN finance.customer_transaction
            ON
                customer_transaction.company = %(company)s::text
                AND customer_transaction.voucher = tax_transaction.voucher
        WHERE
            tax_transaction.company = %(company)s::text
            AND tax_transaction.tax_code = stored.tax_code
            AND tax_transaction.rate = stored.rate
            AND customer_transaction.transaction_date >= stored.valid_from
            -- An end may be set while nothing was taxed after it.
            AND (
                stored.rate <> given.rate
                OR customer_transaction.transaction_date > coalesce(given.valid_to, 'infinity')
            )
    )
UNION ALL
SELECT
    'line_property',
    stored.line_property,
    'is_chargeable',
    stored.is_chargeable::text,
    'Posted transactions have this property.'
FROM jsonb_populate_recordset(NULL::finance.line_property, %(line_properties)s::jsonb) AS given
JOIN finance.line_property AS stored
    ON
        stored.company = %(company)s::text
        AND stored.line_property = given.line_property
        AND stored.is_chargeable <> given.is_chargeable
WHERE
    EXISTS (
        SELECT FROM finance.project_transaction
        WHERE
            project_transaction.company = %(company)s::text
            AND project_transaction.line_property = given.line_property
    )
UNION ALL
SELECT
    'number_sequence',
    stored.reference::text,
    wrong.field,
    wrong.value,
    wrong.reason
FROM jsonb_populate_recordset(NULL::finance.number_sequence, %(sequences)s::jsonb) AS given
JOIN finance.number_sequence AS stored
    ON stored.company = %(company)s::text AND stored.reference = given.reference
CROSS JOIN
    LATERAL (
        VALUES
        (
            stored.is_continuous AND given.is_continuous AND given.prefix = stored.prefix
            AND greatest(given.next_number, given.lowest_number) > stored.next_number,
            'next_number',
            stored.next_number::text,
            'The sequence is continuous: the numbers between would be missing.'
        ),
        (
            given.is_continuous AND NOT stored.is_continuous,
            'is_continuous',
            'false',
            'Numbers given so far may have gaps; a new prefix begins a continuous series.'
        ),
        (
            given.highest_number < stored.next_number - 1,
            'highest_number',
            coalesce(stored.highest_number::text, ''),
            'Numbers above it were given.'
        )
    ) AS wrong (is_wrong, field, value, reason)
WHERE
    wrong.is_wrong
    AND EXISTS (
        SELECT FROM finance.given_number
        WHERE
            given_number.company = %(company)s::text
            AND given_number.reference = stored.reference
            AND starts_with(given_number.number, stored.prefix)
    )
    AND (wrong.field <> 'is_continuous' OR given.prefix = stored.prefix)
ORDER BY table_name, key, field;

-- name: known_periods
SELECT
    period_start,
    period_end,
    state::text AS state
FROM finance.fiscal_period
WHERE company = %(company)s::text
ORDER BY period_start;

-- name: known_values
SELECT
    attribute,
    value
FROM finance.dimension_value
WHERE company = %(company)s::text
ORDER BY attribute, value;

-- name: known_ranges
SELECT
    structure,
    account_from,
    account_to
FROM finance.account_structure
WHERE company = %(company)s::text
ORDER BY account_from;

-- name: legal_entities
SELECT company
FROM finance.legal_entity
ORDER BY company;
