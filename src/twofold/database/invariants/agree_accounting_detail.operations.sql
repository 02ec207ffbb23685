-- What finance has posted and reported is beside the actual in operations, with the same voucher,
-- amount, rate and tax; an actual that is never sent has none. Counted per thousand actuals.
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
    count(*) FILTER (WHERE actual.skip_sync IS DISTINCT FROM false) AS never_sent_count
FROM operations.actual_accounting AS detail
LEFT JOIN operations.actual ON actual.company = detail.company AND actual.actual_id = detail.actual_id
GROUP BY detail.company, detail.actual_id / 1000;
