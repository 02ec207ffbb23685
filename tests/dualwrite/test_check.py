"""Checking a map against both books: every mistake is found before anything runs."""

# ruff: noqa: E501 - a row of a table stays on one line

from __future__ import annotations

import dataclasses
import tomllib
from collections.abc import Generator
from importlib import resources

import msgspec
import psycopg
import pytest

from tests.support.books import Books
from tests.support.server import TestServer
from tests.support.views import without_views
from twofold.database.connection import Book
from twofold.database.embedded import ADMIN
from twofold.dualwrite.table_maps.check import check_map
from twofold.dualwrite.table_maps.compiled import CompiledMap
from twofold.dualwrite.table_maps.facts import read_side
from twofold.dualwrite.table_maps.judge_columns import Found
from twofold.dualwrite.table_maps.judge_tables import judge_key, judge_together
from twofold.dualwrite.table_maps.language import TableMap, read_map
from twofold.kernel.errors import Refused

INVALID = "UPDATE pg_index SET indisvalid = false WHERE indexrelid = '{}'::regclass"


def shipped(map_id: str, right: str = "", wrong: str = "") -> TableMap:
    """Read a shipped map in which one piece of text was exchanged."""
    text = (resources.files("twofold.maps") / f"{map_id}.toml").read_text(encoding="utf-8")
    assert right in text
    return read_map(tomllib.loads(text.replace(right, wrong, 1)), file=map_id)


def check(books: Books, map_id: str, right: str = "", wrong: str = "") -> CompiledMap:
    """Check a shipped map in which one piece of text was exchanged."""
    planted = shipped(map_id, right, wrong)
    here, there = books.dualwrite_operations, books.dualwrite_finance
    if planted.source_book == "finance":
        here, there = there, here
    return check_map(planted, source=here, target=there)


# Map, what stands in it, what stands there instead, and the findings: code, field and value.
PLANTED = [
    ("customers", '"operations.customer"', '"operations.client"',
     [("ERR-D10", "source.table", "operations.client")]),
    ("customers", 'from = "account"', 'from = "acount"',
     [("ERR-D10", "columns.account", "acount")]),
    ("actuals", 'set_column = "change_set_id"', 'set_column = "set_id"',
     [("ERR-D10", "source.set_column", "set_id")]),
    ("actuals", 'key_column = "actual_id"', 'key_column = "key"',
     [("ERR-D10", "source.key_column", "key")]),
    ("customers", '"finance.customer"', '"finance.client"',
     [("ERR-D11", "target.table", "finance.client")]),
    ("customers", 'payment_terms = {', 'terms = {',
     [("ERR-D11", "columns.terms", "terms")]),
    ("actuals", '"NOT s.skip_sync"', '"NOT pg_sleep(s.quantity)"',
     [("ERR-D12", "source.filter", "pg_sleep")]),
    ("actuals", '"NOT s.skip_sync"', '"true) OR (true"',
     [("ERR-D12", "source.filter", "true) OR (true")]),
    ("actuals", '"NOT s.skip_sync"', '"(NOT s.skip_sync"',
     [("ERR-D12", "source.filter", "(NOT s.skip_sync")]),
    ("actuals", '"NOT s.skip_sync"', '"NOT s.skip_sync -- rest"',
     [("ERR-D12", "source.filter", "--"), ("ERR-D12", "source.filter", "rest")]),
    ("actuals", '"NOT s.skip_sync"', '"NOT s.skip_sync /* 1 */"',
     [("ERR-D12", "source.filter", "/*")]),
    ("actuals", '"NOT s.skip_sync"', '''"s.unit <> '"''',
     [("ERR-D12", "source.filter", "'")]),
    ("actuals", 'from = "quantity"', 'expression = "s.quantity; DROP"',
     [("ERR-D12", "columns.quantity", ";"), ("ERR-D12", "columns.quantity", "DROP")]),
    ("actuals", 'from = "quantity"', 'expression = "(SELECT 1)"',
     [("ERR-D12", "columns.quantity", "SELECT")]),
    ("actuals", 'from = "unit"', '''expression = "s.unit || '100%'"''',
     [("ERR-D12", "columns.unit", "'"), ("ERR-D12", "columns.unit", "%"),
      ("ERR-D12", "columns.unit", "'")]),
    ("customers", '"finance.currency.currency"', '"finance.currency.code"',
     [("ERR-D13", "columns.currency", "finance.currency.code")]),
    ("customers", '"finance.currency.currency"', '"finance.money.currency"',
     [("ERR-D13", "columns.currency", "finance.money.currency")]),
    ("customers", '["company", "customer_id"]', '["company", "name"]',
     [("ERR-D14", "target.key", "company, name"), ("ERR-D52", "target.key", "company, name"),
      ("ERR-D60", "finance.customer", "UPDATE")]),
    ("companies", '["company"]', '["name", "company"]',
     [("ERR-D54", "target.key", "name, company"), ("ERR-D14", "target.key", "name, company")]),
    ("actuals", '["company", "actual_id"]', '["company", "project_id"]',
     [("ERR-D14", "target.key", "company, project_id"),
      ("ERR-D52", "target.key", "company, project_id")]),
    ("transaction_connections", 'from = "transaction2_id"', 'from = "transaction1_id"',
     [("ERR-D43", "target.key", "transaction1_id")]),
    ("actuals", 'from = "quantity"', 'from = "skip_sync"',
     [("ERR-D44", "columns.quantity", "boolean")]),
    ("actuals", 'from = "transaction_date"', 'from = "description"',
     [("ERR-D44", "columns.transaction_date", "text"),
      ("ERR-D48", "columns.transaction_date", "description")]),
    ("actuals", 'from = "project_id"', 'from = "task_id"',
     [("ERR-D48", "columns.project_id", "task_id")]),
    ("actuals", 'from = "transaction_type", never = ["project_contract"]',
     'from = "transaction_type"',
     [("ERR-D49", "columns.transaction_type", "project_contract")]),
    ("actuals", 'from = "class"',
     'from = "class", values = { time = "hours" }, never = ["expense", "material", "milestone", "fee", "retainer"]',
     [("ERR-D50", "columns.class.values", "hours")]),
    ("actuals", '"finance.role.role_id"', '"finance.role.name"',
     [("ERR-D55", "columns.role_id", "finance.role.name")]),
    ("actuals", 'from = "quantity"', 'expression = "s.hours"',
     [("ERR-D57", "columns.quantity", "s.hours")]),
    ("actuals", 'from = "quantity"', 'expression = "s.quantity / s.unit"',
     [("ERR-D57", "columns.quantity", "s.quantity / s.unit")]),
    ("actuals", '"NOT s.skip_sync"', '"s.skip_sync + 1"',
     [("ERR-D57", "source.filter", "s.skip_sync + 1")]),
    ("actuals", '"NOT s.skip_sync"', '"s.quantity"', [("ERR-D58", "source.filter", "s.quantity")]),
    ("actuals", 'from = "quantity"', 'from = "quantity", owner = "finance"',
     [("ERR-D59", "columns.quantity", "quantity")]),
    ("transaction_connections", 'sum = []', 'sum = ["transaction2_role"]',
     [("ERR-D61", "totals.sum", "transaction2_role")]),
    ("actuals", 'from = "quantity"', 'expression = "s.quantity * s.price"',
     [("ERR-D47", "columns.quantity", "numeric")]),
    ("actuals", 'from = "proforma_id"', 'expression = "s.amount"',
     [("ERR-D47", "columns.proforma_id", "numeric(19,4)")]),
    ("actuals", 'from = "amount"', 'from = "project_id"',
     [("ERR-D46", "columns.amount", "bigint")]),
    ("customers", 'account = { from = "account" }', "",
     [("ERR-D15", "columns", "account")]),
]  # fmt: skip


@pytest.mark.fault("F091", "F092")
@pytest.mark.parametrize(
    ("map_id", "right", "wrong", "findings"), PLANTED, ids=[f"{r[3][0][0]} {r[2]}" for r in PLANTED]
)
def test_a_planted_mistake_is_found(
    standing_books: Books, map_id: str, right: str, wrong: str, findings: list[tuple[str, ...]]
) -> None:
    with pytest.raises(Refused) as refused:
        check(standing_books, map_id, right, wrong)

    found = [(one.code, one.field, one.value) for one in refused.value.refusals]
    assert found == findings
    assert {one.record for one in refused.value.refusals} == {f"map/{map_id}"}


KEY = "company, customer_id"

# What is done to which book, the map, and the findings.
ALTERED = [
    ("finance", "REVOKE INSERT ON finance.customer FROM twofold_dualwrite", "customers",
     [("ERR-D60", "finance.customer", "INSERT")]),
    ("finance", "REVOKE UPDATE ON finance.customer FROM twofold_dualwrite", "customers",
     [("ERR-D60", "finance.customer", "UPDATE")]),
    ("operations", "REVOKE SELECT ON operations.customer FROM twofold_dualwrite", "customers",
     [("ERR-D60", "operations.customer", "SELECT")]),
    ("finance", "ALTER TABLE finance.staged_actual ALTER amount TYPE numeric(10, 4)", "actuals",
     [("ERR-D46", "columns.amount", "numeric(19,4)")]),
    ("finance", "ALTER TABLE finance.staged_actual ALTER amount TYPE numeric(19, 2)", "actuals",
     [("ERR-D47", "columns.amount", "numeric(19,4)")]),
    ("finance", "ALTER TABLE finance.staged_actual ALTER task_id TYPE integer", "actuals",
     [("ERR-D46", "columns.task_id", "bigint")]),
    ("finance", "ALTER TABLE finance.customer ALTER name TYPE varchar(20)", "customers",
     [("ERR-D45", "columns.name", "text")]),
    ("finance", "ALTER TABLE finance.customer ADD segment text NOT NULL", "customers",
     [("ERR-D15", "columns", "segment")]),
    ("finance", "ALTER TABLE finance.customer ALTER payment_terms SET NOT NULL", "customers",
     [("ERR-D48", "columns.payment_terms", "payment_terms")]),
    ("operations", "ALTER TYPE operations.billing_type ADD VALUE 'barter'", "actuals",
     [("ERR-D49", "columns.billing_type", "barter")]),
    ("finance", INVALID.format("finance.customer_pkey"), "customers",
     [("ERR-D51", "target.key", KEY)]),
    ("operations", INVALID.format("operations.customer_pkey"), "customers",
     [("ERR-D51", "target.key", KEY)]),
    ("finance", INVALID.format("finance.currency_pkey"), "customers",
     [("ERR-D51", "columns.currency", "finance.currency.currency")]),
    ("finance", "ALTER TABLE finance.staged_actual DROP unit, ADD unit text GENERATED ALWAYS AS ('hour') STORED", "actuals",
     [("ERR-D69", "columns.unit", "unit")]),
    ("finance", "ALTER TABLE finance.staged_actual DROP description CASCADE, ADD description json",
     "actuals", [("ERR-D68", "columns.description", "json")]),
    ("finance", f"ALTER TABLE finance.customer DROP CONSTRAINT customer_pkey CASCADE; ALTER TABLE finance.customer ADD UNIQUE ({KEY}); ALTER TABLE finance.customer ALTER customer_id DROP NOT NULL",
     "customers", [("ERR-D53", "target.key", "customer_id")]),
    ("operations", f"ALTER TABLE operations.customer DROP CONSTRAINT customer_pkey CASCADE; ALTER TABLE operations.customer ADD UNIQUE ({KEY}); ALTER TABLE operations.customer ALTER customer_id DROP NOT NULL",
     "customers", [("ERR-D53", "target.key", "customer_id"), ("ERR-D48", "columns.customer_id", "customer_id")]),
    ("finance", "REVOKE EXECUTE ON FUNCTION hash_record_extended FROM public", "customers",
     [("ERR-D16", "", "")]),
]  # fmt: skip


@pytest.fixture
def own_books(server: TestServer) -> Generator[Books]:
    """Give two books whose schema the test may change."""
    with server.fresh_pair() as pair:
        books = Books(server, pair)
        yield books
        books.close()


@pytest.mark.fault("F081", "F082", "F084", "F091", "F103")
@pytest.mark.parametrize(
    ("book", "done", "map_id", "findings"), ALTERED, ids=[f"{r[2]} {r[1]}" for r in ALTERED]
)
def test_a_book_that_does_not_fit_is_found(
    own_books: Books, book: str, done: str, map_id: str, findings: list[tuple[str, ...]]
) -> None:
    alter(own_books, book, done)

    assert found_in(own_books, map_id) == findings


def alter(books: Books, book: str, done: str) -> None:
    """Change a book's schema, as nobody but an administrator may."""
    database = books.pair.operations if book == "operations" else books.pair.finance
    with psycopg.connect(books.server.embedded.dsn_to(database, ADMIN), autocommit=True) as admin:
        if done.startswith("ALTER TABLE") and " TYPE " in done:
            admin.execute(without_views(done.split()[2]).encode())
        for statement in done.split(";"):
            admin.execute(statement.encode())


def found_in(
    books: Books, map_id: str, right: str = "", wrong: str = ""
) -> list[tuple[str, str, str]]:
    """Check a map and give the findings: code, field and value."""
    try:
        check(books, map_id, right, wrong)
    except Refused as refused:
        return [(one.code, one.field, one.value) for one in refused.refusals]
    return []


@pytest.mark.fault("F094")
def test_databases_of_different_encodings_are_refused(server: TestServer) -> None:
    with server.fresh_pair() as pair, server.embedded.admin() as admin:
        books = Books(server, pair)
        admin.execute("CREATE DATABASE latin ENCODING 'LATIN1' LOCALE 'C' TEMPLATE template0")
        latin = Book("finance", server.embedded.dsn_to("latin", ADMIN), ADMIN)
        try:
            with pytest.raises(Refused) as refused:
                check_map(shipped("customers"), source=books.dualwrite_operations, target=latin)
        finally:
            latin.close()
            books.close()
            admin.execute("DROP DATABASE latin")

    assert ("ERR-D62", "encoding", "UTF8, LATIN1") in [
        (one.code, one.field, one.value) for one in refused.value.refusals
    ]


# What would be lost is not, when the map says how: what stands there instead of a plain column.
@pytest.mark.parametrize(
    ("done", "map_id", "column", "says"),
    [
        (
            "ALTER TABLE finance.staged_actual ALTER amount TYPE numeric(19, 2)",
            "actuals",
            "amount",
            "round = 2",
        ),
        (
            "ALTER TABLE finance.customer ALTER name TYPE varchar(20)",
            "customers",
            "name",
            "cut = 20",
        ),
        (
            "ALTER TABLE finance.customer ALTER payment_terms SET NOT NULL",
            "customers",
            "payment_terms",
            "required = true",
        ),
    ],
)
def test_what_the_map_declares_is_no_finding(
    own_books: Books, done: str, map_id: str, column: str, says: str
) -> None:
    alter(own_books, "finance", done)

    plain = f'from = "{column}"'
    assert found_in(own_books, map_id) != []
    assert found_in(own_books, map_id, plain, f"{plain}, {says}") == []


@pytest.mark.fault("F083", "F091")
def test_codes_are_read_from_a_check_too(own_books: Books) -> None:
    alter(
        own_books, "operations", "ALTER TABLE operations.resource ADD CHECK (name IN ('a', 'b''c'))"
    )
    plain = 'name = { from = "name" }'

    found = found_in(
        own_books, "resources", plain, 'name = { from = "name", values = { a = "A" } }'
    )

    assert found == [("ERR-D49", "columns.name", "b'c")]
    both = """name = { from = "name", values = { a = "A", "b'c" = "B" } }"""
    assert found_in(own_books, "resources", plain, both) == []


@pytest.mark.fault("F094")
def test_a_key_whose_equal_texts_differ_in_bytes_is_refused(standing_books: Books) -> None:
    table_map = shipped("customers")
    with (
        standing_books.dualwrite_operations.reader() as here,
        standing_books.dualwrite_finance.reader() as there,
    ):
        source = read_side(here, ["operations.customer"])
        target = read_side(there, ["finance.customer", "finance.currency"])
    columns = target.columns["finance.customer"]
    columns["customer_id"] = dataclasses.replace(columns["customer_id"], is_deterministic=False)

    (finding,) = judge_key(Found(table_map, source, target, {}, {}))

    assert (finding.code, finding.value) == ("ERR-D63", "customer_id")


@pytest.mark.fault("F091")
def test_two_maps_may_not_carry_a_column_both_ways() -> None:
    there = shipped("customers")
    back = msgspec.structs.replace(
        there,
        id="customers_back",
        source_book="finance",
        target_book="operations",
        source=msgspec.structs.replace(there.source, table="finance.customer"),
        target=msgspec.structs.replace(there.target, table="operations.customer"),
    )

    findings = list(judge_together((there, back)))

    assert ("ERR-D59", "map/customers", "name") in [
        (one.code, one.record, one.value) for one in findings
    ]
    assert list(judge_together((there,))) == []


@pytest.mark.parametrize(
    "index",
    [
        "UNIQUE INDEX ON finance.customer (company, name) WHERE name <> ''",
        "UNIQUE INDEX ON finance.customer (company, name, lower(account))",
        "INDEX ON finance.customer (company, name)",
    ],
)
def test_an_index_that_is_not_unique_for_all_rows_is_no_key(books: Books, index: str) -> None:
    with books.owner_finance.raw() as connection:
        connection.execute(f"CREATE {index}".encode())

    with pytest.raises(Refused) as refused:
        check(books, "customers", '["company", "customer_id"]', '["company", "name"]')

    assert "ERR-D14" in refused.value.codes


def test_all_findings_come_at_once(standing_books: Books) -> None:
    with pytest.raises(Refused) as refused:
        check(
            standing_books,
            "customers",
            'account = { from = "account" }\nname = { from = "name" }',
            'nick = { from = "nick" }\n'
            'name = { expression = "now()", lookup = "finance.name.name" }',
        )

    assert sorted(refused.value.codes) == ["ERR-D10", "ERR-D11", "ERR-D12", "ERR-D13", "ERR-D15"]


def test_a_map_that_changed_under_the_same_version_is_checked_anew(standing_books: Books) -> None:
    check(standing_books, "customers")

    shorter = check(standing_books, "customers", 'payment_terms = { from = "payment_terms" }')

    assert "payment_terms" not in shorter.map.columns
