-- Fees: the fee of a sale is a line of its own, of class fee, in journal, project subledger, proposal and
-- invoice. Its key is the negated key of its sale, which links the two; the sale is what is staged.

-- Query: fee_line, and import's fees. Empty where nobody charges fees.
CREATE INDEX fee_of_sale ON finance.staged_actual (company, (-actual_id)) WHERE fee_amount <> 0;

-- What a fee line is about: its sale, as work of class fee, of one unit, without a category of its own.
CREATE VIEW finance.fee_line AS
SELECT
    company,
    transaction_type,
    'fee'::finance.transaction_class AS class,
    billing_type,
    transaction_date,
    accounting_date,
    fee_amount AS amount,
    currency,
    project_id,
    resource_id,
    contract_id,
    contract_line_id,
    customer_id,
    proforma_id,
    source_set_id,
    description,
    -actual_id AS actual_id,
    sign(fee_amount) AS quantity,
    abs(fee_amount) AS price
FROM finance.staged_actual
WHERE fee_amount <> 0;

GRANT SELECT ON finance.fee_line TO twofold_finance, twofold_dualwrite, twofold_auditor;
