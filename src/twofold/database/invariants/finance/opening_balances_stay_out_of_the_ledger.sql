-- No voucher of an opening-balance journal is in the ledger, its lines lie before the cut-over, and what
-- was invoiced before is on no invoice here.
WITH entered AS (
    SELECT DISTINCT
        company,
        voucher
    FROM finance.ledger_entry
)

SELECT
    posted.company,
    journal.number,
    posted.actual_id,
    posted.accounting_date,
    entered.voucher
FROM finance.journal
JOIN finance.project_transaction AS posted
    ON posted.company = journal.company AND posted.journal_id = journal.journal_id
LEFT JOIN finance.beginning_balance
    ON beginning_balance.company = journal.company
LEFT JOIN entered
    ON entered.company = posted.company AND entered.voucher = posted.voucher
WHERE
    journal.is_beginning_balance
    AND (entered.voucher IS NOT NULL OR coalesce(posted.accounting_date > beginning_balance.cut_off_on, true))
UNION ALL
SELECT
    brought.company,
    NULL,
    brought.actual_id,
    NULL,
    NULL
FROM finance.brought_over_sale AS brought
LEFT JOIN finance.proposal_line AS line
    ON line.company = brought.company AND line.transaction_id = brought.transaction_id
LEFT JOIN finance.proposal
    ON proposal.company = brought.company AND proposal.proposal_id = brought.proposal_id
WHERE line.actual_id IS NOT NULL OR proposal.state IS DISTINCT FROM 'brought_over';
