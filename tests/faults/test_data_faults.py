"""Data that cannot be right, or is right and looks odd: exact, or refused with the reason."""

# ruff: noqa: E501 - a row of a text table stays on one line

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from pathlib import Path
from typing import cast

import psycopg
import pytest
from psycopg import sql

from tests.dualwrite.planted import (
    deliver,
    forward,
    plant_costs,
    send,
    send_approval,
    send_confirmation,
    send_costs,
)
from tests.faults.checker import broken_promises
from tests.faults.line import Line, tampering
from tests.support.books import Books
from tests.support.clock import NOW
from tests.support.server import TestServer
from tests.support.views import without_views
from twofold.database.connection import Book
from twofold.database.outbox import open_change_set
from twofold.database.transaction import ConstraintBroken
from twofold.dualwrite.sets.deliver import deliver_sets
from twofold.dualwrite.sets.wake import wake_awaiting, wake_sets
from twofold.dualwrite.table_maps.activate import read_maps
from twofold.dualwrite.table_maps.declare import Declaration
from twofold.kernel.errors import Fault

# ---- keys


@pytest.mark.fault("F096")
@pytest.mark.parametrize("company", ["", " ", "\t\n", " USPM", "USPM "])
def test_a_set_of_a_company_that_is_no_word_is_refused_where_it_is_made(
    world: Books, company: str
) -> None:
    with (
        pytest.raises(ConstraintBroken, match="outbox_company_check"),
        world.operations.transaction() as transaction,
    ):
        open_change_set(
            transaction, company=company, kind="setup", stream="setup", actor="ann", at=NOW
        )

    world.then("""
        operations:dualwrite.outbox
        set_id
    """)


@pytest.mark.fault("F096")
@pytest.mark.parametrize("company", ["", " ", "\t\n", " USPM", "USPM "])
def test_a_set_of_a_company_that_is_no_word_is_refused_where_it_arrives(
    world: Books, company: str
) -> None:
    change(
        world.owner_operations, "ALTER TABLE dualwrite.outbox DROP CONSTRAINT outbox_company_check"
    )
    send(world, 1, kind="setup", stream="setup", company=company)

    (problem,) = deliver(world).problems

    assert (problem.code, problem.state) == ("ERR-D18", "stopped")
    assert "inbox_company_check" in str(problem)


@pytest.mark.fault("F096")
@pytest.mark.parametrize("book", ["operations", "finance"])
@pytest.mark.parametrize("company", ["", "  ", "\n", "USPM "])
def test_a_company_is_called_by_a_word(world: Books, book: str, company: str) -> None:
    owner = world.owner_operations if book == "operations" else world.owner_finance
    table = ("operations", "company") if book == "operations" else ("finance", "legal_entity")

    renamed = sql.SQL("UPDATE {} SET company = {}").format(sql.Identifier(*table), company)

    with pytest.raises(ConstraintBroken, match="company_check"), owner.raw() as connection:
        connection.execute(renamed)


@pytest.mark.fault("F096")
@pytest.mark.parametrize("declaration", read_maps("twofold.maps"), ids=lambda one: one.map.id)
def test_no_key_of_a_map_is_ever_null(standing_world: Books, declaration: Declaration) -> None:
    """In the target every key column, in the source every column a key column is copied from."""
    table_map = declaration.map
    copied = [table_map.columns[name].source for name in table_map.target.key]
    sides = (
        (table_map.source_book, table_map.source.table, [name for name in copied if name]),
        (table_map.target_book, table_map.target.table, list(table_map.target.key)),
    )
    for book, table, columns in sides:
        owner = (
            standing_world.owner_operations
            if book == "operations"
            else standing_world.owner_finance
        )
        with owner.raw() as connection:
            (kind,) = connection.execute(
                "SELECT relkind FROM pg_catalog.pg_class WHERE oid = %s::regclass", (table,)
            ).fetchone() or ("",)
            nullable = connection.execute(
                "SELECT attname FROM pg_catalog.pg_attribute WHERE attrelid = %s::regclass"
                " AND attname = ANY(%s) AND NOT attnotnull",
                (table, columns),
            ).fetchall()
        # A view has no constraints of its own; its rows are measured again in the target.
        assert kind == "v" or not nullable, (table, nullable)


KEY_CHANGES = [
    ("operations", "UPDATE operations.customer SET customer_id = 8"),
    ("operations", "UPDATE operations.customer SET company = 'DEPM'"),
    ("operations", "UPDATE operations.contract SET contract_id = 8"),
    ("operations", "UPDATE operations.project SET project_id = 8"),
    ("operations", "UPDATE operations.actual SET actual_id = 8"),
    ("operations", "UPDATE operations.entry SET entry_id = 8"),
    ("operations", "UPDATE operations.milestone SET milestone_id = 8"),
    ("operations", "UPDATE operations.proforma SET proforma_id = 8"),
    ("finance", "UPDATE finance.legal_entity SET company = 'DEPM'"),
    ("finance", "UPDATE finance.proposal SET proposal_id = 8"),
    ("dualwrite_operations", "UPDATE operations.company SET company = 'DEPM'"),
    ("dualwrite_finance", "UPDATE finance.customer SET customer_id = 8"),
    ("dualwrite_finance", "UPDATE finance.project SET project_id = 8"),
    ("dualwrite_finance", "UPDATE finance.contract SET company = 'DEPM'"),
]


@pytest.mark.fault("F097")
@pytest.mark.parametrize(("role", "statement"), KEY_CHANGES)
def test_nobody_changes_a_key(standing_world: Books, role: str, statement: str) -> None:
    with (
        pytest.raises(Fault) as fault,
        cast("Book", getattr(standing_world, role)).raw() as connection,
    ):
        connection.execute(statement.encode())

    assert cast("psycopg.Error", fault.value.__cause__).sqlstate == "42501"


@pytest.mark.fault("F097")
@pytest.mark.parametrize("name", ["operations", "finance"])
def test_no_role_may_update_a_column_of_a_primary_key(standing_world: Books, name: str) -> None:
    owner = (
        standing_world.owner_operations if name == "operations" else standing_world.owner_finance
    )
    with owner.raw() as connection:
        allowed = connection.execute(
            """
            SELECT role.rolname, key.conrelid::regclass::text, attribute.attname
            FROM pg_catalog.pg_constraint AS key
            JOIN pg_catalog.pg_attribute AS attribute
                ON attribute.attrelid = key.conrelid AND attribute.attnum = ANY(key.conkey)
            CROSS JOIN pg_catalog.pg_roles AS role
            WHERE key.contype = 'p'
                AND key.connamespace::regnamespace::text IN ('operations', 'finance', 'dualwrite')
                AND role.rolname IN (
                    'twofold_operations', 'twofold_finance', 'twofold_dualwrite', 'twofold_auditor'
                )
                AND has_column_privilege(role.oid, key.conrelid, attribute.attnum, 'UPDATE')
            """
        ).fetchall()

    assert allowed == []


# ---- what a row refers to

# The column of an actual, a value finance lacks, the code, and the record that brings the value.
LOOKUPS = {
    "project_id": ("6", "ERR-D05", """
        finance.project
        company  project_id  number  name  state       source_version
        USPM     6           P-6     Dock  in_process  1
    """),
    "resource_id": ("6", "ERR-D05", """
        finance.resource
        company  resource_id  name  source_version
        USPM     6            Ana   1
    """),
    "role_id": ("6", "ERR-D05", """
        finance.role
        company  role_id  name    source_version
        USPM     6        Welder  1
    """),
    "category_id": ("6", "ERR-D05", """
        finance.category
        company  category_id  number  name    source_version
        USPM     6            TRAVEL  Travel  1
    """),
    "contract_id": ("6", "ERR-D05", """
        finance.contract
        company  contract_id  number  name          customer_id  currency  source_version
        USPM     6            K-6     Second phase  7            USD       1
    """),
    "contract_line_id": ("6", "ERR-D05", """
        finance.contract_line
        company  contract_line_id  contract_id  line_number  name  billing_method     project_id  source_version
        USPM     6                 3            1            Work  time_and_material  5           1
    """),
    "customer_id": ("6", "ERR-D05", """
        finance.customer
        company  customer_id  account  name     currency  source_version
        USPM     6            C-6      Contoso  USD       1
    """),
    "currency": ("XTS", "ERR-D05", """
        finance.currency
        currency  precision
        XTS       2
    """),
    "billing_type": ("complimentary", "ERR-D02", """
        finance.billing_type_line_property
        company  billing_type   line_property
        USPM     complimentary  C
    """),
}  # fmt: skip


@pytest.mark.fault("F098")
@pytest.mark.parametrize("column", list(LOOKUPS))
def test_a_set_that_misses_a_value_is_parked_on_it_and_wakes_with_it(
    world: Books, column: str
) -> None:
    value, code, record = LOOKUPS[column]
    plant_costs(world, set_id=1, first=1, count=3)
    change(
        world.owner_operations,
        sql.SQL("UPDATE operations.actual SET {} = {} WHERE actual_id = 2")
        .format(sql.Identifier(column), value)
        .as_string(),
    )
    send(world, 1, kind="approval", stream="approval/1", keys=(1, 3))
    send_costs(world, 2, first=10, count=1)

    delivery = deliver(world)

    assert [(one.set_id, one.code, one.state) for one in delivery.problems] == [(1, code, "parked")]
    assert delivery.applied == 1
    lookup = next(
        one.compiled.map.columns[column].lookup
        for one in world.server.active_maps()
        if one.compiled.map.id == "actuals"
    )
    world.then(f"""
        operations:dualwrite.waits_for
        company  set_id  map      column_name  value    lookup
        USPM     1       actuals  {column}     {value}  {lookup}

        operations:dualwrite.pending
        set_id  state   code
        1       parked  {code}
    """)
    assert deliver(world).applied == 0

    world.given(record)
    assert wake_awaiting(forward(world)) == 1
    healed = deliver(world)

    assert (healed.applied, healed.problems) == (1, [])
    world.then("""
        operations:dualwrite.waits_for
        set_id

        operations:dualwrite.pending
        set_id
    """)
    assert not broken_promises(world)


@pytest.mark.fault("F098")
def test_a_set_that_misses_several_values_names_them_all_at_once(world: Books) -> None:
    plant_costs(world, set_id=1, first=1, count=3)
    change(
        world.owner_operations,
        "UPDATE operations.actual SET project_id = 6 WHERE actual_id = 1",
        "UPDATE operations.actual SET project_id = 8, role_id = 6 WHERE actual_id = 2",
    )
    send(world, 1, kind="approval", stream="approval/1", keys=(1, 3))

    deliver(world)

    world.then("""
        operations:dualwrite.waits_for
        set_id  column_name  value
        1       project_id   6
        1       project_id   8
        1       role_id      6
    """)


@pytest.mark.fault("F098")
def test_a_set_that_is_tried_again_waits_for_what_is_missing_by_then(world: Books) -> None:
    """Somebody wakes it by hand: what came meanwhile is forgotten, in the end all of it."""
    plant_costs(world, set_id=1, first=1, count=2)
    change(
        world.owner_operations,
        "UPDATE operations.actual SET project_id = 6 WHERE actual_id = 1",
        "UPDATE operations.actual SET role_id = 6 WHERE actual_id = 2",
    )
    send(world, 1, kind="approval", stream="approval/1", keys=(1, 2))
    deliver(world)
    world.given(LOOKUPS["project_id"][2])

    wake_all(world)
    deliver(world)

    world.then("""
        operations:dualwrite.waits_for
        set_id  column_name  value
        1       role_id      6
    """)
    world.given(LOOKUPS["role_id"][2])
    wake_all(world)
    assert deliver(world).applied == 1
    world.then("""
        operations:dualwrite.waits_for
        set_id
    """)


def wake_all(books: Books) -> None:
    with books.dualwrite_operations.transaction() as transaction:
        assert wake_sets(transaction, company=None, stopped="not") == 1


# ---- the manifest


@pytest.mark.fault("F101")
@pytest.mark.parametrize("count", [499, 501])
def test_one_row_too_few_or_too_many_is_refused_before_the_commit(world: Books, count: int) -> None:
    send_costs(world, 1, first=1, count=500)
    if count == 499:
        change(world.owner_operations, "DELETE FROM operations.actual WHERE actual_id = 77")
    else:
        change(
            world.owner_operations,
            "ALTER TABLE dualwrite.outbox DISABLE TRIGGER ALL",
            "UPDATE dualwrite.outbox SET key_last = 501",
        )
        plant_costs(world, set_id=1, first=501, count=1)

    said = until_stopped(world, 1)

    assert said.startswith("ERR-D19")
    assert f"{count} rows arrived, the manifest says 500" in said
    world.then("""
        finance.staged_actual
        actual_id

        finance:dualwrite.inbox
        set_id
    """)


@pytest.mark.fault("F111")
def test_rows_the_filter_leaves_out_are_counted(world: Books) -> None:
    send_approval(world)
    send_confirmation(world)

    assert deliver(world).problems == []

    world.then("""
        operations:dualwrite.manifest
        set_id  map                      row_count  excluded_count
        1       actuals                  2          0
        1       transaction_connections  1          0
        2       actuals                  1          1
        2       invoices                 1          0
        2       transaction_connections  1          1
    """)
    world.then("""
        finance.staged_actual
        actual_id
        1
        2
        11
    """)


@pytest.mark.fault("F112")
def test_a_bit_that_flips_under_way_is_noticed_and_the_set_sent_again(
    world: Books, short_path: Path
) -> None:
    send_costs(world, 1, first=1, count=20)
    line = Line(b"hour 17", b"hour 16", times=1)
    with tampering(finance_dsn(world), line, at=short_path) as dsn:
        finance = Book("finance", dsn, "twofold_dualwrite")
        route = dataclasses.replace(forward(world), target=finance)

        first = deliver_sets(route)
        assert line.times == 0, "nothing flipped"
        let_time_pass(world)
        second = deliver_sets(route)
        finance.close()

    assert [one.code for one in first.problems] in ([], ["ERR-D19"])
    assert (first.applied + second.applied, second.problems) == (1, [])
    with world.owner_finance.raw() as connection:
        arrived = connection.execute(
            "SELECT description FROM finance.staged_actual ORDER BY actual_id"
        ).fetchall()
    assert arrived == [(f"hour {key}",) for key in range(1, 21)]
    assert not broken_promises(world)


@pytest.mark.fault("F112")
def test_a_line_that_tampers_every_time_ends_in_a_stop(world: Books, short_path: Path) -> None:
    send_costs(world, 1, first=1, count=20)
    line = Line(b"hour 17", b"hour 16", times=1000)
    with tampering(finance_dsn(world), line, at=short_path) as dsn:
        finance = Book("finance", dsn, "twofold_dualwrite")
        said = until_stopped(world, 1, target=finance)
        finance.close()

    assert said.startswith("ERR-D19")
    world.then("""
        finance.staged_actual
        actual_id
    """)


# ---- numbers and dates


@pytest.mark.fault("F103")
def test_a_target_that_keeps_fewer_decimals_rounds_nothing(world: Books) -> None:
    """The table was altered behind the map's back: nothing arrives rather than something else."""
    plant_costs(world, set_id=1, first=1, count=1)
    change(world.owner_operations, "UPDATE operations.actual SET amount = 50.1234")
    send(world, 1, kind="approval", stream="approval/1", keys=(1, 1))
    change(
        world.owner_finance,
        without_views("finance.staged_actual"),
        "ALTER TABLE finance.staged_actual ALTER amount TYPE numeric(19, 2)",
    )

    delivery = deliver(world)

    assert delivery.applied == 0
    world.then("""
        finance.staged_actual
        actual_id

        operations:dualwrite.acknowledged
        set_id
    """)


ODD_AMOUNTS = [
    "0",
    "-400",
    "0.0001",
    "-0.0001",
    "999999999999999.9999",
    "-999999999999999.9999",
    "NaN",
]


@pytest.mark.fault("F104", "F109")
def test_every_amount_a_column_holds_arrives_as_it_is(world: Books) -> None:
    plant_costs(world, set_id=1, first=0, count=len(ODD_AMOUNTS))
    with world.owner_operations.raw() as connection:
        for key, amount in enumerate(ODD_AMOUNTS):
            connection.execute(
                "UPDATE operations.actual SET amount = %s::numeric, class = 'retainer'"
                " WHERE actual_id = %s",
                (amount, key),
            )
    send(world, 1, kind="approval", stream="approval/0", keys=(0, len(ODD_AMOUNTS)))

    assert deliver(world).problems == []

    with world.owner_finance.raw() as connection:
        arrived = connection.execute(
            "SELECT amount::text FROM finance.staged_actual ORDER BY actual_id"
        ).fetchall()
        same = connection.execute(
            "SELECT %s::text[]::numeric(19, 4)[]::text[]", (ODD_AMOUNTS,)
        ).fetchone()
    assert same is not None
    assert [text for (text,) in arrived] == same[0]


@pytest.mark.fault("F109")
@pytest.mark.parametrize("amount", ["Infinity", "-Infinity", "1e30", "1000000000000000"])
def test_an_amount_no_column_holds_is_refused_where_it_is_made(world: Books, amount: str) -> None:
    plant_costs(world, set_id=1, first=1, count=1)

    with pytest.raises(Fault) as fault, world.owner_operations.raw() as connection:
        connection.execute("UPDATE operations.actual SET amount = %s::numeric", (amount,))

    assert cast("psycopg.Error", fault.value.__cause__).sqlstate == "22003"
    assert not fault.value.transient


@pytest.mark.fault("F109")
def test_an_amount_that_the_target_cannot_hold_never_leaves_the_source(world: Books) -> None:
    """1e30 in a source column without bounds: sealing says so, the other sets go on."""
    change(
        world.owner_operations,
        without_views("operations.actual"),
        "ALTER TABLE operations.actual ALTER amount TYPE numeric",
    )
    plant_costs(world, set_id=1, first=1, count=1)
    change(world.owner_operations, "UPDATE operations.actual SET amount = 1e30")

    with pytest.raises(Fault, match="numeric field overflow") as fault:
        send(world, 1, kind="approval", stream="approval/1", keys=(1, 1))

    assert not fault.value.transient
    world.then("""
        operations:dualwrite.outbox
        set_id
    """)


ODD_DATES = ["0001-01-01", "9999-12-31", "infinity", "-infinity", "0044-03-15 BC", "2024-02-29"]


@pytest.mark.fault("F109")
def test_every_date_a_column_holds_arrives_as_it_is(world: Books) -> None:
    plant_costs(world, set_id=1, first=0, count=len(ODD_DATES))
    with world.owner_operations.raw() as connection:
        for key, day in enumerate(ODD_DATES):
            connection.execute(
                "UPDATE operations.actual SET accounting_date = %s::date WHERE actual_id = %s",
                (day, key),
            )
    send(world, 1, kind="approval", stream="approval/0", keys=(0, len(ODD_DATES)))

    assert deliver(world).problems == []

    with world.owner_finance.raw() as connection:
        arrived = connection.execute(
            "SELECT accounting_date::text FROM finance.staged_actual ORDER BY actual_id"
        ).fetchall()
    assert [day for (day,) in arrived] == ODD_DATES


# ---- text

ODD_TEXTS = [
    "quote ' and \" and \\ and $1 %s %(company)s {} ;",
    "'; DROP TABLE finance.staged_actual; --",
    "\N{GRINNING FACE} \N{HEBREW LETTER ALEF}\N{RIGHT-TO-LEFT OVERRIDE}\N{ZERO WIDTH JOINER}",
    "e\N{COMBINING ACUTE ACCENT} is not \N{LATIN SMALL LETTER E WITH ACUTE}",
    "tab\tline\nend\r\\.",
    "\\N",
    "\x01\x1f\x7f",
    "",
    "x" * 1_000_000,
]


# A name is unique, and so stands in an index, which holds no long text.
IN_AN_INDEX = 2000


@pytest.mark.fault("F108", "F161")
def test_any_text_arrives_byte_for_byte_as_fact_and_as_state(world: Books) -> None:
    plant_costs(world, set_id=1, first=0, count=len(ODD_TEXTS))
    with world.owner_operations.raw() as connection:
        for key, text in enumerate(ODD_TEXTS):
            connection.execute(
                "UPDATE operations.actual SET description = %s WHERE actual_id = %s", (text, key)
            )
            if len(text) < IN_AN_INDEX:
                connection.execute(
                    "INSERT INTO operations.resource (company, resource_id, name, change_set_id)"
                    " VALUES ('USPM', %s, 'n' || %s, 2)",
                    (key, text),
                )
    send(world, 1, kind="approval", stream="approval/0", keys=(0, len(ODD_TEXTS)))
    send(world, 2, kind="setup", stream="setup")

    assert deliver(world).problems == []

    with world.owner_finance.raw() as connection:
        facts = connection.execute(
            "SELECT description FROM finance.staged_actual ORDER BY actual_id"
        ).fetchall()
        states = connection.execute("SELECT name FROM finance.resource ORDER BY resource_id")
        assert [text for (text,) in facts] == ODD_TEXTS
        assert [name for (name,) in states] == [f"n{t}" for t in ODD_TEXTS if len(t) < IN_AN_INDEX]


# ---- the length of a set


@pytest.mark.fault("F114")
def test_sets_of_any_length_are_there_whole_or_not_at_all(world: Books) -> None:
    """Whoever looks at finance at any place of the delivery sees the inbox row with all rows."""
    wanted = {1: 1, 2: 999, 3: 1_000, 4: 1_001, 5: 10_000}
    for set_id, count in wanted.items():
        send_costs(world, set_id, first=100_000 * set_id, count=count)
    seen: list[str] = []

    def look(place: str) -> None:
        with world.auditor_finance.raw() as connection:
            connection.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
            inbox = {s for (s,) in connection.execute("SELECT set_id FROM dualwrite.inbox")}
            rows = dict(
                connection.execute(
                    "SELECT source_set_id, count(*) FROM finance.staged_actual GROUP BY 1"
                ).fetchall()
            )
        seen.append(place)
        assert rows == {set_id: wanted[set_id] for set_id in inbox}, place

    delivery = deliver_sets(forward(world, failpoint=look))

    assert (delivery.applied, delivery.rows) == (5, sum(wanted.values()))
    assert {"CP07", "CP10", "CP11", "CP13"} <= set(seen)
    assert not broken_promises(world)


# ---- words of the tests


@pytest.fixture(scope="module")
def standing_world(server: TestServer) -> Iterator[Books]:
    """Give two books that no test of the module changes."""
    with server.fresh_pair() as pair:
        books = Books(server, pair)
        yield books
        books.close()


def change(book: Book, *statements: str) -> None:
    """Do what no role may do, as owner."""
    with book.raw() as connection:
        for statement in statements:
            connection.execute(statement.encode())


def finance_dsn(books: Books) -> str:
    return books.server.embedded.dsn_to(books.pair.finance, "twofold_dualwrite")


def let_time_pass(books: Books) -> None:
    """Let every lease and every pause before a next attempt be over."""
    change(
        books.owner_operations,
        "UPDATE dualwrite.pending SET leased_until = NULL, next_attempt_at = NULL",
    )


def until_stopped(books: Books, set_id: int, *, target: Book | None = None) -> str:
    """Deliver again and again until the set stops; give its code and what is said."""
    route = forward(books)
    if target is not None:
        route = dataclasses.replace(route, target=target)
    for _ in range(20):
        let_time_pass(books)
        deliver_sets(route)
        with books.owner_operations.raw() as connection:
            state, code, problem = connection.execute(
                "SELECT state::text, code, problem FROM dualwrite.pending WHERE set_id = %s",
                (set_id,),
            ).fetchone() or ("gone", "", "")
        if state == "stopped":
            return f"{code} {problem}"
    raise AssertionError(f"set {set_id} is {state}: it never stops")
