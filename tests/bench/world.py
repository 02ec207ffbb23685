"""What the engine is measured on: a company of some size, and sets that refer to all of it.

Rows are planted by SQL as the processes would leave them, because approving and confirming are
not what is measured here; sealing is the product's own. Each actual names a project with its
contract, line and customer, a resource, a role and a category: every lookup has work to do.
"""

from __future__ import annotations

import threading
import time
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Final

from psycopg import sql

from tests.support.books import Books
from twofold.database.outbox import open_change_set
from twofold.database.statement import SqlFile

COMPANY: Final = "USPM"
PROJECTS: Final = 50
RESOURCES: Final = 200

_RECORDS: Final = """
    finance.legal_entity
    company  name      accounting_currency  reporting_currency  change_set_id
    USPM     Fabrikam  USD                  USD                 900

    finance.line_property
    company  line_property  name        is_chargeable  is_accruable
    USPM     C              Chargeable  true           true

    finance.billing_type_line_property
    company  billing_type  line_property
    USPM     chargeable    C

    operations.company
    company  name      accounting_currency  source_version
    USPM     Fabrikam  USD                  1

    operations.organizational_unit
    company  organizational_unit_id  name    currency
    USPM     1                       Boston  USD

    operations.customer
    company  customer_id  account  name        currency  change_set_id
    USPM     2            C-2      Customer 2  USD       900

    operations.contract
    company  contract_id  number  name        customer_id  organizational_unit_id  currency  change_set_id
    USPM     1            K-1     Contract 1  2            1                       USD       900
"""  # noqa: E501 - a row of a text table stays on one line

_FINANCE: Final = (
    """
    INSERT INTO finance.customer (company, customer_id, account, name, currency, source_version)
    SELECT {company}, n, 'C-' || n, 'Customer ' || n, 'USD', 1 FROM generate_series(1, 10) AS n
    """,
    """
    INSERT INTO finance.contract (
        company, contract_id, number, name, customer_id, currency, source_version
    )
    SELECT {company}, n, 'K-' || n, 'Contract ' || n, 1 + n % 10, 'USD', 1
    FROM generate_series(1, {projects}) AS n
    """,
    """
    INSERT INTO finance.project (
        company, project_id, number, name, contract_id, customer_id, state, source_version
    )
    SELECT {company}, n, 'P-' || n, 'Project ' || n, n, 1 + n % 10, 'in_process', 1
    FROM generate_series(1, {projects}) AS n
    """,
    """
    INSERT INTO finance.contract_line (
        company, contract_line_id, contract_id, line_number, name, billing_method, project_id,
        source_version
    )
    SELECT {company}, n, n, 1, 'Work', 'time_and_material', n, 1
    FROM generate_series(1, {projects}) AS n
    """,
    """
    INSERT INTO finance.role (company, role_id, name, source_version)
    SELECT {company}, n, 'Role ' || n, 1 FROM generate_series(1, 10) AS n
    """,
    """
    INSERT INTO finance.resource (company, resource_id, name, source_version)
    SELECT {company}, n, 'Resource ' || n, 1 FROM generate_series(1, {resources}) AS n
    """,
    """
    INSERT INTO finance.category (company, category_id, number, name, source_version)
    SELECT {company}, n, 'LABOUR-' || n, 'Labour ' || n, 1 FROM generate_series(1, 5) AS n
    """,
    "ANALYZE",
)

SQL: Final = SqlFile(__name__)
PLANT_ACTUALS: Final = SQL.command("plant_actuals")
PLANT_BILL: Final = SQL.command("plant_bill")
PLANT_PROFORMA: Final = SQL.command("plant_proforma")
CONFIRM_PROFORMA: Final = SQL.command("confirm_proforma")


def plant_company(books: Books) -> None:
    """Give both books the company; finance knows everything that actuals may refer to."""
    books.given(_RECORDS)
    numbers = {"projects": sql.Literal(PROJECTS), "resources": sql.Literal(RESOURCES)}
    with books.owner_finance.raw() as connection:
        for statement in _FINANCE:
            connection.execute(sql.SQL(statement).format(company=COMPANY, **numbers))


@dataclass(frozen=True, slots=True)
class Sent:
    """A set that was sealed: its keys, and when its commit was answered (seconds of the epoch)."""

    set_id: int
    first: int
    count: int
    committed_at: float


@dataclass(slots=True)
class Sender:
    """Writes rows and seals them as sets, each in a transaction and a stream of its own."""

    books: Books
    _key: int = 0
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def approval(self, count: int) -> Sent:
        """Send so many actuals."""
        first = self._block(count)
        with self.books.operations.transaction() as transaction:
            change_set = open_change_set(
                transaction, company=COMPANY, kind="approval", stream=f"approval/{first}",
                actor="bench", at=datetime.now(UTC),  # noqa: TID251 - a measurement reads the clock
            )  # fmt: skip
            change_set.covers(first, first + count - 1)
            transaction.run(
                PLANT_ACTUALS, company=COMPANY, set_id=change_set.set_id, first=first, count=count,
                projects=PROJECTS, resources=RESOURCES,
            )  # fmt: skip
        return Sent(change_set.set_id, first, count, time.time())

    def invoice(self, lines: int) -> Sent:
        """Send a confirmed proforma: its header, a billed sale per line, and their connections."""
        first = self._block(lines)
        with self.books.operations.transaction() as transaction:
            change_set = open_change_set(
                transaction, company=COMPANY, kind="confirmation", stream=f"invoice/{first}",
                actor="bench", at=datetime.now(UTC),  # noqa: TID251 - as above
            )  # fmt: skip
            change_set.covers(first, first + lines - 1)
            given = {"company": COMPANY, "set_id": change_set.set_id, "count": lines}
            transaction.run(PLANT_PROFORMA, **given)
            transaction.run(CONFIRM_PROFORMA, **given, first=first)
            transaction.run(PLANT_BILL, **given, first=first, resources=RESOURCES)
        return Sent(change_set.set_id, first, lines, time.time())

    def _block(self, count: int) -> int:
        with self._lock:
            first = self._key + 1
            self._key += count
            return first
