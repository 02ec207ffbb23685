-- A key never changes: whoever may update a row may update all of it but its key. UPDATE granted on
-- a whole table becomes UPDATE on every column outside the primary key; where nothing is left
-- outside it, rows are only added and deleted. Stays the last file that grants.
DO $$
DECLARE
    granted record;
BEGIN
    FOR granted IN
        SELECT
            relation.oid::regclass AS relation,
            acl.grantee::regrole AS role,
            string_agg(format('%I', attribute.attname), ', ' ORDER BY attribute.attnum)
            FILTER (WHERE attribute.attnum <> all(key.conkey)) AS columns
        FROM pg_catalog.pg_class AS relation
        CROSS JOIN LATERAL aclexplode(relation.relacl) AS acl
        JOIN pg_catalog.pg_constraint AS key ON key.conrelid = relation.oid AND key.contype = 'p'
        JOIN pg_catalog.pg_attribute AS attribute
            ON attribute.attrelid = relation.oid AND attribute.attnum > 0 AND NOT attribute.attisdropped
        WHERE
            relation.relnamespace IN ('finance'::regnamespace, 'dualwrite'::regnamespace)
            AND relation.relkind IN ('r', 'p')
            AND acl.privilege_type = 'UPDATE'
            AND acl.grantee NOT IN (0, relation.relowner)
        GROUP BY relation.oid, acl.grantee
    LOOP
        EXECUTE format('REVOKE UPDATE ON %s FROM %s', granted.relation, granted.role);
        IF granted.columns IS NOT NULL THEN
            EXECUTE format('GRANT UPDATE (%s) ON %s TO %s', granted.columns, granted.relation, granted.role);
        END IF;
    END LOOP;
END
$$;
