-- The key block of an approved entry holds its one cost (a fee has none) and its sales, none taken back; other
-- entries have none.
WITH live AS (
    SELECT
        actual.company,
        actual.entry_id,
        min(actual.actual_id) AS first_actual_id,
        max(actual.actual_id) AS last_actual_id,
        count(*) AS actual_count,
        count(*) FILTER (WHERE actual.transaction_type = 'cost') AS cost_count,
        sum(actual.quantity) FILTER (WHERE actual.transaction_type = 'cost') AS cost_quantity
    FROM operations.actual
    LEFT JOIN operations.actual AS reversal
        ON reversal.company = actual.company AND reversal.reverses_id = actual.actual_id
    WHERE
        actual.event = 'approval' AND actual.entry_id IS NOT NULL
        AND (reversal.event IS NULL OR reversal.event IN ('invoicing', 'invoice_edit'))
    GROUP BY actual.company, actual.entry_id
)

SELECT
    entry.state::text AS state,
    entry.first_actual_id,
    entry.last_actual_id,
    live.actual_count,
    coalesce(entry.company, live.company) AS company,
    'entry/' || coalesce(entry.entry_id, live.entry_id) AS record
FROM (
    SELECT * FROM operations.entry
    WHERE entry.first_actual_id IS NOT NULL
) AS entry
FULL JOIN live ON live.company = entry.company AND live.entry_id = entry.entry_id
WHERE
    entry.entry_id IS NULL
    OR live.entry_id IS NULL
    OR live.cost_count <> CASE entry.class WHEN 'fee' THEN 0 ELSE 1 END
    OR live.cost_quantity <> entry.quantity
    OR live.actual_count <> live.last_actual_id - live.first_actual_id + 1
    OR (entry.first_actual_id, entry.last_actual_id) <> (live.first_actual_id, live.last_actual_id);
