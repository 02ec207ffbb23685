-- name: lock_head
-- The lock puts the transactions that apply sets of this company and source in the order of
-- their links; it lasts to the commit.
INSERT INTO dualwrite.chain_head AS head (company, source, chain_number, hash)
VALUES (%(company)s::text, %(source)s::text, 0, '')
ON CONFLICT (company, source) DO UPDATE SET chain_number = head.chain_number
RETURNING chain_number, hash;

-- name: applied_sets
SELECT
    company,
    source,
    set_id,
    kind,
    stream,
    version,
    key_first,
    key_last,
    content_hash,
    row_count,
    actor,
    created_at,
    applied_at
FROM dualwrite.inbox
WHERE
    company = %(company)s::text
    AND source = %(source)s::text
    AND set_id = any(%(set_ids)s::bigint[])
ORDER BY set_id;

-- name: add_links
WITH given AS (
    SELECT
        chain_number,
        set_id,
        previous_hash,
        hash
    FROM unnest(
        %(chain_numbers)s::bigint[],
        %(set_ids)s::bigint[],
        %(previous_hashes)s::text[],
        %(link_hashes)s::text[]
    ) AS one (chain_number, set_id, previous_hash, hash)
),

linked AS (
    INSERT INTO dualwrite.chain (company, source, chain_number, set_id, previous_hash, hash)
    SELECT
        %(company)s::text,
        %(source)s::text,
        chain_number,
        set_id,
        previous_hash,
        hash
    FROM given
)

UPDATE dualwrite.chain_head
SET
    chain_number = %(last_number)s::bigint,
    hash = %(last_hash)s::text
WHERE company = %(company)s::text AND source = %(source)s::text;
