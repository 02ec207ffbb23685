-- The parts of a milestone that is billed by progress share their date, and are no more than the line.
SELECT
    part.company,
    agreed.contracted_amount,
    count(DISTINCT part.milestone_date) AS date_count,
    sum(part.amount) AS amount,
    'contract_line/' || part.contract_line_id || '/milestone/' || part.name AS record
FROM operations.milestone AS part
JOIN operations.contract_line AS agreed
    ON agreed.company = part.company AND agreed.contract_line_id = part.contract_line_id
WHERE agreed.schedule_type = 'progress'
GROUP BY part.company, part.contract_line_id, part.name, agreed.contracted_amount
HAVING count(DISTINCT part.milestone_date) > 1 OR sum(part.amount) > agreed.contracted_amount;
