-- Kept sums of the billing backlog, so that its totals need not read every open item.

-- What of an item is billed, in the transaction currency: its extended amount, if it is chargeable.
CREATE FUNCTION operations.chargeable_amount(
    billing_type operations.billing_type, amount numeric, discount_amount numeric, fee_amount numeric
)
RETURNS numeric
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN CASE billing_type WHEN 'chargeable' THEN amount - discount_amount + fee_amount ELSE 0 END;

-- What came into a state of the backlog, above zero, and what left it, below: the sum of the rows is what
-- is there. Every statement that changes items adds its rows, and waits for nobody; rows of one kind are
-- folded into one by whoever bills (backlog.kept_sums). amount is the chargeable amount of the items.
CREATE TABLE operations.backlog_sum (
    company text NOT NULL,
    contract_id bigint NOT NULL,
    backlog_sum_id bigint NOT NULL GENERATED ALWAYS AS IDENTITY,
    customer_id bigint,
    project_id bigint NOT NULL,
    transaction_date date NOT NULL,
    state operations.backlog_state NOT NULL,
    item_count bigint NOT NULL,
    amount numeric(23, 4) NOT NULL,
    PRIMARY KEY (company, contract_id, backlog_sum_id)
);

INSERT INTO operations.backlog_sum (
    company, contract_id, customer_id, project_id, transaction_date, state, item_count, amount
)
SELECT
    company,
    contract_id,
    customer_id,
    project_id,
    transaction_date,
    state,
    count(*),
    sum(operations.chargeable_amount(billing_type, amount, discount_amount, fee_amount))
FROM operations.backlog_item
GROUP BY company, contract_id, customer_id, project_id, transaction_date, state;

REVOKE EXECUTE ON FUNCTION operations.chargeable_amount(operations.billing_type, numeric, numeric, numeric) FROM public;
GRANT EXECUTE ON FUNCTION operations.chargeable_amount(operations.billing_type, numeric, numeric, numeric)
TO twofold_operations;
GRANT SELECT ON operations.backlog_sum TO twofold_operations, twofold_dualwrite, twofold_auditor;
-- Nobody changes a row; the update is what locking one asks for.
GRANT INSERT, DELETE, UPDATE (item_count) ON operations.backlog_sum TO twofold_operations;
