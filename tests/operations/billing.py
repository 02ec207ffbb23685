"""What the tests of billing share: two contracts of one company, and sales planted in rows.

Contract 1 has customers 1 and 2, line 10 (time and material) and line 11 (fixed price) on
project 1; project 3 is completed. Contract 2 has customer 1, line 20 on project 2.
Keys up to 1000 are planted, and belong to change set 1; processes take keys above.
"""

from __future__ import annotations

import contextlib
from collections.abc import Generator
from datetime import date
from typing import Any, Final

from psycopg import Connection

from tests.support.books import Books
from tests.support.clock import NOW, TODAY
from tests.support.tables import read_tables
from twofold.database.connection import Book
from twofold.database.invariants import check_book
from twofold.database.transaction import Reader, Transaction
from twofold.journey.system import System
from twofold.operations.proforma.confirm import Confirmed, confirm_proformas
from twofold.operations.proforma.create import ProformaRun, create_proformas

CUTOFF: Final = date(2026, 10, 31)

SETUP: Final = """
    operations.company
    company  name     accounting_currency  source_version
    USPM     US firm  USD                  1
    GBPM     GB firm  GBP                  1

    operations.organizational_unit
    company  organizational_unit_id  name  currency
    USPM     1                       US    USD

    operations.role
    role_id  name
    1        Engineer

    operations.customer
    company  customer_id  account  name     currency  payment_terms  change_set_id
    USPM     1            C-1      Adatum   USD       NET30          1
    USPM     2            C-2      Contoso  USD       -              1

    operations.resource
    company  resource_id  name         change_set_id
    USPM     1            Bob Kozack   1

    operations.contract
    company  contract_id  number  name         customer_id  organizational_unit_id  currency  state   change_set_id
    USPM     1            K-1     Arm          1            1                       USD       active  1
    USPM     2            K-2     Leg          1            1                       USD       active  1
    USPM     3            K-3     Held         1            1                       USD       on_hold  1

    operations.contract_customer
    company  contract_customer_id  contract_id  customer_id  split_percent  is_rounding  is_primary  bill_to_name  change_set_id
    USPM     1                     1            1            100            true         true        Adatum AP     1
    USPM     2                     1            2            0              false        false       -             1
    USPM     3                     2            1            100            true         true        -             1
    USPM     4                     3            1            100            true         true        -             1

    operations.project
    company  project_id  number  name  customer_id  contract_id  state       change_set_id
    USPM     1           P-1     Arm   1            1            in_process  1
    USPM     2           P-2     Leg   1            2            in_process  1
    USPM     3           P-3     Old   1            1            completed   1

    operations.contract_line
    company  contract_line_id  contract_id  line_number  name       billing_method     project_id  includes_time  includes_expense  includes_material  includes_fee  change_set_id
    USPM     10                1            1            Work       time_and_material  -           true           true              true               true          1
    USPM     11                1            2            Milestones  fixed_price       1           false          false             false              false         1
    USPM     20                2            1            Work       time_and_material  2           true           true              true               true          1
    USPM     30                3            1            Work       time_and_material  -           true           true              true               true          1

    operations.contract_line_customer
    company  contract_line_id  customer_id  split_percent  is_rounding
    USPM     10                1            100            true
    USPM     11                1            100            true
    USPM     20                1            100            true
    USPM     30                1            100            true

    operations:dualwrite.outbox
    company  set_id  kind      stream      version  key_first  key_last  actor  created_at
    USPM     1       approval  approval/1  1        1          1000      test   2026-10-01
"""  # noqa: E501

SALE: Final[dict[str, str | None]] = {
    "company": "USPM",
    "contract_id": "1",
    "contract_line_id": "10",
    "customer_id": "1",
    "project_id": "1",
    "class": "time",
    "billing_type": "chargeable",
    "transaction_date": "2026-10-15",
    "quantity": "8",
    "price": "200",
    "currency": "USD",
    "unit": "hour",
    "source_id": None,
    "entry_id": None,
    "state": "ready",
    "not_to_exceed": "not_applicable",
}

INSERT_SALE: Final = """
    WITH sale AS (
        INSERT INTO operations.actual (
            company, actual_id, transaction_type, class, billing_type, event, transaction_date,
            accounting_date, quantity, price, amount, currency, unit, project_id, contract_id,
            contract_line_id, customer_id, source_id, entry_id, skip_sync, change_set_id
        )
        SELECT
            %(company)s, %(actual_id)s, 'unbilled_sales', %(class)s::operations.transaction_class,
            %(billing_type)s::operations.billing_type, 'approval', %(transaction_date)s::date,
            %(transaction_date)s::date, %(quantity)s::numeric, %(price)s::numeric,
            round(%(quantity)s::numeric * %(price)s::numeric, 2), %(currency)s, %(unit)s,
            %(project_id)s, %(contract_id)s, %(contract_line_id)s, %(customer_id)s,
            %(source_id)s, %(entry_id)s, false, 1
        RETURNING *
    )
    INSERT INTO operations.backlog_item (
        company, actual_id, contract_id, contract_line_id, customer_id, project_id, class,
        billing_type, transaction_date, quantity, amount, currency, state, not_to_exceed, exceeds
    )
    SELECT
        company, actual_id, contract_id, contract_line_id, customer_id, project_id, class,
        billing_type, transaction_date, quantity, amount, currency,
        %(state)s::operations.backlog_state, %(not_to_exceed)s::operations.not_to_exceed_state,
        CASE %(not_to_exceed)s WHEN 'failed' THEN 'contract'::operations.limit_level END
    FROM sale
"""

# What is planted by hand has its kept sums as well.
KEEP_SUMS: Final = """
    DELETE FROM operations.backlog_sum;
    INSERT INTO operations.backlog_sum (
        company, contract_id, customer_id, project_id, transaction_date, state, item_count, amount
    )
    SELECT
        company, contract_id, customer_id, project_id, transaction_date, state, count(*),
        sum(operations.chargeable_amount(billing_type, amount, discount_amount, fee_amount))
    FROM operations.backlog_item
    GROUP BY company, contract_id, customer_id, project_id, transaction_date, state
"""


def system_of(books: Books) -> System:
    """Give both books as the flows over them want them, at the tests' moment."""
    return System(
        operations=books.operations,
        finance=books.finance,
        access=books.access,
        jobs=books.jobs,
        dualwrite_operations=books.dualwrite_operations,
        dualwrite_finance=books.dualwrite_finance,
        auditor_operations=books.auditor_operations,
        auditor_finance=books.auditor_finance,
        maps=books.server.active_maps(),
        now=lambda: NOW,
    )


class _Undo(Exception):
    pass


def plant_contracts(books: Books) -> Books:
    """Plant the setup, and let keys begin above the planted ones."""
    books.given(SETUP)
    with books.owner_operations.raw() as connection:
        connection.execute("SELECT setval('operations.actual_key', 1000)")
        connection.execute("SELECT setval('dualwrite.set_key', 1000)")
    return books


def plant_sales(connection: Connection[Any], text: str) -> None:
    """Plant unbilled sales with their backlog items; columns left out are as in SALE."""
    (table,) = read_tables("operations.sale\n" + text.strip("\n"))
    for row in table.rows:
        given = {**SALE, **dict(zip(table.columns, row, strict=True))}
        connection.execute(INSERT_SALE, given)
    connection.execute(KEEP_SUMS)


def sell(books: Books, text: str) -> None:
    """Plant sales for good."""
    lines = [line.strip() for line in text.strip().splitlines()]
    with books.owner_operations.raw() as connection:
        plant_sales(connection, "\n".join(lines))


def create(books: Books, *contracts: int, cutoff: date = CUTOFF) -> ProformaRun:
    """Create proformas of the contracts named, of all when none is."""
    with books.operations.transaction() as transaction:
        return create_proformas(
            transaction,
            company="USPM",
            contract_ids=contracts or None,
            cutoff=cutoff,
            actor="pm",
            at=NOW,
        )


def confirm(books: Books, *proforma_ids: int) -> tuple[Confirmed, ...]:
    """Confirm the proformas named, today."""
    with books.operations.transaction() as transaction:
        return confirm_proformas(
            transaction,
            company="USPM",
            proforma_ids=proforma_ids,
            actor="pm",
            at=NOW,
            on=TODAY,
        )


def broken(books: Books) -> list[str]:
    """Name the invariants of the operations book that do not hold."""
    with books.auditor_operations.reader() as reader:
        return broken_in(reader)


def broken_in(reader: Reader) -> list[str]:
    """Name the invariants that do not hold in what a transaction sees."""
    return [one.invariant for one in check_book(reader, "operations")]


def rows(books: Books, query: str) -> list[tuple[Any, ...]]:
    """Look at the operations book, as one who only reads."""
    with books.auditor_operations.raw() as connection:
        return connection.execute(query.encode()).fetchall()


@contextlib.contextmanager
def undone(book: Book) -> Generator[tuple[Connection[Any], Transaction]]:
    """Give a transaction that never happened."""
    with contextlib.suppress(_Undo), book.raw() as connection:
        yield connection, Transaction(connection)
        raise _Undo
