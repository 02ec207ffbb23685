-- Costs that finance posts on projects itself: general journals and vendor invoices. They are in the ledger
-- and the project subledger at once, and operations is told of them.

CREATE SEQUENCE finance.posted_cost_key;

CREATE TYPE finance.cost_document_kind AS ENUM ('general_journal', 'vendor_invoice');

-- A posted document. number: the batch number of a general journal; vendor and invoice number of a vendor
-- invoice, with a slash between them. content_hash: of the file it came from.
CREATE TABLE finance.cost_document (
    company text NOT NULL REFERENCES finance.legal_entity (company),
    kind finance.cost_document_kind NOT NULL,
    number text NOT NULL CHECK (number <> ''),
    file_name text NOT NULL,
    content_hash text NOT NULL,
    prices_include_tax boolean NOT NULL,
    is_intercompany boolean NOT NULL DEFAULT false,
    posted_by text NOT NULL,
    posted_at timestamptz NOT NULL,
    PRIMARY KEY (company, kind, number)
);

CREATE INDEX document_of_file ON finance.cost_document (company, content_hash); -- query: known_file

-- A posted line. amount = round(quantity × price) is what the project costs, in the currency of the line: net
-- of the tax that is recoverable, with charges and the tax that is not. sales_price: what a unit sells for in
-- the currency of the contract; NULL lets operations price it. exchange_rate: accounting currency per 100
-- units. recoverable_tax_amount is in the currency of the line; the offset has both, on the other side.
CREATE TABLE finance.posted_cost (
    company text NOT NULL,
    posted_cost_id bigint NOT NULL,
    kind finance.cost_document_kind NOT NULL,
    document text NOT NULL,
    line_number bigint NOT NULL,
    voucher text NOT NULL,
    accounting_date date NOT NULL,
    class finance.transaction_class NOT NULL CHECK (class IN ('expense', 'material')),
    project_id bigint NOT NULL,
    task_id bigint,
    category_id bigint,
    category_number text NOT NULL,
    customer_id bigint,
    quantity numeric(19, 4) NOT NULL CHECK (quantity <> 0),
    price numeric(19, 4) NOT NULL,
    amount numeric(19, 4) NOT NULL CHECK (amount <> 0),
    currency text NOT NULL,
    sales_price numeric(19, 4),
    exchange_rate numeric(19, 9) NOT NULL,
    accounting_amount numeric(19, 4) NOT NULL,
    reporting_amount numeric(19, 4) NOT NULL,
    recoverable_tax_amount numeric(19, 4) NOT NULL,
    profile text NOT NULL,
    cost_type finance.posting_type NOT NULL,
    cost_account text NOT NULL,
    offset_type finance.posting_type NOT NULL,
    offset_account text NOT NULL,
    dimension_set_id bigint,
    offset_dimension_set_id bigint,
    description text,
    -- Work of a person whom another company lends: operations has made cost and sale of it, and is not told.
    is_intercompany boolean NOT NULL DEFAULT false,
    change_set_id bigint NOT NULL,
    PRIMARY KEY (company, posted_cost_id),
    CONSTRAINT line_is_posted_once UNIQUE (company, kind, document, line_number),
    FOREIGN KEY (company, kind, document) REFERENCES finance.cost_document (company, kind, number)
);

GRANT SELECT ON finance.cost_document, finance.posted_cost TO twofold_finance, twofold_dualwrite, twofold_auditor;
GRANT INSERT ON finance.cost_document, finance.posted_cost TO twofold_finance;
