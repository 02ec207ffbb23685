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
    'customer_invoice',
    invoice_number
FROM finance.customer_invoice
UNION ALL
SELECT
    company,
    'customer_invoice_voucher',
    voucher
FROM finance.customer_invoice;

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

GRANT SELECT ON finance.given_number TO twofold_finance, twofold_dualwrite, twofold_auditor;
GRANT SELECT ON finance.expense_offset TO twofold_finance, twofold_dualwrite, twofold_auditor;
GRANT INSERT, UPDATE (account) ON finance.expense_offset TO twofold_finance;
