"""What ``twofold doctor`` looks at between the books: the pair, the sessions, what is held up."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from twofold.database.cluster import BOOKS
from twofold.database.connection import Book, BookName
from twofold.database.statement import SqlFile
from twofold.database.transaction import Reader
from twofold.dualwrite.proof.identity import check_pair, look_at
from twofold.dualwrite.run.heartbeat import engines
from twofold.dualwrite.table_maps.activate import Declaration
from twofold.dualwrite.table_maps.check import check_map
from twofold.journey.findings import Finding
from twofold.journey.system import Dsn
from twofold.kernel.errors import Fault, Refusal, Refused

HORIZON_SECONDS_MAX: Final = 300.0
PENDING_SECONDS_MAX: Final = 900.0
SILENT_SECONDS_MAX: Final = 30.0
_DUALWRITE: Final = "twofold_dualwrite"


@dataclass(frozen=True, slots=True)
class _Session:
    is_tls: bool
    tls_version: str
    is_remote: bool
    statement_timeout: str
    lock_timeout: str
    idle_timeout: str


@dataclass(frozen=True, slots=True)
class _Login:
    role: str


@dataclass(frozen=True, slots=True)
class _Holder:
    pid: int
    login: str
    state: str
    query: str
    seconds: float


@dataclass(frozen=True, slots=True)
class _Prepared:
    prepared: int


@dataclass(frozen=True, slots=True)
class _OldestSet:
    company: str
    set_id: int
    state: str
    seconds: float


SQL: Final = SqlFile(__name__)
SESSION: Final = SQL.query("session", gives=_Session)
AS_LOGIN: Final = SQL.query("as_login", gives=_Login)
HORIZON: Final = SQL.query("horizon", gives=_Holder)
PREPARED: Final = SQL.query("prepared", gives=_Prepared)
OLDEST_SET: Final = SQL.query("oldest_set", gives=_OldestSet)


def examine_bridge(
    dsn: Dsn, *, environment: str, maps: tuple[Declaration, ...]
) -> Iterator[Finding]:
    """Look at the pair, the sessions and what is on its way; change nothing.

    Before  both books are migrated, with all roles.
    """
    books: dict[BookName, Book] = {name: _opened(dsn, name) for name in BOOKS}
    try:
        yield from _pair(books, environment)
        yield from _keys(books, maps)
        for name in BOOKS:
            with books[name].reader() as reader:
                yield from _session(name, reader)
                yield _oldest(name, reader)
                yield _engine(name, reader)
            with books[name].reader() as reader:
                # The server shows a session what its own login's other sessions do, not a role's.
                reader.one(AS_LOGIN)
                yield _horizon(name, reader)
    finally:
        for book in books.values():
            book.close()


def _opened(dsn: Dsn, name: BookName) -> Book:
    return Book(name, lambda: dsn(name, _DUALWRITE), _DUALWRITE)


def _pair(books: dict[BookName, Book], environment: str) -> Iterator[Finding]:
    looks = [look_at(books[name]) for name in BOOKS]
    if any(one is None or one.book_id is None for one in looks):
        yield Finding("warn", "pair", "not recorded as a pair yet", "twofold up")
        return
    try:
        check_pair(books["operations"], books["finance"], environment=environment, actor="doctor")
    except Refused as told:
        yield from (_refused("pair", one) for one in told.refusals)
    except Fault as fault:
        yield Finding("fail", "pair", str(fault).partition("\n")[0], "see the message")
    else:
        yield Finding("ok", "pair", f"the books belong together, in «{environment}»")


def _refused(check: str, one: Refusal) -> Finding:
    return Finding("fail", f"{one.record}: {check}", f"{one.code}: {one.reason}", one.remedy)


def _keys(books: dict[BookName, Book], maps: tuple[Declaration, ...]) -> Iterator[Finding]:
    """Check every declared map: keys unique on the other side, columns as the map says."""
    found: list[Finding] = []
    for one in maps:
        try:
            check_map(one.map, source=books[one.map.source_book], target=books[one.map.target_book])
        except Refused as told:
            found += [_refused("map", refusal) for refusal in told.refusals]
    yield from found or [Finding("ok", "map keys", f"{len(maps)} maps, every key is unique")]


def _session(name: BookName, reader: Reader) -> Iterator[Finding]:
    session = reader.one(SESSION)
    if session.is_tls:
        detail, remedy = session.tls_version, ""
    elif session.is_remote:
        detail = "none, and the server is elsewhere"
        remedy = "give the server a certificate and unset TWOFOLD_ALLOW_PLAINTEXT"
    else:
        detail, remedy = "none; the server is on this machine", ""
    yield Finding("warn" if remedy else "ok", f"{name}: TLS", detail, remedy)
    yield Finding(
        "ok",
        f"{name}: time-outs",
        f"statement {session.statement_timeout}, lock {session.lock_timeout}, "
        f"idle in transaction {session.idle_timeout}",
    )
    prepared = reader.one(PREPARED).prepared
    if prepared:
        yield Finding(
            "warn",
            f"{name}: prepared transactions",
            f"{prepared}, none of them ours: they hold locks for ever",
            "SELECT * FROM pg_prepared_xacts, then ROLLBACK PREPARED what nobody needs",
        )


def _horizon(name: BookName, reader: Reader) -> Finding:
    oldest = reader.first(HORIZON)
    check = f"{name}: oldest transaction"
    if oldest is None or oldest.seconds <= HORIZON_SECONDS_MAX:
        return Finding("ok", check, "none is old" if oldest is None else f"{oldest.seconds:.0f} s")
    detail = (
        f"{oldest.seconds:.0f} s, pid {oldest.pid} of {oldest.login}, {oldest.state}: "
        f"{' '.join(oldest.query.split())}"
    )
    return Finding("warn", check, detail, f"SELECT pg_terminate_backend({oldest.pid})")


def _oldest(name: BookName, reader: Reader) -> Finding:
    oldest = reader.first(OLDEST_SET)
    check = f"{name}: oldest set"
    if oldest is None:
        return Finding("ok", check, "none is on its way")
    detail = f"{oldest.company} {oldest.set_id}, {oldest.state}, for {oldest.seconds:.0f} s"
    if oldest.seconds <= PENDING_SECONDS_MAX:
        return Finding("ok", check, detail)
    return Finding("warn", check, detail, "twofold sets list")


def _engine(name: BookName, reader: Reader) -> Finding:
    known = engines(reader)
    check = f"{name}: engine"
    if not known:
        return Finding("ok", check, "no standing process; `twofold deliver` takes sets across")
    silent = known[0].seconds_silent
    detail = f"{known[0].engine} on {known[0].host}, seen {silent:.0f} s ago"
    if silent <= SILENT_SECONDS_MAX:
        return Finding("ok", check, detail)
    return Finding("warn", check, detail, "twofold dualwrite run")
