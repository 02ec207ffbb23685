-- name: read_cut_off
SELECT
    cut_off_on,
    stated_by,
    stated_at
FROM finance.beginning_balance
WHERE company = %(company)s::text;
