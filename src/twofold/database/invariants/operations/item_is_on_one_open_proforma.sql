-- A sale, milestone or retainer is on at most one open proforma, and is marked as on it exactly when it is.
WITH placed AS (
    SELECT
        detail.company,
        detail.actual_id,
        detail.milestone_id,
        proforma.contract_id,
        count(*) AS detail_count,
        min(detail.proforma_id) AS proforma_id
    FROM operations.proforma_detail AS detail
    JOIN operations.proforma
        ON proforma.company = detail.company AND proforma.proforma_id = detail.proforma_id
    WHERE
        proforma.state IN ('draft', 'in_review')
        AND (detail.actual_id IS NOT NULL OR detail.milestone_id IS NOT NULL)
    GROUP BY detail.company, detail.actual_id, detail.milestone_id, proforma.contract_id
),

item AS (
    SELECT * FROM operations.backlog_item
    WHERE backlog_item.state = 'on_proforma'
)

SELECT
    coalesce(placed.company, item.company) AS company,
    'actual/' || coalesce(placed.actual_id, item.actual_id) AS record,
    coalesce(placed.detail_count, 0) AS detail_count,
    placed.proforma_id AS is_on,
    item.proforma_id AS is_marked
FROM (
    SELECT * FROM placed
    WHERE placed.actual_id IS NOT NULL
) AS placed
FULL JOIN item
    ON
        item.company = placed.company
        AND item.contract_id = placed.contract_id
        AND item.actual_id = placed.actual_id
WHERE placed.detail_count IS DISTINCT FROM 1 OR placed.proforma_id IS DISTINCT FROM item.proforma_id
UNION ALL
SELECT
    coalesce(placed.company, milestone.company),
    'milestone/' || coalesce(placed.milestone_id, milestone.milestone_id),
    coalesce(placed.detail_count, 0),
    placed.proforma_id AS is_on,
    milestone.proforma_id AS is_marked
FROM (
    SELECT * FROM placed
    WHERE placed.milestone_id IS NOT NULL
) AS placed
FULL JOIN (
    SELECT * FROM operations.milestone
    WHERE milestone.state = 'on_proforma'
) AS milestone
    ON milestone.company = placed.company AND milestone.milestone_id = placed.milestone_id
WHERE placed.detail_count IS DISTINCT FROM 1 OR placed.proforma_id IS DISTINCT FROM milestone.proforma_id
UNION ALL
SELECT
    coalesce(correcting.company, correction.company),
    'actual/' || coalesce(correcting.corrects_id, correction.actual_id),
    coalesce(correcting.detail_count, 0),
    correcting.proforma_id AS is_on,
    correction.proforma_id AS is_marked
FROM (
    SELECT
        detail.company,
        detail.corrects_id,
        count(*) AS detail_count,
        min(detail.proforma_id) AS proforma_id
    FROM operations.proforma_detail AS detail
    JOIN operations.proforma
        ON proforma.company = detail.company AND proforma.proforma_id = detail.proforma_id
    WHERE proforma.state IN ('draft', 'in_review') AND detail.corrects_id IS NOT NULL
    GROUP BY detail.company, detail.corrects_id
) AS correcting
FULL JOIN operations.correction
    ON correction.company = correcting.company AND correction.actual_id = correcting.corrects_id
WHERE
    correcting.detail_count IS DISTINCT FROM 1 OR correcting.proforma_id IS DISTINCT FROM correction.proforma_id
UNION ALL
SELECT
    coalesce(using_it.company, retainer.company),
    'retainer/' || coalesce(using_it.retainer_id, retainer.retainer_id),
    coalesce(using_it.detail_count, 0),
    using_it.proforma_id AS is_on,
    retainer.proforma_id AS is_marked
FROM (
    SELECT
        detail.company,
        detail.retainer_id,
        count(*) AS detail_count,
        min(detail.proforma_id) AS proforma_id
    FROM operations.proforma_detail AS detail
    JOIN operations.proforma
        ON proforma.company = detail.company AND proforma.proforma_id = detail.proforma_id
    WHERE
        proforma.state IN ('draft', 'in_review') AND detail.retainer_use IN ('invoiced', 'refunded')
        AND detail.corrects_id IS NULL
    GROUP BY detail.company, detail.retainer_id
) AS using_it
FULL JOIN (
    SELECT * FROM operations.retainer
    WHERE retainer.proforma_id IS NOT NULL
) AS retainer
    ON retainer.company = using_it.company AND retainer.retainer_id = using_it.retainer_id
WHERE using_it.detail_count IS DISTINCT FROM 1 OR using_it.proforma_id IS DISTINCT FROM retainer.proforma_id;
