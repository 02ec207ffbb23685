-- Who pays which share of a contract line, and which of its work is billed.

-- A customer's share of a contract line (contract line split billing rule). Sales, and milestones,
-- are split by these percentages, which add up to 100 on each line; the one customer that is_rounding
-- takes what rounding leaves. A share of 0 gets nothing of what is approved from now on.
CREATE TABLE operations.contract_line_customer (
    company text NOT NULL,
    contract_line_id bigint NOT NULL,
    customer_id bigint NOT NULL,
    split_percent numeric(7, 4) NOT NULL CHECK (split_percent BETWEEN 0 AND 100),
    is_rounding boolean NOT NULL,
    not_to_exceed numeric(19, 4) CHECK (not_to_exceed >= 0),
    PRIMARY KEY (company, contract_line_id, customer_id),
    FOREIGN KEY (company, contract_line_id) REFERENCES operations.contract_line (company, contract_line_id),
    FOREIGN KEY (company, customer_id) REFERENCES operations.customer (company, customer_id)
);

-- A task that the line covers, where it covers selected ones.
CREATE TABLE operations.contract_line_task (
    company text NOT NULL,
    contract_line_id bigint NOT NULL,
    task_id bigint NOT NULL,
    billing_type operations.billing_type NOT NULL CHECK (billing_type IN ('chargeable', 'non_chargeable')),
    PRIMARY KEY (company, contract_line_id, task_id),
    FOREIGN KEY (company, contract_line_id) REFERENCES operations.contract_line (company, contract_line_id),
    FOREIGN KEY (company, task_id) REFERENCES operations.task (company, task_id)
);

-- How time of a role is billed on this line (msdyn_orderlineresourcecategory), whatever the role says.
CREATE TABLE operations.contract_line_role (
    company text NOT NULL,
    contract_line_id bigint NOT NULL,
    role_id bigint NOT NULL REFERENCES operations.role (role_id),
    billing_type operations.billing_type NOT NULL CHECK (billing_type IN ('chargeable', 'non_chargeable')),
    PRIMARY KEY (company, contract_line_id, role_id),
    FOREIGN KEY (company, contract_line_id) REFERENCES operations.contract_line (company, contract_line_id)
);

-- How expenses of a category are billed on this line (msdyn_orderlinetransactioncategory).
CREATE TABLE operations.contract_line_category (
    company text NOT NULL,
    contract_line_id bigint NOT NULL,
    category_id bigint NOT NULL REFERENCES operations.transaction_category (category_id),
    billing_type operations.billing_type NOT NULL CHECK (billing_type IN ('chargeable', 'non_chargeable')),
    PRIMARY KEY (company, contract_line_id, category_id),
    FOREIGN KEY (company, contract_line_id) REFERENCES operations.contract_line (company, contract_line_id)
);

-- not_started: no part is ready. completed: every part is posted; a part of nothing has nothing to post.
CREATE TYPE operations.milestone_header_state AS ENUM ('not_started', 'in_progress', 'completed');

-- A milestone as it was agreed, over the customers who pay it: amounts are sums of its parts.
CREATE VIEW operations.milestone_header AS
SELECT
    company,
    contract_id,
    contract_line_id,
    name,
    currency,
    max(milestone_date) AS milestone_date,
    sum(amount) AS amount,
    sum(tax_amount) AS tax_amount,
    count(*) AS part_count,
    bool_or(state IN ('on_proforma', 'posted')) AS is_on_a_proforma,
    CASE
        WHEN bool_and(state = 'not_ready') THEN 'not_started'
        WHEN bool_and(state = 'posted' OR amount = 0) THEN 'completed'
        ELSE 'in_progress'
    END::operations.milestone_header_state AS state
FROM operations.milestone
GROUP BY company, contract_id, contract_line_id, name, currency;

GRANT SELECT ON operations.contract_line_customer, operations.contract_line_task, operations.contract_line_role,
operations.contract_line_category, operations.milestone_header
TO twofold_operations, twofold_dualwrite, twofold_auditor;
GRANT INSERT, UPDATE (split_percent, is_rounding, not_to_exceed)
ON operations.contract_line_customer TO twofold_operations;
GRANT INSERT, DELETE, UPDATE (billing_type)
ON operations.contract_line_task, operations.contract_line_role, operations.contract_line_category
TO twofold_operations;
