-- A contract line, a project, a customer and a proforma named together belong together, in one company.
SELECT
    fact.company,
    fact.record,
    concat_ws(
        ', ',
        CASE WHEN agreed.contract_id <> fact.contract_id THEN 'contract line of another contract' END,
        CASE WHEN agreed.project_id <> fact.project_id THEN 'contract line of another project' END,
        CASE WHEN fact.customer_id IS NOT NULL AND payer.customer_id IS NULL THEN 'customer not on contract' END,
        CASE WHEN proforma.contract_id <> fact.contract_id THEN 'proforma of another contract' END,
        CASE WHEN proforma.customer_id <> fact.customer_id THEN 'proforma of another customer' END
    ) AS problem
FROM (
    SELECT
        company,
        'actual/' || actual_id AS record,
        contract_id,
        contract_line_id,
        customer_id,
        project_id,
        proforma_id
    FROM operations.actual
    WHERE contract_id IS NOT NULL
    UNION ALL
    SELECT
        company,
        'backlog_item/' || actual_id,
        contract_id,
        contract_line_id,
        customer_id,
        project_id,
        proforma_id
    FROM operations.backlog_item
    UNION ALL
    SELECT
        company,
        'milestone/' || milestone_id,
        contract_id,
        contract_line_id,
        customer_id,
        project_id,
        proforma_id
    FROM operations.milestone
    UNION ALL
    SELECT
        company,
        'retainer/' || retainer_id,
        contract_id,
        NULL,
        customer_id,
        NULL,
        proforma_id
    FROM operations.retainer
    UNION ALL
    SELECT
        line.company,
        'proforma_line/' || line.proforma_line_id,
        header.contract_id,
        line.contract_line_id,
        header.customer_id,
        line.project_id,
        line.proforma_id
    FROM operations.proforma_line AS line
    JOIN operations.proforma AS header
        ON header.company = line.company AND header.proforma_id = line.proforma_id
) AS fact
LEFT JOIN operations.contract_line AS agreed
    ON agreed.company = fact.company AND agreed.contract_line_id = fact.contract_line_id
LEFT JOIN operations.contract_customer AS payer
    ON
        payer.company = fact.company
        AND payer.contract_id = fact.contract_id
        AND payer.customer_id = fact.customer_id
LEFT JOIN operations.proforma
    ON proforma.company = fact.company AND proforma.proforma_id = fact.proforma_id
WHERE
    agreed.contract_id <> fact.contract_id
    OR agreed.project_id <> fact.project_id
    OR (fact.customer_id IS NOT NULL AND payer.customer_id IS NULL)
    OR proforma.contract_id <> fact.contract_id
    OR proforma.customer_id <> fact.customer_id;
