-- name: last_acknowledged
-- The last link each company's acknowledgements name: the receiver's chain must hold it.
WITH RECURSIVE companies AS (
    (
        SELECT company FROM dualwrite.acknowledged
        ORDER BY company LIMIT 1
    )
    UNION ALL
    SELECT (
        SELECT next_one.company
        FROM dualwrite.acknowledged AS next_one
        WHERE next_one.company > companies.company
        ORDER BY next_one.company
        LIMIT 1
    )
    FROM companies
    WHERE companies.company IS NOT NULL
)

SELECT
    companies.company,
    last_one.set_id,
    last_one.chain_number,
    last_one.chain_hash
FROM companies
CROSS JOIN LATERAL (
    SELECT
        acknowledged.set_id,
        acknowledged.chain_number,
        acknowledged.chain_hash
    FROM dualwrite.acknowledged
    WHERE acknowledged.company = companies.company AND acknowledged.chain_number > 0
    ORDER BY acknowledged.chain_number DESC
    LIMIT 1
) AS last_one;

-- name: acknowledged_before
-- A page of one company's acknowledgements, the latest links first.
SELECT
    company,
    set_id,
    chain_number,
    chain_hash
FROM dualwrite.acknowledged
WHERE company = %(company)s::text AND chain_number > 0 AND chain_number < %(before)s::bigint
ORDER BY chain_number DESC
LIMIT 1000;

-- name: not_linked
-- Of the links the source was told of, those that the receiver's chain does not hold.
SELECT
    told.company,
    told.set_id
FROM
    unnest(
        %(companies)s::text[], %(set_ids)s::bigint[], %(numbers)s::bigint[], %(link_hashes)s::text[]
    ) AS told (company, set_id, chain_number, chain_hash)
WHERE
    NOT EXISTS (
        SELECT
        FROM dualwrite.chain
        WHERE
            chain.company = told.company
            AND chain.source = %(source)s::text
            AND chain.chain_number = told.chain_number
            AND chain.set_id = told.set_id
            AND chain.hash = told.chain_hash
    )
ORDER BY told.company, told.set_id;

-- name: lately_applied
-- The sets with the highest ids of each company, and those applied last: what a source that
-- went back in time would lack.
SELECT
    inbox.company,
    inbox.set_id,
    inbox.stream,
    inbox.version,
    inbox.created_at
FROM dualwrite.chain_head AS head
CROSS JOIN
    LATERAL (
        (
            SELECT numbered.set_id
            FROM dualwrite.inbox AS numbered
            WHERE numbered.company = head.company AND numbered.source = head.source
            ORDER BY numbered.set_id DESC
            LIMIT 100
        )
        UNION
        (
            SELECT chain.set_id
            FROM dualwrite.chain
            WHERE chain.company = head.company AND chain.source = head.source
            ORDER BY chain.chain_number DESC
            LIMIT 100
        )
    ) AS latest
JOIN dualwrite.inbox
    ON
        inbox.company = head.company
        AND inbox.source = head.source
        AND inbox.set_id = latest.set_id
WHERE
    head.source = %(source)s::text
    AND NOT EXISTS (
        SELECT
        FROM dualwrite.lost_set
        WHERE
            lost_set.company = head.company
            AND lost_set.source = head.source
            AND lost_set.set_id = latest.set_id
    );

-- name: applied_before
-- A page of one company's applied sets, the latest links first.
SELECT
    inbox.company,
    inbox.set_id,
    inbox.stream,
    inbox.version,
    inbox.created_at,
    chain.chain_number
FROM dualwrite.chain
JOIN dualwrite.inbox
    ON inbox.company = chain.company AND inbox.source = chain.source AND inbox.set_id = chain.set_id
WHERE
    chain.company = %(company)s::text
    AND chain.source = %(source)s::text
    AND chain.chain_number < %(before)s::bigint
    AND NOT EXISTS (
        SELECT
        FROM dualwrite.lost_set
        WHERE
            lost_set.company = chain.company
            AND lost_set.source = chain.source
            AND lost_set.set_id = chain.set_id
    )
ORDER BY chain.chain_number DESC
LIMIT 1000;

-- name: not_sent
-- Of the sets that were applied, those that the source never sent, or sent as something else.
SELECT
    applied.company,
    applied.set_id
FROM
    unnest(
        %(companies)s::text[],
        %(set_ids)s::bigint[],
        %(streams)s::text[],
        %(versions)s::bigint[],
        %(created)s::timestamptz[]
    ) AS applied (company, set_id, stream, version, created_at)
WHERE
    NOT EXISTS (
        SELECT
        FROM dualwrite.outbox
        WHERE
            outbox.company = applied.company
            AND outbox.set_id = applied.set_id
            AND outbox.stream = applied.stream
            AND outbox.version = applied.version
            AND outbox.created_at = applied.created_at
    )
ORDER BY applied.company, applied.set_id;

-- name: companies_of_chain
SELECT company
FROM dualwrite.chain_head
WHERE source = %(source)s::text
ORDER BY company;
