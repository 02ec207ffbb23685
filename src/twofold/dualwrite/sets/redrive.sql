-- name: find
-- What a re-drive would do: sets in hand of an engine right now are left to it.
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
WHERE
    (chosen.state <> 'waiting' OR chosen.next_attempt_at IS NOT NULL)
    AND (chosen.leased_until IS NULL OR chosen.leased_until < clock_timestamp())
GROUP BY chosen.company, chosen.state, chosen.code
ORDER BY chosen.company, chosen.state, chosen.code;

-- name: redrive
-- The next sets in the order of their keys become due, and it is written down who asked for it.
-- Row by row this is the same for ten and for a hundred thousand.
WITH due AS (
    SELECT
        chosen.company,
        chosen.set_id
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
    WHERE
        (chosen.company, chosen.set_id) > (%(after_company)s::text, %(after_set_id)s::bigint)
        AND (chosen.state <> 'waiting' OR chosen.next_attempt_at IS NOT NULL)
        AND (chosen.leased_until IS NULL OR chosen.leased_until < clock_timestamp())
    ORDER BY chosen.company, chosen.set_id
    LIMIT %(batch_max)s::integer
),

locked AS (
    SELECT
        pending.company,
        pending.set_id,
        pending.state::text AS state_before,
        pending.code
    FROM dualwrite.pending
    JOIN due ON due.company = pending.company AND due.set_id = pending.set_id
    WHERE pending.leased_until IS NULL OR pending.leased_until < clock_timestamp()
    ORDER BY pending.company, pending.set_id
    FOR UPDATE OF pending SKIP LOCKED
),

made_due AS (
    UPDATE dualwrite.pending
    SET
        state = 'waiting',
        attempts = 0,
        next_attempt_at = NULL
    FROM locked
    WHERE pending.company = locked.company AND pending.set_id = locked.set_id
    RETURNING pending.company, pending.set_id, locked.state_before, locked.code
),

no_longer_waited_for AS (
    DELETE FROM dualwrite.waits_for
    USING made_due
    WHERE waits_for.company = made_due.company AND waits_for.set_id = made_due.set_id
),

told AS (
    INSERT INTO dualwrite.event (event, company, set_id, detail, actor)
    SELECT
        'redriven',
        made_due.company,
        made_due.set_id,
        concat_ws(' ', 'was', made_due.state_before, made_due.code),
        %(actor)s::text
    FROM made_due
)

SELECT
    due.company,
    due.set_id,
    made_due.set_id IS NOT NULL AS is_made_due
FROM due
LEFT JOIN made_due ON made_due.company = due.company AND made_due.set_id = due.set_id
ORDER BY due.company, due.set_id;

-- name: announce
-- Whoever listens begins when this commits.
SELECT pg_notify('dualwrite', coalesce(%(company)s::text, ''));

-- name: healed
-- Of sets asked for by their ids, those that need nothing: applied already, or given up.
SELECT
    count(*) FILTER (WHERE acknowledged.set_id IS NOT NULL) AS applied,
    count(*) FILTER (WHERE dismissed.set_id IS NOT NULL) AS dismissed
FROM dualwrite.outbox
LEFT JOIN dualwrite.acknowledged
    ON acknowledged.company = outbox.company AND acknowledged.set_id = outbox.set_id
LEFT JOIN dualwrite.dismissed
    ON dismissed.company = outbox.company AND dismissed.set_id = outbox.set_id
WHERE
    outbox.set_id = any(%(set_ids)s::bigint[])
    AND (%(company)s::text IS NULL OR outbox.company = %(company)s::text);
