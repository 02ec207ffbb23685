-- The sets that finance has applied. One that was applied a moment ago and is not acknowledged
-- yet shows here alone until the next delivery.
SELECT
    company,
    set_id,
    kind,
    stream,
    version,
    key_first,
    key_last,
    row_count
FROM dualwrite.inbox
WHERE source = 'operations';
