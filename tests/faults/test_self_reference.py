"""Records that refer to each other in a circle arrive in one set, complete."""

from __future__ import annotations

import tomllib

import pytest

from tests.dualwrite.planted import send
from tests.support.books import Books
from tests.support.clock import NOW
from twofold.database.connection import Book
from twofold.dualwrite.sets.deliver import Route, deliver_sets
from twofold.dualwrite.sets.seal import Sealer
from twofold.dualwrite.table_maps.activate import (
    ActiveMap,
    Declaration,
    activate_maps,
    active_maps,
    read_maps,
)
from twofold.dualwrite.table_maps.language import read_map

TEAMS = """
id = "teams"
name = "Teams"
version = "1.0.0"
about = "A team belongs to another team, or to itself."
source_book = "operations"
target_book = "finance"
rows = "state"
travels_in = ["setup"]

[source]
table = "operations.team"
set_column = "change_set_id"

[target]
table = "finance.team"
key = ["company", "team_id"]

[columns]
company = { from = "company" }
team_id = { from = "team_id" }
parent_id = { from = "parent_id", lookup = "finance.team.team_id" }
name = { from = "name" }
source_version = { set = "version" }
"""

OPERATIONS = """
    CREATE TABLE operations.team (
        company text NOT NULL, team_id bigint NOT NULL, parent_id bigint, name text NOT NULL,
        change_set_id bigint NOT NULL, PRIMARY KEY (company, team_id)
    );
    GRANT SELECT, INSERT ON operations.team TO twofold_operations;
    GRANT SELECT ON operations.team TO twofold_dualwrite;
"""
FINANCE = """
    CREATE TABLE finance.team (
        company text NOT NULL, team_id bigint NOT NULL, parent_id bigint, name text NOT NULL,
        source_version bigint NOT NULL, PRIMARY KEY (company, team_id),
        FOREIGN KEY (company, parent_id) REFERENCES finance.team (company, team_id)
    );
    GRANT SELECT, INSERT ON finance.team TO twofold_dualwrite;
    GRANT UPDATE (parent_id, name, source_version) ON finance.team TO twofold_dualwrite;
    GRANT SELECT ON finance.team TO twofold_finance;
"""


@pytest.fixture
def maps(world: Books) -> tuple[ActiveMap, ...]:
    """Give both books a table of teams, and the maps with one for it."""
    for book, statement in ((world.owner_operations, OPERATIONS), (world.owner_finance, FINANCE)):
        with book.raw() as connection:
            connection.execute(statement.encode())
    teams = Declaration(read_map(tomllib.loads(TEAMS), file="teams.toml"), TEAMS)
    activate_maps(
        (*read_maps("twofold.maps"), teams),
        operations=world.dualwrite_operations,
        finance=world.dualwrite_finance,
        actor="test",
        at=NOW,
    )
    with world.dualwrite_operations.reader() as reader:
        return active_maps(reader)


def send_teams(books: Books, maps: tuple[ActiveMap, ...], set_id: int, rows: str) -> None:
    """Plant teams and send them in a set."""
    books.given(rows)
    dsn = books.server.embedded.dsn_to(books.pair.operations, "twofold_operations")
    sealing = Book(
        "operations", dsn, "twofold_operations", before_commit=Sealer("operations", maps)
    )
    send(books, set_id, kind="setup", stream="setup", book=sealing)
    sealing.close()


@pytest.mark.fault("F100")
def test_a_circle_and_a_self_reference_arrive_complete_in_one_set(
    world: Books, maps: tuple[ActiveMap, ...]
) -> None:
    send_teams(world, maps, 1, """
        operations.team
        company  team_id  parent_id  name    change_set_id
        USPM     1        3          North   1
        USPM     2        1          South   1
        USPM     3        2          East    1
        USPM     4        4          Alone   1
        USPM     5        -          Top     1
    """)  # fmt: skip

    delivery = deliver_sets(Route(world.dualwrite_operations, world.dualwrite_finance, maps))

    assert (delivery.applied, delivery.problems) == (1, [])
    world.then("""
        finance.team
        company  team_id  parent_id  name   source_version
        USPM     1        3          North  1
        USPM     2        1          South  1
        USPM     3        2          East   1
        USPM     4        4          Alone  1
        USPM     5        -          Top    1
    """)


@pytest.mark.fault("F100")
def test_a_circle_that_lacks_a_member_waits_for_exactly_that(
    world: Books, maps: tuple[ActiveMap, ...]
) -> None:
    send_teams(world, maps, 1, """
        operations.team
        company  team_id  parent_id  name    change_set_id
        USPM     1        2          North   1
        USPM     2        9          South   1
    """)  # fmt: skip

    (problem,) = deliver_sets(
        Route(world.dualwrite_operations, world.dualwrite_finance, maps)
    ).problems

    assert (problem.code, problem.state) == ("ERR-D05", "parked")
    world.then("""
        operations:dualwrite.waits_for
        set_id  map    column_name  value
        1       teams  parent_id    9

        finance.team
        team_id
    """)
