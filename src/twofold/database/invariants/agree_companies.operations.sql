-- Legal entities are in operations as finance has told of them.
SELECT
    company,
    name,
    accounting_currency
FROM operations.company;
