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

-- name: known_periods
SELECT
    period_start,
    period_end,
    state::text AS state
FROM finance.fiscal_period
WHERE company = %(company)s::text
ORDER BY period_start;

-- name: legal_entities
SELECT company
FROM finance.legal_entity
ORDER BY company;
