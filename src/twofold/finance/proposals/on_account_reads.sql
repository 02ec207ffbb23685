-- name: list_on_account
SELECT
    on_account.milestone_id,
    contract.number AS contract_number,
    contract_line.line_number,
    project.number AS project_number,
    on_account.description,
    on_account.transaction_date,
    on_account.amount,
    on_account.currency,
    on_account_status.state,
    given.tax_group,
    given.item_tax_group,
    given.changed_by,
    CASE given.dimension_set_id WHEN 0 THEN '' ELSE dimension_set.label END AS dimensions
FROM finance.on_account_transaction AS on_account
JOIN finance.on_account_status
    ON
        on_account_status.company = on_account.company
        AND on_account_status.milestone_id = on_account.milestone_id
JOIN finance.contract
    ON contract.company = on_account.company AND contract.contract_id = on_account.contract_id
JOIN finance.contract_line
    ON
        contract_line.company = on_account.company
        AND contract_line.contract_line_id = on_account.contract_line_id
JOIN finance.project
    ON project.company = on_account.company AND project.project_id = on_account.project_id
LEFT JOIN finance.on_account_accounting AS given
    ON given.company = on_account.company AND given.milestone_id = on_account.milestone_id
LEFT JOIN finance.dimension_set
    ON
        dimension_set.company = given.company
        AND dimension_set.dimension_set_id = given.dimension_set_id
WHERE on_account.company = %(company)s::text AND on_account.milestone_id > %(after)s::bigint
ORDER BY on_account.milestone_id
LIMIT %(rows_max)s::integer;
