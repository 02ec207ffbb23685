-- name: lock_contracts
-- As every creation of drafts does, in key order.
SELECT contract_id
FROM operations.contract
WHERE
    company = %(company)s::text
    AND contract_id IN (
        SELECT sale.contract_id
        FROM operations.actual AS sale
        WHERE sale.company = %(company)s::text AND sale.actual_id = any(%(actual_ids)s::bigint[])
        UNION
        SELECT milestone.contract_id
        FROM operations.milestone
        WHERE
            milestone.company = %(company)s::text
            AND milestone.milestone_id = any(%(milestone_ids)s::bigint[])
    )
ORDER BY contract_id
FOR UPDATE;

-- name: judge
-- Of the items chosen, those that cannot be put on a draft, each with the first reason.
WITH chosen AS (
    SELECT
        'actual' AS kind,
        named.key,
        sale.contract_id,
        item.customer_id,
        item.project_id,
        item.transaction_date AS due_date,
        item.proforma_id,
        item.state::text AS state
    FROM unnest(%(actual_ids)s::bigint[]) AS named (key)
    LEFT JOIN operations.actual AS sale
        ON sale.company = %(company)s::text AND sale.actual_id = named.key
    LEFT JOIN operations.backlog_item AS item
        ON
            item.company = %(company)s::text
            AND item.contract_id = sale.contract_id
            AND item.actual_id = named.key
    UNION ALL
    SELECT
        'milestone',
        named.key,
        milestone.contract_id,
        milestone.customer_id,
        milestone.project_id,
        milestone.milestone_date,
        milestone.proforma_id,
        milestone.state::text
    FROM unnest(%(milestone_ids)s::bigint[]) AS named (key)
    LEFT JOIN operations.milestone
        ON
            milestone.company = %(company)s::text
            AND milestone.milestone_id = named.key
            AND milestone.state <> 'posted'
),

judged AS (
    SELECT
        chosen.kind,
        chosen.key,
        CASE
            WHEN chosen.state IS NULL THEN ARRAY['ERR-B22', 'state', '']
            WHEN
                (chosen.contract_id, chosen.customer_id)
                <> (
                    coalesce(%(contract_id)s::bigint, chosen.contract_id),
                    coalesce(%(customer_id)s::bigint, chosen.customer_id)
                )
                THEN ARRAY['ERR-B22', 'state', '']
            WHEN chosen.state = 'on_proforma' THEN ARRAY['ERR-B06', 'proforma', proforma.number]
            WHEN chosen.due_date > %(cutoff)s::date
                THEN ARRAY['ERR-B07', 'transaction_date', chosen.due_date::text]
            WHEN chosen.state <> 'ready' THEN ARRAY['ERR-B25', 'state', chosen.state]
            WHEN contract.state <> 'active' THEN ARRAY['ERR-B23', 'contract', contract.number]
            WHEN project.state <> 'in_process' THEN ARRAY['ERR-B21', 'project', project.number]
            WHEN payer.customer_id IS NULL THEN ARRAY['ERR-B04', 'customer', '']
        END AS verdict
    FROM chosen
    LEFT JOIN operations.contract
        ON contract.company = %(company)s::text AND contract.contract_id = chosen.contract_id
    LEFT JOIN operations.project
        ON project.company = %(company)s::text AND project.project_id = chosen.project_id
    LEFT JOIN operations.contract_customer AS payer
        ON
            payer.company = %(company)s::text
            AND payer.contract_id = chosen.contract_id
            AND payer.customer_id = chosen.customer_id
    LEFT JOIN operations.proforma
        ON proforma.company = %(company)s::text AND proforma.proforma_id = chosen.proforma_id
)

SELECT
    kind,
    key,
    verdict[1] AS code,
    verdict[2] AS field,
    verdict[3] AS value
FROM judged
WHERE verdict IS NOT NULL
ORDER BY kind, key;

-- name: group_by_draft
-- Of several drafts of a contract and customer the one created last counts; one that corrects, or
-- is in review, is not to be added to.
WITH chosen AS (
    SELECT
        item.contract_id,
        item.customer_id,
        item.actual_id,
        NULL::bigint AS milestone_id
    FROM operations.actual AS sale
    JOIN operations.backlog_item AS item
        ON
            item.company = %(company)s::text
            AND item.contract_id = sale.contract_id
            AND item.actual_id = sale.actual_id
    WHERE sale.company = %(company)s::text AND sale.actual_id = any(%(actual_ids)s::bigint[])
    UNION ALL
    SELECT
        contract_id,
        customer_id,
        NULL,
        milestone_id
    FROM operations.milestone
    WHERE company = %(company)s::text AND milestone_id = any(%(milestone_ids)s::bigint[])
),

draft AS (
    SELECT DISTINCT ON (proforma.contract_id, proforma.customer_id)
        proforma.contract_id,
        proforma.customer_id,
        proforma.proforma_id
    FROM operations.proforma
    WHERE
        proforma.company = %(company)s::text
        AND proforma.contract_id IN (SELECT chosen.contract_id FROM chosen)
        AND proforma.state = 'draft'
        AND NOT proforma.has_corrections
    ORDER BY
        proforma.contract_id ASC, proforma.customer_id ASC, proforma.created_at DESC, proforma.proforma_id DESC
)

SELECT
    chosen.contract_id,
    chosen.customer_id,
    draft.proforma_id AS draft_id,
    coalesce(array_agg(chosen.actual_id) FILTER (WHERE chosen.actual_id IS NOT NULL), '{}') AS actual_ids,
    coalesce(array_agg(chosen.milestone_id) FILTER (WHERE chosen.milestone_id IS NOT NULL), '{}') AS milestone_ids
FROM chosen
LEFT JOIN draft ON draft.contract_id = chosen.contract_id AND draft.customer_id = chosen.customer_id
GROUP BY chosen.contract_id, chosen.customer_id, draft.proforma_id
ORDER BY chosen.contract_id, chosen.customer_id;
