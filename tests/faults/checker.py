"""The independent checker: what must be true between two books, at any moment.

It reads both databases with SQL of its own and knows nothing of the engine; of the map files it
reads which column comes from which, as anybody can. Each complaint begins with the number of
the promise (dual-write contract 4.1 and the invariants of its fault matrix): V1 the target is
the fold of the applied sets, V2 every set is in exactly one state, V3 no older version after a
newer one, V4 counts and totals are the manifest's, V5 nothing twice, V6 the chain is unbroken,
V7 columns have one owner, V8 rows stay in their company, V9 nothing is left behind, V11 every
failure has a catalogue entry. V10 and V12 are watched while things happen: see ``observer``.
"""

# ruff: noqa: S608 - names of tables come from the map files of the product

from __future__ import annotations

import hashlib
import json
import tomllib
from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any, Final

from psycopg import Connection

from tests.support.books import Books
from twofold.kernel.catalogue import CATALOGUE

Key = tuple[str, int]
_MAPS: Final = Path(__file__).parents[2] / "src" / "twofold" / "maps"


@dataclass(frozen=True, slots=True)
class _Map:
    """What the checker reads of a map file: no more than a person would."""

    id: str
    source_book: str
    rows: str
    source: str
    set_column: str
    filter: str
    target: str
    key: tuple[str, ...]
    # Target column → source column, where it is copied as it stands.
    copied: tuple[tuple[str, str], ...]
    columns: tuple[str, ...]
    version_column: str | None
    by: tuple[str, ...]
    sum: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Side:
    """One direction: the book that sent, the book that received, and what it received."""

    name: str
    source: Connection[Any]
    target: Connection[Any]
    received: frozenset[Key]
    gaps: frozenset[tuple[str, int, str]]


def broken_promises(books: Books, *, quiet: bool = False) -> list[str]:
    """Name everything that is not as it must be; ``quiet`` says that nothing is under way."""
    with books.auditor_operations.raw() as operations, books.auditor_finance.raw() as finance:
        for one in (operations, finance):
            one.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
        # What was received is read before what was sent: a set never arrives before it is sent.
        sides = [
            _side("operations", operations, finance),
            _side("finance", finance, operations),
        ]
        found = [complaint for side in sides for check in _CHECKS for complaint in check(side)]
        if quiet:
            found += [f"V9 {one}" for side in sides for one in _left_behind(side.source, side.name)]
            found += [f"V2 {one}" for side in sides for one in _undelivered(side)]
    return found


def _side(name: str, source: Connection[Any], target: Connection[Any]) -> _Side:
    received = frozenset(
        target.execute("SELECT company, set_id FROM dualwrite.inbox WHERE source = %s", (name,))
    )
    gaps = frozenset(source.execute("SELECT company, set_id, map FROM dualwrite.gap"))
    return _Side(name, source, target, received, gaps)


# V2, every set in exactly one state


def _one_state(side: _Side) -> Iterator[str]:
    def ids(table: str) -> set[Key]:
        return set(side.source.execute(f"SELECT company, set_id FROM dualwrite.{table}".encode()))

    sent, pending, acknowledged, dismissed = map(
        ids, ("outbox", "pending", "acknowledged", "dismissed")
    )
    states = Counter([*pending, *acknowledged, *dismissed])
    for one, count in states.items():
        if count > 1:
            yield f"V2 {side.name} {one}: in {count} states at once"
    for one in sent - states.keys():
        yield f"V2 {side.name} {one}: in no state, it is lost"
    for one in (states.keys() | side.received) - sent:
        yield f"V2 {side.name} {one}: was never sent"
    for one in acknowledged - side.received:
        yield f"V2 {side.name} {one}: acknowledged and not applied"


def _given_up(side: _Side) -> Iterator[str]:
    """Find sets that a person gave up and that are applied, or still can be."""
    dismissed = set(side.source.execute("SELECT company, set_id FROM dualwrite.dismissed"))
    barred = set(
        side.target.execute(
            "SELECT company, set_id FROM dualwrite.barred WHERE source = %s", (side.name,)
        )
    )
    for one in (dismissed | barred) & side.received:
        yield f"V2 {side.name} {one}: dismissed and applied"
    for one in dismissed - barred:
        yield f"V2 {side.name} {one}: dismissed, and the receiver may still apply it"


def _undelivered(side: _Side) -> Iterator[str]:
    for one in side.source.execute(
        "SELECT company, set_id, state::text, code, problem FROM dualwrite.pending"
        " WHERE state = 'waiting' ORDER BY 1, 2 LIMIT 5"
    ):
        yield f"{side.name} {one}: still under way"


# V3, V5, order and repetition


def _order(side: _Side) -> Iterator[str]:
    later = side.target.execute(
        """
        SELECT company, stream, version, earlier FROM (
            SELECT inbox.company, inbox.stream, inbox.version,
                lag(inbox.version) OVER (
                    PARTITION BY inbox.company, inbox.stream ORDER BY chain.chain_number
                ) AS earlier
            FROM dualwrite.inbox
            JOIN dualwrite.chain USING (company, source, set_id)
            WHERE inbox.source = %s
        ) AS in_order
        WHERE version <= earlier
        """,
        (side.name,),
    )
    for company, stream, version, earlier in later:
        yield f"V3 {side.name} {company} {stream}: {version} applied after {earlier}"
    gaps = side.target.execute(
        "SELECT company, stream, array_agg(version ORDER BY version) FROM dualwrite.inbox"
        " WHERE source = %s GROUP BY company, stream",
        (side.name,),
    )
    given_up = Counter(
        side.source.execute(
            "SELECT company, stream FROM dualwrite.outbox JOIN dualwrite.dismissed"
            " USING (company, set_id)"
        )
    )
    for company, stream, versions in gaps:
        if max(versions) > len(versions) + given_up[company, stream]:
            yield f"V3 {side.name} {company} {stream}: versions {versions}, some are missing"
        if len(set(versions)) != len(versions):
            yield f"V5 {side.name} {company} {stream}: versions {versions}, some twice"


# V4, the manifest


def _manifests(side: _Side) -> Iterator[str]:
    promised = {
        (company, set_id): count
        for company, set_id, count in side.source.execute(
            "SELECT company, set_id, sum(row_count)::int8 FROM dualwrite.manifest GROUP BY 1, 2"
        )
    }
    for company, set_id, count in side.target.execute(
        "SELECT company, set_id, row_count FROM dualwrite.inbox WHERE source = %s", (side.name,)
    ):
        if count != promised.get((company, set_id), 0):
            yield f"V4 {side.name} {company} {set_id}: the inbox says {count} rows"


def _totals(side: _Side) -> Iterator[str]:
    """Add up the staged actuals of every set, per currency and type, as they stand in finance."""
    if side.name != "operations":
        return
    stands: defaultdict[Key, Counter[tuple[str, ...]]] = defaultdict(Counter)
    for company, set_id, *line in side.target.execute(
        "SELECT company, source_set_id, currency, transaction_type::text, count(*)::text,"
        " trim_scale(sum(quantity))::text, trim_scale(sum(amount))::text"
        " FROM finance.staged_actual GROUP BY 1, 2, 3, 4"
    ):
        stands[company, set_id][tuple(line)] += 1
    for company, set_id, totals in side.source.execute(
        "SELECT company, set_id, totals::text FROM dualwrite.manifest WHERE map = 'actuals'"
    ):
        key = (company, set_id)
        wanted = Counter(
            (
                one["currency"],
                one["transaction_type"],
                str(one["rows"]),
                *(_number(one[name]) for name in ("quantity", "amount")),
            )
            for one in json.loads(totals, parse_float=Decimal)
        )
        if key in side.received and stands.get(key, Counter()) != wanted:
            yield f"V4 {key}: {dict(stands[key])} stand in finance, the manifest says {totals}"
    for key in stands.keys() - side.received:
        yield f"V4 {key}: rows stand in finance and no set brought them"


def _number(value: Decimal | int) -> str:
    return format(Decimal(value).normalize() + 0, "f")


# V1, V5, V7, V8, the fold of the applied sets


def _fold(side: _Side) -> Iterator[str]:
    for table_map in _maps():
        if table_map.source_book == side.name:
            yield from (_facts if table_map.rows == "facts" else _states)(side, table_map)


def _facts(side: _Side, table_map: _Map) -> Iterator[str]:
    """Facts of received sets stand in the target, whole and once; no others do."""
    types = _types(side.target, table_map.target)
    here = _line([source for _, source in table_map.copied], types, table_map)
    there = _line([column for column, _ in table_map.copied], types, table_map)
    kept = f" WHERE {table_map.filter}" if table_map.filter else ""
    sent = side.source.execute(
        f"SELECT s.company, s.{table_map.set_column}, {here} FROM {table_map.source} AS s"
        f"{kept}".encode()
    )
    wanted: Counter[str] = Counter()
    per_set: Counter[Key] = Counter()
    for company, set_id, line in sent:
        if (company, set_id) in side.received and (company, set_id, table_map.id) not in side.gaps:
            wanted[line] += 1
            per_set[company, set_id] += 1
    stands = Counter(
        line
        for (line,) in side.target.execute(f"SELECT {there} FROM {table_map.target} AS s".encode())
    )
    for line in list(wanted - stands)[:3]:
        yield f"V1 {table_map.id}: does not stand in the target: {line}"
    for line in list(stands - wanted)[:3]:
        promise = "V5" if line in wanted else "V7"
        yield f"{promise} {table_map.id}: no applied set brought {line}"
    for company, set_id, count in side.source.execute(
        "SELECT company, set_id, row_count FROM dualwrite.manifest WHERE map = %s", (table_map.id,)
    ):
        if (company, set_id) in side.received and per_set[company, set_id] != count:
            sent_now = per_set[company, set_id]
            yield f"V4 {table_map.id} {company} {set_id}: {sent_now} rows sent, {count} sealed"


def _states(side: _Side, table_map: _Map) -> Iterator[str]:
    """Find state rows that are not those of the newest applied set that carried them."""
    version = table_map.version_column
    if version is None:
        return
    newest: dict[tuple[str, ...], tuple[int, dict[str, str | None]]] = {}
    for company, set_id, content in side.source.execute(
        "SELECT company, set_id, content::text FROM dualwrite.captured WHERE map = %s",
        (table_map.id,),
    ):
        row = {
            name: _text(value) for name, value in json.loads(content, parse_float=Decimal).items()
        }
        key = tuple(str(row[name]) for name in table_map.key)
        number = int(row[version] or 0)
        if (company, set_id) in side.received and number > newest.get(key, (0, {}))[0]:
            newest[key] = (number, row)
    types = _types(side.target, table_map.target)
    shown = ", ".join(_as_text(name, types) for name in table_map.columns)
    for values in side.target.execute(f"SELECT {shown} FROM {table_map.target} AS s".encode()):
        stands = dict(zip(table_map.columns, values, strict=True))
        number, row = newest.pop(tuple(str(stands[name]) for name in table_map.key), (0, {}))
        stands_at = int(stands[version] or 0)
        if stands_at < number:
            yield f"V3 {table_map.id}: {stands} is older than {row}"
        if stands_at == number and any(stands[n] != row.get(n) for n in stands):
            yield f"V1 {table_map.id}: {stands}, not {row}"
    for number, row in newest.values():
        yield f"V1 {table_map.id}: {row} of version {number} does not stand in the target"


def _maps() -> Iterator[_Map]:
    for file in sorted(_MAPS.glob("*.toml")):
        given = tomllib.loads(file.read_text(encoding="utf-8"))
        columns: dict[str, dict[str, Any]] = given["columns"]
        totals = given.get("totals", {"by": [], "sum": []})
        # A column that is computed is left to the tests of the map language.
        copied = [
            (name, one["from"])
            for name, one in columns.items()
            if set(one) <= _COPIES and "from" in one
        ]
        versions = [name for name, one in columns.items() if one.get("set") == "version"]
        yield _Map(
            id=given["id"],
            source_book=given["source_book"],
            rows=given["rows"],
            source=given["source"]["table"],
            set_column=given["source"].get("set_column", ""),
            filter=given["source"].get("filter", "") if given["rows"] == "facts" else "",
            target=given["target"]["table"],
            key=tuple(given["target"]["key"]),
            copied=tuple(copied),
            columns=tuple(columns),
            version_column=versions[0] if versions else None,
            by=tuple(totals["by"]),
            sum=tuple(totals["sum"]),
        )


_COPIES: Final = frozenset({"from", "lookup", "missing", "owner"})


def _types(connection: Connection[Any], table: str) -> dict[str, str]:
    return dict(
        connection.execute(
            "SELECT attname, atttypid::regtype::text FROM pg_catalog.pg_attribute"
            " WHERE attrelid = %s::regclass AND attnum > 0 AND NOT attisdropped",
            (table,),
        ).fetchall()
    )


def _as_text(column: str, types: dict[str, str]) -> str:
    if types.get(column) == "numeric":
        return f"trim_scale(s.{column})::text"
    return f"s.{column}::text"


def _line(columns: list[str], types: dict[str, str], table_map: _Map) -> str:
    """Compose one text of a row: equal rows of both books have equal texts."""
    by_target = {target: types.get(target, "text") for target, _ in table_map.copied}
    numeric = {
        name for pair in table_map.copied for name in pair if by_target[pair[0]] == "numeric"
    }
    parts = [_as_text(name, {name: "numeric" if name in numeric else "text"}) for name in columns]
    return f"concat_ws('|', {', '.join(f'coalesce({part}, chr(1))' for part in parts)})"


def _text(value: object) -> str | None:
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, Decimal | int):
        return _number(value)
    return None if value is None else str(value)


# V6, the chain


def _chain(side: _Side) -> Iterator[str]:
    """Hash every link again by the documented rule; each applied set has exactly one."""
    links = side.target.execute(
        """
        SELECT chain.company, chain.chain_number, chain.previous_hash, chain.hash,
            inbox.set_id, inbox.kind, inbox.stream, inbox.version, inbox.key_first,
            inbox.key_last, inbox.content_hash, inbox.row_count, inbox.actor,
            inbox.created_at, inbox.applied_at
        FROM dualwrite.chain
        LEFT JOIN dualwrite.inbox USING (company, source, set_id)
        WHERE chain.source = %s
        ORDER BY chain.company, chain.chain_number
        """,
        (side.name,),
    ).fetchall()
    heads: dict[str, tuple[int, str]] = {}
    linked: set[Key] = set()
    for company, number, previous, digest, set_id, *rest in links:
        before, last = heads.get(company, (0, ""))
        text = _canonical((company, side.name, set_id, *rest))
        again = hashlib.sha256(f"{last}\n{text}".encode()).hexdigest()
        if (number, previous, digest) != (before + 1, last, again):
            yield f"V6 {side.name} {company}: the chain breaks at link {number} (set {set_id})"
        heads[company] = (number, digest)
        linked.add((company, set_id))
    for one in side.received - linked:
        yield f"V6 {side.name} {one}: applied and not in the chain"
    stands = {(company, number): digest for company, number, _, digest, *_ in links}
    yield from _ends(side, heads, stands)


def _ends(
    side: _Side, heads: dict[str, tuple[int, str]], stands: dict[tuple[str, int], str]
) -> Iterator[str]:
    """Compare the links with the head, and with what the sender was told."""
    for company, number, digest in side.target.execute(
        "SELECT company, chain_number, hash FROM dualwrite.chain_head WHERE source = %s",
        (side.name,),
    ):
        if heads.get(company, (0, "")) != (number, digest):
            yield f"V6 {side.name} {company}: the head is not the last link"
    for company, set_id, number, digest in side.source.execute(
        "SELECT company, set_id, chain_number, chain_hash FROM dualwrite.acknowledged"
    ):
        if stands.get((company, number)) != digest:
            yield f"V6 {side.name} {company} {set_id}: link {number} is not in the chain"


def _canonical(values: tuple[object, ...]) -> str:
    parts = [
        one.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ") if isinstance(one, datetime) else one
        for one in values
    ]
    return "".join("-;" if one is None else f"{len(str(one))}:{one};" for one in parts)


# V7, column ownership


def _ownership(side: _Side) -> Iterator[str]:
    """Find columns that the book which receives them may change all the same."""
    role = "twofold_finance" if side.name == "operations" else "twofold_operations"
    for table_map in _maps():
        if table_map.source_book != side.name:
            continue
        for (column,) in side.target.execute(
            "SELECT name FROM unnest(%s::text[]) AS name"
            " WHERE pg_catalog.has_column_privilege(%s, %s, name, 'UPDATE')",
            (list(table_map.columns), role, table_map.target),
        ):
            yield f"V7 {role} may change {table_map.target}.{column}, which {side.name} owns"


# V8, companies


def _companies(side: _Side) -> Iterator[str]:
    """Find sets that were received in another company or under another key than sent."""
    sent = {
        (company, set_id): (kind, stream, version)
        for company, set_id, kind, stream, version in side.source.execute(
            "SELECT company, set_id, kind, stream, version FROM dualwrite.outbox"
        )
    }
    for company, set_id, *what in side.target.execute(
        "SELECT company, set_id, kind, stream, version FROM dualwrite.inbox WHERE source = %s",
        (side.name,),
    ):
        if sent.get((company, set_id)) != tuple(what):
            yield f"V8 {side.name} {company} {set_id}: arrived as {what}"


# V9 nothing is left behind

_LEFT: Final = {
    "prepared transactions": "SELECT gid FROM pg_catalog.pg_prepared_xacts",
    "transactions of dual-write": """
        SELECT pid, state FROM pg_catalog.pg_stat_activity
        WHERE usename = 'twofold_dualwrite' AND datname = pg_catalog.current_database()
            AND xact_start IS NOT NULL
    """,
    "locks": """
        SELECT mode, relation::regclass FROM pg_catalog.pg_locks
        JOIN pg_catalog.pg_class ON pg_class.oid = relation AND relnamespace >= 16384
        WHERE pid <> pg_catalog.pg_backend_pid() AND granted AND mode <> 'AccessShareLock'
            AND database = (SELECT oid FROM pg_catalog.pg_database
                            WHERE datname = pg_catalog.current_database())
    """,
    "replication slots": "SELECT slot_name FROM pg_catalog.pg_replication_slots",
    "leases of sets that nobody delivers": """
        SELECT company, set_id, leased_until FROM dualwrite.pending
        WHERE leased_until > pg_catalog.clock_timestamp() + interval '5 minutes'
    """,
}


def _left_behind(connection: Connection[Any], name: str) -> Iterator[str]:
    for what, query in _LEFT.items():
        for row in connection.execute(query.encode()):
            yield f"{name}: {what}: {row}"


# V11, the catalogue


def _codes(side: _Side) -> Iterator[str]:
    for (code,) in side.source.execute(
        "SELECT code FROM dualwrite.pending UNION SELECT code FROM dualwrite.dismissed"
        " UNION SELECT code FROM dualwrite.event"
    ):
        if code is not None and code not in CATALOGUE:
            yield f"V11 {side.name}: {code} is not in the catalogue"
    for one in side.source.execute(
        "SELECT company, set_id FROM dualwrite.pending WHERE state <> 'waiting' AND code IS NULL"
    ):
        yield f"V11 {side.name} {one}: held up, and no code says why"


_CHECKS: Final = (
    _one_state, _given_up, _order, _manifests, _totals, _fold, _chain, _ownership, _companies,
    _codes,
)  # fmt: skip
