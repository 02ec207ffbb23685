-- A discount that the journal did not take off is taken off by invoicing: the line bills the sale less its discount,
-- and posts what the project transaction left, no more and no less. A fee line has no discount.
SELECT
    line.company,
    line.actual_id,
    staged_actual.amount AS sale_amount,
    staged_actual.discount_amount AS sale_discount_amount,
    line.amount,
    line.discount_amount,
    posted.discount_amount AS posted_discount_amount
FROM finance.proposal_line AS line
JOIN finance.staged_actual
    ON staged_actual.company = line.company AND staged_actual.actual_id = abs(line.actual_id)
LEFT JOIN finance.project_transaction AS posted
    ON posted.company = line.company AND posted.actual_id = line.transaction_id
WHERE
    line.amount <> CASE
        WHEN line.actual_id < 0 THEN staged_actual.fee_amount
        ELSE staged_actual.amount - staged_actual.discount_amount
    END
    OR (line.transaction_id IS NOT NULL AND line.discount_amount IS DISTINCT FROM posted.discount_amount)
    OR (line.discount_amount <> 0 AND line.discount_amount <> staged_actual.discount_amount)
    OR (line.actual_id < 0 AND line.discount_amount <> 0);
