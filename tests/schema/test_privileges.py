"""What each role cannot do, tried as real statements; and all it can do, as reviewed."""

from __future__ import annotations

from typing import cast

import psycopg
import pytest
from psycopg import sql

from tests.golden.texts import PRIVILEGES, privileges_text
from tests.support.books import Books
from twofold.database.connection import Book
from twofold.kernel.errors import Fault

OPERATIONS = [
    # actuals are facts
    "UPDATE operations.actual SET amount = 1",
    "UPDATE operations.actual SET quantity = quantity, price = 1",
    "UPDATE operations.actual SET skip_sync = true",
    "UPDATE operations.actual SET change_set_id = 1",
    "DELETE FROM operations.actual",
    "TRUNCATE operations.actual",
    # a proforma keeps its number, a detail what backs it, a deleted draft its record
    "UPDATE operations.proforma SET number = 'X'",
    "UPDATE operations.proforma_detail SET actual_id = 1",
    "UPDATE operations.proforma_detail SET corrects_id = 1",
    "UPDATE operations.deleted_proforma SET number = 'X'",
    "DELETE FROM operations.deleted_proforma",
    "DELETE FROM operations.entry",
    "DELETE FROM operations.milestone",
    # what finance knows
    "INSERT INTO operations.actual_accounting (company) VALUES ('USPM')",
    "UPDATE operations.actual_accounting SET voucher = 'V'",
    "DELETE FROM operations.actual_accounting",
    "INSERT INTO operations.customer_invoice (company) VALUES ('USPM')",
    "UPDATE operations.customer_invoice SET voucher = 'V'",
    "DELETE FROM operations.customer_invoice",
    "INSERT INTO operations.company (company) VALUES ('DEPM')",
    "UPDATE operations.company SET name = 'Contoso'",
    "DELETE FROM operations.company",
    *(
        statement.format(table)
        for table in ("ledger", "exchange_rate", "customer_accounting")
        for statement in (
            "INSERT INTO operations.{} (company) VALUES ('USPM')",
            "UPDATE operations.{} SET source_version = 1",
            "DELETE FROM operations.{}",
        )
    ),
    "UPDATE operations.ledger SET accounting_currency = 'EUR'",
    "UPDATE operations.exchange_rate SET rate = 1",
    "UPDATE operations.customer_accounting SET is_on_hold = false",
]
FINANCE = [
    # the header of a proposal comes from operations
    "INSERT INTO finance.proposal (company) VALUES ('USPM')",
    "DELETE FROM finance.proposal",
    "UPDATE finance.proposal SET number = 'X'",
    "UPDATE finance.proposal SET customer_id = 1",
    "UPDATE finance.proposal SET currency = 'EUR'",
    "UPDATE finance.proposal SET accounting_date = '2026-01-01'",
    "UPDATE finance.proposal SET billable_count = 0",
    "UPDATE finance.proposal SET state = 'posted', payment_terms = 'Net60'",
    # and so do the records it refers to, and the actuals
    *(
        statement.format(table)
        for table in (
            "staged_actual", "staged_connection", "customer", "project", "contract",
            "contract_line", "role", "resource", "category", "funding_source",
            "on_account_transaction", "task",
        )
        for statement in (
            "INSERT INTO finance.{} (company) VALUES ('USPM')",
            "UPDATE finance.{} SET company = 'DEPM'",
            "DELETE FROM finance.{}",
        )
    ),
    # the ledger and what was posted are facts
    *(
        statement.format(table)
        for table in (
            "ledger_entry", "project_transaction", "customer_invoice", "invoice_line",
            "tax_transaction", "customer_transaction", "imported_set",
        )
        for statement in (
            "UPDATE finance.{} SET company = 'DEPM'",
            "DELETE FROM finance.{}",
            "TRUNCATE finance.{}",
        )
    ),
    "UPDATE finance.ledger_entry SET accounting_amount = 0",
    "DELETE FROM finance.journal",
]  # fmt: skip
# Neither book changes what it sent or received; it only adds what it sends.
EITHER = [
    "UPDATE dualwrite.outbox SET actor = 'eve'",
    "DELETE FROM dualwrite.outbox",
    # who did what is not for those who did it to change
    "UPDATE history.deed SET actor = 'eve'",
    "UPDATE history.deed SET detail = '{}'",
    "DELETE FROM history.deed",
    "TRUNCATE history.deed",
    "UPDATE dualwrite.manifest SET row_count = 0",
    "DELETE FROM dualwrite.manifest",
    "UPDATE dualwrite.captured SET content = '{}'",
    "DELETE FROM dualwrite.captured",
    "INSERT INTO dualwrite.inbox (company) VALUES ('USPM')",
    "UPDATE dualwrite.inbox SET row_count = 0",
    "DELETE FROM dualwrite.inbox",
    "UPDATE dualwrite.pending SET state = 'waiting'",
    "DELETE FROM dualwrite.pending",
    "INSERT INTO dualwrite.acknowledged (company) VALUES ('USPM')",
    "DELETE FROM dualwrite.acknowledged",
    "DELETE FROM dualwrite.stream",
    "UPDATE dualwrite.map SET state = 'running'",
    "INSERT INTO dualwrite.map_version (map) VALUES ('x')",
    "UPDATE migration.applied SET checksum = ''",
    "CREATE TABLE public.mine ()",
    "CREATE TABLE dualwrite.mine ()",
    "ALTER TABLE dualwrite.outbox DROP COLUMN actor",
    "SET ROLE twofold_owner",
    "SET ROLE twofold_dualwrite",
]
DUALWRITE_EITHER = [
    "UPDATE dualwrite.outbox SET actor = 'eve'",
    "INSERT INTO dualwrite.outbox (company) VALUES ('USPM')",
    "DELETE FROM dualwrite.outbox",
    "UPDATE dualwrite.manifest SET row_count = 0",
    "DELETE FROM dualwrite.manifest",
    "UPDATE dualwrite.captured SET content = '{}'",
    "DELETE FROM dualwrite.captured",
    "UPDATE dualwrite.inbox SET row_count = 0",
    "DELETE FROM dualwrite.inbox",
    "DELETE FROM dualwrite.acknowledged",
    "UPDATE dualwrite.acknowledged SET applied_at = '2026-01-01'",
    "UPDATE dualwrite.pending SET version = 1",
    "INSERT INTO dualwrite.pending (company) VALUES ('USPM')",
    "UPDATE dualwrite.map_version SET definition = ''",
    "DELETE FROM dualwrite.map_version",
    "DELETE FROM dualwrite.map",
]
DUALWRITE_OPERATIONS = [
    "UPDATE operations.actual SET description = 'x'",
    "UPDATE operations.actual SET amount = 1",
    "INSERT INTO operations.actual (company) VALUES ('USPM')",
    "DELETE FROM operations.actual",
    "DELETE FROM operations.actual_accounting",
    "UPDATE operations.actual_accounting SET voucher = 'V'",
    "DELETE FROM operations.customer_invoice",
    "UPDATE operations.customer_invoice SET voucher = 'V'",
    "UPDATE operations.proforma SET state = 'draft'",
    "INSERT INTO operations.customer (company) VALUES ('USPM')",
    "UPDATE operations.customer SET name = 'Contoso'",
    "UPDATE operations.task SET name = 'Design'",
    "DELETE FROM operations.customer_accounting",
    "DELETE FROM operations.company",
    "UPDATE operations.company SET company = 'DEPM'",
]
DUALWRITE_FINANCE = [
    # what finance fills in on a proposal
    "UPDATE finance.proposal SET state = 'posted'",
    "INSERT INTO finance.proposal (company, state) VALUES ('USPM', 'posted')",
    "INSERT INTO finance.proposal (company, invoice_date) VALUES ('USPM', '2026-01-01')",
    "INSERT INTO finance.proposal (company, total_amount) VALUES ('USPM', 1)",
    "DELETE FROM finance.proposal",
    "UPDATE finance.staged_actual SET amount = 1",
    "DELETE FROM finance.staged_actual",
    "DELETE FROM finance.staged_connection",
    "DELETE FROM finance.customer",
    "DELETE FROM finance.project",
    "INSERT INTO finance.customer_accounting (company) VALUES ('USPM')",
    "UPDATE finance.customer_accounting SET is_on_hold = true",
    "UPDATE finance.exchange_rate SET rate = 1",
    "UPDATE finance.legal_entity SET reporting_currency = 'EUR'",
    *(
        f"{verb} finance.{table}{rest}"
        for table in (
            "ledger_entry", "project_transaction", "customer_invoice", "invoice_line",
            "tax_transaction", "customer_transaction", "journal", "journal_line",
            "proposal_line", "number_sequence", "posting_setup",
        )
        for verb, rest in (
            ("INSERT INTO", " (company) VALUES ('USPM')"),
            ("UPDATE", " SET company = 'DEPM'"),
            ("DELETE FROM", ""),
        )
    ),
]  # fmt: skip
FORBIDDEN = [
    *(("operations", statement) for statement in (*OPERATIONS, *EITHER)),
    *(("finance", statement) for statement in (*FINANCE, *EITHER)),
    *(("dualwrite_operations", one) for one in (*DUALWRITE_OPERATIONS, *DUALWRITE_EITHER)),
    *(("dualwrite_finance", one) for one in (*DUALWRITE_FINANCE, *DUALWRITE_EITHER)),
]


def book_as(books: Books, role: str) -> Book:
    return cast("Book", getattr(books, role))


@pytest.mark.fault("F065", "F066", "F159")
@pytest.mark.parametrize(("role", "statement"), FORBIDDEN)
def test_a_role_cannot(standing_books: Books, role: str, statement: str) -> None:
    with (
        pytest.raises(Fault) as fault,
        book_as(standing_books, role).raw() as connection,
        connection.transaction(force_rollback=True),
    ):
        connection.execute(statement.encode())

    assert cast("psycopg.Error", fault.value.__cause__).sqlstate == "42501", str(fault.value)


CONFIRMED = """
    operations.proforma
    number  state      detail_amount  description  confirmed_by
    PF-4    confirmed  800            -            ann
"""


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE operations.proforma SET description = 'later'",
        "UPDATE operations.proforma SET state = 'draft'",
        "UPDATE operations.proforma SET detail_amount = 1, total_amount = 1",
        "UPDATE operations.proforma SET confirmed_by = NULL",
    ],
)
def test_a_confirmed_proforma_does_not_change(standing_books: Books, change: str) -> None:
    with standing_books.operations.raw() as connection:
        changed = connection.execute(change.encode())

        assert changed.rowcount == 0

    standing_books.then(CONFIRMED)


def test_a_proforma_is_born_as_a_draft(standing_books: Books) -> None:
    with (
        pytest.raises(Fault, match="row-level security"),
        standing_books.operations.raw() as connection,
    ):
        connection.execute(
            "INSERT INTO operations.proforma (company, proforma_id, number, name, contract_id,"
            " customer_id, currency, state, detail_amount, tax_amount, total_amount,"
            " detail_count, created_by, created_at)"
            " VALUES ('USPM', 9, 'PF-9', '', 3, 7, 'USD', 'in_review', 0, 0, 0, 0, 'ann', now())"
        )


def test_the_auditor_writes_nothing(standing_books: Books) -> None:
    allowed: list[str] = []
    for book in (standing_books.auditor_operations, standing_books.auditor_finance):
        with book.raw() as connection:
            relations = connection.execute(
                "SELECT relnamespace::regnamespace::text, relname FROM pg_catalog.pg_class"
                " WHERE relkind IN ('r', 'p', 'v', 'm')"
                " AND relnamespace::regnamespace::text"
                " IN ('operations', 'finance', 'dualwrite', 'migration')"
            ).fetchall()
            assert len(relations) > 40
            allowed += [
                f"{verb} {'.'.join(relation)}"
                for relation in relations
                for verb, statement in WRITES.items()
                if not is_denied(connection, statement.format(table=sql.Identifier(*relation)))
            ]

    assert not allowed


WRITES = {
    "insert into": sql.SQL("INSERT INTO {table} DEFAULT VALUES"),
    "delete from": sql.SQL("DELETE FROM {table}"),
    "truncate": sql.SQL("TRUNCATE {table} CASCADE"),
    "lock": sql.SQL("LOCK TABLE {table} IN SHARE MODE"),
}


def is_denied(connection: psycopg.Connection, statement: sql.Composable) -> bool:
    """Try a statement in a transaction of its own that is never committed."""
    try:
        with connection.transaction(force_rollback=True):
            connection.execute(statement)
    except psycopg.errors.InsufficientPrivilege:
        return True
    except (psycopg.errors.WrongObjectType, psycopg.errors.ObjectNotInPrerequisiteState):
        return True  # not everything can be done to a view, whoever tries
    return False


@pytest.mark.parametrize(
    ("role", "database"),
    [("twofold_operations", "finance"), ("twofold_finance", "operations")],
)
def test_a_role_cannot_even_look_at_the_other_book(
    standing_books: Books, role: str, database: str
) -> None:
    pair = standing_books.pair
    name = pair.operations if database == "operations" else pair.finance
    dsn = standing_books.server.embedded.dsn_to(name, role)

    with pytest.raises(psycopg.OperationalError, match="permission denied for database"):
        psycopg.connect(dsn)


def test_no_role_is_a_member_of_another_or_more_than_a_login(standing_books: Books) -> None:
    with standing_books.owner_operations.raw() as connection:
        members = connection.execute(
            "SELECT member::regrole::text, roleid::regrole::text FROM pg_catalog.pg_auth_members"
            " WHERE member::regrole::text LIKE 'twofold%'"
            " AND member::regrole::text <> 'twofold_admin'"
        ).fetchall()
        mighty = connection.execute(
            "SELECT rolname FROM pg_catalog.pg_roles WHERE rolname LIKE 'twofold%'"
            " AND rolname <> 'twofold_admin'"
            " AND (rolsuper OR rolcreaterole OR rolcreatedb OR rolreplication OR rolbypassrls)"
        ).fetchall()

    assert (members, mighty) == ([], [])


def test_what_each_role_may_do_is_what_was_reviewed(standing_books: Books) -> None:
    reviewed = PRIVILEGES.read_text(encoding="utf-8")

    assert privileges_text(standing_books) == reviewed, "python -m tests.golden.write"
