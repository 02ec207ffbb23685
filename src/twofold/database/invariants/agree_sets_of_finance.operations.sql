-- Every change set of finance that is acknowledged is in the inbox of operations as it was sent,
-- and the inbox has no other.
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
WHERE source = 'finance';
