-- A posted sale or an on-account transaction stands on one proposal line at most.
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
    company,
    'milestone',
    milestone_id,
    count(*)
FROM finance.proposal_line
WHERE milestone_id IS NOT NULL
GROUP BY company, milestone_id
HAVING count(*) > 1;
