-- What is ready to be invoiced, or on a draft, fits within the limits it comes under.
SELECT
    company,
    state,
    not_to_exceed,
    'actual/' || actual_id AS record
FROM operations.backlog_item
WHERE state IN ('ready', 'on_proforma') AND not_to_exceed NOT IN ('committed', 'not_applicable');
