-- What finance has posted in sets that operations has acknowledged, per thousand actuals.
SELECT
    detail.company,
    detail.actual_id / 1000 * 1000 AS from_actual_id,
    count(*) AS row_count,
    sum(detail.accounting_amount) AS accounting_amount,
    sum(detail.sales_tax_amount) AS sales_tax_amount,
    sum(
        hashtextextended(
            (
                detail.actual_id, detail.voucher, detail.accounting_date, detail.accounting_amount,
                detail.exchange_rate, detail.sales_tax_amount
            )::text,
            0
        )::numeric
    ) AS content_hash,
    count(*) FILTER (WHERE detail.voucher IS NULL) AS never_sent_count
FROM finance.accounting_detail AS detail
JOIN dualwrite.acknowledged
    ON acknowledged.company = detail.company AND acknowledged.set_id = detail.change_set_id
GROUP BY detail.company, detail.actual_id / 1000;
