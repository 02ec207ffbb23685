-- Every draft that a run of a schedule names is a proforma of the line's contract, and the schedule's
-- contract is the line's.
SELECT
    planned.company,
    planned.first_proforma_id,
    planned.last_proforma_id,
    count(proforma.proforma_id) AS found_count,
    'contract_line_schedule/' || planned.contract_line_id || '/' || planned.run_date AS record
FROM operations.contract_line_schedule AS planned
JOIN operations.contract_line AS agreed
    ON agreed.company = planned.company AND agreed.contract_line_id = planned.contract_line_id
LEFT JOIN operations.proforma
    ON
        proforma.company = planned.company
        AND proforma.contract_id = agreed.contract_id
        AND proforma.proforma_id BETWEEN planned.first_proforma_id AND planned.last_proforma_id
GROUP BY
    planned.company, planned.contract_line_id, planned.run_date, planned.contract_id, agreed.contract_id,
    planned.first_proforma_id, planned.last_proforma_id
HAVING
    planned.contract_id <> agreed.contract_id
    OR count(proforma.proforma_id) <> coalesce(planned.last_proforma_id - planned.first_proforma_id + 1, 0);
