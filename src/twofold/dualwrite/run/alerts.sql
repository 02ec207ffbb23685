-- name: rules
SELECT
    alert_rule.alert,
    alert_rule.measure::text AS measure,
    alert_rule.threshold,
    alert_rule.within_minutes,
    alert_rule.action::text AS action,
    alert_rule.company,
    alert_rule.map,
    alert_rule.code,
    alert_rule.error_class,
    alert_rule.made_at,
    alert_rule.made_by,
    alert_episode.began_at AS firing_since
FROM dualwrite.alert_rule
LEFT JOIN dualwrite.alert_episode
    ON alert_episode.alert = alert_rule.alert AND alert_episode.ended_at IS NULL
ORDER BY alert_rule.alert;

-- name: add_rule
INSERT INTO dualwrite.alert_rule (
    alert, measure, threshold, within_minutes, action, company, map, code, error_class, made_by
)
VALUES (
    %(alert)s::text,
    %(measure)s::text::dualwrite.alert_measure,
    %(threshold)s::bigint,
    %(within_minutes)s::integer,
    %(action)s::text::dualwrite.alert_action,
    %(company)s::text,
    %(map)s::text,
    %(code)s::text,
    %(error_class)s::text,
    %(actor)s::text
)
ON CONFLICT (alert) DO NOTHING;

-- name: remove_rule
DELETE FROM dualwrite.alert_rule
WHERE alert = %(alert)s::text;

-- name: map_exists
SELECT exists(
    SELECT FROM dualwrite.map
    WHERE map = %(map)s::text
) AS is_there;

-- name: errors
-- Failed attempts within the last minutes. Those from before the map was last let run do not
-- count: whoever resumes a map begins anew.
WITH begun AS (
    SELECT
        greatest(
            clock_timestamp() - %(within_minutes)s::integer * interval '1 minute',
            max(event.happened_at)
        ) AS since
    FROM dualwrite.event
    WHERE
        event.map = %(map)s::text
        AND event.set_id IS NULL
        AND event.event IN ('map run', 'map resumed', 'map started', 'map running')
        AND (event.company IS NULL OR event.company = %(company)s::text)
)

SELECT count(*) AS measured
FROM dualwrite.event
CROSS JOIN begun
WHERE
    event.code IS NOT NULL
    AND event.happened_at > begun.since
    AND (%(codes)s::text[] IS NULL OR event.code = any(%(codes)s::text[]))
    AND (%(company)s::text IS NULL OR event.company = %(company)s::text)
    AND (
        %(map)s::text IS NULL
        OR event.map = %(map)s::text
        OR (
            event.map IS NULL
            AND EXISTS (
                SELECT
                FROM dualwrite.manifest
                WHERE
                    manifest.company = event.company
                    AND manifest.set_id = event.set_id
                    AND manifest.map = %(map)s::text
                    AND manifest.row_count > 0
            )
        )
    );

-- name: queue
-- Sets on their way, and for how many minutes the oldest of them is.
SELECT
    count(*) AS queued,
    coalesce(floor(extract(EPOCH FROM clock_timestamp() - min(since)) / 60), 0)::bigint AS minutes
FROM dualwrite.pending
WHERE
    (%(company)s::text IS NULL OR company = %(company)s::text)
    AND (%(map)s::text IS NULL OR maps @> ARRAY[%(map)s::text]);

-- name: silence
-- Minutes since an engine was last seen; where none ever was, since somebody wanted to know.
SELECT
    floor(extract(EPOCH FROM clock_timestamp() - greatest(max(seen_at), %(made_at)s::timestamptz)) / 60)::bigint
        AS measured
FROM dualwrite.engine;

-- name: size
-- Megabytes of this schema on disk: sets, what was captured for them, inbox, chain and log.
SELECT floor(coalesce(sum(pg_total_relation_size(oid)), 0) / 1048576)::bigint AS measured
FROM pg_catalog.pg_class
WHERE relnamespace = 'dualwrite'::regnamespace AND relkind = 'r';

-- name: let_run
-- When the map of a rule was last let run.
SELECT max(happened_at) AS moment
FROM dualwrite.event
WHERE
    map = %(map)s::text
    AND set_id IS NULL
    AND event IN ('map run', 'map resumed', 'map started')
    AND (company IS NULL OR company = %(company)s::text);

-- name: end_episode
-- It is over when the measure is below the threshold, or when its map was let run again.
UPDATE dualwrite.alert_episode
SET ended_at = clock_timestamp()
WHERE
    alert = %(alert)s::text
    AND ended_at IS NULL
    AND (%(began_before)s::timestamptz IS NULL OR began_at < %(began_before)s::timestamptz);

-- name: begin_episode
-- Of several engines that see the same, one begins the episode; the others find it begun.
INSERT INTO dualwrite.alert_episode (alert, measured, told)
SELECT
    alert_rule.alert,
    %(measured)s::bigint,
    %(told)s::text
FROM dualwrite.alert_rule
WHERE alert_rule.alert = %(alert)s::text
ON CONFLICT (alert) WHERE ended_at IS NULL DO NOTHING
RETURNING episode_id;

-- name: add_notifications
INSERT INTO dualwrite.alert_notification (episode_id, channel)
SELECT
    %(episode_id)s::bigint,
    unnest(%(channels)s::text[]);

-- name: take_notification
-- Whoever takes one has a minute for it; then it is anybody's again, and may be told twice.
WITH due AS (
    SELECT
        episode_id,
        channel
    FROM dualwrite.alert_notification
    WHERE
        sent_at IS NULL
        AND next_attempt_at <= clock_timestamp()
        AND channel = any(%(channels)s::text[])
    ORDER BY next_attempt_at, episode_id
    LIMIT 1
    FOR UPDATE SKIP LOCKED
)

UPDATE dualwrite.alert_notification AS taken
SET
    attempts = taken.attempts + 1,
    next_attempt_at = clock_timestamp() + interval '1 minute'
FROM due
JOIN dualwrite.alert_episode ON alert_episode.episode_id = due.episode_id
WHERE taken.episode_id = due.episode_id AND taken.channel = due.channel
RETURNING
    taken.episode_id,
    taken.channel,
    taken.attempts,
    alert_episode.alert,
    alert_episode.measured,
    alert_episode.told,
    alert_episode.began_at;

-- name: mark_sent
UPDATE dualwrite.alert_notification
SET
    sent_at = clock_timestamp(),
    problem = NULL
WHERE episode_id = %(episode_id)s::bigint AND channel = %(channel)s::text AND sent_at IS NULL;

-- name: mark_failed
UPDATE dualwrite.alert_notification
SET
    problem = %(problem)s::text,
    next_attempt_at
    = clock_timestamp() + least(3600, 5 * power(2, least(attempts, 10))) * interval '1 second'
WHERE episode_id = %(episode_id)s::bigint AND channel = %(channel)s::text AND sent_at IS NULL;

-- name: history
SELECT
    alert_episode.episode_id,
    alert_episode.alert,
    alert_episode.began_at,
    alert_episode.ended_at,
    alert_episode.measured,
    alert_episode.told,
    alert_notification.channel,
    alert_notification.attempts,
    alert_notification.sent_at,
    alert_notification.problem
FROM dualwrite.alert_episode
LEFT JOIN dualwrite.alert_notification ON alert_notification.episode_id = alert_episode.episode_id
WHERE %(alert)s::text IS NULL OR alert_episode.alert = %(alert)s::text
ORDER BY alert_episode.episode_id DESC, alert_notification.channel ASC
LIMIT %(rows_max)s::integer;
