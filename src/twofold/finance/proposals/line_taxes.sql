-- name: create_retaxed_line
-- The lines of the proposal with the groups they shall have; '' where they have none.
CREATE TEMPORARY TABLE retaxed_line (
    actual_id bigint PRIMARY KEY,
    credited_id bigint,
    class finance.transaction_class NOT NULL,
    is_chosen boolean NOT NULL,
    tax_group text NOT NULL,
    item_tax_group text NOT NULL,
    tax_on date NOT NULL,
    taxed_as_id bigint NOT NULL DEFAULT 0,
    amount numeric(19, 4) NOT NULL
) ON COMMIT DROP;

-- name: fill_retaxed_line
-- A fee is a line of class fee; its key is that of its sale, negated.
INSERT INTO pg_temp.retaxed_line (
    actual_id, credited_id, class, is_chosen, tax_group, item_tax_group, tax_on, amount
)
WITH taxed AS (
    SELECT
        line.*,
        staged_actual.class
    FROM finance.proposal
    JOIN finance.proposal_line AS line
        ON
            line.company = proposal.company
            AND line.actual_id BETWEEN proposal.first_actual_id AND proposal.last_actual_id
            AND line.proposal_id = proposal.proposal_id
    JOIN finance.staged_actual
        ON staged_actual.company = line.company AND staged_actual.actual_id = line.actual_id
    WHERE proposal.company = %(company)s::text AND proposal.proposal_id = %(proposal_id)s::bigint
    UNION ALL
    SELECT
        line.*,
        fee_line.class
    FROM finance.proposal
    JOIN finance.proposal_line AS line
        ON
            line.company = proposal.company
            AND line.actual_id BETWEEN -proposal.last_actual_id AND -proposal.first_actual_id
            AND line.proposal_id = proposal.proposal_id
    JOIN finance.fee_line
        ON fee_line.company = line.company AND fee_line.actual_id = line.actual_id
    WHERE proposal.company = %(company)s::text AND proposal.proposal_id = %(proposal_id)s::bigint
)

SELECT
    line.actual_id,
    line.credited_id,
    line.class,
    chosen.is_chosen,
    coalesce(CASE WHEN chosen.is_chosen THEN %(tax_group)s::text END, line.tax_group, ''),
    coalesce(CASE WHEN chosen.is_chosen THEN %(item_tax_group)s::text END, line.item_tax_group, ''),
    CASE parameter.tax_on
        WHEN 'document_date' THEN proposal.accounting_date
        ELSE coalesce(proposal.invoice_date, proposal.accounting_date)
    END,
    line.amount
FROM finance.proposal
JOIN taxed AS line ON line.company = proposal.company AND line.proposal_id = proposal.proposal_id
LEFT JOIN finance.parameter ON parameter.company = proposal.company
CROSS JOIN
    LATERAL (
        VALUES (
            (%(actual_ids)s::bigint[] IS NULL OR line.actual_id = any(%(actual_ids)s::bigint[]))
            AND (%(class)s::text IS NULL OR line.class::text = %(class)s::text)
        )
    ) AS chosen (is_chosen)
WHERE proposal.company = %(company)s::text AND proposal.proposal_id = %(proposal_id)s::bigint;

-- name: mirror_credits
-- As posting does: a credit has the codes and rates of its original, and those of the day of these
-- where somebody gave it other groups.
UPDATE pg_temp.retaxed_line AS credit
SET
    tax_on = CASE parameter.tax_on WHEN 'document_date' THEN corrected.accounting_date ELSE invoice.invoice_date END,
    taxed_as_id = CASE
        WHEN
            (credit.tax_group, credit.item_tax_group)
            = (coalesce(line.tax_group, ''), coalesce(line.item_tax_group, ''))
            THEN invoice.proposal_id
        ELSE 0
    END
FROM finance.proposal_line AS line
JOIN finance.customer_invoice AS invoice
    ON invoice.company = %(company)s::text AND invoice.proposal_id = line.proposal_id
JOIN finance.proposal AS corrected
    ON corrected.company = %(company)s::text AND corrected.proposal_id = line.proposal_id
JOIN finance.parameter ON parameter.company = %(company)s::text
WHERE line.company = %(company)s::text AND line.actual_id = credit.credited_id;

-- name: analyze_retaxed_line
ANALYZE pg_temp.retaxed_line;

-- name: name_taxed_pairs
INSERT INTO pg_temp.taxed_pair (tax_group, item_tax_group, tax_on, taxed_as_id)
SELECT DISTINCT
    tax_group,
    item_tax_group,
    tax_on,
    taxed_as_id
FROM pg_temp.retaxed_line;

-- name: find_missing
SELECT
    'ERR-F16' AS code,
    'tax_group' AS field,
    %(tax_group)s::text AS value
WHERE
    %(tax_group)s::text <> ''
    AND NOT EXISTS (
        SELECT FROM finance.tax_group_code
        WHERE tax_group_code.company = %(company)s::text AND tax_group_code.tax_group = %(tax_group)s::text
    )
UNION ALL
SELECT
    'ERR-F16',
    'item_tax_group',
    %(item_tax_group)s::text
WHERE
    %(item_tax_group)s::text <> ''
    AND NOT EXISTS (
        SELECT FROM finance.item_tax_group_code
        WHERE
            item_tax_group_code.company = %(company)s::text
            AND item_tax_group_code.item_tax_group = %(item_tax_group)s::text
    )
UNION ALL
SELECT
    'ERR-F20',
    'actual_id',
    asked.actual_id::text
FROM unnest(%(actual_ids)s::bigint[]) AS asked (actual_id)
LEFT JOIN pg_temp.retaxed_line ON retaxed_line.actual_id = asked.actual_id
WHERE retaxed_line.actual_id IS NULL
UNION ALL
SELECT
    'ERR-F20',
    'class',
    %(class)s::text
WHERE
    %(class)s::text IS NOT NULL
    AND NOT EXISTS (
        SELECT FROM pg_temp.retaxed_line
        WHERE retaxed_line.is_chosen
    )
UNION ALL
SELECT
    'ERR-F10',
    'tax_code',
    line_tax.tax_code || ' ' || line_tax.tax_on
FROM pg_temp.line_tax
WHERE line_tax.rate IS NULL
ORDER BY code, value;

-- name: change_lines
-- Tax is rounded per line and code, as import and posting do.
WITH pair AS (
    SELECT
        tax_group,
        item_tax_group,
        tax_on,
        taxed_as_id,
        array_agg(rate ORDER BY tax_code) AS rates
    FROM pg_temp.line_tax
    GROUP BY tax_group, item_tax_group, tax_on, taxed_as_id
),

renewed AS (
    SELECT
        line.actual_id,
        nullif(line.tax_group, '') AS tax_group,
        nullif(line.item_tax_group, '') AS item_tax_group,
        coalesce(
            (
                SELECT sum(round(line.amount * rate.rate / 100, currency.precision))
                FROM unnest(pair.rates) AS rate (rate)
            ),
            0
        ) AS tax_amount
    FROM pg_temp.retaxed_line AS line
    JOIN finance.proposal
        ON proposal.company = %(company)s::text AND proposal.proposal_id = %(proposal_id)s::bigint
    JOIN finance.currency ON currency.currency = proposal.currency
    LEFT JOIN pair
        ON
            pair.tax_group = line.tax_group
            AND pair.item_tax_group = line.item_tax_group
            AND pair.tax_on = line.tax_on
            AND pair.taxed_as_id = line.taxed_as_id
)

UPDATE finance.proposal_line
SET
    tax_group = renewed.tax_group,
    item_tax_group = renewed.item_tax_group,
    tax_amount = renewed.tax_amount
FROM renewed
WHERE
    proposal_line.company = %(company)s::text
    AND proposal_line.actual_id = renewed.actual_id
    AND (proposal_line.tax_group, proposal_line.item_tax_group, proposal_line.tax_amount)
    IS DISTINCT FROM (renewed.tax_group, renewed.item_tax_group, renewed.tax_amount);

-- name: total_header
UPDATE finance.proposal
SET
    tax_amount = line.tax_amount,
    total_amount = proposal.net_amount + line.tax_amount
FROM (
    SELECT coalesce(sum(proposal_line.tax_amount), 0) AS tax_amount
    FROM pg_temp.retaxed_line
    JOIN finance.proposal_line
        ON proposal_line.company = %(company)s::text AND proposal_line.actual_id = retaxed_line.actual_id
) AS line
WHERE proposal.company = %(company)s::text AND proposal.proposal_id = %(proposal_id)s::bigint;

-- name: drop_retaxed_line
DROP TABLE pg_temp.retaxed_line;
