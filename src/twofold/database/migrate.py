"""Bring a book's schema up to date: forward only, plain SQL, one transaction per file.

``migrations/dualwrite/NNNN_name.sql`` goes into both databases, then the files of the book; who
may sign in, and the jobs people asked for, are kept beside the operations book.
A file that was applied must never change: its checksum is recorded, and an edited, missing or
late file stops the run. A file whose first line is ``-- no-transaction`` holds one statement
that cannot run inside one (such as CREATE INDEX CONCURRENTLY).

``migrations/roles.sql`` is cluster-wide and repeatable; see cluster.py.
"""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, LiteralString, cast

import psycopg

from twofold.database.connection import BookName, session_conninfo
from twofold.database.transaction import driver_errors
from twofold.kernel.errors import Fault

MIGRATIONS: Final = Path(__file__).parent / "migrations"
OWNER: Final = "twofold_owner"

FOLDERS: Final[dict[BookName, tuple[str, ...]]] = {
    "operations": ("dualwrite", "history", "operations", "access", "jobs"),
    "finance": ("dualwrite", "history", "finance"),
}

_FILE_NAME: Final = re.compile(r"(\d{4})_(\w+)\.sql")
# Any number will do, as long as no one else in the database uses it.
_LOCK: Final = 7_106_853_001

_REMEMBER: Final = """
    CREATE SCHEMA IF NOT EXISTS migration;
    CREATE TABLE IF NOT EXISTS migration.applied (
        folder text NOT NULL,
        number int4 NOT NULL,
        name text NOT NULL,
        checksum text NOT NULL,
        applied_at timestamptz NOT NULL DEFAULT now(),
        CONSTRAINT applied_pkey PRIMARY KEY (folder, number)
    );
"""


@dataclass(frozen=True, slots=True)
class Migration:
    """One file of one folder."""

    folder: str
    number: int
    name: str
    text: str

    @property
    def checksum(self) -> str:
        """What identifies the text."""
        return hashlib.sha256(self.text.encode()).hexdigest()

    @property
    def in_transaction(self) -> bool:
        """Whether the file runs inside a transaction, as nearly all do."""
        return not self.text.startswith("-- no-transaction")

    def __str__(self) -> str:
        """Give the path of the file below the migrations."""
        return f"{self.folder}/{self.number:04}_{self.name}.sql"


def read_migrations(directory: Path, folder: str) -> list[Migration]:
    """Read the files of a folder in order; a stray name or a number used twice is a Fault."""
    found: dict[int, Migration] = {}
    for path in sorted((directory / folder).glob("*.sql")):
        match = _FILE_NAME.fullmatch(path.name)
        if match is None:
            raise Fault(f"{folder}/{path.name}: a migration is named NNNN_what_it_does.sql")
        migration = Migration(folder, int(match[1]), match[2], path.read_text(encoding="utf-8"))
        if migration.number in found:
            raise Fault(f"{migration} and {found[migration.number]} have the same number")
        found[migration.number] = migration
    return [found[number] for number in sorted(found)]


def migrate(book: BookName, dsn: str, *, directory: Path = MIGRATIONS) -> list[str]:
    """Apply what is new to one book's database and name it.

    Before  the database exists, and the login of ``dsn`` is or may become ``twofold_owner``.
    After   every file is applied and recorded; a second run does nothing.
    """
    migrations = [
        migration for folder in FOLDERS[book] for migration in read_migrations(directory, folder)
    ]
    conninfo = session_conninfo(dsn, role=OWNER, application="twofold/migrate")
    with driver_errors(), psycopg.connect(conninfo, autocommit=True) as connection:
        # Whoever runs second waits here as long as it takes, then finds nothing to do.
        connection.execute("SET lock_timeout = 0")
        connection.execute("SELECT pg_advisory_lock(%s)", (_LOCK,))
        # A migration that cannot get its locks gives up rather than block the business.
        connection.execute("SET lock_timeout = '10s'")
        connection.execute(_REMEMBER)
        due = _due(connection, migrations)
        for migration in due:
            _apply(connection, migration)
        return [str(migration) for migration in due]


def _due(connection: psycopg.Connection[Any], migrations: list[Migration]) -> list[Migration]:
    """Compare files with the record: what is left to apply, or a Fault when they disagree."""
    rows = connection.execute("SELECT folder, number, name, checksum FROM migration.applied")
    applied = {(folder, number): (name, checksum) for folder, number, name, checksum in rows}
    latest: dict[str, int] = {}
    for folder, number in applied:
        latest[folder] = max(number, latest.get(folder, 0))

    due: list[Migration] = []
    for migration in migrations:
        _, checksum = applied.pop((migration.folder, migration.number), (None, None))
        if checksum is None:
            if migration.number < latest.get(migration.folder, 0):
                raise Fault(f"{migration} is new but older than one already applied: renumber it")
            due.append(migration)
        elif checksum != migration.checksum:
            raise Fault(
                f"{migration} was edited after it was applied: undo the edit and add a file, or "
                "use the version of Twofold that made this database (sample data on the embedded "
                "server can be deleted: `twofold down --erase --yes`, then `twofold up`)"
            )
    if applied:
        folder, number = min(applied)
        name, _ = applied[folder, number]
        raise Fault(
            f"{folder}/{number:04}_{name}.sql was applied but is unknown here: "
            "the database is newer than this program"
        )
    return due


def _apply(connection: psycopg.Connection[Any], migration: Migration) -> None:
    # A migration is a reviewed file of this package, like any statement (see statement.py).
    text = cast("LiteralString", migration.text)
    record = """
        INSERT INTO migration.applied (folder, number, name, checksum)
        VALUES (%s, %s, %s, %s)
    """
    row = (migration.folder, migration.number, migration.name, migration.checksum)
    try:
        if migration.in_transaction:
            with connection.transaction():
                connection.execute(text)
                connection.execute(record, row)
        else:
            connection.execute(text)
            connection.execute(record, row)
    except psycopg.Error as error:
        error.add_note(f"in {migration}")
        raise Fault(f"{migration}: {str(error).strip()}") from error
