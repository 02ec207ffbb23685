-- A milestone that was invoiced before the cut-over is on no proposal.
SELECT
    on_account_transaction.company,
    on_account_transaction.milestone_id,
    line.proposal_id,
    line.actual_id
FROM finance.on_account_transaction
JOIN finance.proposal_line AS line
    ON
        line.company = on_account_transaction.company
        AND line.milestone_id = on_account_transaction.milestone_id
WHERE on_account_transaction.cut_over_status = 'invoiced';
