-- name: legal_entity
SELECT
    name,
    accounting_currency,
    reporting_currency
FROM finance.legal_entity
WHERE company = %(company)s::text;

-- name: put_legal_entity
INSERT INTO finance.legal_entity (company, name, accounting_currency, reporting_currency, change_set_id)
VALUES (
    %(company)s::text,
    %(name)s::text,
    %(accounting_currency)s::text,
    %(reporting_currency)s::text,
    %(change_set_id)s::bigint
)
ON CONFLICT (company) DO UPDATE SET
    name = excluded.name,
    accounting_currency = excluded.accounting_currency,
    reporting_currency = excluded.reporting_currency,
    change_set_id = excluded.change_set_id;
