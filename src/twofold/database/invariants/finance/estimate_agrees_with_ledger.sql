-- What an estimate says it recognised and moved is what its voucher posted; its reversal posted the same, negated.
WITH posted AS (
    SELECT
        company,
        voucher,
        sum(accounting_amount) FILTER (WHERE posting_type = 'accrued_revenue') AS accrued_amount,
        sum(accounting_amount) FILTER (WHERE posting_type IN ('wip_cost_value', 'wip_cost_value_item')) AS moved_amount,
        sum(accounting_amount) FILTER (WHERE posting_type = 'contract_variance') AS variance_amount,
        sum(reporting_amount * entry_number) AS reporting_amount
    FROM finance.ledger_entry
    GROUP BY company, voucher
)

SELECT
    estimate.company,
    estimate.voucher,
    reversal.voucher AS reversed_by,
    estimate.accrued_amount,
    estimate.moved_amount,
    posted.moved_amount AS ledger_moved_amount,
    -posted.accrued_amount AS ledger_accrued_amount
FROM finance.estimate
LEFT JOIN posted ON posted.company = estimate.company AND posted.voucher = estimate.voucher
LEFT JOIN finance.estimate_reversal AS reversal
    ON reversal.company = estimate.company AND reversal.reversed_voucher = estimate.voucher
LEFT JOIN posted AS taken_back
    ON taken_back.company = reversal.company AND taken_back.voucher = reversal.voucher
WHERE
    estimate.accrued_amount <> -coalesce(posted.accrued_amount, 0)
    OR estimate.moved_amount <> coalesce(posted.moved_amount, 0)
    OR estimate.variance_amount <> -coalesce(posted.variance_amount, 0)
    OR (
        reversal.voucher IS NOT NULL
        AND (
            coalesce(posted.accrued_amount, 0), coalesce(posted.moved_amount, 0),
            coalesce(posted.variance_amount, 0), coalesce(posted.reporting_amount, 0)
        ) <> (
            -coalesce(taken_back.accrued_amount, 0), -coalesce(taken_back.moved_amount, 0),
            -coalesce(taken_back.variance_amount, 0), -coalesce(taken_back.reporting_amount, 0)
        )
    );
