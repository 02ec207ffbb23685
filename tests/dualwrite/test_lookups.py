"""Values that the target gives: lookups, chains of them, references of a table to itself.

The map of these tests moves employees: their desk becomes the office and the city that finance
has for it, and their manager is another employee, who may come in the same set.
"""

# ruff: noqa: E501 - a row of a table stays on one line

from __future__ import annotations

import tomllib
from collections.abc import Generator

import pytest

from tests.dualwrite.planted import forward, send
from tests.support.books import Books
from tests.support.clock import NOW
from tests.support.server import TestServer
from twofold.database.outbox import open_change_set
from twofold.dualwrite.sets.deliver import Delivery, deliver_sets
from twofold.dualwrite.sets.precheck import precheck_sets
from twofold.dualwrite.sets.seal import Sealer
from twofold.dualwrite.table_maps.activate import Declaration, activate_maps, active_maps, read_maps
from twofold.dualwrite.table_maps.excluded import excluded_rows
from twofold.dualwrite.table_maps.language import read_map
from twofold.kernel.errors import Refused

EMPLOYEES = """
    id = "employees"
    name = "Employees"
    version = "1.0.0"
    about = "People and where they sit."
    source_book = "operations"
    target_book = "finance"
    rows = "state"
    travels_in = ["staff"]

    [source]
    table = "operations.employee"
    set_column = "change_set_id"
    filter = "s.hired"

    [target]
    table = "finance.employee"
    key = ["company", "employee_id"]

    [lookups]
    office = { from = "desk", lookup = "finance.office.desk", gives = "city_id", missing = "ERR-D02" }

    [columns]
    company = { from = "company" }
    employee_id = { from = "employee_id" }
    number = { from = "number" }
    office_name = { from = "desk", lookup = "finance.office.desk", gives = "name" }
    city_id = { of = "office" }
    city = { of = "office", lookup = "finance.city.city_id", gives = "name" }
    manager_id = { from = "manager_id", lookup = "finance.employee.employee_id" }
    manager_number = { from = "manager_id", lookup = "finance.employee.employee_id", gives = "number" }
    size = { from = "size", round = 1 }
    initial = { from = "name", cut = 1 }
    family_name = { expression = "split_part(s.name, ' ', 2)" }
    hired_in = { expression = "extract(year from s.hired_on)::integer" }
    source_version = { set = "version" }
"""

SOURCE = """
    CREATE TABLE operations.employee (
        company text, employee_id bigint, number text NOT NULL, name text, desk text, manager_id bigint,
        size numeric(8, 4) NOT NULL DEFAULT 1.25, hired boolean, hired_on date DEFAULT '2024-02-29',
        change_set_id bigint, PRIMARY KEY (company, employee_id)
    );
    GRANT SELECT ON operations.employee TO twofold_operations, twofold_dualwrite
"""
TARGET = """
    CREATE TABLE finance.office (
        company text, desk text, name text, city_id bigint, PRIMARY KEY (company, desk)
    );
    CREATE TABLE finance.city (city_id bigint PRIMARY KEY, name text);
    CREATE TABLE finance.employee (
        company text, employee_id bigint, number text NOT NULL, office_name text, city_id bigint,
        city text, manager_id bigint, manager_number text, size numeric(6, 1) NOT NULL,
        initial varchar(1), family_name text, hired_in integer, nickname text,
        source_version bigint NOT NULL, PRIMARY KEY (company, employee_id),
        FOREIGN KEY (company, manager_id) REFERENCES finance.employee
    );
    GRANT SELECT, INSERT, UPDATE ON finance.employee TO twofold_dualwrite;
    GRANT SELECT ON finance.office, finance.city TO twofold_dualwrite
"""

OFFICES = """
    finance.city
    city_id  name
    1        Boston
    2        Graz

    finance.office
    company  desk  name   city_id
    USPM     A1    North  1
    USPM     B1    South  2
    USPM     C1    Tent   -
    DEPM     A1    Mine   2
"""


def declared(right: str = "", wrong: str = "") -> tuple[Declaration, ...]:
    assert right in EMPLOYEES
    text = EMPLOYEES.replace(right, wrong, 1)
    own = Declaration(read_map(tomllib.loads(text), file="employees.toml"), text)
    return (*read_maps("twofold.maps"), own)


def activate(books: Books, right: str = "", wrong: str = "") -> None:
    activate_maps(
        declared(right, wrong),
        operations=books.dualwrite_operations,
        finance=books.dualwrite_finance,
        actor="ida",
        at=NOW,
    )


@pytest.fixture
def staff(server: TestServer) -> Generator[Books]:
    """Give two books with employees, offices and cities, and the map between them active."""
    with server.fresh_pair() as pair:
        books = Books(server, pair)
        with books.owner_operations.raw() as here, books.owner_finance.raw() as there:
            here.execute(SOURCE.encode())
            there.execute(TARGET.encode())
        books.given(OFFICES)
        activate(books)
        yield books
        books.close()


def hire(books: Books, set_id: int, rows: str) -> Delivery:
    """Plant employees (number, name, desk, manager; tagged with the set), send and deliver them."""
    books.given(f"""
        operations.employee
        company  employee_id  number  name         desk  manager_id  hired  change_set_id
        {rows}
    """)
    send(books, set_id, kind="staff", stream=f"staff/{set_id}")
    return deliver_sets(forward(books))


def test_a_lookup_gives_the_value_the_target_has(staff: Books) -> None:
    delivery = hire(
        staff, 1, "USPM     7            P-7     Ann Smith    B1    -           true   1"
    )

    assert delivery.problems == []
    staff.then("""
        finance.employee
        company  employee_id  number  office_name  city_id  city  initial  family_name  hired_in
        USPM     7            P-7     South        2        Graz  A        Smith        2024
    """)


def test_a_value_that_a_lookup_gives_may_be_absent(staff: Books) -> None:
    delivery = hire(
        staff, 1, "USPM     7            P-7     Ann Smith    C1    -           true   1"
    )

    assert delivery.problems == []
    staff.then("""
        finance.employee
        employee_id  office_name  city_id  city
        7            Tent         -        -
    """)


@pytest.mark.fault("F098")
@pytest.mark.parametrize(
    ("lacking", "column", "value"),
    [
        ("DELETE FROM finance.office WHERE desk = 'A1' AND company = 'USPM'", "office", "A1"),
        ("DELETE FROM finance.city WHERE city_id = 1", "city", "1"),
    ],
)
def test_a_step_of_a_chain_that_finds_nothing_parks_the_set(
    staff: Books, lacking: str, column: str, value: str
) -> None:
    with staff.owner_finance.raw() as connection:
        connection.execute(lacking.encode())

    (problem,) = hire(
        staff, 1, "USPM     7            P-7     Ann Smith    A1    -           true   1"
    ).problems

    assert problem.state == "parked"
    assert (column, value) in [(one.column, one.value) for one in problem.awaits]


@pytest.mark.fault("F100")
def test_a_manager_may_come_in_the_same_set_in_any_order(staff: Books) -> None:
    delivery = hire(
        staff,
        1,
        """USPM     1            P-1     Ann Smith    A1    3           true   1
        USPM     2            P-2     Bob Jones    A1    1           true   1
        USPM     3            P-3     Cid Brown    A1    3           true   1""",
    )

    assert delivery.problems == []
    staff.then("""
        finance.employee
        employee_id  manager_id  manager_number
        1            3           P-3
        2            1           P-1
        3            3           P-3
    """)


@pytest.mark.fault("F100", "F098")
def test_a_manager_whom_nobody_sent_parks_the_set(staff: Books) -> None:
    (problem,) = hire(
        staff, 1, "USPM     1            P-1     Ann Smith    A1    9           true   1"
    ).problems

    assert (problem.state, problem.code) == ("parked", "ERR-D05")
    assert {(one.column, one.value) for one in problem.awaits} == {
        ("manager_id", "9"),
        ("manager_number", "9"),
    }


@pytest.mark.fault("F100")
def test_a_newer_state_changes_the_reference_and_an_older_one_does_not(staff: Books) -> None:
    hire(
        staff,
        1,
        """USPM     1            P-1     Ann Smith    A1    -           true   1
        USPM     2            P-2     Bob Jones    A1    1           true   1""",
    )
    with staff.owner_operations.raw() as connection:
        connection.execute(
            "UPDATE operations.employee SET manager_id = 2, change_set_id = 2 WHERE employee_id = 1"
        )
    with staff.owner_finance.raw() as connection:
        connection.execute(
            "UPDATE finance.employee SET source_version = 9, manager_number = 'kept'"
            " WHERE employee_id = 2"
        )
    with staff.owner_operations.raw() as connection:
        connection.execute("UPDATE operations.employee SET change_set_id = 2 WHERE employee_id = 2")
    with staff.operations.transaction() as transaction:
        open_change_set(
            transaction, company="USPM", kind="staff", stream="staff/1", actor="ann", at=NOW
        )

    assert deliver_sets(forward(staff)).problems == []

    staff.then("""
        finance.employee
        employee_id  manager_id  manager_number  source_version
        1            2           P-2             2
        2            1           kept            9
    """)


def test_the_pre_check_knows_what_comes_along(staff: Books) -> None:
    staff.given("""
        operations.employee
        company  employee_id  number  name         desk  manager_id  hired  change_set_id
        USPM     1            P-1     Ann Smith    A1    2           true   1
        USPM     2            P-2     Bob Jones    Z9    8           true   1
    """)
    with staff.dualwrite_operations.reader() as reader:
        maps = active_maps(reader)

    with pytest.raises(Refused) as refused:
        precheck(staff, Sealer("operations", maps))

    assert sorted((one.code, one.field, one.value) for one in refused.value.refusals) == [
        ("ERR-D02", "office", "Z9"),
        ("ERR-D05", "manager_id", "8"),
        ("ERR-D05", "manager_number", "8"),
        ("ERR-D05", "office_name", "Z9"),
    ]


def precheck(books: Books, sealer: Sealer) -> None:
    with books.operations.transaction() as transaction:
        open_change_set(
            transaction, company="USPM", kind="staff", stream="staff/1", actor="ann", at=NOW
        )
        precheck_sets(transaction, sealer=sealer, target=books.dualwrite_finance)


@pytest.mark.fault("F103")
def test_declared_rounding_is_half_away_from_zero_and_the_manifest_agrees(staff: Books) -> None:
    delivery = hire(
        staff, 1, "USPM     7            P-7     Ann Smith    B1    -           true   1"
    )

    assert delivery.problems == []
    staff.then("""
        finance.employee
        employee_id  size
        7            1.3
    """)


def test_rows_that_the_filter_leaves_out_are_listed_with_key_and_reason(staff: Books) -> None:
    hire(
        staff,
        1,
        """USPM     1            P-1     Ann Smith    A1    -           true   1
        USPM     2            P-2     Bob Jones    A1    -           false  1
        USPM     3            P-3     Cid Brown    A1    -           -      1""",
    )

    assert excluded_of(staff) == [
        (1, '{"company": "USPM", "employee_id": "2"}', "the filter «s.hired» says no", False),
        (
            1,
            '{"company": "USPM", "employee_id": "3"}',
            "the filter «s.hired» says neither yes nor no",
            False,
        ),
    ]
    assert excluded_of(staff, company="DEPM") == []
    assert excluded_of(staff, set_id=2) == []


@pytest.mark.fault("F093")
@pytest.mark.parametrize(("policy", "told"), [("report", [(2, True)]), ("keep", [(2, False)])])
def test_a_row_that_left_the_scope_of_the_filter_stays_and_is_reported(
    staff: Books, policy: str, told: list[tuple[int, bool]]
) -> None:
    activate(staff, 'filter = "s.hired"', f'filter = "s.hired"\n    left_scope = "{policy}"')
    hire(staff, 1, "USPM     1            P-1     Ann Smith    A1    -           true   1")
    with staff.owner_operations.raw() as connection:
        connection.execute("UPDATE operations.employee SET hired = false, change_set_id = 2")
    send(staff, 2, kind="staff", stream="staff/2")
    deliver_sets(forward(staff))

    assert [(one[0], one[3]) for one in excluded_of(staff)] == told
    staff.then("""
        finance.employee
        employee_id  number
        1            P-1
    """)


def excluded_of(
    books: Books, *, company: str = "USPM", set_id: int | None = None
) -> list[tuple[int, str, str, bool]]:
    with books.dualwrite_operations.reader() as here, books.dualwrite_finance.reader() as there:
        (active,) = [one for one in active_maps(here) if one.compiled.map.id == "employees"]
        rows = excluded_rows(active, source=here, target=there, company=company, set_id=set_id)
    return [(one.set_id, one.key, one.reason, one.left_scope) for one in rows]


# What a map may not say about lookups, and the findings.
UNFIT = [
    ('gives = "name" }\n    city_id', 'gives = "title" }\n    city_id',
     [("ERR-D13", "columns.office_name", "finance.office.title")]),
    ('"finance.city.city_id", gives = "name"', '"finance.city.name", gives = "city_id"',
     [("ERR-D55", "columns.city", "finance.city.name"), ("ERR-D44", "columns.city", "bigint")]),
    ('number = { from = "number" }',
     'number = { from = "desk", lookup = "finance.office.desk", gives = "name" }',
     [("ERR-D48", "columns.number", "desk"), ("ERR-D48", "columns.number", "name")]),
    ('number = { from = "number" }',
     'number = { from = "manager_id", lookup = "finance.employee.employee_id", gives = "number" }',
     [("ERR-D65", "columns.number", "number"), ("ERR-D48", "columns.number", "manager_id")]),
    ('size = { from = "size", round = 1 }', 'size = { from = "size" }',
     [("ERR-D47", "columns.size", "numeric(8,4)")]),
    ('size = { from = "size", round = 1 }', 'size = { from = "size", round = 2 }',
     [("ERR-D47", "columns.size", "numeric")]),
    ('initial = { from = "name", cut = 1 }', 'initial = { from = "name", cut = 2 }',
     [("ERR-D45", "columns.initial", "text")]),
]  # fmt: skip


@pytest.mark.fault("F091", "F103")
@pytest.mark.parametrize(("right", "wrong", "findings"), UNFIT, ids=[row[1] for row in UNFIT])
def test_what_does_not_fit_is_found(
    staff: Books, right: str, wrong: str, findings: list[tuple[str, str, str]]
) -> None:
    with pytest.raises(Refused) as refused:
        activate(staff, right, wrong)

    assert [(one.code, one.field, one.value) for one in refused.value.refusals] == findings
