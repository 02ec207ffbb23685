-- The key block of an approved entry holds its one cost (a fee has none) and its sales, and nothing of another
-- approval is left of it: what is neither reversed nor in the block is a sale that a correction opened again. A
-- sale in the block may be reversed because it was billed, or because its contract was lost; nothing else may.
WITH entry_row AS (
    SELECT
        entry.company,
        entry.entry_id,
        entry.class,
        entry.quantity,
        entry.state,
        entry.first_actual_id,
        entry.last_actual_id
    FROM operations.entry
),

fact AS (
    SELECT
        actual.company,
        actual.entry_id,
        actual.actual_id,
        actual.transaction_type,
        actual.event,
        actual.quantity,
        reversal.event AS reversed_by,
        coalesce(contract.state = 'closed', false) AS is_closed
    FROM operations.actual
    LEFT JOIN operations.actual AS reversal
        ON reversal.company = actual.company AND reversal.reverses_id = actual.actual_id
    LEFT JOIN operations.contract
        ON contract.company = actual.company AND contract.contract_id = actual.contract_id
    WHERE
        actual.entry_id IS NOT NULL
        AND actual.reverses_id IS NULL
        AND actual.event IN ('approval', 'adjustment', 'contract_change', 'correction')
        AND actual.transaction_type IN ('cost', 'unbilled_sales')
),

placed AS (
    SELECT
        entry_row.*,
        fact.actual_id,
        fact.transaction_type,
        fact.event,
        fact.quantity AS actual_quantity,
        fact.reversed_by,
        fact.is_closed,
        fact.event <> 'correction'
        AND fact.actual_id BETWEEN entry_row.first_actual_id AND entry_row.last_actual_id AS is_in_block
    FROM entry_row
    JOIN fact ON fact.company = entry_row.company AND fact.entry_id = entry_row.entry_id
),

block AS (
    SELECT
        company,
        entry_id,
        count(*) AS actual_count,
        count(*) FILTER (WHERE transaction_type = 'cost') AS cost_count,
        sum(actual_quantity) FILTER (WHERE transaction_type = 'cost') AS cost_quantity
    FROM placed
    WHERE is_in_block
    GROUP BY company, entry_id
)

SELECT
    placed.company,
    'entry/' || placed.entry_id AS record,
    placed.state::text AS state,
    'actual ' || placed.actual_id || ' does not belong to the present approval' AS problem
FROM placed
WHERE
    placed.is_in_block IS NOT TRUE
    AND placed.reversed_by IS NULL
    AND (placed.event <> 'correction' OR placed.first_actual_id IS NULL)
UNION ALL
SELECT
    company,
    'entry/' || entry_id,
    state::text,
    'actual ' || actual_id || ' of its block was taken back'
FROM placed
WHERE
    is_in_block
    AND NOT coalesce(
        reversed_by IN ('invoicing', 'invoice_edit')
        OR (reversed_by = 'contract_change' AND is_closed AND transaction_type = 'unbilled_sales'), true
    )
UNION ALL
SELECT
    entry_row.company,
    'entry/' || entry_row.entry_id,
    entry_row.state::text,
    'its block does not hold one cost and its sales'
FROM entry_row
LEFT JOIN block ON block.company = entry_row.company AND block.entry_id = entry_row.entry_id
WHERE
    entry_row.first_actual_id IS NOT NULL
    AND (
        block.entry_id IS NULL
        OR block.cost_count <> CASE entry_row.class WHEN 'fee' THEN 0 ELSE 1 END
        OR block.cost_quantity <> entry_row.quantity
        OR block.actual_count <> entry_row.last_actual_id - entry_row.first_actual_id + 1
    )
UNION ALL
SELECT
    fact.company,
    'actual/' || fact.actual_id,
    NULL,
    'its entry does not exist'
FROM fact
LEFT JOIN entry_row ON entry_row.company = fact.company AND entry_row.entry_id = fact.entry_id
WHERE entry_row.entry_id IS NULL;
