-- name: add
INSERT INTO access.person (login, name, password_hash, must_change_password, created_by, created_at)
VALUES (
    %(login)s::text, %(name)s::text, %(password_hash)s::text, %(must_change)s::boolean, %(actor)s::text,
    %(at)s::timestamptz
)
ON CONFLICT (login) DO NOTHING
RETURNING person_id;

-- name: list
SELECT
    person.person_id,
    person.login,
    person.name,
    person.language,
    person.is_active,
    coalesce(
        string_agg(
            CASE WHEN role_grant.company = '' THEN '' ELSE role_grant.company || ':' END || role_grant.role, ', '
            ORDER BY role_grant.company, role_grant.role
        ),
        ''
    ) AS roles
FROM access.person
LEFT JOIN access.role_grant ON role_grant.person_id = person.person_id
GROUP BY person.person_id
ORDER BY person.login;

-- name: history
SELECT
    event_id,
    happened_at,
    kind,
    login,
    actor,
    address,
    detail
FROM access.event
WHERE
    (%(login)s::text IS NULL OR login = %(login)s::text)
    AND (%(before_id)s::bigint IS NULL OR event_id < %(before_id)s::bigint)
ORDER BY event_id DESC
LIMIT %(rows_max)s::bigint;

-- name: set_password
UPDATE access.person
SET
    password_hash = %(password_hash)s::text,
    must_change_password = %(must_change)s::boolean,
    failure_count = 0,
    locked_until = NULL
WHERE person_id = %(person_id)s::bigint;

-- name: take_side
-- The side the person is on, now if not before; whoever else gives a role to them waits.
WITH taken AS (
    INSERT INTO access.duty (person_id, company, side)
    VALUES (%(person_id)s::bigint, %(company)s::text, %(side)s::access.side)
    ON CONFLICT (person_id, company) DO NOTHING
    RETURNING side
)

SELECT side FROM taken
UNION ALL
SELECT side FROM access.duty
WHERE person_id = %(person_id)s::bigint AND company = %(company)s::text;

-- name: give_role
INSERT INTO access.role_grant (person_id, company, role, side, login, granted_by, granted_at)
VALUES (
    %(person_id)s::bigint, %(company)s::text, %(role)s::access.role, %(side)s::access.side, %(login)s::text,
    %(actor)s::text, %(at)s::timestamptz
)
ON CONFLICT (person_id, company, role) DO NOTHING;

-- name: take_role
DELETE FROM access.role_grant
WHERE person_id = %(person_id)s::bigint AND company = %(company)s::text AND role = %(role)s::access.role;

-- name: leave_sides
DELETE FROM access.duty
WHERE
    person_id = %(person_id)s::bigint
    AND NOT EXISTS (
        SELECT FROM access.role_grant
        WHERE role_grant.person_id = duty.person_id AND role_grant.company = duty.company
    );

-- name: bar
WITH ended AS (
    DELETE FROM access.session
    WHERE person_id = %(person_id)s::bigint AND NOT %(is_active)s::boolean
)

UPDATE access.person
SET is_active = %(is_active)s::boolean
WHERE person_id = %(person_id)s::bigint;

-- name: set_language
UPDATE access.person
SET language = %(language)s::text
WHERE person_id = %(person_id)s::bigint;
