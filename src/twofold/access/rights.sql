-- name: roles_of
SELECT
    role_grant.company,
    role_grant.role
FROM access.role_grant
JOIN access.person ON person.person_id = role_grant.person_id
WHERE person.login = %(login)s::text AND person.is_active
ORDER BY role_grant.company, role_grant.role;
