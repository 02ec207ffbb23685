-- name: list
SELECT
    issuer,
    subject,
    linked_by,
    linked_at
FROM access.identity
WHERE person_id = %(person_id)s::bigint
ORDER BY linked_at, issuer, subject;

-- name: find
SELECT
    person.person_id,
    person.login,
    person.name,
    person.password_hash,
    person.is_active,
    person.locked_until
FROM access.identity
JOIN access.person ON person.person_id = identity.person_id
WHERE identity.issuer = %(issuer)s::text AND identity.subject = %(subject)s::text;

-- name: link
INSERT INTO access.identity (issuer, subject, person_id, linked_by, linked_at)
VALUES (
    %(issuer)s::text, %(subject)s::text, %(person_id)s::bigint, %(actor)s::text, %(at)s::timestamptz
)
ON CONFLICT (issuer, subject) DO NOTHING
RETURNING person_id;

-- name: unlink
DELETE FROM access.identity
WHERE
    person_id = %(person_id)s::bigint
    AND issuer = %(issuer)s::text
    AND subject = %(subject)s::text;
