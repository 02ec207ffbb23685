-- name: record
INSERT INTO access.event (happened_at, kind, login, actor, address, detail)
VALUES (
    %(at)s::timestamptz, %(kind)s::text, %(login)s::text, %(actor)s::text, %(address)s::text, %(detail)s::text
);
