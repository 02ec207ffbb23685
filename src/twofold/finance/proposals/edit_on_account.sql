-- name: find_on_account
SELECT state
FROM finance.on_account_status
WHERE company = %(company)s::text AND milestone_id = %(milestone_id)s::bigint;

-- name: name_set
-- The dimensions given are all it has: they begin from none.
INSERT INTO pg_temp.changed_set (from_id)
VALUES (0);

-- name: put_accounting
INSERT INTO finance.on_account_accounting AS known (
    company, milestone_id, tax_group, item_tax_group, dimension_set_id, changed_by, changed_at
)
SELECT
    %(company)s::text,
    %(milestone_id)s::bigint,
    %(tax_group)s::text,
    %(item_tax_group)s::text,
    CASE WHEN %(is_of_dimensions)s::boolean THEN coalesce(changed.to_id, 0) END,
    %(actor)s::text,
    %(at)s::timestamptz
FROM pg_temp.changed_set AS changed
ON CONFLICT (company, milestone_id) DO UPDATE SET
    tax_group = coalesce(excluded.tax_group, known.tax_group),
    item_tax_group = coalesce(excluded.item_tax_group, known.item_tax_group),
    dimension_set_id = coalesce(excluded.dimension_set_id, known.dimension_set_id),
    changed_by = excluded.changed_by,
    changed_at = excluded.changed_at;
