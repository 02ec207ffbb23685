-- No transaction of a customer is settled with more than it was, and one that is settled whole is so in every currency.
SELECT
    company,
    voucher,
    kind,
    amount,
    settled_amount,
    open_accounting_amount,
    open_reporting_amount
FROM finance.customer_position
WHERE
    settled_amount * amount < 0
    OR abs(settled_amount) > abs(amount)
    OR (open_amount = 0 AND (open_accounting_amount <> 0 OR open_reporting_amount <> 0));
