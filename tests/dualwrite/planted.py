"""What the tests of dual-write plant: one company known to both books, facts, and their sets."""

# ruff: noqa: E501 - a row of a text table stays on one line

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Final

from psycopg import sql

from tests.support.books import Books
from tests.support.clock import NOW
from twofold.database.connection import Book
from twofold.database.outbox import open_change_set
from twofold.dualwrite.sets.deliver import LEASE_SECONDS, Delivery, Route, deliver_sets

COMPANY: Final = "USPM"
AFTER_LEASE: Final = NOW + timedelta(seconds=LEASE_SECONDS + 1)

WORLD: Final = """
    finance.legal_entity
    company  name      accounting_currency  reporting_currency  change_set_id
    USPM     Fabrikam  USD                  USD                 900

    finance.line_property
    company  line_property  name        is_chargeable  is_accruable
    USPM     C              Chargeable  true           true

    finance.billing_type_line_property
    company  billing_type  line_property
    USPM     chargeable    C

    finance.payment_terms
    company  payment_terms  method  days
    USPM     Net30          net     30

    finance.customer
    company  customer_id  account  name            currency  source_version
    USPM     7            C-7      Adventure Work  USD       1

    finance.contract
    company  contract_id  number  name         customer_id  currency  source_version
    USPM     3            K-3     First phase  7            USD       1

    finance.project
    company  project_id  number  name       state       source_version
    USPM     5           P-5     Warehouse  in_process  1

    operations.company
    company  name      accounting_currency  source_version
    USPM     Fabrikam  USD                  1

    operations.organizational_unit
    company  organizational_unit_id  name    currency
    USPM     1                       Boston  USD

    operations.customer
    company  customer_id  account  name            currency  change_set_id
    USPM     7            C-7      Adventure Work  USD       900

    operations.contract
    company  contract_id  number  name         customer_id  organizational_unit_id  currency  change_set_id
    USPM     3            K-3     First phase  7            1                       USD       900
"""

# Set 1: eight hours of cost (1) and the sale made with them (2).
APPROVAL: Final = """
    operations.actual
    company  actual_id  transaction_type  class  billing_type  event     transaction_date  accounting_date  quantity  price  amount  currency  unit  project_id  customer_id  source_id  skip_sync  change_set_id
    USPM     1          cost              time   chargeable    approval  2026-10-30        2026-10-30       8         50     400     USD       hour  5           -            -          false      1
    USPM     2          unbilled_sales    time   chargeable    approval  2026-10-30        2026-10-30       8         100    800     USD       hour  5           7            1          false      1
"""

# Set 2: the sale is billed (11) and reversed (12, which is not sent), on proforma 4.
CONFIRMATION: Final = """
    operations.actual
    company  actual_id  transaction_type  class  billing_type  event      transaction_date  accounting_date  quantity  price  amount  currency  unit  project_id  customer_id  reverses_id  source_id  proforma_id  skip_sync  change_set_id
    USPM     11         billed_sales      time   chargeable    invoicing  2026-10-30        2026-11-02       8         100    800     USD       hour  5           7            -            2          4            false      2
    USPM     12         unbilled_sales    time   chargeable    invoicing  2026-10-30        2026-11-02       -8        100    -800    USD       hour  5           7            2            1          4            true       2

    operations.proforma
    company  proforma_id  number  name         contract_id  customer_id  currency  payment_terms  state      accounting_date  detail_amount  tax_amount  total_amount  detail_count  created_by  created_at            confirmed_by  confirmed_at          change_set_id  first_actual_id  last_actual_id  billable_count  billable_hash
    USPM     4            PF-4    First phase  3            7            USD       Net30          confirmed  2026-11-02       800            0           800           1             ann         2026-11-02T09:00:00Z  ann           2026-11-02T09:30:00Z  2              11               11              1               77
"""


def plant(books: Books) -> None:
    """Give both books the company with a customer, a contract and a project."""
    books.given(WORLD)


def plant_costs(
    books: Books, *, set_id: int, first: int, count: int, company: str = COMPANY
) -> None:
    """Add costs numbered from ``first``, one hour each, tagged with a set."""
    with books.owner_operations.raw() as connection:
        connection.execute(
            """
            INSERT INTO operations.actual (
                company, actual_id, transaction_type, class, billing_type, event, transaction_date,
                accounting_date, quantity, price, amount, currency, unit, project_id, skip_sync,
                change_set_id, description
            )
            SELECT
                %(company)s::text, key, 'cost', 'time', 'chargeable', 'approval', '2026-10-30',
                '2026-10-30', 1, 50, 50, 'USD', 'hour', 5, false, %(set_id)s::bigint, 'hour ' || key
            FROM generate_series(%(first)s::bigint, %(last)s::bigint) AS key
            """,
            {"company": company, "set_id": set_id, "first": first, "last": first + count - 1},
        )


def send(
    books: Books,
    set_id: int,
    *,
    kind: str,
    stream: str,
    keys: tuple[int, int] | None = None,
    book: Book | None = None,
    company: str = COMPANY,
) -> None:
    """Open and seal the next set, which the planted rows are tagged with."""
    with (book or books.operations).transaction() as transaction:
        change_set = open_change_set(
            transaction, company=company, kind=kind, stream=stream, actor="ann", at=NOW
        )
        assert change_set.set_id == set_id, "the planted rows name another set"
        if keys:
            change_set.covers(*keys)


def send_approval(books: Books) -> None:
    """Plant and send set 1."""
    books.given(APPROVAL)
    send(books, 1, kind="approval", stream="approval/1", keys=(1, 2))


def send_confirmation(books: Books) -> None:
    """Plant and send set 2, which comes after set 1."""
    books.given(CONFIRMATION)
    send(books, 2, kind="confirmation", stream="invoice/PF-4", keys=(11, 12))


def send_costs(books: Books, set_id: int, *, first: int, count: int) -> None:
    """Plant and send a set of costs."""
    plant_costs(books, set_id=set_id, first=first, count=count)
    send(
        books, set_id, kind="approval", stream=f"approval/{first}", keys=(first, first + count - 1)
    )


def forward(
    books: Books,
    *,
    now: datetime = NOW,
    failpoint: Callable[[str], None] = lambda _name: None,
) -> Route:
    """From operations to finance, with the maps of the templates."""
    if now == AFTER_LEASE:
        let_leases_run_out(books.owner_operations)
    return Route(
        books.dualwrite_operations,
        books.dualwrite_finance,
        books.server.active_maps(),
        failpoint,
    )


def back(books: Books, *, now: datetime = NOW) -> Route:
    """From finance to operations."""
    if now == AFTER_LEASE:
        let_leases_run_out(books.owner_finance)
    return Route(books.dualwrite_finance, books.dualwrite_operations, books.server.active_maps())


def let_leases_run_out(owner: Book) -> None:
    """Make every lease and every pause before the next attempt a thing of the past."""
    with owner.raw() as connection:
        connection.execute(
            "UPDATE dualwrite.pending SET leased_until = leased_until - interval '1 day',"
            " next_attempt_at = next_attempt_at - interval '1 day'"
            " WHERE leased_until IS NOT NULL OR next_attempt_at IS NOT NULL"
        )


def deliver(books: Books, *, now: datetime = NOW) -> Delivery:
    """Deliver what operations has sent."""
    return deliver_sets(forward(books, now=now))


# Columns that tell when something was done to a set, not what was done.
# The hashes of the chain are made over them.
MOMENTS: Final = (
    "applied_at", "acknowledged_at", "committed_in", "since", "happened_at",
    "barred_at", "changed_at", "dismissed_at",
    "hash", "previous_hash", "chain_hash",
)  # fmt: skip


def digest(book: Book) -> dict[str, tuple[int, Decimal]]:
    """Give, for every table of a book, its number of rows and a hash over them all."""
    with book.raw() as connection:
        tables = connection.execute(
            """
            SELECT schemaname, tablename
            FROM pg_catalog.pg_tables
            WHERE schemaname IN ('operations', 'finance', 'dualwrite')
            """
        ).fetchall()
        measure = sql.SQL(
            "SELECT {name}, count(*),"
            " coalesce(sum(hashtextextended((to_jsonb(t) - {moments}::text[])::text, 0)), 0)"
            " FROM {table} AS t"
        )
        found = connection.execute(
            sql.SQL(" UNION ALL ").join(
                measure.format(
                    name=sql.Literal(f"{schema}.{table}"),
                    moments=sql.Literal(list(MOMENTS)),
                    table=sql.Identifier(schema, table),
                )
                for schema, table in tables
            )
        )
        return {name: (count, content) for name, count, content in found}


def digest_of_both(books: Books) -> tuple[dict[str, tuple[int, Decimal]], ...]:
    """Give the digests of both books, as owner."""
    return digest(books.owner_operations), digest(books.owner_finance)
