-- name: links
-- Every link of a source's chains with the applied set it is hashed over, if that is still there.
SELECT
    chain.company,
    chain.source,
    chain.chain_number,
    chain.set_id,
    chain.previous_hash,
    chain.hash,
    inbox.kind,
    inbox.stream,
    inbox.version,
    inbox.key_first,
    inbox.key_last,
    inbox.content_hash,
    inbox.row_count,
    inbox.actor,
    inbox.created_at,
    inbox.applied_at
FROM dualwrite.chain
LEFT JOIN dualwrite.inbox
    ON inbox.company = chain.company AND inbox.source = chain.source AND inbox.set_id = chain.set_id
WHERE chain.source = %(source)s::text AND chain.company IS NOT NULL
ORDER BY chain.company COLLATE "C", chain.chain_number;

-- name: heads
SELECT
    company,
    chain_number,
    hash
FROM dualwrite.chain_head
WHERE source = %(source)s::text AND company IS NOT NULL;

-- name: unlinked
-- Applied sets that no link holds: added past the engine, or their links were removed.
SELECT
    inbox.company,
    inbox.set_id
FROM dualwrite.inbox
WHERE
    inbox.source = %(source)s::text
    AND inbox.company IS NOT NULL
    AND NOT EXISTS (
        SELECT
        FROM dualwrite.chain
        WHERE
            chain.company = inbox.company
            AND chain.source = inbox.source
            AND chain.set_id = inbox.set_id
    )
ORDER BY inbox.company COLLATE "C", inbox.set_id;

-- name: told
-- The links the source was told of, in the order of the chains.
SELECT
    company,
    set_id,
    chain_number,
    chain_hash
FROM dualwrite.acknowledged
WHERE company IS NOT NULL AND chain_number > 0
ORDER BY company COLLATE "C", chain_number;
