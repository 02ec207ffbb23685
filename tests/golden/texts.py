"""The texts kept as golden files: the statements of each map, and who may do what."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from psycopg import Connection

from tests.support.books import Books
from twofold.dualwrite.table_maps.compiled import CompiledMap

HERE: Final = Path(__file__).parent
MAPS: Final = HERE / "maps"
PRIVILEGES: Final = HERE / "privileges.txt"

# What each application role may do with tables, columns, sequences, functions and schemas of
# one database. A privilege on the whole table is told once, not for each column.
_PRIVILEGES: Final = """
    WITH granted AS (
        SELECT
            relation.relnamespace::regnamespace::text || '.' || relation.relname AS object,
            acl.grantee,
            acl.privilege_type AS privilege,
            NULL::text AS column_name
        FROM pg_catalog.pg_class AS relation
        CROSS JOIN LATERAL aclexplode(relation.relacl) AS acl
        UNION ALL
        SELECT
            relation.relnamespace::regnamespace::text || '.' || relation.relname,
            acl.grantee,
            acl.privilege_type,
            attribute.attname
        FROM pg_catalog.pg_class AS relation
        JOIN pg_catalog.pg_attribute AS attribute ON attribute.attrelid = relation.oid
        CROSS JOIN LATERAL aclexplode(attribute.attacl) AS acl
        UNION ALL
        SELECT
            procedure.oid::regprocedure::text,
            acl.grantee,
            acl.privilege_type,
            NULL
        FROM pg_catalog.pg_proc AS procedure
        CROSS JOIN LATERAL aclexplode(
            coalesce(procedure.proacl, acldefault('f', procedure.proowner))
        ) AS acl
        UNION ALL
        SELECT
            'schema ' || namespace.nspname,
            acl.grantee,
            acl.privilege_type,
            NULL
        FROM pg_catalog.pg_namespace AS namespace
        CROSS JOIN LATERAL aclexplode(namespace.nspacl) AS acl
        UNION ALL
        SELECT
            'database',
            acl.grantee,
            acl.privilege_type,
            NULL
        FROM pg_catalog.pg_database AS database
        CROSS JOIN LATERAL aclexplode(database.datacl) AS acl
        WHERE database.datname = current_database()
    )

    SELECT
        coalesce(role.rolname, 'everyone') AS role,
        granted.object,
        granted.privilege,
        coalesce(
            ' (' || string_agg(granted.column_name, ', ' ORDER BY granted.column_name) || ')', ''
        ) AS columns
    FROM granted
    LEFT JOIN pg_catalog.pg_roles AS role ON role.oid = granted.grantee
    WHERE coalesce(role.rolname, 'everyone') IN (
        'everyone', 'twofold_operations', 'twofold_finance', 'twofold_dualwrite', 'twofold_auditor',
        'twofold_jobs'
    )
        AND granted.object
            ~ '^(schema |database$|(operations|finance|dualwrite|history|jobs|migration|public)[.])'
        AND granted.object <> 'schema pg_catalog'
        AND granted.object <> 'schema information_schema'
    GROUP BY role, granted.object, granted.privilege, granted.column_name IS NULL
    ORDER BY role, granted.object, granted.privilege, columns
"""


def map_text(compiled: CompiledMap) -> str:
    """Give every statement of a map, under its name."""
    return "\n".join(f"-- {name}\n{text};\n" for name, text in compiled.statements())


def privileges_text(books: Books) -> str:
    """Give what every role may do in each database, one line per object."""
    lines = [
        "What each role may do in each database. Roles that are not named here own everything.",
        "Written by tests.golden.write; a change here is a change of who may write what.",
    ]
    for book in (books.owner_operations, books.owner_finance):
        with book.raw() as connection:
            lines += _privileges(connection, book.name)
    return "\n".join([*lines, ""])


def _privileges(connection: Connection, database: str) -> list[str]:
    lines: list[str] = []
    said: dict[tuple[str, str], list[str]] = {}
    for role, name, privilege, columns in connection.execute(_PRIVILEGES):
        said.setdefault((role, name), []).append(f"{privilege}{columns}")
    last = ""
    for (role, name), privileges in said.items():
        if role != last:
            lines += ["", f"{database}: {role}"]
            last = role
        lines.append(f"    {name}: {', '.join(privileges)}")
    return lines
