"""What a cluster needs before a book can live in it: roles, passwords, databases.

Everything here runs as an administrator of the cluster, in the maintenance database. The
embedded server does it by itself; on servers of others an administrator runs it once.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any, Final, LiteralString, cast

import psycopg
from psycopg import sql

from twofold.database.connection import BookName
from twofold.database.migrate import MIGRATIONS, OWNER

ROLES: Final = (
    OWNER,
    "twofold_operations",
    "twofold_finance",
    "twofold_dualwrite",
    "twofold_auditor",
    "twofold_access",
    "twofold_jobs",
)
# Who has business in the database of a book.
ROLES_OF: Final[dict[BookName, tuple[str, ...]]] = {
    "operations": (
        "twofold_operations",
        "twofold_dualwrite",
        "twofold_auditor",
        "twofold_access",
        "twofold_jobs",
    ),
    "finance": ("twofold_finance", "twofold_dualwrite", "twofold_auditor"),
}
BOOKS: Final[tuple[BookName, ...]] = ("operations", "finance")


def create_roles(connection: psycopg.Connection[Any], *, directory: Path = MIGRATIONS) -> None:
    """Create the roles that are missing; those that exist stay as they are."""
    # roles.sql is a reviewed file of this package, like any statement (see statement.py).
    text = cast("LiteralString", (directory / "roles.sql").read_text(encoding="utf-8"))
    connection.execute(text)


def set_password(connection: psycopg.Connection[Any], role: str, password: str) -> None:
    """Let a role log in with a password. Only its SCRAM verifier travels, and may be logged."""
    verifier = connection.pgconn.encrypt_password(
        password.encode(), role.encode(), b"scram-sha-256"
    )
    connection.execute(
        sql.SQL("ALTER ROLE {} LOGIN PASSWORD {}").format(
            sql.Identifier(role), sql.Literal(verifier.decode())
        )
    )


def has_database(connection: psycopg.Connection[Any], name: str) -> bool:
    """Tell whether the cluster has a database of this name."""
    found = connection.execute("SELECT 1 FROM pg_catalog.pg_database WHERE datname = %s", (name,))
    return found.fetchone() is not None


def create_database(
    connection: psycopg.Connection[Any], name: str, book: BookName, *, template: str = "template0"
) -> None:
    """Create the database of a book, empty or as a copy of ``template``.

    Before  the roles exist; the connection is in autocommit.
    After   text sorts by code point on every version, and only the roles that have business
            in this book may connect.
    """
    locale: LiteralString = "LOCALE 'C'"
    if connection.info.server_version >= 170000:
        locale = "LOCALE_PROVIDER builtin BUILTIN_LOCALE 'C.UTF-8' LOCALE 'C'"
    database = sql.Identifier(name)
    connection.execute(
        sql.SQL("CREATE DATABASE {} OWNER {} TEMPLATE {} ENCODING 'UTF8' {}").format(
            database, sql.Identifier(OWNER), sql.Identifier(template), sql.SQL(locale)
        )
    )
    connection.execute(sql.SQL("REVOKE ALL ON DATABASE {} FROM PUBLIC").format(database))
    connection.execute(
        sql.SQL("GRANT CONNECT, TEMPORARY ON DATABASE {} TO {}").format(
            database,
            sql.SQL(", ").join(map(sql.Identifier, ROLES_OF[book])),
        )
    )
