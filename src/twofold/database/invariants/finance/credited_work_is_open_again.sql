-- What replaces a sale whose credit is posted is posted too, and so is the fee of what replaces the sale of a credited
-- fee: only that puts it back into work in progress.
SELECT
    credit.company,
    credit.actual_id,
    credit.credited_id,
    replacing.transaction1_id AS replacing_id
FROM finance.invoice_line
JOIN finance.proposal_line AS credit
    ON credit.company = invoice_line.company AND credit.actual_id = invoice_line.actual_id
JOIN finance.staged_actual AS credited
    ON credited.company = credit.company AND credited.actual_id = abs(credit.credited_id)
LEFT JOIN finance.staged_connection AS replacing
    ON
        replacing.company = credit.company
        AND replacing.transaction2_id = abs(credit.credited_id)
        AND replacing.transaction1_role = 'replacing'
LEFT JOIN finance.project_transaction
    ON
        project_transaction.company = replacing.company
        AND project_transaction.actual_id = sign(credit.credited_id) * replacing.transaction1_id
WHERE
    credited.class NOT IN ('milestone', 'retainer')
    AND credited.quantity <> 0
    AND project_transaction.actual_id IS NULL;
