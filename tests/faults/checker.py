"""The independent checker: what must be true between two books at any moment.

It reads both databases with SQL of its own and knows nothing of the engine. Facts are compared
by key, per set and map: those of a set are there exactly when its inbox row is.
"""

from __future__ import annotations

from collections import Counter
from typing import Final

from psycopg import Connection

from tests.support.books import Books

# Per map: the keys of each set in the source (company, set, key), and those in the target.
_FACTS: Final = {
    "actuals": (
        """
        SELECT company, change_set_id, actual_id::text FROM operations.actual WHERE NOT skip_sync
        """,
        "SELECT company, actual_id::text FROM finance.staged_actual",
    ),
    "transaction_connections": (
        """
        SELECT company, change_set_id, actual_id || '-' || reverses_id
        FROM operations.actual WHERE NOT skip_sync AND reverses_id IS NOT NULL
        UNION ALL
        SELECT company, change_set_id, actual_id || '-' || source_id
        FROM operations.actual WHERE NOT skip_sync AND reverses_id IS NULL AND source_id IS NOT NULL
        """,
        "SELECT company, transaction1_id || '-' || transaction2_id FROM finance.staged_connection",
    ),
    "invoices": (
        """
        SELECT company, change_set_id, proforma_id || number
        FROM operations.proforma WHERE change_set_id IS NOT NULL
        """,
        "SELECT company, proposal_id || number FROM finance.proposal",
    ),
    "accounting_detail": (
        """
        SELECT company, change_set_id, actual_id::text FROM finance.project_transaction
        UNION ALL
        SELECT company, change_set_id, actual_id::text FROM finance.invoice_line
        """,
        "SELECT company, actual_id::text FROM operations.actual_accounting",
    ),
    "customer_invoices": (
        """
        SELECT company, change_set_id, proposal_id || invoice_number
        FROM finance.customer_invoice
        """,
        "SELECT company, proforma_id || invoice_number FROM operations.customer_invoice",
    ),
}
_BACK: Final = ("accounting_detail", "customer_invoices")

_SENT: Final = "SELECT company, set_id FROM dualwrite.outbox"
_PENDING: Final = "SELECT company, set_id FROM dualwrite.pending"
_ACKNOWLEDGED: Final = "SELECT company, set_id FROM dualwrite.acknowledged"
_RECEIVED: Final = "SELECT company, set_id FROM dualwrite.inbox WHERE source = %s"
_MANIFEST: Final = "SELECT company, set_id, map, row_count FROM dualwrite.manifest"
_PROMISED: Final = """
    SELECT company, set_id, sum(row_count)::int8 FROM dualwrite.manifest GROUP BY company, set_id
"""
_INBOX_ROWS: Final = "SELECT company, set_id, row_count FROM dualwrite.inbox WHERE source = %s"
_GAPS: Final = """
    SELECT company, stream, array_agg(version ORDER BY version)
    FROM dualwrite.inbox WHERE source = %s
    GROUP BY company, stream
    HAVING min(version) <> 1 OR max(version) <> count(*)
"""
_STAGED_WITHOUT_SET: Final = """
    SELECT company, source_set_id, count(*)
    FROM finance.staged_actual AS staged
    WHERE NOT EXISTS (
        SELECT FROM dualwrite.inbox
        WHERE inbox.company = staged.company AND inbox.source = 'operations'
            AND inbox.set_id = staged.source_set_id
    )
    GROUP BY company, source_set_id
"""


def broken_promises(books: Books) -> list[str]:
    """Name everything that is not as it must be between the two books."""
    with books.auditor_operations.raw() as operations, books.auditor_finance.raw() as finance:
        found = _direction("operations", operations, finance)
        found += _direction("finance", finance, operations)
        for company, set_id, count in finance.execute(_STAGED_WITHOUT_SET):
            found.append(f"{company} set {set_id}: {count} staged rows and no inbox row")
    return found


def _direction(name: str, source: Connection, target: Connection) -> list[str]:
    sent = set(source.execute(_SENT).fetchall())
    pending = set(source.execute(_PENDING).fetchall())
    acknowledged = set(source.execute(_ACKNOWLEDGED).fetchall())
    received = set(target.execute(_RECEIVED, (name,)).fetchall())
    found = [f"{name} {one}: pending and acknowledged" for one in pending & acknowledged]
    found += [
        f"{name} {one}: neither pending nor acknowledged" for one in sent - pending - acknowledged
    ]
    found += [f"{name} {one}: never sent" for one in (pending | acknowledged | received) - sent]
    found += [f"{name} {one}: acknowledged, not in the inbox" for one in acknowledged - received]
    found += [f"{name} {gap}: versions missing" for gap in target.execute(_GAPS, (name,))]
    promised = {(c, s): n for c, s, n in source.execute(_PROMISED)}
    for company, set_id, count in target.execute(_INBOX_ROWS, (name,)):
        if count != promised.get((company, set_id), 0):
            found.append(f"{name} {company} {set_id}: the inbox says {count} rows")
    return found + _facts(name, source, target, received)


def _facts(
    name: str, source: Connection, target: Connection, received: set[tuple[str, int]]
) -> list[str]:
    """Facts of received sets are there, as many as the manifest says; no others are."""
    found: list[str] = []
    manifest = {(c, s, m): n for c, s, m, n in source.execute(_MANIFEST)}
    for table_map, (here, there) in _FACTS.items():
        if (name == "finance") != (table_map in _BACK):
            continue
        there_now = Counter(target.execute(there).fetchall())
        wanted: Counter[tuple[str, str]] = Counter()
        per_set: Counter[tuple[str, int]] = Counter()
        for company, set_id, key in source.execute(here):
            if (company, set_id) in received:
                wanted[company, key] += 1
                per_set[company, set_id] += 1
        for company, set_id in received:
            promised = manifest.get((company, set_id, table_map), 0)
            if per_set[company, set_id] != promised:
                found.append(f"{table_map} {company} {set_id}: {promised} in the manifest")
        missing, extra = wanted - there_now, there_now - wanted
        if missing or extra:
            found.append(f"{table_map}: {len(missing)} rows missing, {len(extra)} too many")
    return found
