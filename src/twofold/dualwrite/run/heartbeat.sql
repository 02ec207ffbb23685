-- name: beat
WITH silent AS (
    DELETE FROM dualwrite.engine
    WHERE engine <> %(engine)s::text AND seen_at < clock_timestamp() - interval '1 day'
)

INSERT INTO dualwrite.engine (engine, host, pid, format)
VALUES (%(engine)s::text, %(host)s::text, %(pid)s::integer, %(format)s::integer)
ON CONFLICT (engine) DO UPDATE SET seen_at = clock_timestamp();

-- name: end
DELETE FROM dualwrite.engine
WHERE engine = %(engine)s::text;

-- name: engines
SELECT
    engine,
    host,
    pid,
    format,
    started_at,
    seen_at,
    extract(EPOCH FROM clock_timestamp() - seen_at)::double precision AS seconds_silent
FROM dualwrite.engine
ORDER BY seen_at DESC;
