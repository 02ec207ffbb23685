-- A posted sale stands on one proposal line at most, an on-account transaction on one that is not credited.
SELECT
    company,
    'transaction' AS kind,
    transaction_id AS key,
    count(*) AS line_count
FROM finance.proposal_line
WHERE transaction_id IS NOT NULL
GROUP BY company, transaction_id
HAVING count(*) > 1
UNION ALL
SELECT
    line.company,
    'milestone',
    line.milestone_id,
    count(*)
FROM finance.proposal_line AS line
LEFT JOIN finance.proposal_line AS credit
    ON credit.company = line.company AND credit.credited_id = line.actual_id
WHERE line.milestone_id IS NOT NULL AND credit.actual_id IS NULL
GROUP BY line.company, line.milestone_id
HAVING count(*) > 1;
