"""Readers and transactions: typed rows, exact parameters, commit at the edge, words for errors."""

from __future__ import annotations

from dataclasses import dataclass

import pytest

from tests.support.books import Books
from twofold.database.connection import Book
from twofold.database.statement import Command, Query
from twofold.database.transaction import ConstraintBroken, Transaction
from twofold.kernel.errors import Fault


@dataclass(frozen=True, slots=True)
class Pair:
    """What the statements of this module give."""

    one: int
    two: str


PAIR = Query("pair", "SELECT %(two)s::text AS two, 1 AS one", frozenset({"two"}), Pair)
PERCENT = Query("percent", "SELECT 1 AS one, '100 %' AS two", frozenset(), Pair)
NO_ROW = Query("no_row", "SELECT 1 AS one, '' AS two WHERE false", frozenset(), Pair)
MODE = Query(
    "mode",
    "SELECT 1 AS one, current_setting('transaction_isolation') || '/'"
    " || current_setting('transaction_read_only') AS two",
    frozenset(),
    Pair,
)
SESSION = Query("session", "SELECT pg_backend_pid() AS one, '' AS two", frozenset(), Pair)
CREATE = Command(
    "create",
    "CREATE TABLE public.thing (thing_id int4 CONSTRAINT thing_is_positive CHECK (thing_id > 0))",
    frozenset(),
)
INSERT = Command(
    "insert", "INSERT INTO public.thing VALUES (%(thing_id)s::int4)", frozenset({"thing_id"})
)
COUNT = Query(
    "count", "SELECT count(*)::int4 AS one, '' AS two FROM public.thing", frozenset(), Pair
)


@pytest.fixture
def book(books: Books) -> Book:
    with books.owner_operations.transaction() as transaction:
        transaction.run(CREATE)
    return books.owner_operations


def test_columns_become_fields_by_name(books: Books) -> None:
    with books.operations.reader() as reader:
        assert reader.all(PAIR, two="x") == [Pair(one=1, two="x")]
        assert reader.one(PAIR, two="y").two == "y"
        assert reader.first(NO_ROW) is None


def test_a_literal_percent_needs_no_doubling_without_parameters(books: Books) -> None:
    with books.operations.reader() as reader:
        assert reader.one(PERCENT).two == "100 %"


def test_exactly_the_parameters_asked_for(books: Books) -> None:
    with books.operations.reader() as reader:
        with pytest.raises(AssertionError, match="asks for"):
            reader.all(PAIR)
        with pytest.raises(AssertionError, match="asks for"):
            reader.all(PAIR, two="x", three="y")


def test_the_edge_commits(book: Book) -> None:
    with book.transaction() as transaction:
        assert transaction.run(INSERT, thing_id=1) == 1

    with book.reader() as reader:
        assert reader.one(COUNT).one == 1


def test_an_exception_rolls_back(book: Book) -> None:
    def insert_and_fail() -> None:
        with book.transaction() as transaction:
            transaction.run(INSERT, thing_id=1)
            raise KeyError

    with pytest.raises(KeyError):
        insert_and_fail()

    with book.reader() as reader:
        assert reader.one(COUNT).one == 0


def test_the_hook_runs_inside_before_the_commit(book: Book, books: Books) -> None:
    def refuse(transaction: Transaction) -> None:
        transaction.run(INSERT, thing_id=2)
        assert transaction.one(COUNT).one == 2
        raise KeyError

    dsn = books.server.embedded.dsn_to(books.pair.operations, "twofold_owner")
    hooked = Book("operations", dsn, "twofold_owner", before_commit=refuse)
    with pytest.raises(KeyError), hooked.transaction() as transaction:
        transaction.run(INSERT, thing_id=1)
    hooked.close()

    with book.reader() as reader:
        assert reader.one(COUNT).one == 0


def test_a_broken_constraint_is_named(book: Book) -> None:
    with pytest.raises(ConstraintBroken) as caught, book.transaction() as transaction:
        transaction.run(INSERT, thing_id=-1)

    assert caught.value.name == "thing_is_positive"
    assert "-1" in caught.value.detail
    assert "-1" not in str(caught.value)


def test_a_reader_cannot_write(book: Book) -> None:
    with pytest.raises(Fault, match="read-only") as caught, book.reader() as reader:
        reader.all(Query("write", "INSERT INTO public.thing VALUES (1)", frozenset(), Pair))

    assert not caught.value.transient


def test_a_session_reads_and_writes_in_turn(books: Books) -> None:
    dsn = books.server.embedded.dsn_to(books.pair.operations, "twofold_owner")
    book = Book("operations", dsn, "twofold_owner", connections_max=1)
    try:
        # Given the one session has read
        with book.reader() as reader:
            assert reader.one(MODE).two == "repeatable read/on"

        # When it writes
        with book.transaction() as transaction:
            assert transaction.one(MODE).two == "read committed/off"
            transaction.run(CREATE)

        # Then that stands, and the next reader cannot write
        with pytest.raises(Fault, match="read-only"), book.reader() as reader:
            reader.all(Query("add", INSERT.text, INSERT.parameters, Pair), thing_id=1)
        with book.trial() as transaction:
            assert transaction.run(INSERT, thing_id=1) == 1
        with book.reader() as reader:
            assert reader.one(COUNT).one == 0
    finally:
        book.close()


def test_a_session_that_the_server_ended_while_it_rested_is_replaced(books: Books) -> None:
    dsn = books.server.embedded.dsn_to(books.pair.operations, "twofold_owner")
    book = Book("operations", dsn, "twofold_owner", connections_max=1)
    try:
        with book.reader() as reader:
            first = reader.one(SESSION).one
        with books.server.embedded.admin() as admin:
            admin.execute("SELECT pg_terminate_backend(%s, 10000)", (first,))

        with book.reader() as reader:
            assert reader.one(SESSION).one != first
    finally:
        book.close()


def test_a_lost_connection_is_a_transient_fault(book: Book) -> None:
    end = Command("end", "SELECT pg_terminate_backend(pg_backend_pid())", frozenset())
    with pytest.raises(Fault) as caught, book.transaction() as transaction:
        transaction.run(end)
    assert caught.value.transient

    with book.transaction() as transaction:
        assert transaction.run(INSERT, thing_id=1) == 1


def test_sessions_do_not_depend_on_the_server(books: Books) -> None:
    setting = (
        "SELECT 1 AS one, current_setting('TimeZone') || ' ' || current_setting('search_path') "
        "|| ' ' || current_setting('application_name') AS two"
    )
    with books.operations.reader() as reader:
        found = reader.one(Query("setting", setting, frozenset(), Pair))

    assert found.two == "UTC pg_catalog,pg_temp twofold/operations"


def test_a_login_may_act_as_another_role(books: Books) -> None:
    with books.server.embedded.admin() as connection:
        connection.execute("GRANT twofold_operations TO twofold_auditor")
    try:
        dsn = books.server.embedded.dsn_to(books.pair.operations, "twofold_auditor")
        book = Book("operations", dsn, "twofold_operations")
        with book.reader() as reader:
            user = Query("user", "SELECT 1 AS one, current_user::text AS two", frozenset(), Pair)
            assert reader.one(user).two == "twofold_operations"
        book.close()
    finally:
        with books.server.embedded.admin() as connection:
            connection.execute("REVOKE twofold_operations FROM twofold_auditor")


def test_a_role_of_one_book_cannot_enter_the_other(books: Books) -> None:
    dsn = books.server.embedded.dsn_to(books.pair.finance, "twofold_operations")
    stranger = Book("finance", dsn, "twofold_operations")

    with pytest.raises(Fault, match="permission denied for database"), stranger.reader():
        pass
