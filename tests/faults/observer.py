"""Someone who looks at a book again and again while things break: V10, and V3 as time goes by.

Each look is one repeatable-read transaction as the auditor. Nothing in it may be partial: a set
shows all of its rows or none, an invoice all of its lines or none. Between two looks no version
goes back and no applied set disappears.
"""

from __future__ import annotations

import threading
from typing import Any, Final

import psycopg

_PARTIAL: Final = {
    "operations": """
        SELECT 'set ' || inbox.set_id, inbox.row_count, count(s.actual_id)
        FROM dualwrite.inbox
        LEFT JOIN operations.actual_accounting AS s
            ON s.company = inbox.company AND s.actual_id BETWEEN inbox.key_first AND inbox.key_last
        WHERE inbox.kind = 'journal_posting'
        GROUP BY inbox.company, inbox.set_id, inbox.row_count
        HAVING count(s.actual_id) <> inbox.row_count
    """,
    "finance": """
        WITH stands AS (
            SELECT company, source_set_id, count(*) AS row_count
            FROM finance.staged_actual GROUP BY company, source_set_id
        )
        SELECT 'set ' || coalesce(inbox.set_id, stands.source_set_id),
            inbox.key_last - inbox.key_first + 1, stands.row_count
        FROM (
            SELECT * FROM dualwrite.inbox WHERE kind IN ('approval', 'confirmation')
        ) AS inbox
        FULL JOIN stands
            ON stands.company = inbox.company AND stands.source_set_id = inbox.set_id
        WHERE inbox.set_id IS NULL
            OR (inbox.kind = 'approval'
                AND stands.row_count IS DISTINCT FROM inbox.key_last - inbox.key_first + 1)
            OR (inbox.kind = 'confirmation' AND stands.row_count IS NULL)
        UNION ALL
        SELECT 'invoice ' || proposal.number, proposal.billable_count, count(s.actual_id)
        FROM finance.proposal
        LEFT JOIN finance.staged_actual AS s
            ON s.company = proposal.company AND s.proforma_id = proposal.proposal_id
                AND s.actual_id BETWEEN proposal.first_actual_id AND proposal.last_actual_id
        GROUP BY proposal.company, proposal.number, proposal.billable_count
        HAVING count(s.actual_id) <> proposal.billable_count
    """,
}
_VERSIONS: Final = {
    "operations": "SELECT company, 'company' || company, source_version FROM operations.company",
    "finance": "SELECT company, 'resource' || resource_id, source_version FROM finance.resource",
}
_APPLIED: Final = "SELECT count(*) FROM dualwrite.inbox"


class Observer:
    """Looks at one book until told to stop, and remembers what was wrong."""

    def __init__(self, book: str, dsn: str, *, pause_seconds: float = 0.2) -> None:
        self.book: Final = book
        self.looks = 0
        self.applied = 0
        self.wrong: list[str] = []
        self._dsn = dsn
        self._pause_seconds = pause_seconds
        self._versions: dict[tuple[str, str], int] = {}
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._watch, daemon=True)

    def __enter__(self) -> Observer:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        self._thread.join()

    def _watch(self) -> None:
        connection: psycopg.Connection[Any] | None = None
        while not self._stop.wait(self._pause_seconds):
            try:
                if connection is None:
                    connection = psycopg.connect(self._dsn, connect_timeout=2)
                    connection.isolation_level = psycopg.IsolationLevel.REPEATABLE_READ
                    connection.read_only = True
                self._look(connection)
            except psycopg.OperationalError:
                # The server is away: it was killed on purpose.
                connection = None
        if connection is not None:
            connection.close()

    def _look(self, connection: psycopg.Connection[Any]) -> None:
        with connection.transaction():
            partial = connection.execute(_PARTIAL[self.book].encode()).fetchall()
            versions = connection.execute(_VERSIONS[self.book].encode()).fetchall()
            (applied,) = connection.execute(_APPLIED.encode()).fetchone() or (0,)
        self.looks += 1
        self.wrong += [f"V10 {self.book}: {one} is there in part" for one in partial]
        for company, key, version in versions:
            if version < self._versions.get((company, key), 0):
                self.wrong.append(f"V3 {self.book}: {key} went back to version {version}")
            self._versions[company, key] = version
        if applied < self.applied:
            self.wrong.append(f"V2 {self.book}: {self.applied} sets applied, now {applied}")
        self.applied = applied
