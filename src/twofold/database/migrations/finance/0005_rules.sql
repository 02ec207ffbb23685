-- Decisions that several processes of the finance book share, each stated once.

-- A number as documents show it; a number that outgrows its digits is shown whole.
CREATE FUNCTION finance.document_number(prefix text, digits integer, number bigint) RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN prefix || lpad(number::text, greatest(digits, length(number::text)), '0');

-- The company's rate of a currency on a day: accounting currency for 100 units. Its own is 100.
-- NULL where none is known. Asked once per currency and day, never per line.
CREATE FUNCTION finance.rate_on(of_company text, of_currency text, on_day date) RETURNS numeric
LANGUAGE sql STABLE PARALLEL SAFE
RETURN CASE
    WHEN of_currency = (
        SELECT accounting_currency FROM finance.legal_entity
        WHERE company = of_company
    ) THEN 100
    ELSE (
        SELECT rate
        FROM finance.exchange_rate
        WHERE company = of_company AND currency = of_currency AND valid_from <= on_day
        ORDER BY valid_from DESC
        LIMIT 1
    )
END;

-- What a profile does with a line of the integration journal: the debit and the credit, in
-- posting types. No row: no ledger entry. A sale is posted only where revenue is accrued.
CREATE VIEW finance.profile_posting AS
SELECT
    revenue_profile.company,
    revenue_profile.profile,
    treatment.transaction_type::finance.transaction_type,
    treatment.class::finance.transaction_class,
    treatment.debit_type::finance.posting_type,
    treatment.credit_type::finance.posting_type
FROM finance.revenue_profile
CROSS JOIN
    LATERAL (
        VALUES
        (
            'cost',
            'time',
            CASE revenue_profile.hour_costs WHEN 'balance' THEN 'wip_cost_value' WHEN 'profit_and_loss' THEN 'cost' END,
            'payroll_allocation'
        ),
        (
            'cost',
            'expense',
            CASE revenue_profile.expense_costs WHEN 'balance' THEN 'wip_cost_value' ELSE 'cost' END,
            'expense_offset'
        ),
        (
            'cost',
            'material',
            CASE revenue_profile.item_costs WHEN 'balance' THEN 'wip_cost_value_item' ELSE 'cost' END,
            'cost_item'
        ),
        (
            'unbilled_sales',
            'time',
            CASE WHEN revenue_profile.accrues_hours THEN 'wip_sales_value' END,
            'accrued_revenue'
        ),
        (
            'unbilled_sales',
            'expense',
            CASE WHEN revenue_profile.accrues_expenses THEN 'wip_sales_value' END,
            'accrued_revenue'
        ),
        (
            'unbilled_sales',
            'material',
            CASE WHEN revenue_profile.accrues_items THEN 'wip_sales_value' END,
            'accrued_revenue'
        ),
        ('unbilled_sales', 'fee', CASE WHEN revenue_profile.accrues_fees THEN 'wip_sales_value' END, 'accrued_revenue')
    ) AS treatment (transaction_type, class, debit_type, credit_type)
WHERE treatment.debit_type IS NOT NULL;

-- The payment terms of a proposal: those finance chose, else its own, else those of the funding source, the contract or
-- the customer (spec P32). method is NULL where none are agreed, or the ones agreed are unknown.
CREATE VIEW finance.proposal_terms AS
SELECT
    agreed.company,
    agreed.proposal_id,
    agreed.payment_terms,
    payment_terms.method,
    payment_terms.months,
    payment_terms.days,
    payment_terms.cutoff_day,
    payment_terms.buffer_days
FROM (
    SELECT
        proposal.company,
        proposal.proposal_id,
        coalesce(
            proposal.chosen_payment_terms,
            proposal.payment_terms,
            funding_source.payment_terms,
            contract.payment_terms,
            customer.payment_terms
        ) AS payment_terms
    FROM finance.proposal
    LEFT JOIN finance.contract
        ON contract.company = proposal.company AND contract.contract_id = proposal.contract_id
    LEFT JOIN finance.customer
        ON customer.company = proposal.company AND customer.customer_id = proposal.customer_id
    LEFT JOIN finance.funding_source
        ON
            funding_source.company = proposal.company
            AND funding_source.contract_id = proposal.contract_id
            AND funding_source.customer_id = proposal.customer_id
) AS agreed
LEFT JOIN finance.payment_terms
    ON payment_terms.company = agreed.company AND payment_terms.payment_terms = agreed.payment_terms;

-- When the money of a posted invoice is expected: when it is due, and the buffers of its terms and of the
-- company later (DD-01). An expectation of today's setup, not a fact.
CREATE VIEW finance.expected_payment AS
SELECT
    invoice.company,
    invoice.proposal_id,
    invoice.voucher,
    invoice.due_date + coalesce(terms.buffer_days, 0) + coalesce(parameter.payment_buffer_days, 0) AS expected_on
FROM finance.customer_invoice AS invoice
LEFT JOIN finance.proposal_terms AS terms
    ON terms.company = invoice.company AND terms.proposal_id = invoice.proposal_id
LEFT JOIN finance.parameter ON parameter.company = invoice.company;

GRANT SELECT ON finance.profile_posting, finance.proposal_terms, finance.expected_payment
TO twofold_finance, twofold_dualwrite, twofold_auditor;
