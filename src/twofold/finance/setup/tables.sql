-- What the merge of a table's rows does not say by itself.

-- name: number_sequences
-- Numbers that were given out are never given again: the next number does not go back.
SELECT
    given.reference,
    given.prefix,
    given.digits,
    given.is_continuous,
    given.lowest_number,
    given.highest_number,
    given.is_blocked,
    greatest(given.next_number, given.lowest_number, known.next_number) AS next_number
FROM jsonb_populate_recordset(NULL::finance.number_sequence, %(rows)s::jsonb) AS given
LEFT JOIN finance.number_sequence AS known
    ON known.company = %(company)s::text AND known.reference = given.reference;

-- name: fiscal_periods
-- A setup closes periods and never opens one: of open, on hold and closed the later stays.
SELECT
    given.period_start,
    given.period_end,
    greatest(given.state, known.state) AS state
FROM jsonb_populate_recordset(NULL::finance.fiscal_period, %(rows)s::jsonb) AS given
LEFT JOIN finance.fiscal_period AS known
    ON known.company = %(company)s::text AND known.period_start = given.period_start;

-- name: lock_setup
-- One setup at a time: what was judged must still be so when the rows are written.
SELECT pg_advisory_xact_lock(2, hashtext('finance.setup'));

-- name: put_tax_group_code
-- A group that is named holds exactly the codes given; other groups stay.
WITH named AS (
    SELECT
        given_row.tax_group,
        given_row.tax_codes
    FROM jsonb_to_recordset(%(rows)s::jsonb) AS given_row (tax_group text, tax_codes text[])
),

given AS (
    SELECT
        named.tax_group,
        code.tax_code
    FROM named
    CROSS JOIN unnest(named.tax_codes) AS code (tax_code)
),

removed AS (
    DELETE FROM finance.tax_group_code AS stored
    USING named
    WHERE
        stored.company = %(company)s::text
        AND stored.tax_group = named.tax_group
        AND array_position(named.tax_codes, stored.tax_code) IS NULL
    RETURNING stored.tax_code
),

written AS (
    INSERT INTO finance.tax_group_code (company, tax_group, tax_code)
    SELECT
        %(company)s::text,
        tax_group,
        tax_code
    FROM given
    ORDER BY tax_group, tax_code
    ON CONFLICT (company, tax_group, tax_code) DO NOTHING
    RETURNING tax_code
)

SELECT
    0::bigint AS changed,
    count(*) AS added,
    (SELECT count(*) FROM removed) AS removed,
    (SELECT count(*) FROM given) - count(*) AS unchanged
FROM written;

-- name: put_item_tax_group_code
-- A group that is named holds exactly the codes given; other groups stay.
WITH named AS (
    SELECT
        given_row.item_tax_group,
        given_row.tax_codes
    FROM jsonb_to_recordset(%(rows)s::jsonb) AS given_row (item_tax_group text, tax_codes text[])
),

given AS (
    SELECT
        named.item_tax_group,
        code.tax_code
    FROM named
    CROSS JOIN unnest(named.tax_codes) AS code (tax_code)
),

removed AS (
    DELETE FROM finance.item_tax_group_code AS stored
    USING named
    WHERE
        stored.company = %(company)s::text
        AND stored.item_tax_group = named.item_tax_group
        AND array_position(named.tax_codes, stored.tax_code) IS NULL
    RETURNING stored.tax_code
),

written AS (
    INSERT INTO finance.item_tax_group_code (company, item_tax_group, tax_code)
    SELECT
        %(company)s::text,
        item_tax_group,
        tax_code
    FROM given
    ORDER BY item_tax_group, tax_code
    ON CONFLICT (company, item_tax_group, tax_code) DO NOTHING
    RETURNING tax_code
)

SELECT
    0::bigint AS changed,
    count(*) AS added,
    (SELECT count(*) FROM removed) AS removed,
    (SELECT count(*) FROM given) - count(*) AS unchanged
FROM written;

-- name: compare_tax_group_code
-- Codes a named group gains and loses; groups that are not named stay.
WITH named AS (
    SELECT
        given_row.tax_group,
        given_row.tax_codes
    FROM jsonb_to_recordset(%(rows)s::jsonb) AS given_row (tax_group text, tax_codes text[])
)

SELECT
    'added' AS verdict,
    named.tax_group || ', ' || code.tax_code AS key,
    '' AS field,
    '' AS was,
    '' AS becomes
FROM named
CROSS JOIN unnest(named.tax_codes) AS code (tax_code)
LEFT JOIN finance.tax_group_code AS stored
    ON
        stored.company = %(company)s::text
        AND stored.tax_group = named.tax_group
        AND stored.tax_code = code.tax_code
WHERE stored.company IS NULL
UNION ALL
SELECT
    CASE WHEN named.tax_group IS NULL THEN 'unnamed' ELSE 'removed' END,
    stored.tax_group || ', ' || stored.tax_code,
    '',
    '',
    ''
FROM finance.tax_group_code AS stored
LEFT JOIN named ON named.tax_group = stored.tax_group
WHERE
    stored.company = %(company)s::text
    AND array_position(named.tax_codes, stored.tax_code) IS NULL
ORDER BY verdict, key;

-- name: compare_item_tax_group_code
-- Codes a named group gains and loses; groups that are not named stay.
WITH named AS (
    SELECT
        given_row.item_tax_group,
        given_row.tax_codes
    FROM jsonb_to_recordset(%(rows)s::jsonb) AS given_row (item_tax_group text, tax_codes text[])
)

SELECT
    'added' AS verdict,
    named.item_tax_group || ', ' || code.tax_code AS key,
    '' AS field,
    '' AS was,
    '' AS becomes
FROM named
CROSS JOIN unnest(named.tax_codes) AS code (tax_code)
LEFT JOIN finance.item_tax_group_code AS stored
    ON
        stored.company = %(company)s::text
        AND stored.item_tax_group = named.item_tax_group
        AND stored.tax_code = code.tax_code
WHERE stored.company IS NULL
UNION ALL
SELECT
    CASE WHEN named.item_tax_group IS NULL THEN 'unnamed' ELSE 'removed' END,
    stored.item_tax_group || ', ' || stored.tax_code,
    '',
    '',
    ''
FROM finance.item_tax_group_code AS stored
LEFT JOIN named ON named.item_tax_group = stored.item_tax_group
WHERE
    stored.company = %(company)s::text
    AND array_position(named.tax_codes, stored.tax_code) IS NULL
ORDER BY verdict, key;
