-- A posted journal has no lines left, and every posted transaction belongs to a posted journal.
SELECT
    journal.company,
    journal.number,
    journal_line.actual_id,
    'unposted line on a posted journal' AS problem
FROM finance.journal
JOIN finance.journal_line
    ON journal_line.company = journal.company AND journal_line.journal_id = journal.journal_id
WHERE journal.state = 'posted'
UNION ALL
SELECT
    project_transaction.company,
    journal.number,
    project_transaction.actual_id,
    'posted transaction without a posted journal'
FROM finance.project_transaction
LEFT JOIN finance.journal
    ON journal.company = project_transaction.company AND journal.journal_id = project_transaction.journal_id
WHERE journal.state IS DISTINCT FROM 'posted'
UNION ALL
SELECT
    journal_line.company,
    NULL,
    journal_line.actual_id,
    'line without a journal'
FROM finance.journal_line
LEFT JOIN finance.journal
    ON journal.company = journal_line.company AND journal.journal_id = journal_line.journal_id
WHERE journal.journal_id IS NULL;
