-- name: find_posted
-- Locked after the first posting (spec 4.7, P38): of an opening balance, or to the ledger on that day
-- or before.
SELECT
    posted.journal_id,
    journal.number,
    journal.is_beginning_balance
FROM finance.project_transaction AS posted
JOIN finance.journal
    ON journal.company = %(company)s::text AND journal.journal_id = posted.journal_id
WHERE
    posted.company = %(company)s::text
    AND (journal.is_beginning_balance OR posted.accounting_date <= %(cut_off_on)s::date)
ORDER BY journal.is_beginning_balance DESC, posted.journal_id ASC
LIMIT 1;

-- name: find_drafts
SELECT journal.number
FROM finance.journal
WHERE
    journal.company = %(company)s::text
    AND journal.state NOT IN ('posted', 'deleted')
    AND (
        journal.is_beginning_balance
        OR EXISTS (
            SELECT FROM finance.journal_line AS line
            WHERE
                line.company = %(company)s::text
                AND line.journal_id = journal.journal_id
                AND line.accounting_date <= %(cut_off_on)s::date
        )
    )
ORDER BY journal.journal_id;

-- name: read_cut_off
SELECT cut_off_on
FROM finance.beginning_balance
WHERE company = %(company)s::text;

-- name: state_cut_off
INSERT INTO finance.beginning_balance (company, cut_off_on, stated_by, stated_at)
VALUES (%(company)s::text, %(cut_off_on)s::date, %(actor)s::text, %(at)s::timestamptz)
ON CONFLICT (company) DO UPDATE
    SET cut_off_on = excluded.cut_off_on, stated_by = excluded.stated_by, stated_at = excluded.stated_at;
