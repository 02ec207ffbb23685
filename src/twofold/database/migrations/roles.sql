-- The seven roles of a Twofold cluster. Run as an administrator of the cluster; running it again changes nothing.
-- twofold_owner owns every object and runs migrations; no program works as it.
-- The application roles get only what the grants of each schema give them; twofold_auditor reads.
-- twofold_access keeps who may sign in, and twofold_jobs what workers are to do, in the database of the
-- operations book.
DO $$
DECLARE
    role_name text;
BEGIN
    FOREACH role_name IN ARRAY ARRAY[
        'twofold_owner', 'twofold_operations', 'twofold_finance', 'twofold_dualwrite', 'twofold_auditor',
        'twofold_access', 'twofold_jobs'
    ]
    LOOP
        IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = role_name) THEN
            EXECUTE format(
                'CREATE ROLE %I LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOREPLICATION NOBYPASSRLS',
                role_name
            );
        END IF;
    END LOOP;
END
$$;
