-- name: create_reversed_line
-- What lines that reverse a posted transaction mirror; no accounts where it was not accrued.
CREATE TEMPORARY TABLE reversed_ledger_line (
    actual_id bigint PRIMARY KEY,
    profile text NOT NULL,
    accounting_amount numeric(19, 4) NOT NULL,
    accrued_reporting_amount numeric(19, 4) NOT NULL,
    discount_amount numeric(19, 4) NOT NULL,
    wip_account text,
    accrued_revenue_account text,
    dimension_set_id bigint,
    offset_dimension_set_id bigint
) ON COMMIT DROP;

-- name: fill_reversed_line
-- OFFSET 0 keeps it at one look-up per line: all connections of the book are never read.
INSERT INTO pg_temp.reversed_ledger_line (
    actual_id, profile, accounting_amount, accrued_reporting_amount, discount_amount, wip_account,
    accrued_revenue_account, dimension_set_id, offset_dimension_set_id
)
SELECT
    line.actual_id,
    original.profile,
    -original.accounting_amount,
    -original.accrued_reporting_amount,
    -original.discount_amount,
    original.wip_account,
    original.accrued_revenue_account,
    CASE WHEN adjusted.actual_id IS NULL THEN original.dimension_set_id ELSE adjusted.dimension_set_id END,
    CASE
        WHEN adjusted.actual_id IS NULL THEN original.offset_dimension_set_id
        ELSE adjusted.offset_dimension_set_id
    END
FROM finance.journal_line AS line
CROSS JOIN
    LATERAL (
        SELECT staged_connection.transaction2_id
        FROM finance.staged_connection
        WHERE
            staged_connection.company = %(company)s::text
            AND staged_connection.transaction1_id = line.actual_id
            AND staged_connection.transaction1_role = 'reversing'
        ORDER BY staged_connection.transaction2_id
        OFFSET 0
    ) AS link
JOIN finance.project_transaction AS original
    ON original.company = %(company)s::text AND original.actual_id = link.transaction2_id
LEFT JOIN finance.adjusted_dimension AS adjusted
    ON adjusted.company = %(company)s::text AND adjusted.actual_id = original.actual_id
WHERE line.company = %(company)s::text AND line.journal_id = %(journal_id)s::bigint;

-- name: fill_reversed_fee
-- A fee takes back the fee of what its sale takes back.
INSERT INTO pg_temp.reversed_ledger_line (
    actual_id, profile, accounting_amount, accrued_reporting_amount, discount_amount, wip_account,
    accrued_revenue_account
)
SELECT
    line.actual_id,
    original.profile,
    -original.accounting_amount,
    -original.accrued_reporting_amount,
    0,
    original.wip_account,
    original.accrued_revenue_account
FROM finance.journal_line AS line
JOIN finance.staged_connection AS link
    ON
        link.company = %(company)s::text
        AND link.transaction1_id = -line.actual_id
        AND link.transaction1_role = 'reversing'
JOIN finance.project_transaction AS original
    ON original.company = %(company)s::text AND original.actual_id = -link.transaction2_id
WHERE
    line.company = %(company)s::text
    AND line.journal_id = %(journal_id)s::bigint
    AND line.actual_id < 0;

-- name: analyze_reversed_line
ANALYZE pg_temp.reversed_ledger_line;

-- name: create_ledger_line
-- Every line of the journal with what its posting depends on. Contract and customer 0 where there is none;
-- profile is given for reversals, which keep that of their original.
CREATE TEMPORARY TABLE ledger_line (
    actual_id bigint NOT NULL,
    transaction_type finance.transaction_type NOT NULL,
    class finance.transaction_class NOT NULL,
    project_id bigint NOT NULL,
    contract_id bigint NOT NULL,
    customer_id bigint NOT NULL,
    billing_method finance.billing_method NOT NULL,
    category_number text NOT NULL,
    line_property text NOT NULL,
    tax_group text NOT NULL,
    item_tax_group text,
    accounting_date date NOT NULL,
    voucher text NOT NULL,
    currency text NOT NULL,
    exchange_rate numeric(19, 9) NOT NULL,
    quantity numeric(19, 4) NOT NULL,
    amount numeric(19, 4) NOT NULL,
    discount_amount numeric(19, 4) NOT NULL,
    accounting_amount numeric(19, 4) NOT NULL,
    may_be_posted boolean NOT NULL,
    is_reversal boolean NOT NULL,
    profile text,
    dimension_set_id bigint,
    offset_dimension_set_id bigint
) ON COMMIT DROP;

-- name: fill_ledger_line
-- may_be_posted: a cost always; a sale where it will be billed and its property accrues. Before the
-- cut-over only the sale: it is kept as accrued, with the accounts its invoice takes it from.
-- discount_amount is left in the amount where discounts post on their own (spec P33), or did in what a
-- line takes back.
INSERT INTO pg_temp.ledger_line (
    actual_id, transaction_type, class, project_id, contract_id, customer_id, billing_method, category_number,
    line_property, tax_group, item_tax_group, accounting_date, voucher, currency, exchange_rate, quantity,
    amount, discount_amount, accounting_amount, may_be_posted, is_reversal, profile, dimension_set_id,
    offset_dimension_set_id
)
SELECT
    line.actual_id,
    staged_actual.transaction_type,
    staged_actual.class,
    staged_actual.project_id,
    coalesce(staged_actual.contract_id, 0),
    coalesce(staged_actual.customer_id, 0),
    coalesce(contract_line.billing_method, 'time_and_material'),
    line.category_number,
    line.line_property,
    coalesce(line.tax_group, ''),
    line.item_tax_group,
    line.accounting_date,
    line.voucher,
    staged_actual.currency,
    line.exchange_rate,
    staged_actual.quantity,
    staged_actual.amount - staged_actual.discount_amount + discount.amount,
    discount.amount,
    coalesce(
        reversed_ledger_line.accounting_amount,
        round(
            (staged_actual.amount - staged_actual.discount_amount + discount.amount) * line.exchange_rate / 100,
            currency.precision
        )
    ),
    CASE staged_actual.transaction_type
        WHEN 'cost' THEN NOT journal.is_beginning_balance
        ELSE line_property.is_chargeable AND line_property.is_accruable
    END,
    reversed_ledger_line.actual_id IS NOT NULL,
    reversed_ledger_line.profile,
    CASE
        WHEN reversed_ledger_line.actual_id IS NULL THEN line.dimension_set_id
        ELSE reversed_ledger_line.dimension_set_id
    END,
    CASE
        WHEN reversed_ledger_line.actual_id IS NULL THEN line.offset_dimension_set_id
        ELSE reversed_ledger_line.offset_dimension_set_id
    END
FROM finance.journal_line AS line
JOIN finance.journal
    ON journal.company = %(company)s::text AND journal.journal_id = line.journal_id
JOIN finance.staged_actual
    ON staged_actual.company = %(company)s::text AND staged_actual.actual_id = line.actual_id
JOIN finance.legal_entity ON legal_entity.company = %(company)s::text
JOIN finance.currency ON currency.currency = legal_entity.accounting_currency
JOIN finance.line_property
    ON line_property.company = %(company)s::text AND line_property.line_property = line.line_property
LEFT JOIN finance.contract_line
    ON
        contract_line.company = %(company)s::text
        AND contract_line.contract_line_id = staged_actual.contract_line_id
LEFT JOIN pg_temp.reversed_ledger_line ON reversed_ledger_line.actual_id = line.actual_id
JOIN finance.parameter ON parameter.company = %(company)s::text
CROSS JOIN
    LATERAL (
        VALUES (
            CASE
                WHEN reversed_ledger_line.actual_id IS NOT NULL THEN reversed_ledger_line.discount_amount
                WHEN parameter.line_discount_category IS NULL THEN 0
                ELSE staged_actual.discount_amount
            END
        )
    ) AS discount (amount)
WHERE line.company = %(company)s::text AND line.journal_id = %(journal_id)s::bigint;

-- name: fill_ledger_fee
INSERT INTO pg_temp.ledger_line (
    actual_id, transaction_type, class, project_id, contract_id, customer_id, billing_method, category_number,
    line_property, tax_group, item_tax_group, accounting_date, voucher, currency, exchange_rate, quantity,
    amount, discount_amount, accounting_amount, may_be_posted, is_reversal, profile, dimension_set_id,
    offset_dimension_set_id
)
SELECT
    line.actual_id,
    fee_line.transaction_type,
    fee_line.class,
    fee_line.project_id,
    coalesce(fee_line.contract_id, 0),
    coalesce(fee_line.customer_id, 0),
    coalesce(contract_line.billing_method, 'time_and_material'),
    line.category_number,
    line.line_property,
    coalesce(line.tax_group, ''),
    line.item_tax_group,
    line.accounting_date,
    line.voucher,
    fee_line.currency,
    line.exchange_rate,
    fee_line.quantity,
    fee_line.amount,
    0,
    coalesce(
        reversed_ledger_line.accounting_amount,
        round(fee_line.amount * line.exchange_rate / 100, currency.precision)
    ),
    line_property.is_chargeable AND line_property.is_accruable,
    reversed_ledger_line.actual_id IS NOT NULL,
    reversed_ledger_line.profile,
    CASE
        WHEN reversed_ledger_line.actual_id IS NULL THEN line.dimension_set_id
        ELSE reversed_ledger_line.dimension_set_id
    END,
    CASE
        WHEN reversed_ledger_line.actual_id IS NULL THEN line.offset_dimension_set_id
        ELSE reversed_ledger_line.offset_dimension_set_id
    END
FROM finance.journal_line AS line
JOIN finance.fee_line
    ON fee_line.company = %(company)s::text AND fee_line.actual_id = line.actual_id
JOIN finance.legal_entity ON legal_entity.company = %(company)s::text
JOIN finance.currency ON currency.currency = legal_entity.accounting_currency
JOIN finance.line_property
    ON line_property.company = %(company)s::text AND line_property.line_property = line.line_property
LEFT JOIN finance.contract_line
    ON
        contract_line.company = %(company)s::text
        AND contract_line.contract_line_id = fee_line.contract_line_id
LEFT JOIN pg_temp.reversed_ledger_line ON reversed_ledger_line.actual_id = line.actual_id
WHERE
    line.company = %(company)s::text
    AND line.journal_id = %(journal_id)s::bigint
    AND line.actual_id < 0;

-- name: analyze_ledger_line
-- What is joined, grouped and asked for; amounts are not, and cost most.
ANALYZE pg_temp.ledger_line (
    actual_id, transaction_type, class, project_id, contract_id, billing_method, category_number,
    accounting_date, voucher, currency, may_be_posted, is_reversal, profile, dimension_set_id,
    offset_dimension_set_id
);

-- name: drop_ledger_line
DROP TABLE pg_temp.reversed_ledger_line, pg_temp.ledger_line;
