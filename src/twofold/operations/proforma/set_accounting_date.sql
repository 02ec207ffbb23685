-- name: find
SELECT number
FROM operations.proforma
WHERE company = %(company)s::text AND proforma_id = %(proforma_id)s::bigint;

-- name: set_date
UPDATE operations.proforma
SET accounting_date = %(accounting_date)s::date
WHERE
    company = %(company)s::text
    AND proforma_id = %(proforma_id)s::bigint
    AND state IN ('draft', 'in_review');
