-- A journal that waits has lines; one without any is deleted or posted, and a deleted one has none.
SELECT
    journal.company,
    journal.number,
    journal.state,
    count(journal_line.actual_id) AS line_count
FROM finance.journal
LEFT JOIN finance.journal_line
    ON journal_line.company = journal.company AND journal_line.journal_id = journal.journal_id
WHERE journal.state <> 'posted'
GROUP BY journal.company, journal.number, journal.state
HAVING (journal.state = 'deleted') <> (count(journal_line.actual_id) = 0);
