-- name: change
UPDATE operations.proforma
SET
    name = coalesce(%(name)s::text, name),
    description = CASE
        WHEN 'description' <> all(%(cleared)s::text[]) THEN coalesce(%(description)s::text, description)
    END,
    bill_to_name = CASE
        WHEN 'bill_to_name' <> all(%(cleared)s::text[]) THEN coalesce(%(bill_to_name)s::text, bill_to_name)
    END,
    payment_terms = CASE
        WHEN 'payment_terms' <> all(%(cleared)s::text[]) THEN coalesce(%(payment_terms)s::text, payment_terms)
    END,
    accounting_date = CASE
        WHEN 'accounting_date' <> all(%(cleared)s::text[]) THEN coalesce(%(accounting_date)s::date, accounting_date)
    END,
    state = coalesce(%(state)s::operations.proforma_state, state),
    revision = revision + 1,
    changed_by = %(actor)s::text,
    changed_at = %(at)s::timestamptz
WHERE company = %(company)s::text AND proforma_id = %(proforma_id)s::bigint
RETURNING
    number,
    revision,
    state::text AS state,
    name,
    description,
    bill_to_name,
    payment_terms,
    accounting_date;
