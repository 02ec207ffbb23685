-- Costs that finance posted on projects itself, and what operations made of them.

CREATE TYPE operations.finance_cost_kind AS ENUM ('general_journal', 'vendor_invoice');

-- A line of a general journal or vendor invoice as finance posted it; only dual-write writes here.
-- price and amount are in the currency of the line; sales_price is per unit in that of the contract, NULL
-- lets the price lists decide.
CREATE TABLE operations.finance_cost (
    company text NOT NULL,
    finance_cost_id bigint NOT NULL,
    kind operations.finance_cost_kind NOT NULL,
    document text NOT NULL,
    line_number bigint NOT NULL,
    voucher text NOT NULL,
    transaction_date date NOT NULL,
    class operations.transaction_class NOT NULL,
    project_id bigint NOT NULL,
    task_id bigint,
    category_id bigint,
    customer_id bigint,
    quantity numeric(19, 4) NOT NULL,
    price numeric(19, 4) NOT NULL,
    amount numeric(19, 4) NOT NULL,
    currency text NOT NULL,
    sales_price numeric(19, 4),
    description text,
    PRIMARY KEY (company, finance_cost_id)
);

-- What became of it, once: the lines of an entry journal, and their actuals. The cost is never sent, because
-- finance has it; the sale, which there is on a line of time and material, is sent like any other.
CREATE TABLE operations.finance_cost_taken (
    company text NOT NULL,
    finance_cost_id bigint NOT NULL,
    journal_id bigint NOT NULL,
    cost_actual_id bigint NOT NULL,
    sale_actual_id bigint,
    PRIMARY KEY (company, finance_cost_id),
    CONSTRAINT actual_is_of_one_finance_cost UNIQUE (company, cost_actual_id),
    FOREIGN KEY (company, finance_cost_id) REFERENCES operations.finance_cost (company, finance_cost_id),
    FOREIGN KEY (company, journal_id) REFERENCES operations.journal (company, journal_id)
);

GRANT SELECT ON operations.finance_cost, operations.finance_cost_taken
TO twofold_operations, twofold_dualwrite, twofold_auditor;
GRANT INSERT ON operations.finance_cost TO twofold_dualwrite;
GRANT INSERT ON operations.finance_cost_taken TO twofold_operations;
