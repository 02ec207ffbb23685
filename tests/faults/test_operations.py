"""People and the bridge: pausing, stopping, trying again, giving up, watching (fault matrix 5.8)."""

# ruff: noqa: E501 - a row of a text table stays on one line

from __future__ import annotations

import subprocess
import sys
from collections import defaultdict
from collections.abc import Generator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager

import pytest

from tests.architecture.sources import ROOT
from tests.cli.program import Program, urls_of
from tests.dualwrite.planted import (
    AFTER_LEASE,
    digest_of_both,
    forward,
    plant_costs,
    send,
    send_approval,
    send_costs,
)
from tests.faults.checker import broken_promises
from tests.faults.engine import Engine, engine, wait_for_its_sessions_to_end
from tests.support.books import Books
from twofold.database.connection import Book
from twofold.dualwrite.run.alerts import Rule, add_alert, alert_history, check_alerts
from twofold.dualwrite.run.notify import Notifier
from twofold.dualwrite.sets.choice import Choice
from twofold.dualwrite.sets.deliver import deliver_sets
from twofold.dualwrite.sets.dismiss import dismiss_sets
from twofold.dualwrite.sets.explain import dismissed_sets
from twofold.dualwrite.sets.redrive import redrive_sets
from twofold.dualwrite.table_maps.states import Change, Changed, Verb, change_states, gaps

DEAD = 10_000
MANY = 100_000
PERSON = "Jane Roe, +1 555 0100"


@pytest.fixture
def twofold(world: Books) -> Program:
    """Give the program on the books of the test."""
    return Program(urls_of(world.server, world.pair))


def change(books: Books, verb: Verb, *maps: str) -> Changed:
    return change_states(
        Change(verb, maps, reason="a test", actor="amy", related=True),
        operations=books.dualwrite_operations,
        finance=books.dualwrite_finance,
    )


def one_of(books: Books, query: str) -> int:
    with books.owner_operations.raw() as connection:
        (value,) = connection.execute(query).fetchone() or (0,)
    return int(value)


def pending(books: Books) -> int:
    return one_of(books, "SELECT count(*) FROM dualwrite.pending")


def plant_dead_letters(books: Books, count: int) -> None:
    """Give operations sets that stopped, each of a stream of its own, numbered from 1001."""
    with books.owner_operations.raw() as connection:
        connection.execute(
            """
            INSERT INTO dualwrite.outbox (company, set_id, kind, stream, version, actor, created_at)
            SELECT 'USPM', 1000 + n, 'approval', 'dead/' || n, 1, 'ann', now()
            FROM generate_series(1, %s) AS n
            """,
            (count,),
        )
        connection.execute(
            """
            INSERT INTO dualwrite.pending (company, set_id, stream, version, state, code, problem)
            SELECT company, set_id, stream, version, 'stopped', 'ERR-D18', 'it did not fit'
            FROM dualwrite.outbox WHERE set_id > 1000
            """
        )
        connection.execute(
            """
            INSERT INTO dualwrite.stream (company, stream, version)
            SELECT company, stream, 1 FROM dualwrite.outbox WHERE set_id > 1000
            """
        )
        connection.execute("ANALYZE dualwrite.pending")


@pytest.mark.fault("F078")
def test_a_set_that_is_half_way_ends_and_then_the_map_is_quiet(world: Books) -> None:
    send_costs(world, 1, first=1, count=10)
    with engine(world, stop_at={"CP10": 1}) as running:
        assert running.says() == "at CP10"
        change(world, "pause", "actuals")
        send_costs(world, 2, first=21, count=10)
        running.go_on()
        assert running.says() == "done 1 0 0"

    assert not broken_promises(world)
    world.then("""
        operations:dualwrite.pending
        set_id  state    attempts
        2       waiting  0
    """)
    assert deliver_sets(forward(world)).applied == 0

    change(world, "resume", "actuals")
    assert deliver_sets(forward(world)).applied == 1


@pytest.mark.fault("F078")
def test_a_set_whose_engine_dies_half_way_waits_until_the_map_runs(world: Books) -> None:
    send_costs(world, 1, first=1, count=10)
    with engine(world, stop_at={"CP10": 1}) as running:
        assert running.says() == "at CP10"
        change(world, "pause", "actuals")
        running.kill()
    wait_for_its_sessions_to_end(world)

    assert deliver_sets(forward(world, now=AFTER_LEASE)).applied == 0
    assert not broken_promises(world)
    world.then("""
        finance.staged_actual
        actual_id
    """)

    change(world, "resume", "actuals")
    assert deliver_sets(forward(world, now=AFTER_LEASE)).applied == 1
    assert not broken_promises(world)


@pytest.mark.fault("F129")
def test_what_queued_up_for_eight_days_arrives_in_order(world: Books) -> None:
    """The queue is shorter than the matrix says: what counts is that nothing in it expires."""
    change(world, "pause", "actuals")
    streams, versions, rows = 20, 5, 200
    for number in range(streams * versions):
        first = 1 + number * rows
        plant_costs(world, set_id=number + 1, first=first, count=rows)
        send(
            world, number + 1, kind="approval", stream=f"entry/{number % streams}",
            keys=(first, first + rows - 1),
        )  # fmt: skip
        if number % 10 == 0:
            assert deliver_sets(forward(world)).applied == 0
    with world.owner_operations.raw() as connection:
        connection.execute("UPDATE dualwrite.pending SET since = since - interval '8 days'")
    assert deliver_sets(forward(world)).applied == 0
    assert pending(world) == streams * versions

    change(world, "resume", "actuals")
    delivery = deliver_sets(forward(world))

    assert (delivery.applied, delivery.rows) == (streams * versions, streams * versions * rows)
    assert not broken_promises(world)
    with world.owner_finance.raw() as connection:
        applied = connection.execute(
            "SELECT inbox.stream, inbox.version FROM dualwrite.chain"
            " JOIN dualwrite.inbox USING (company, source, set_id) ORDER BY chain_number"
        ).fetchall()
    by_stream: dict[str, list[int]] = defaultdict(list)
    for stream, version in applied:
        by_stream[stream].append(version)
    assert set(map(tuple, by_stream.values())) == {tuple(range(1, versions + 1))}


@pytest.mark.fault("F130")
def test_a_map_that_was_stopped_shows_its_gap_until_it_is_filled(
    world: Books, twofold: Program
) -> None:
    change(world, "stop", "actuals")
    for set_id in range(1, 11):
        send_costs(world, set_id, first=set_id * 100, count=100)
    assert deliver_sets(forward(world)).rows == 0

    started = twofold.ok("map", "start", "actuals", "--related", "--reason", "year end is over")

    assert "actuals is not in step in USPM: 1000 rows of 10 sets did not travel" in started.err
    assert "`twofold initial-write --map actuals --company USPM --gaps`" in started.err
    send_costs(world, 11, first=5000, count=7)
    assert deliver_sets(forward(world)).rows == 7
    (gap,) = twofold.ok("map", "states", "--json").json["gaps"]
    assert (gap["map"], gap["set_count"], gap["row_count"]) == ("actuals", 10, 1000)
    assert (gap["first_set_id"], gap["last_set_id"]) == (1, 10)
    with world.owner_finance.raw() as connection:
        assert connection.execute("SELECT count(*) FROM finance.staged_actual").fetchone() == (7,)

    twofold.ok("initial-write", "--map", "actuals", "--company", "USPM", "--gaps")

    assert twofold.ok("map", "states", "--json").json["gaps"] == []
    with world.owner_finance.raw() as connection:
        filled = connection.execute("SELECT count(*) FROM finance.staged_actual").fetchone()
    assert filled == (1007,)


@pytest.mark.fault("F127")
def test_a_hundred_thousand_dead_letters_are_listed_told_of_and_in_nobodys_way(
    world: Books, twofold: Program
) -> None:
    plant_dead_letters(world, MANY)
    twofold.ok("alert", "add", "dead letters", "--measure", "queue", "--threshold", "1000")
    send_costs(world, 1, first=1, count=1)

    delivery = deliver_sets(forward(world))
    listed = twofold.ok("sets", "list", "--state", "stopped", "--limit", "20", "--json")
    checked = twofold("alert", "check", "--json")

    assert (delivery.applied, delivery.problems) == (1, [])
    assert len(listed.json) == 20
    assert {one["pending"]["found"] for one in listed.json} == {MANY}
    assert checked.code == 1
    assert checked.json["done"]["fired"] == ["dead letters"]


@contextmanager
def redriving(books: Books, stop_at: int) -> Generator[Engine]:
    """Start a process that tries dead letters again and stops after a batch."""
    dsn = books.server.embedded.dsn_to(books.pair.operations, "twofold_dualwrite")
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.faults.redriver", dsn, str(stop_at)],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    with process:
        started = Engine(process)
        try:
            yield started
        finally:
            started.kill()


@pytest.mark.fault("F020")
def test_trying_ten_thousand_dead_letters_again_goes_on_where_it_was_killed(world: Books) -> None:
    plant_dead_letters(world, DEAD)
    waiting = "SELECT count(*) FROM dualwrite.pending WHERE state = 'waiting'"
    told = "SELECT count(*) FROM dualwrite.event WHERE event = 'redriven'"

    with redriving(world, 2) as running:
        assert running.says() == "at CP25"
        running.kill()
    wait_for_its_sessions_to_end(world)
    first = one_of(world, waiting)
    assert 0 < first < DEAD
    assert pending(world) == DEAD
    assert one_of(world, told) == first

    with redriving(world, 0) as running:
        assert running.says() == f"done {DEAD - first}"

    assert one_of(world, waiting) == pending(world) == DEAD
    assert one_of(world, told) == DEAD
    assert deliver_sets(forward(world)).applied == DEAD


@pytest.mark.fault("F138")
def test_a_dismissed_set_keeps_reason_and_name_and_is_no_broken_promise(
    world: Books, twofold: Program
) -> None:
    plant_costs(world, set_id=1, first=1, count=2)
    with world.owner_operations.raw() as connection:
        connection.execute("UPDATE operations.actual SET project_id = 6")
    send(world, 1, kind="approval", stream="approval/1", keys=(1, 2))
    assert [one.code for one in deliver_sets(forward(world)).problems] == ["ERR-D05"]

    refused = twofold("sets", "dismiss", "1", "--reason", " ")
    assert refused.code == 1
    assert "ERR-D27" in refused.err
    twofold.ok("sets", "dismiss", "1", "--reason", "entered by hand", "--as", "amy")

    (kept,) = twofold.ok("sets", "list", "--dismissed", "--json").json
    assert kept["set"]["reason"] == "entered by hand"
    assert kept["set"]["dismissed_by"] == "amy"
    assert kept["set"]["code"] == "ERR-D05"
    assert twofold.ok("sets", "list", "--json").json == []
    assert deliver_sets(forward(world)).applied == 0
    assert not broken_promises(world)
    with world.auditor_operations.reader() as reader:
        assert len(dismissed_sets(reader, choice=Choice(company="USPM"), limit=10)) == 1
        assert dismissed_sets(reader, choice=Choice(company="DEPM"), limit=10) == []


@pytest.mark.fault("F139")
def test_trying_a_healed_set_again_changes_nothing(world: Books, twofold: Program) -> None:
    send_approval(world)
    assert deliver_sets(forward(world)).applied == 1
    twofold.ok("sets", "list")
    before = digest_of_both(world)

    told = twofold.ok("sets", "redrive", "1", "--json")

    assert (told.json["made_due"], told.json["applied_already"]) == (0, 1)
    assert "they need nothing" in told.err
    assert deliver_sets(forward(world)).applied == 0
    assert digest_of_both(world) == before


@pytest.mark.fault("F140")
def test_ten_errors_pause_the_map_once_and_at_once_whoever_looks(world: Books) -> None:
    rule = Rule("ten errors", "errors", 10, "pause", 15, map="actuals", error_class="Dependency")
    with world.dualwrite_operations.transaction() as transaction:
        add_alert(transaction, rule=rule, actor="amy")
    for number in range(1, 13):
        plant_costs(world, set_id=number, first=number, count=1)
        with world.owner_operations.raw() as connection:
            connection.execute("UPDATE operations.actual SET project_id = 6")
        send(world, number, kind="approval", stream=f"a/{number}", keys=(number, number))
    assert len(deliver_sets(forward(world), company="USPM", set_ids=range(1, 10)).problems) == 9
    assert look(world) == []
    assert len(deliver_sets(forward(world), company="USPM", set_ids=[10]).problems) == 1

    # Four engines look at the same moment, each with connections of its own.
    with ThreadPoolExecutor(4) as pool:
        fired = list(pool.map(lambda _: look_anew(world), range(4)))

    assert sorted(map(len, fired)) == [0, 0, 0, 1]
    assert deliver_sets(forward(world)).applied == 0
    world.then("""
        operations:dualwrite.pending
        set_id  state    attempts
        1       parked   1
        2       parked   1
        3       parked   1
        4       parked   1
        5       parked   1
        6       parked   1
        7       parked   1
        8       parked   1
        9       parked   1
        10      parked   1
        11      waiting  0
        12      waiting  0
    """)
    with world.auditor_operations.reader() as reader:
        assert len(alert_history(reader, alert=None, limit=10)) == 1


def look(books: Books) -> list[str]:
    return check_alerts(
        operations=books.dualwrite_operations,
        finance=books.dualwrite_finance,
        notifier=Notifier(),
    ).fired


def look_anew(books: Books) -> list[str]:
    """Look as an engine that has just been started."""
    dsn = books.server.embedded.dsn_to
    operations = Book(
        "operations", dsn(books.pair.operations, "twofold_dualwrite"), "twofold_dualwrite"
    )
    finance = Book("finance", dsn(books.pair.finance, "twofold_dualwrite"), "twofold_dualwrite")
    try:
        return check_alerts(operations=operations, finance=finance, notifier=Notifier()).fired
    finally:
        operations.close()
        finance.close()


@pytest.mark.fault("F141")
def test_where_no_engine_runs_a_timer_outside_tells_of_it(world: Books, twofold: Program) -> None:
    twofold.ok("alert", "add", "late", "--measure", "lag", "--threshold", "30")
    assert twofold("alert", "check").code == 0
    send_costs(world, 1, first=1, count=1)
    with world.owner_operations.raw() as connection:
        connection.execute("UPDATE dualwrite.pending SET since = since - interval '31 minutes'")

    checked = twofold("alert", "check")

    assert checked.code == 1
    assert "late" in checked.out
    assert [one["alert"] for one in twofold.ok("alert", "history", "--json").json] == ["late"]
    (shown,) = twofold.ok("sets", "list", "--older-than", "30m", "--json").json
    assert shown["pending"]["set_id"] == 1
    assert "1 waiting" in twofold("doctor").out


@pytest.mark.fault("F163")
def test_what_people_wrote_is_in_no_message_and_seen_by_who_may_read_the_book(
    world: Books, twofold: Program
) -> None:
    plant_costs(world, set_id=1, first=1, count=1)
    with world.owner_operations.raw() as connection:
        connection.execute("UPDATE operations.actual SET description = %s", (PERSON,))
    with world.owner_finance.raw() as connection:
        connection.execute(
            "ALTER TABLE finance.staged_actual ADD CONSTRAINT too_long CHECK (length(description) < 5)"
        )
    send(world, 1, kind="approval", stream="approval/1", keys=(1, 1))
    twofold.ok("alert", "add", "any", "--measure", "errors", "--threshold", "1", "--within", "60")

    told = [
        twofold("deliver"),
        twofold("alert", "check"),
        twofold("sets", "list"),
        twofold("sets", "list", "--json"),
        twofold("sets", "show", "1"),
        twofold("sets", "show", "1", "--json"),
        twofold("alert", "history"),
        twofold("doctor"),
    ]

    assert "ERR-D18" in told[0].out
    assert not [one for one in told if PERSON in one.out + one.err]
    with world.owner_operations.raw() as connection:
        kept = connection.execute(
            "SELECT coalesce(problem, '') FROM dualwrite.pending"
            " UNION ALL SELECT coalesce(detail, '') FROM dualwrite.event"
        ).fetchall()
    assert not [text for (text,) in kept if PERSON in text]
    assert PERSON in twofold.ok("sets", "show", "1", "--rows", "1").out


@pytest.mark.fault("F130")
def test_a_gap_is_of_the_company_and_the_map_that_was_stopped(world: Books) -> None:
    change_states(
        Change("stop", ("actuals",), reason="a test", actor="amy", company="USPM", related=True),
        operations=world.dualwrite_operations,
        finance=world.dualwrite_finance,
    )
    send_costs(world, 1, first=1, count=3)

    with world.auditor_operations.reader() as reader:
        (gap,) = gaps(reader, maps=None, company=None)

    assert (gap.company, gap.map, gap.row_count) == ("USPM", "actuals", 3)
    by_map = Choice(maps=("actuals",))
    assert dismiss_sets(forward(world), choice=by_map, reason="x", actor="amy") == []
    assert redrive_sets(world.dualwrite_operations, choice=Choice(), actor="amy") == 0
