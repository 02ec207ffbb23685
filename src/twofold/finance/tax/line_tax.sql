-- name: create_taxed_pair
-- The pairs of groups that lines have, with the day their tax is reckoned on. taxed_as_id: the
-- proposal whose posted codes and rates count, because its lines are credited; 0: the setup counts.
CREATE TEMPORARY TABLE taxed_pair (
    tax_group text NOT NULL,
    item_tax_group text NOT NULL,
    tax_on date NOT NULL,
    taxed_as_id bigint NOT NULL,
    PRIMARY KEY (tax_group, item_tax_group, tax_on, taxed_as_id)
) ON COMMIT DROP;

-- name: create_line_tax
-- One row per code; rate is NULL where the code has none on that day, or no longer one.
CREATE TEMPORARY TABLE line_tax (
    tax_group text NOT NULL,
    item_tax_group text NOT NULL,
    tax_on date NOT NULL,
    taxed_as_id bigint NOT NULL,
    tax_code text NOT NULL,
    payable_account text NOT NULL,
    rate numeric(9, 4),
    PRIMARY KEY (tax_group, item_tax_group, tax_on, taxed_as_id, tax_code)
) ON COMMIT DROP;

-- name: find_line_tax
INSERT INTO pg_temp.line_tax (tax_group, item_tax_group, tax_on, taxed_as_id, tax_code, payable_account, rate)
SELECT
    pair.tax_group,
    pair.item_tax_group,
    pair.tax_on,
    pair.taxed_as_id,
    tax_code.tax_code,
    tax_code.payable_account,
    (
        SELECT CASE WHEN pair.tax_on <= coalesce(tax_rate.valid_to, pair.tax_on) THEN tax_rate.rate END
        FROM finance.tax_rate
        WHERE
            tax_rate.company = %(company)s::text
            AND tax_rate.tax_code = tax_code.tax_code
            AND tax_rate.valid_from <= pair.tax_on
        ORDER BY tax_rate.valid_from DESC
        LIMIT 1
    )
FROM pg_temp.taxed_pair AS pair
JOIN finance.tax_group_code AS taxed
    ON taxed.company = %(company)s::text AND taxed.tax_group = pair.tax_group
JOIN finance.item_tax_group_code AS sold
    ON
        sold.company = %(company)s::text
        AND sold.item_tax_group = pair.item_tax_group
        AND sold.tax_code = taxed.tax_code
JOIN finance.tax_code
    ON tax_code.company = %(company)s::text AND tax_code.tax_code = taxed.tax_code
WHERE pair.taxed_as_id = 0
UNION ALL
SELECT
    pair.tax_group,
    pair.item_tax_group,
    pair.tax_on,
    pair.taxed_as_id,
    posted.tax_code,
    posted.payable_account,
    posted.rate
FROM pg_temp.taxed_pair AS pair
JOIN finance.invoiced_tax AS posted
    ON
        posted.company = %(company)s::text
        AND posted.proposal_id = pair.taxed_as_id
        AND posted.tax_group = pair.tax_group
        AND posted.item_tax_group = pair.item_tax_group;

-- name: analyze_line_tax
ANALYZE pg_temp.line_tax;

-- name: drop_line_tax
DROP TABLE pg_temp.taxed_pair, pg_temp.line_tax;
