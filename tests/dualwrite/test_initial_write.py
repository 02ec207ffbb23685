"""Initial write: rows as they stand, in chunks, beside live sets; nothing is overwritten unseen."""

from __future__ import annotations

import pytest

from tests.dualwrite.planted import COMPANY, deliver, forward, plant_costs, send, send_costs
from tests.support.books import Books
from twofold.database.connection import Book
from twofold.dualwrite.sets.route import Route
from twofold.dualwrite.standing.initial_write import (
    Mode,
    Writing,
    bad_rows,
    initial_write,
    retry_bad,
)
from twofold.kernel.errors import Refused


class Died(Exception):
    """The process came to its end."""


def writing(
    books: Books,
    map_id: str = "actuals",
    *,
    mode: Mode = "refuse",
    gaps: bool = False,
    die_at: int = 0,
    chunk_rows: int = 10,
) -> Writing:
    """Write one map in chunks of ten rows; ``die_at`` names the chunk in which to die."""
    chunks: list[str] = []

    def die(name: str) -> None:
        chunks.append(name)
        if name == "CP23" and chunks.count(name) == die_at:
            raise Died

    maps = books.server.active_maps()
    route = Route(books.dualwrite_operations, books.dualwrite_finance, maps, die)
    (active,) = (one for one in maps if one.compiled.map.id == map_id)
    return Writing(route, active, COMPANY, "ann", mode, gaps, chunk_rows)


def change(book: Book, statement: str) -> None:
    with book.raw() as connection:
        connection.execute(statement.encode())


def value(book: Book, statement: str) -> object:
    with book.raw() as connection:
        (found,) = connection.execute(statement.encode()).fetchone() or (None,)
    return found


STAGED = "SELECT count(*) FROM finance.staged_actual"


@pytest.fixture
def lost(world: Books) -> Books:
    """Fifty costs of set 1, delivered, whose rows finance has lost."""
    send_costs(world, 1, first=1, count=50)
    assert deliver(world).applied == 1
    change(world.owner_finance, "DELETE FROM finance.staged_actual")
    return world


def test_an_empty_table_is_filled_and_the_run_is_recorded(lost: Books) -> None:
    done = initial_write(writing(lost))

    assert (done.row_count, done.added_count, done.bad_count) == (50, 50, 0)
    lost.then(
        """
        finance:dualwrite.initial_write
        company  map      mode    row_count  done_upto  added_count  same_count  started_by
        USPM     actuals  refuse  50         50         50           0           ann
    """
    )
    assert value(lost.owner_finance, "SELECT count(*) FROM finance.staged_actual"
                 " WHERE source_set_id = 1 AND amount = 50") == 50  # fmt: skip


@pytest.mark.fault("F018", "F019")
@pytest.mark.parametrize("chunk", [1, 3, 5])
def test_a_run_that_died_in_a_chunk_goes_on_at_that_chunk(lost: Books, chunk: int) -> None:
    with pytest.raises(Died):
        initial_write(writing(lost, die_at=chunk))
    assert value(lost.owner_finance, STAGED) == 10 * (chunk - 1)

    done = initial_write(writing(lost))

    assert (done.added_count, done.same_count, done.row_count) == (50, 0, 50)
    assert value(lost.owner_finance, STAGED) == 50
    assert value(lost.owner_finance, "SELECT count(*) FROM dualwrite.initial_write") == 1


def test_rows_on_their_way_are_left_to_their_set(lost: Books) -> None:
    send_costs(lost, 2, first=101, count=7)

    initial_write(writing(lost))

    assert value(lost.owner_finance, STAGED) == 50
    assert deliver(lost).applied == 1
    assert value(lost.owner_finance, STAGED) == 57


@pytest.mark.fault("F132")
def test_the_mode_refuse_lists_every_difference_and_writes_nothing(lost: Books) -> None:
    initial_write(writing(lost))
    change(
        lost.owner_finance,
        "UPDATE finance.staged_actual SET price = 51 WHERE actual_id = 4;"
        "DELETE FROM finance.staged_actual WHERE actual_id = 5",
    )

    with pytest.raises(Refused) as refused:
        initial_write(writing(lost))

    assert refused.value.codes == ("ERR-D30",)
    lost.then("""
        finance:dualwrite.difference
        map      row_key  field  kind     source_value  target_value
        actuals  ["4"]    price  differs  50.0000       51.0000
        actuals  ["5"]    ''     missing  -             -
    """)
    assert value(lost.owner_finance, STAGED) == 49


@pytest.mark.fault("F132")
def test_the_mode_adopt_takes_over_what_is_equal_and_refuses_what_is_not(lost: Books) -> None:
    initial_write(writing(lost))
    change(lost.owner_finance, "DELETE FROM finance.staged_actual WHERE actual_id = 5")

    done = initial_write(writing(lost, mode="adopt"))

    assert (done.added_count, done.same_count) == (1, 49)
    change(lost.owner_finance, "UPDATE finance.staged_actual SET price = 51 WHERE actual_id = 4")
    with pytest.raises(Refused) as refused:
        initial_write(writing(lost, mode="adopt"))
    assert refused.value.codes == ("ERR-D31",)


@pytest.mark.fault("F132")
def test_source_wins_lists_a_fact_that_differs_and_never_overwrites_it(lost: Books) -> None:
    initial_write(writing(lost))
    change(lost.owner_finance, "UPDATE finance.staged_actual SET price = 51 WHERE actual_id = 4")

    done = initial_write(writing(lost, mode="source_wins"))

    assert (done.differing_count, done.same_count, done.added_count) == (1, 49, 0)
    lost.then("""
        finance:dualwrite.difference
        row_key  field  source_value  target_value
        ["4"]    price  50.0000       51.0000
    """)
    assert value(lost.owner_finance, "SELECT price FROM finance.staged_actual"
                 " WHERE actual_id = 4") == 51  # fmt: skip


@pytest.fixture
def resources(world: Books) -> Books:
    """Three resources, delivered with version 1 of the set-up."""
    world.given("""
        operations.resource
        company  resource_id  name  change_set_id
        USPM     6            Ana   1
        USPM     7            Bob   1
        USPM     8            Cid   1
    """)
    send(world, 1, kind="setup", stream="setup")
    deliver(world)
    return world


@pytest.mark.parametrize(
    ("mode", "name"), [("source_wins", "Ana"), ("adopt", "Zoe")], ids=["source wins", "adopt"]
)
def test_state_of_the_same_version_is_overwritten_only_when_the_source_wins(
    resources: Books, mode: Mode, name: str
) -> None:
    change(
        resources.owner_finance, "UPDATE finance.resource SET name = 'Zoe' WHERE resource_id = 6"
    )

    if mode == "adopt":
        with pytest.raises(Refused):
            initial_write(writing(resources, "resources", mode=mode))
    else:
        assert initial_write(writing(resources, "resources", mode=mode)).changed_count == 1

    assert value(resources.owner_finance, "SELECT name FROM finance.resource"
                 " WHERE resource_id = 6") == name  # fmt: skip


@pytest.mark.parametrize("mode", ["adopt", "source_wins"])
def test_newer_state_stays(resources: Books, mode: Mode) -> None:
    change(
        resources.owner_finance,
        "UPDATE finance.resource SET name = 'Zoe', source_version = 2 WHERE resource_id = 6",
    )

    assert initial_write(writing(resources, "resources", mode=mode)).newer_count == 1

    assert value(resources.owner_finance, "SELECT name FROM finance.resource"
                 " WHERE resource_id = 6") == "Zoe"  # fmt: skip


@pytest.mark.fault("F133")
def test_bad_rows_are_set_aside_and_only_they_are_tried_again(lost: Books) -> None:
    change(
        lost.owner_operations,
        "UPDATE operations.actual SET project_id = 66 WHERE actual_id IN (7, 8, 33)",
    )

    done = initial_write(writing(lost))

    assert (done.added_count, done.bad_count) == (47, 3)
    first, *_ = bad_rows(writing(lost), run=done.run)
    assert (first.row_key, first.code, first.field, first.value) == (
        '["33"]', "ERR-D05", "project_id", "66",
    )  # fmt: skip
    lost.given("""
        finance.project
        company  project_id  number  name  state       source_version
        USPM     66          P-66    Dock  in_process  1
    """)
    assert not retry_bad(writing(lost), run=done.run)
    assert value(lost.owner_finance, STAGED) == 50
    assert not bad_rows(writing(lost), run=done.run)


def test_a_row_the_other_book_itself_refuses_is_set_aside_with_its_words(resources: Books) -> None:
    change(
        resources.owner_finance,
        "DELETE FROM finance.resource;"
        "ALTER TABLE finance.resource ADD CONSTRAINT nobody_is_bob CHECK (name <> 'Bob')",
    )

    done = initial_write(writing(resources, "resources"))

    assert (done.added_count, done.bad_count) == (2, 1)
    (bad,) = bad_rows(writing(resources, "resources"), run=done.run)
    assert (bad.code, bad.row_key, bad.field) == ("ERR-D32", '["7"]', "nobody_is_bob")


@pytest.mark.fault("F130")
def test_a_back_fill_writes_the_rows_of_gaps_and_closes_them(lost: Books) -> None:
    initial_write(writing(lost))
    plant_costs(lost, set_id=2, first=201, count=5)
    send(lost, 2, kind="approval", stream="approval/201", keys=(201, 205))
    deliver(lost)
    change(lost.owner_finance, "DELETE FROM finance.staged_actual WHERE source_set_id = 2")
    lost.given("""
        operations:dualwrite.gap
        company  map      set_id  row_count
        USPM     actuals  2       5
    """)

    done = initial_write(writing(lost, gaps=True))

    assert (done.row_count, done.added_count) == (5, 5)
    lost.then("""
        operations:dualwrite.gap
        set_id
    """)


def test_a_run_begun_with_another_version_of_the_map_does_not_go_on(lost: Books) -> None:
    with pytest.raises(Died):
        initial_write(writing(lost, die_at=2))
    change(lost.owner_finance, "UPDATE dualwrite.initial_write SET map_hash = 'other'")

    with pytest.raises(Refused) as refused:
        initial_write(writing(lost))

    assert refused.value.codes == ("ERR-D33",)


def test_live_sets_and_an_initial_write_end_with_each_row_once(lost: Books) -> None:
    send_costs(lost, 2, first=101, count=5)
    with pytest.raises(Died):
        initial_write(writing(lost, die_at=3))
    assert forward(lost).source is lost.dualwrite_operations
    deliver(lost)

    initial_write(writing(lost))

    assert value(lost.owner_finance, STAGED) == 55
