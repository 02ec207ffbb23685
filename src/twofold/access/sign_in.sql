-- name: take_attempt
-- The bucket of an address refills with time; an attempt takes one out, and none when it is empty.
INSERT INTO access.attempt AS bucket (address, left_over, counted_at)
VALUES (%(address)s::text, %(most)s::integer - 1, %(at)s::timestamptz)
ON CONFLICT (address) DO UPDATE
    SET
        left_over = greatest(
            least(
                %(most)s::integer,
                bucket.left_over
                + greatest(extract(EPOCH FROM excluded.counted_at - bucket.counted_at), 0) / %(seconds)s::integer
            ) - 1,
            -1
        ),
        counted_at = excluded.counted_at
RETURNING left_over >= 0 AS is_allowed;

-- name: find
SELECT
    person_id,
    login,
    name,
    password_hash,
    is_active,
    locked_until
FROM access.person
WHERE login = %(login)s::text;

-- name: count_failure
UPDATE access.person
SET
    failure_count = failure_count + 1,
    locked_until = CASE WHEN failure_count + 1 >= %(most)s::integer THEN %(locked_until)s::timestamptz END
WHERE person_id = %(person_id)s::bigint
RETURNING failure_count;

-- name: forget_failures
UPDATE access.person
SET failure_count = 0, locked_until = NULL
WHERE person_id = %(person_id)s::bigint AND (failure_count > 0 OR locked_until IS NOT NULL);

-- name: open_session
INSERT INTO access.session (token_hash, person_id, began_at, seen_at, ends_at, address, agent)
VALUES (
    %(token_hash)s::bytea, %(person_id)s::bigint, %(at)s::timestamptz, %(at)s::timestamptz, %(ends_at)s::timestamptz,
    %(address)s::text, %(agent)s::text
);
