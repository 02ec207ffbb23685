"""Initial write: rows as they stand, in chunks, beside live sets; nothing is overwritten unseen."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.dualwrite.planted import COMPANY, deliver, forward, plant_costs, send, send_costs
from tests.support.books import Books
from twofold.database.connection import Book
from twofold.dualwrite.sets.route import Route
from twofold.dualwrite.standing.bad_rows import bad_rows, retry_bad
from twofold.dualwrite.standing.initial_write import initial_write, preview
from twofold.dualwrite.standing.writing import Mode, Writing
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
    back: bool = False,
) -> Writing:
    """Write one map in chunks of ten rows; ``die_at`` names the chunk in which to die."""
    chunks: list[str] = []

    def die(name: str) -> None:
        chunks.append(name)
        if name == "CP23" and chunks.count(name) == die_at:
            raise Died

    maps = books.server.active_maps()
    here, there = books.dualwrite_operations, books.dualwrite_finance
    route = Route(there, here, maps, die) if back else Route(here, there, maps, die)
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


RATES = """
    finance:dualwrite.outbox
    company  set_id  kind   stream  version  actor  created_at
    USPM     1       setup  setup   1        ann    2026-11-02

    finance.exchange_rate
    company  currency  valid_from  rate  change_set_id
    USPM     EUR       2026-01-01  110   1
    USPM     EUR       2026-02-01  111   1
    USPM     EUR       2026-03-01  112   1
    USPM     USD       2026-01-01  100   1
"""


@pytest.mark.fault("F133")
def test_of_rows_that_share_the_first_column_of_their_key_only_the_bad_one_is_set_aside(
    world: Books,
) -> None:
    world.given(RATES)
    table = "ALTER TABLE operations.exchange_rate"
    change(world.owner_operations, f"{table} ADD CONSTRAINT not_111 CHECK (rate <> 111)")
    rates = writing(world, "exchange_rates", back=True)

    done = initial_write(rates)

    assert (done.row_count, done.added_count, done.bad_count) == (4, 3, 1)
    (bad,) = bad_rows(rates)
    key = '["Default", "EUR", "USD", "2026-02-01"]'
    assert (bad.row_key, bad.lead, bad.code) == (key, "Default", "ERR-D32")
    (still,) = retry_bad(rates)
    assert (still.row_key, still.field, still.run) == (key, "not_111", done.run)
    change(world.owner_operations, f"{table} DROP CONSTRAINT not_111")
    assert not retry_bad(rates)
    assert value(world.owner_operations, "SELECT count(*) FROM operations.exchange_rate") == 4
    world.then("""
        operations:dualwrite.initial_write
        map             added_count  bad_count
        exchange_rates  4            0
    """)


@pytest.mark.parametrize("chunk_rows", [1, 7, 1000])
def test_one_row_that_is_refused_holds_up_no_other_row_of_its_chunk(
    lost: Books, chunk_rows: int
) -> None:
    change(
        lost.owner_finance,
        "ALTER TABLE finance.staged_actual ADD CONSTRAINT odd CHECK (actual_id NOT IN (8, 31))",
    )

    done = initial_write(writing(lost, chunk_rows=chunk_rows))

    assert (done.added_count, done.bad_count, done.done_rows) == (48, 2, 50)
    found = bad_rows(writing(lost))
    assert [(one.row_key, one.field) for one in found] == [('["31"]', "odd"), ('["8"]', "odd")]


def test_a_code_that_no_one_translates_is_a_bad_row(lost: Books) -> None:
    change(
        lost.owner_operations,
        "UPDATE operations.actual SET transaction_type = 'project_contract' WHERE actual_id = 9",
    )

    assert [one.code for one in preview(writing(lost)).bad] == ["ERR-D17"]
    done = initial_write(writing(lost))

    assert (done.added_count, done.bad_count) == (49, 1)
    (bad,) = bad_rows(writing(lost))
    assert (bad.row_key, bad.code, bad.field, bad.value) == (
        '["9"]', "ERR-D17", "transaction_type", "project_contract",
    )  # fmt: skip
    assert [one.code for one in retry_bad(writing(lost))] == ["ERR-D17"]
    change(
        lost.owner_operations,
        "UPDATE operations.actual SET transaction_type = 'cost' WHERE actual_id = 9",
    )
    assert not retry_bad(writing(lost))
    assert value(lost.owner_finance, STAGED) == 50


def test_a_look_names_every_bad_row_and_writes_nothing(lost: Books) -> None:
    change(
        lost.owner_operations,
        "UPDATE operations.actual SET project_id = 66 WHERE actual_id IN (7, 33)",
    )
    change(
        lost.owner_finance,
        "ALTER TABLE finance.staged_actual ADD CONSTRAINT odd CHECK (actual_id <> 8)",
    )

    seen = preview(writing(lost))

    assert (seen.compared.absent, seen.compared.same) == (47, 0)
    assert {(one.row_key, one.code) for one in seen.bad} == {
        ('["7"]', "ERR-D05"), ('["33"]', "ERR-D05"), ('["8"]', "ERR-D32"),
    }  # fmt: skip
    assert value(lost.owner_finance, STAGED) == 0
    lost.then("""
        finance:dualwrite.initial_write
        run

        finance:dualwrite.bad_row
        run
    """)


def test_two_that_write_the_same_rows_do_not_overtake_each_other(lost: Books) -> None:
    """The second finishes the run between two chunks of the first."""

    def overtake(_done: int, _of: int) -> None:
        assert initial_write(writing(lost)).added_count == 50

    with pytest.raises(Refused) as refused:
        initial_write(replace(writing(lost), progress=overtake))

    assert refused.value.codes == ("ERR-D34",)
    assert value(lost.owner_finance, STAGED) == 50
    assert value(lost.owner_finance, "SELECT count(*) FROM dualwrite.initial_write") == 1


@pytest.mark.fault("F130")
def test_a_gap_stays_open_until_its_last_bad_row_is_written(lost: Books) -> None:
    change(lost.owner_operations, "UPDATE operations.actual SET project_id = 66"
           " WHERE actual_id = 5")  # fmt: skip
    lost.given("""
        operations:dualwrite.gap
        company  map      set_id  row_count
        USPM     actuals  1       50
    """)
    assert initial_write(writing(lost, gaps=True)).bad_count == 1
    assert value(lost.owner_operations, "SELECT count(*) FROM dualwrite.gap") == 1
    change(lost.owner_operations, "UPDATE operations.actual SET project_id = 5"
           " WHERE actual_id = 5")  # fmt: skip

    assert not retry_bad(writing(lost))

    assert value(lost.owner_operations, "SELECT count(*) FROM dualwrite.gap") == 0
