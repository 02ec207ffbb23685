-- name: change_approval
-- Only what is sold can be billed otherwise: an entry without a sales line is left alone.
UPDATE operations.approval
SET
    billable_quantity = coalesce(%(billable_quantity)s::numeric, approval.billable_quantity),
    billing_type = coalesce(%(billing_type)s::operations.billing_type, approval.billing_type)
FROM operations.journal_line AS sales
WHERE
    approval.company = %(company)s::text
    AND approval.entry_id = %(entry_id)s::bigint
    AND sales.company = %(company)s::text
    AND sales.entry_id = approval.entry_id
    AND sales.transaction_type = 'unbilled_sales';
