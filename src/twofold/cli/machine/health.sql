-- name: server
SELECT
    pg_database.datcollate::text AS collation_name,
    pg_database.datname::text AS database,
    current_setting('server_version_num')::integer AS version_number,
    current_setting('server_version') AS version,
    clock_timestamp() AS clock,
    current_setting('data_checksums') AS data_checksums,
    current_setting('fsync') AS fsync,
    current_setting('full_page_writes') AS full_page_writes,
    current_setting('server_encoding') AS encoding,
    session_user::text AS login
FROM pg_catalog.pg_database
WHERE pg_database.datname = current_database();

-- name: roles
SELECT
    rolname::text AS role,
    rolsuper OR rolcreaterole OR rolcreatedb OR rolreplication OR rolbypassrls AS is_powerful
FROM pg_catalog.pg_roles
WHERE rolname = any(%(roles)s::text[]);

-- name: place_for_schemas
SELECT
    to_regclass('migration.applied') IS NOT NULL AS is_migrated,
    has_database_privilege(%(owner)s::text, current_database(), 'CREATE') AS can_create;

-- name: applied
SELECT
    folder,
    number,
    checksum
FROM migration.applied;

-- name: excess_privileges
-- Privileges that a role must not have and has, of the three lists given side by side.
SELECT
    forbidden.role,
    forbidden.relation,
    forbidden.privilege
FROM
    unnest(%(roles)s::text[], %(relations)s::text[], %(privileges)s::text[])
        AS forbidden (role, relation, privilege)
WHERE
    to_regclass(forbidden.relation) IS NOT NULL
    AND has_table_privilege(forbidden.role, to_regclass(forbidden.relation)::oid, forbidden.privilege)
ORDER BY forbidden.role, forbidden.relation, forbidden.privilege;

-- name: may_connect
SELECT has_database_privilege(%(role)s::text, current_database(), 'CONNECT') AS is_allowed;
