-- What finance says of customers is in operations as finance has told it.
SELECT
    company,
    account,
    name,
    currency,
    payment_terms,
    customer_group,
    invoice_account,
    is_on_hold,
    tax_group,
    posting_profile
FROM operations.customer_accounting;
