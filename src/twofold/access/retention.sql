-- name: sessions
DELETE FROM access.session
WHERE ends_at <= %(at)s::timestamptz OR seen_at <= %(at)s::timestamptz - %(idle)s::interval;

-- name: links
DELETE FROM access.link
WHERE ends_at <= %(at)s::timestamptz;

-- name: departures
DELETE FROM access.departure
WHERE ends_at <= %(at)s::timestamptz;

-- name: tokens
DELETE FROM access.token
WHERE ends_at <= %(before)s::timestamptz;

-- name: attempts
DELETE FROM access.attempt
WHERE counted_at <= %(before)s::timestamptz;
