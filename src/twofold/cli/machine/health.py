"""What `twofold doctor` looks at: each check gives findings, and none changes anything.

The checks of a book stop at the first that the others need: without a server there are no
roles, without roles no schema.
"""

from __future__ import annotations

import pwd
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from twofold.cli.clock import now
from twofold.cli.machine.bridge_health import examine_bridge
from twofold.cli.opening import dsn_of, embedded_server, is_embedded, settings
from twofold.database.cluster import BOOKS, ROLES, ROLES_OF
from twofold.database.connection import Book, BookName
from twofold.database.embedded import EmbeddedServer
from twofold.database.migrate import FOLDERS, MIGRATIONS, OWNER, read_migrations
from twofold.database.statement import SqlFile
from twofold.database.transaction import Reader
from twofold.dualwrite.sets.reads import pending_sets
from twofold.dualwrite.table_maps.activate import active_maps, stands
from twofold.journey.findings import Finding, State
from twofold.journey.system import Dsn, declared_maps
from twofold.kernel.errors import Fault, Refused
from twofold.settings import DEVELOPMENT, Settings


@dataclass(frozen=True, slots=True)
class _Server:
    version_number: int
    version: str
    clock: datetime
    data_checksums: str
    fsync: str
    full_page_writes: str
    encoding: str
    collation_name: str
    login: str
    database: str


@dataclass(frozen=True, slots=True)
class _Role:
    role: str
    is_powerful: bool


@dataclass(frozen=True, slots=True)
class _Place:
    is_migrated: bool
    can_create: bool


@dataclass(frozen=True, slots=True)
class _Applied:
    folder: str
    number: int
    checksum: str


@dataclass(frozen=True, slots=True)
class _Privilege:
    role: str
    relation: str
    privilege: str


@dataclass(frozen=True, slots=True)
class _Answer:
    is_allowed: bool


SQL: Final = SqlFile(__name__)
SERVER: Final = SQL.query("server", gives=_Server)
FIND_ROLES: Final = SQL.query("roles", gives=_Role)
PLACE_FOR_SCHEMAS: Final = SQL.query("place_for_schemas", gives=_Place)
APPLIED: Final = SQL.query("applied", gives=_Applied)
EXCESS_PRIVILEGES: Final = SQL.query("excess_privileges", gives=_Privilege)
MAY_CONNECT: Final = SQL.query("may_connect", gives=_Answer)

VERSION_MIN: Final = 150_000
CLOCK_DIFFERENCE_MAX: Final = timedelta(seconds=2)
DISK_WARN: Final = 2 * 1024**3
DISK_FAIL: Final = 200 * 1024**2
_SOCKET_PATH_MAX: Final = 103
_OTHER: Final[dict[BookName, BookName]] = {"operations": "finance", "finance": "operations"}

# What must be impossible whoever asks: facts are append-only, a proposal only ever arrives.
_FORBIDDEN: Final[dict[BookName, tuple[tuple[str, str, str], ...]]] = {
    "operations": (
        ("twofold_operations", "operations.actual", "UPDATE"),
        ("twofold_operations", "operations.actual", "DELETE"),
        ("twofold_operations", "operations.customer_invoice", "INSERT"),
        ("twofold_operations", "operations.actual_accounting", "INSERT"),
        ("twofold_dualwrite", "operations.actual", "INSERT"),
        ("twofold_auditor", "operations.actual", "INSERT"),
        ("twofold_auditor", "operations.proforma", "UPDATE"),
    ),
    "finance": (
        ("twofold_finance", "finance.proposal", "INSERT"),
        ("twofold_finance", "finance.proposal", "DELETE"),
        ("twofold_finance", "finance.staged_actual", "UPDATE"),
        ("twofold_finance", "finance.ledger_entry", "UPDATE"),
        ("twofold_finance", "finance.ledger_entry", "DELETE"),
        ("twofold_finance", "finance.customer_invoice", "DELETE"),
        ("twofold_auditor", "finance.ledger_entry", "INSERT"),
    ),
}


def examine(given: Settings) -> list[Finding]:
    """Look at the machine, at each book, and at what lies between them."""
    findings: list[Finding] = []
    if is_embedded(given):
        findings += _machine(embedded_server(given))
        if any(one.state == "fail" for one in findings):
            return findings
    else:
        findings.append(Finding("ok", "configuration", "servers of your own, by two URLs"))
    dsn = dsn_of(given)
    is_ready = True
    is_certain = given.environment != DEVELOPMENT
    for name in BOOKS:
        found = list(_book(name, dsn, embedded=is_embedded(given), is_certain=is_certain))
        is_ready = is_ready and not any(one.state == "fail" for one in found)
        findings += found
    if is_ready:
        findings += _between(dsn)
        findings += examine_bridge(
            dsn, environment=given.environment, maps=declared_maps(given.maps)
        )
    return findings


def _machine(server: EmbeddedServer) -> Iterator[Finding]:
    yield Finding("ok", "configuration", f"embedded server in {server.home}")
    socket = len(str(server.run / ".s.PGSQL.5432.lock").encode())
    yield Finding(
        "ok" if socket <= _SOCKET_PATH_MAX else "fail",
        "socket path",
        f"{socket} of {_SOCKET_PATH_MAX} bytes",
        "" if socket <= _SOCKET_PATH_MAX else "set TWOFOLD_HOME to a shorter path",
    )
    yield _disk(server)
    try:
        status = server.status()
    except Fault as fault:
        yield Finding("fail", "server", str(fault), "see the message")
        return
    if server.data.exists():
        owner = pwd.getpwuid(server.data.stat().st_uid).pw_name
        is_right = owner == status.user
        yield Finding(
            "ok" if is_right else "fail",
            "data directory",
            f"{server.data} belongs to {owner}, the server runs as {status.user}",
            "" if is_right else f"chown -R {status.user} {server.data}",
        )
    if status.state != "running":
        yield Finding("fail", "server", f"the embedded server is {status.state}", "twofold up")


def _disk(server: EmbeddedServer) -> Finding:
    place = next(path for path in (server.home, *server.home.parents) if path.exists())
    free = shutil.disk_usage(place).free
    state: State = "fail" if free < DISK_FAIL else "warn" if free < DISK_WARN else "ok"
    remedy = "" if state == "ok" else f"make room on the disk of {place}"
    return Finding(state, "disk space", f"{free / 1024**3:.1f} GiB free", remedy)


def _book(name: BookName, dsn: Dsn, *, embedded: bool, is_certain: bool) -> Iterator[Finding]:
    variable = f"TWOFOLD_{name.upper()}_URL"
    # The login as it comes, before it becomes any of our roles.
    login = Book(name, lambda: dsn(name, OWNER), OWNER if embedded else "none")
    try:
        with login.reader() as reader:
            before = now()
            server = reader.one(SERVER)
            yield from _server(name, server, (before, now()))
            yield from _durable(name, server, is_certain=is_certain)
            roles = {one.role: one for one in reader.all(FIND_ROLES, roles=list(ROLES))}
        missing = [role for role in ROLES if role not in roles]
        if missing:
            remedy = f'as an administrator: psql "${variable}" -f {MIGRATIONS / "roles.sql"}'
            yield Finding("fail", f"{name}: roles", f"missing: {', '.join(missing)}", remedy)
            return
        yield from _roles(name, dsn, roles, server)
        yield from _schema(name, dsn, server)
    except Refused as told:
        for one in told.refusals:
            yield Finding("fail", f"{name}: server", f"{one.code}: {one.reason}", one.remedy)
    except Fault as fault:
        remedy = "twofold up" if embedded else f"check {variable} and that the server runs"
        yield Finding("fail", f"{name}: server", _one_line(fault), remedy)
    finally:
        login.close()


def _server(name: BookName, server: _Server, asked: tuple[datetime, datetime]) -> Iterator[Finding]:
    is_new = server.version_number >= VERSION_MIN
    yield Finding(
        "ok" if is_new else "fail",
        f"{name}: server",
        f"PostgreSQL {server.version}, database {server.database}, login {server.login}",
        "" if is_new else "PostgreSQL 15 or newer is needed: upgrade the server",
    )
    is_right = server.encoding == "UTF8" and server.collation_name in {"C", "C.UTF-8", "POSIX"}
    yield Finding(
        "ok" if is_right else "warn",
        f"{name}: locale",
        f"{server.encoding}, {server.collation_name}",
        ""
        if is_right
        else "create the database with ENCODING 'UTF8' LOCALE 'C' TEMPLATE template0",
    )
    early, late = asked
    away = max(early - server.clock, server.clock - late, timedelta(0))
    is_same = away <= CLOCK_DIFFERENCE_MAX
    yield Finding(
        "ok" if is_same else "warn",
        f"{name}: clock",
        f"{away.total_seconds():.1f} s from this machine's",
        "" if is_same else "synchronise the clocks of the machines (NTP)",
    )


def _durable(name: BookName, server: _Server, *, is_certain: bool) -> Iterator[Finding]:
    """Check that a committed row survives a power cut; only development goes without."""
    for setting, value, why in (
        ("data_checksums", server.data_checksums, "pg_checksums --enable, with the server stopped"),
        ("fsync", server.fsync, "ALTER SYSTEM SET fsync = on"),
        ("full_page_writes", server.full_page_writes, "ALTER SYSTEM SET full_page_writes = on"),
    ):
        is_on = value == "on"
        is_needed = is_certain and setting != "data_checksums"
        state: State = "ok" if is_on else "fail" if is_needed else "warn"
        detail = (
            value if is_on else f"{value}: not certified, a power cut may lose what was applied"
        )
        if setting == "data_checksums" and not is_on:
            detail = value
        yield Finding(state, f"{name}: {setting}", detail, "" if is_on else why)


def _roles(name: BookName, dsn: Dsn, roles: dict[str, _Role], server: _Server) -> Iterator[Finding]:
    """Check that the login may become each role of this book, and that none is powerful."""
    ours = (OWNER, *ROLES_OF[name])
    barred = [role for role in ours if not _can_be(name, dsn, role)]
    yield Finding(
        "fail" if barred else "ok",
        f"{name}: roles",
        f"{server.login} may not become {', '.join(barred)}" if barred else "all there",
        f"as an administrator: GRANT {', '.join(barred)} TO {server.login}" if barred else "",
    )
    powerful = [role for role in ROLES if roles[role].is_powerful]
    yield Finding(
        "fail" if powerful else "ok",
        f"{name}: powers",
        f"too powerful: {', '.join(powerful)}" if powerful else "no role is an administrator",
        "; ".join(
            f"ALTER ROLE {role} NOSUPERUSER NOCREATEDB NOCREATEROLE NOREPLICATION NOBYPASSRLS"
            for role in powerful
        ),
    )


def _can_be(name: BookName, dsn: Dsn, role: str) -> bool:
    book = Book(name, lambda: dsn(name, role), role)
    try:
        with book.reader():
            return True
    except Fault:
        return False
    finally:
        book.close()


def _schema(name: BookName, dsn: Dsn, server: _Server) -> Iterator[Finding]:
    owner = Book(name, lambda: dsn(name, OWNER), OWNER)
    try:
        with owner.reader() as reader:
            place = reader.one(PLACE_FOR_SCHEMAS, owner=OWNER)
            if not place.can_create:
                remedy = f"as an administrator: ALTER DATABASE {server.database} OWNER TO {OWNER}"
                yield Finding("fail", f"{name}: schema", f"{OWNER} may not create one", remedy)
            if not place.can_create and not place.is_migrated:
                return
            yield _migrations(name, reader if place.is_migrated else None)
            yield _privileges(name, reader)
            other = f"twofold_{_OTHER[name]}"
            is_open = reader.one(MAY_CONNECT, role=other).is_allowed
            yield Finding(
                "warn" if is_open else "ok",
                f"{name}: apart",
                f"{other} may connect here" if is_open else f"{other} may not connect",
                _set_apart(name, server.database) if is_open else "",
            )
    finally:
        owner.close()


def _set_apart(name: BookName, database: str) -> str:
    """Say how only a book's own roles connect; a restored database has lost its grants."""
    ours = ", ".join((OWNER, *ROLES_OF[name]))
    return (
        f"GRANT CONNECT, TEMPORARY ON DATABASE {database} TO {ours}; "
        f"REVOKE CONNECT ON DATABASE {database} FROM PUBLIC, twofold_{_OTHER[name]}"
    )


def _migrations(name: BookName, reader: Reader | None) -> Finding:
    shipped = {
        (one.folder, one.number): one.checksum
        for folder in FOLDERS[name]
        for one in read_migrations(MIGRATIONS, folder)
    }
    rows = reader.all(APPLIED) if reader is not None else []
    applied = {(one.folder, one.number): one.checksum for one in rows}
    check = f"{name}: schema"
    if applied == shipped:
        return Finding("ok", check, f"{len(shipped)} migrations applied")
    edited = [key for key in applied if shipped.get(key) != applied[key]]
    if edited:
        shown = ", ".join(f"{folder}/{number:04}" for folder, number in sorted(edited))
        remedy = "install the version of Twofold that the database was made with, or a newer one"
        return Finding("fail", check, f"not of this program: {shown}", remedy)
    return Finding("fail", check, f"{len(shipped) - len(applied)} migrations due", "twofold up")


def _privileges(name: BookName, reader: Reader) -> Finding:
    roles, relations, privileges = zip(*_FORBIDDEN[name], strict=True)
    found = reader.all(
        EXCESS_PRIVILEGES,
        roles=list(roles),
        relations=list(relations),
        privileges=list(privileges),
    )
    check = f"{name}: privileges"
    if not found:
        return Finding("ok", check, "facts can only be added")
    shown = [f"{one.privilege} ON {one.relation} FROM {one.role}" for one in found]
    return Finding(
        "fail",
        check,
        f"too much is granted: {len(found)}",
        "; ".join(f"REVOKE {one}" for one in shown),
    )


def _between(dsn: Dsn) -> Iterator[Finding]:
    """Look at the maps, and at the sets that are on their way."""
    for name in BOOKS:
        book = Book(name, dsn(name, "twofold_dualwrite"), "twofold_dualwrite")
        try:
            with book.reader() as reader:
                yield _maps(name, reader)
                yield _sets(name, reader)
        finally:
            book.close()


def _maps(name: BookName, reader: Reader) -> Finding:
    maps = active_maps(reader)
    resting = [f"{one.compiled.map.id} is {one.state}" for one in maps if one.state != "running"]
    if not stands(reader, declared_maps(settings().maps)):
        return Finding("fail", f"{name}: maps", "not the ones of this program", "twofold up")
    if resting:
        return Finding("warn", f"{name}: maps", ", ".join(resting), "twofold map states")
    return Finding("ok", f"{name}: maps", f"{len(maps)} running")


def _sets(name: BookName, reader: Reader) -> Finding:
    counts: dict[str, int] = {}
    for one in pending_sets(reader, company=None):
        counts[one.state] = counts.get(one.state, 0) + 1
    detail = ", ".join(f"{count} {state}" for state, count in sorted(counts.items()))
    if not counts:
        return Finding("ok", f"{name}: change sets", "none is pending")
    remedy = "twofold sets list" if counts.keys() - {"waiting"} else "twofold deliver"
    return Finding("warn", f"{name}: change sets", detail, remedy)


def _one_line(fault: Fault) -> str:
    return " ".join(str(fault).split())
