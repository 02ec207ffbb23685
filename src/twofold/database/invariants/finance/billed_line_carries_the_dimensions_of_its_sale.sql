-- A proposal line has the dimensions of the sale it bills or of the line it credits, and so has its invoice line.
SELECT
    line.company,
    line.actual_id,
    line.proposal_id,
    line.dimension_set_id,
    invoice_line.dimension_set_id AS invoiced_set_id,
    CASE
        WHEN line.credited_id IS NOT NULL THEN credited.dimension_set_id
        WHEN adjusted.actual_id IS NULL THEN posted.dimension_set_id
        ELSE adjusted.dimension_set_id
    END AS wanted_set_id
FROM finance.proposal_line AS line
LEFT JOIN finance.project_transaction AS posted
    ON posted.company = line.company AND posted.actual_id = line.transaction_id
LEFT JOIN finance.adjusted_dimension AS adjusted
    ON adjusted.company = line.company AND adjusted.actual_id = line.transaction_id
LEFT JOIN finance.proposal_line AS credited
    ON credited.company = line.company AND credited.actual_id = line.credited_id
LEFT JOIN finance.invoice_line
    ON invoice_line.company = line.company AND invoice_line.actual_id = line.actual_id
WHERE
    (
        (line.transaction_id IS NOT NULL OR line.credited_id IS NOT NULL)
        AND line.dimension_set_id IS DISTINCT FROM CASE
            WHEN line.credited_id IS NOT NULL THEN credited.dimension_set_id
            WHEN adjusted.actual_id IS NULL THEN posted.dimension_set_id
            ELSE adjusted.dimension_set_id
        END
    )
    OR (
        invoice_line.actual_id IS NOT NULL
        AND invoice_line.dimension_set_id IS DISTINCT FROM line.dimension_set_id
    );
