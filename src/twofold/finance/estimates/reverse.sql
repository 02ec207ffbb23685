-- name: create_reversed
-- What is to be reversed; no voucher where nothing stands, no line where there is no such estimate project.
CREATE TEMPORARY TABLE reversed_estimate (
    number text PRIMARY KEY,
    contract_line_id bigint,
    kind finance.estimate_kind,
    estimated_through date,
    reversed_voucher text,
    voucher text
) ON COMMIT DROP;

-- name: fill_reversed
INSERT INTO pg_temp.reversed_estimate (number, contract_line_id, kind, estimated_through, reversed_voucher)
SELECT DISTINCT ON (given.number)
    given.number,
    project.contract_line_id,
    standing.kind,
    standing.estimated_through,
    standing.voucher
FROM unnest(%(numbers)s::text[]) AS given (number)
LEFT JOIN finance.estimate_project AS project
    ON project.company = %(company)s::text AND project.number = given.number
LEFT JOIN finance.standing_estimate AS standing
    ON standing.company = %(company)s::text AND standing.contract_line_id = project.contract_line_id
ORDER BY given.number ASC, standing.estimate_number DESC NULLS LAST;

-- name: read_problems
SELECT
    reversed.number,
    problem.code,
    problem.field,
    problem.value
FROM pg_temp.reversed_estimate AS reversed
LEFT JOIN finance.fiscal_period
    ON
        fiscal_period.company = %(company)s::text
        AND fiscal_period.state = 'open'
        AND %(day)s::date BETWEEN fiscal_period.period_start AND fiscal_period.period_end
CROSS JOIN
    LATERAL (
        VALUES
        (reversed.contract_line_id IS NULL, 'ERR-F81', 'number', reversed.number),
        (
            reversed.contract_line_id IS NOT NULL AND reversed.reversed_voucher IS NULL,
            'ERR-F87',
            'estimate',
            ''
        ),
        (%(day)s::date < reversed.estimated_through, 'ERR-F84', 'estimated_through', reversed.estimated_through::text),
        (fiscal_period.period_start IS NULL, 'ERR-J01', 'date', %(day)s::date::text)
    ) AS problem (is_wrong, code, field, value)
WHERE problem.is_wrong
ORDER BY reversed.number, problem.code;

-- name: number_reversals
UPDATE pg_temp.reversed_estimate AS reversed
SET
    voucher = finance.document_number(
        %(prefix)s::text, %(digits)s::integer, %(first_number)s::bigint + numbered.position - 1
    )
FROM (
    SELECT
        number,
        row_number() OVER (ORDER BY number) AS position
    FROM pg_temp.reversed_estimate
) AS numbered
WHERE numbered.number = reversed.number;

-- name: add_reversals
INSERT INTO finance.estimate_reversal (
    company, voucher, reversed_voucher, reversed_on, reason, reversed_by, reversed_at
)
SELECT
    %(company)s::text,
    voucher,
    reversed_voucher,
    %(day)s::date,
    %(reason)s::text,
    %(actor)s::text,
    %(at)s::timestamptz
FROM pg_temp.reversed_estimate;

-- name: add_entries
INSERT INTO finance.ledger_entry (
    company, voucher, entry_number, accounting_date, account, posting_type, project_id, currency,
    transaction_amount, accounting_amount, reporting_amount, dimension_set_id
)
SELECT
    entry.company,
    reversed.voucher,
    entry.entry_number,
    %(day)s::date,
    entry.account,
    entry.posting_type,
    entry.project_id,
    entry.currency,
    -entry.transaction_amount,
    -entry.accounting_amount,
    -entry.reporting_amount,
    entry.dimension_set_id
FROM pg_temp.reversed_estimate AS reversed
JOIN finance.ledger_entry AS entry
    ON entry.company = %(company)s::text AND entry.voucher = reversed.reversed_voucher;

-- name: read_reversed
SELECT
    number,
    kind::text AS kind,
    reversed_voucher,
    voucher
FROM pg_temp.reversed_estimate
ORDER BY number;

-- name: drop_reversed
DROP TABLE pg_temp.reversed_estimate;
