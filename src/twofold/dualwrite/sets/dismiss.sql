-- name: find
SELECT
    chosen.company,
    chosen.state::text AS state,
    chosen.code,
    count(*) AS set_count,
    min(chosen.since) AS oldest
FROM
    dualwrite.chosen_sets(
        %(company)s::text,
        %(set_ids)s::bigint[],
        %(states)s::text[],
        %(codes)s::text[],
        %(maps)s::text[],
        %(streams)s::text[],
        %(older_than)s::interval
    ) AS chosen
WHERE chosen.leased_until IS NULL
GROUP BY chosen.company, chosen.state, chosen.code
ORDER BY chosen.company, chosen.state, chosen.code;

-- name: chosen
-- A set that an engine has in hand, or had when it was last heard of, is left to it.
SELECT
    chosen.company,
    array_agg(chosen.set_id ORDER BY chosen.set_id) AS set_ids
FROM
    dualwrite.chosen_sets(
        %(company)s::text,
        %(set_ids)s::bigint[],
        %(states)s::text[],
        %(codes)s::text[],
        %(maps)s::text[],
        %(streams)s::text[],
        %(older_than)s::interval
    ) AS chosen
WHERE chosen.leased_until IS NULL
GROUP BY chosen.company
ORDER BY chosen.company;

-- name: bar
-- In the receiving book, with the lock of the chain's head: no set becomes applied meanwhile.
INSERT INTO dualwrite.barred (company, source, set_id, reason, barred_by)
SELECT
    %(company)s::text,
    %(source)s::text,
    chosen.set_id,
    %(reason)s::text,
    %(actor)s::text
FROM unnest(%(set_ids)s::bigint[]) AS chosen (set_id)
WHERE
    NOT EXISTS (
        SELECT
        FROM dualwrite.inbox
        WHERE
            inbox.company = %(company)s::text
            AND inbox.source = %(source)s::text
            AND inbox.set_id = chosen.set_id
    )
ORDER BY chosen.set_id
ON CONFLICT (company, source, set_id) DO NOTHING;

-- name: barred
-- Those barred just now, and those an interrupted run had barred.
SELECT
    chosen.set_id,
    barred.set_id IS NOT NULL AS is_barred
FROM unnest(%(set_ids)s::bigint[]) AS chosen (set_id)
LEFT JOIN dualwrite.barred
    ON
        barred.company = %(company)s::text
        AND barred.source = %(source)s::text
        AND barred.set_id = chosen.set_id
ORDER BY chosen.set_id;

-- name: dismiss
-- Whoever has leased one of them meanwhile cannot apply it any more, and finds it gone.
WITH given_up AS (
    DELETE FROM dualwrite.pending
    WHERE company = %(company)s::text AND set_id = any(%(set_ids)s::bigint[])
    RETURNING company, set_id, code, problem
),

no_longer_waited_for AS (
    DELETE FROM dualwrite.waits_for
    USING given_up
    WHERE waits_for.company = given_up.company AND waits_for.set_id = given_up.set_id
),

told AS (
    INSERT INTO dualwrite.event (event, company, set_id, detail, actor)
    SELECT
        'dismissed',
        company,
        set_id,
        %(reason)s::text,
        %(actor)s::text
    FROM given_up
),

kept AS (
    INSERT INTO dualwrite.dismissed (company, set_id, code, problem, reason, dismissed_by, dismissed_at)
    SELECT
        company,
        set_id,
        code,
        problem,
        %(reason)s::text,
        %(actor)s::text,
        clock_timestamp()
    FROM given_up
)

SELECT
    given_up.company,
    outbox.kind,
    count(*) AS set_count,
    coalesce(sum(carried.row_count), 0)::bigint AS row_count,
    array_agg(DISTINCT outbox.stream) AS streams
FROM given_up
JOIN dualwrite.outbox ON outbox.company = given_up.company AND outbox.set_id = given_up.set_id
LEFT JOIN LATERAL (
    SELECT sum(manifest.row_count) AS row_count
    FROM dualwrite.manifest
    WHERE manifest.company = given_up.company AND manifest.set_id = given_up.set_id
) AS carried ON true
GROUP BY given_up.company, outbox.kind
ORDER BY given_up.company, outbox.kind;

-- name: make_due
-- The receiving book has applied these: the next delivery finds that out and acknowledges.
UPDATE dualwrite.pending
SET
    state = 'waiting',
    next_attempt_at = NULL
WHERE
    company = %(company)s::text
    AND set_id = any(%(set_ids)s::bigint[])
    AND leased_until IS NULL;
