-- What a setup in use is asked for: numbers given out, and accounts against expenses.

-- Every number that a sequence has given out, as documents show it: for gaps, and for what may no
-- longer change. A process that numbers documents of another kind adds its table here.
CREATE VIEW finance.given_number AS
SELECT
    company,
    'integration_journal'::finance.sequence_reference AS reference,
    number
FROM finance.journal
UNION ALL
SELECT
    company,
    'integration_journal_voucher',
    voucher
FROM finance.journal_line
UNION ALL
SELECT
    company,
    'integration_journal_voucher',
    voucher
FROM finance.project_transaction
UNION ALL
SELECT
    company,
    'integration_journal_voucher',
    voucher
FROM finance.accounting_adjustment
UNION ALL
SELECT
    company,
    'customer_invoice',
    invoice_number
FROM finance.customer_invoice
UNION ALL
SELECT
    company,
    'customer_invoice_voucher',
    voucher
FROM finance.customer_invoice;

-- Shared categories: each transaction category of operations, once per kind of transaction, the kind
-- in its number. On account only where the company has a category for on-account amounts.
CREATE VIEW finance.shared_category AS
SELECT
    category.company,
    category.category_id,
    category.name,
    project_category.item_tax_group,
    kind.class::finance.transaction_class AS class,
    category.number || kind.suffix AS number,
    coalesce(project_category.is_active, false) AS is_set_up
FROM finance.category
CROSS JOIN
    (
        VALUES ('-1', 'time'), ('-2', 'fee'), ('-3', 'material'), ('-4', 'expense'), ('-5', 'milestone')
    ) AS kind (suffix, class)
LEFT JOIN finance.project_category
    ON
        project_category.company = category.company
        AND project_category.category_number = category.number
        AND project_category.class = kind.class::finance.transaction_class
WHERE
    kind.class <> 'milestone'
    OR EXISTS (
        SELECT FROM finance.category_default
        WHERE category_default.company = category.company AND category_default.class IN ('milestone', 'retainer')
    );

-- Default offset account for expenses (ProjDefaultOffsetSetup): a row of a resource before one of a
-- project before one of a category before one for all; without any the posting setup says it.
CREATE TABLE finance.expense_offset (
    company text NOT NULL,
    resource_name text CHECK (resource_name <> ''),
    project_number text CHECK (project_number <> ''),
    category_number text CHECK (category_number <> ''),
    account text NOT NULL,
    FOREIGN KEY (company, account) REFERENCES finance.main_account (company, account),
    CONSTRAINT offset_is_stated_once UNIQUE NULLS NOT DISTINCT (
        company, resource_name, project_number, category_number
    )
);

-- Every number given, with the one that comes after it in its series; after the last of the series in
-- use comes the next one. A gap is where more than one lies between.
CREATE VIEW finance.followed_number AS
WITH given AS (
    SELECT DISTINCT
        given_number.company,
        given_number.reference,
        sequence.digits,
        sequence.is_continuous,
        sequence.next_number,
        sequence.prefix AS current_prefix,
        given_number.number AS shown,
        CASE
            WHEN starts_with(given_number.number, sequence.prefix) THEN sequence.prefix
            ELSE substring(given_number.number FROM '^(.*?)[0-9]*$')
        END AS prefix
    FROM finance.given_number
    JOIN finance.number_sequence AS sequence
        ON sequence.company = given_number.company AND sequence.reference = given_number.reference
),

numbered AS (
    SELECT
        company,
        reference,
        digits,
        is_continuous,
        next_number,
        current_prefix,
        prefix,
        substr(shown, length(prefix) + 1)::bigint AS number
    FROM given
    WHERE substr(shown, length(prefix) + 1) ~ '^[0-9]{1,18}$'
)

SELECT
    *,
    coalesce(
        lead(number) OVER (PARTITION BY company, reference, prefix ORDER BY number),
        CASE WHEN prefix = current_prefix THEN next_number END,
        number + 1
    ) AS following_number
FROM numbered;

GRANT SELECT ON finance.followed_number TO twofold_finance, twofold_dualwrite, twofold_auditor;
GRANT SELECT ON finance.given_number, finance.shared_category TO twofold_finance, twofold_dualwrite, twofold_auditor;
GRANT SELECT ON finance.expense_offset TO twofold_finance, twofold_dualwrite, twofold_auditor;
GRANT INSERT, UPDATE (account) ON finance.expense_offset TO twofold_finance;
