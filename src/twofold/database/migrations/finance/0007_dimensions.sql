-- Financial dimensions: attributes and values, what accounts take, where defaults come from, and the
-- combinations in use, each kept once (decision 0017).

-- What an attribute may be. A value stays for good: ledger entries refer to it.
CREATE TABLE finance.dimension_value (
    company text NOT NULL REFERENCES finance.legal_entity (company),
    attribute text NOT NULL CHECK (attribute ~ '^\S(.*\S)?$'),
    value text NOT NULL CHECK (value ~ '^\S(.*\S)?$'),
    PRIMARY KEY (company, attribute, value)
);

-- Account structure: which dimensions the accounts of a range carry. allowed: per attribute the
-- values taken, where not all are. An account in no structure takes any combination.
CREATE TABLE finance.account_structure (
    company text NOT NULL REFERENCES finance.legal_entity (company),
    structure text NOT NULL CHECK (structure <> ''),
    account_from text NOT NULL,
    account_to text NOT NULL,
    required text[] NOT NULL DEFAULT '{}',
    optional text[] NOT NULL DEFAULT '{}',
    allowed jsonb NOT NULL DEFAULT '{}',
    PRIMARY KEY (company, structure),
    CONSTRAINT structure_ends_after_it_begins CHECK (account_from <= account_to),
    CONSTRAINT required_is_not_optional CHECK (NOT required && optional)
);

CREATE TYPE finance.dimension_owner AS ENUM (
    'customer', 'funding_source', 'contract', 'contract_line', 'project', 'resource'
);

-- Default dimensions of a record, by its number: the account of a customer, the name of a resource.
-- detail: the line number of a contract line, the customer's account of a funding source.
CREATE TABLE finance.default_dimension (
    company text NOT NULL REFERENCES finance.legal_entity (company),
    owner finance.dimension_owner NOT NULL,
    number text NOT NULL CHECK (number <> ''),
    detail text NOT NULL DEFAULT '',
    dimensions jsonb NOT NULL CHECK (jsonb_typeof(dimensions) = 'object'),
    PRIMARY KEY (company, owner, number, detail),
    CONSTRAINT detail_tells_parts_apart CHECK ((detail <> '') = (owner IN ('funding_source', 'contract_line')))
);

CREATE TYPE finance.dimension_priority AS ENUM ('project', 'contract_line');

-- Project default dimension rule: whose dimensions win. The columns grow more specific to the right;
-- the rule that names the rightmost wins.
CREATE TABLE finance.dimension_rule (
    company text NOT NULL REFERENCES finance.legal_entity (company),
    profile text,
    contract_number text,
    project_number text,
    priority finance.dimension_priority NOT NULL,
    FOREIGN KEY (company, profile) REFERENCES finance.revenue_profile (company, profile),
    CONSTRAINT dimension_rule_is_stated_once UNIQUE NULLS NOT DISTINCT (
        company, profile, contract_number, project_number
    )
);

-- A combination as people read it: attributes by name.
CREATE FUNCTION finance.dimension_label(dimensions jsonb) RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN (
    SELECT string_agg(pair.key || ' ' || pair.value, ', ' ORDER BY pair.key)
    FROM jsonb_each_text(dimensions) AS pair
);

-- Every combination of attribute and value that a line, a transaction or an entry carries, once. Rows
-- are only ever added; a NULL reference means no dimensions.
CREATE TABLE finance.dimension_set (
    company text NOT NULL REFERENCES finance.legal_entity (company),
    dimension_set_id bigint NOT NULL GENERATED ALWAYS AS IDENTITY,
    dimensions jsonb NOT NULL,
    label text NOT NULL GENERATED ALWAYS AS (finance.dimension_label(dimensions)) STORED,
    PRIMARY KEY (company, dimension_set_id),
    CONSTRAINT combination_is_kept_once UNIQUE (company, dimensions),
    CONSTRAINT combination_has_dimensions CHECK (jsonb_typeof(dimensions) = 'object' AND dimensions <> '{}')
);

-- Accounting adjustment: a person gave posted transactions other dimensions (P19.9). Its voucher
-- takes the old entries back and states them anew.
CREATE TABLE finance.accounting_adjustment (
    company text NOT NULL REFERENCES finance.legal_entity (company),
    voucher text NOT NULL,
    adjustment_number bigint NOT NULL GENERATED ALWAYS AS IDENTITY,
    reason text NOT NULL CHECK (reason <> ''),
    adjusted_by text NOT NULL,
    adjusted_at timestamptz NOT NULL,
    PRIMARY KEY (company, voucher)
);

-- What a posted transaction carries after an adjustment; the newest counts.
CREATE TABLE finance.adjusted_transaction (
    company text NOT NULL,
    actual_id bigint NOT NULL,
    voucher text NOT NULL,
    adjustment_number bigint NOT NULL,
    dimension_set_id bigint,
    offset_dimension_set_id bigint,
    PRIMARY KEY (company, actual_id, adjustment_number),
    FOREIGN KEY (company, voucher) REFERENCES finance.accounting_adjustment (company, voucher)
);

CREATE VIEW finance.adjusted_dimension AS
SELECT DISTINCT ON (company, actual_id)
    company,
    actual_id,
    dimension_set_id,
    offset_dimension_set_id
FROM finance.adjusted_transaction
ORDER BY company ASC, actual_id ASC, adjustment_number DESC;

-- What an accountant gives an on-account transaction before a proposal bills it. NULL: the default;
-- '' and set 0: none.
CREATE TABLE finance.on_account_accounting (
    company text NOT NULL,
    milestone_id bigint NOT NULL,
    tax_group text,
    item_tax_group text,
    dimension_set_id bigint,
    changed_by text NOT NULL,
    changed_at timestamptz NOT NULL,
    PRIMARY KEY (company, milestone_id),
    FOREIGN KEY (company, milestone_id) REFERENCES finance.on_account_transaction (company, milestone_id)
);

GRANT SELECT ON
finance.dimension_value, finance.account_structure, finance.default_dimension, finance.dimension_rule,
finance.dimension_set, finance.accounting_adjustment, finance.adjusted_transaction, finance.adjusted_dimension,
finance.on_account_accounting
TO twofold_finance, twofold_dualwrite, twofold_auditor;

GRANT INSERT ON
finance.dimension_value, finance.account_structure, finance.default_dimension, finance.dimension_rule,
finance.accounting_adjustment, finance.adjusted_transaction, finance.on_account_accounting
TO twofold_finance;
GRANT INSERT (company, dimensions) ON finance.dimension_set TO twofold_finance;
GRANT UPDATE (account_from, account_to, required, optional, allowed) ON finance.account_structure TO twofold_finance;
GRANT UPDATE (dimensions) ON finance.default_dimension TO twofold_finance;
GRANT UPDATE (priority) ON finance.dimension_rule TO twofold_finance;
GRANT UPDATE (tax_group, item_tax_group, dimension_set_id, changed_by, changed_at)
ON finance.on_account_accounting TO twofold_finance;
