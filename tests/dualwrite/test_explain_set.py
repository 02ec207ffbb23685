"""A set explained: its life with every actor, what it carries, what holds it and what to do."""

from __future__ import annotations

import json

from tests.dualwrite.planted import deliver, forward, plant_costs, send, send_approval, send_costs
from tests.support.books import Books
from twofold.dualwrite.sets.choice import Choice
from twofold.dualwrite.sets.dismiss import dismiss_sets
from twofold.dualwrite.sets.explain import Explanation, explain_set, sent_as
from twofold.dualwrite.sets.reads import held_up, lag
from twofold.dualwrite.sets.redrive import redrive_sets
from twofold.dualwrite.table_maps.states import Change, change_states


def explained(books: Books, set_id: int, *, rows: int = 0) -> Explanation:
    with books.auditor_operations.reader() as here, books.auditor_finance.reader() as there:
        (sent,) = sent_as(here, company="USPM", set_id=set_id)
        return explain_set(here, there, sent=sent, source_book="operations", rows_max=rows)


def send_to_unknown_project(books: Books) -> None:
    plant_costs(books, set_id=1, first=1, count=2)
    with books.owner_operations.raw() as connection:
        connection.execute("UPDATE operations.actual SET project_id = 6")
    send(books, 1, kind="approval", stream="approval/1", keys=(1, 2))


def test_a_parked_set_tells_its_life_and_what_it_waits_for(world: Books) -> None:
    send_to_unknown_project(world)
    deliver(world)
    redrive_sets(world.dualwrite_operations, choice=Choice(set_ids=(1,)), actor="amy")
    deliver(world)

    told = explained(world, 1)

    moments = [(one.what, one.actor) for one in told.moments]
    assert moments[0] == ("sealed", "ann")
    assert moments.count(("set parked", "dual-write")) == 2
    assert ("redriven", "amy") in moments
    assert [(one.column_name, one.value) for one in told.missed] == [("project_id", "6")]
    assert told.sent.state == "parked"
    assert {one.code for one in told.holds} == {"ERR-D05"}
    assert all("twofold" in one.remedy for one in told.holds)
    assert any("has no 6" in one.what for one in told.holds)


def test_an_applied_set_shows_what_it_carries_and_its_link(world: Books) -> None:
    send_approval(world)
    deliver(world)

    told = explained(world, 1, rows=2)

    assert told.received is not None
    assert told.received.row_count == 3
    assert told.received.chain_number == told.sent.chain_number == 1
    assert told.received.chain_hash == told.sent.chain_hash
    assert [one.what for one in told.moments if one.what in {"applied", "acknowledged"}] == [
        "applied",
        "acknowledged",
    ]
    rows = {one.map: (one.row_count, one.map_version) for one in told.carried}
    assert rows["actuals"][0] == 2
    assert rows["actuals"][1]
    (first, _) = (json.loads(text) for text in told.rows["actuals"])
    assert first["project_id"] == 5
    assert "INSERT INTO" in told.statements["actuals"]["apply"]
    assert told.holds == ()


def test_a_set_behind_another_and_behind_a_map_says_both(world: Books) -> None:
    for set_id, first in ((1, 1), (2, 11)):
        plant_costs(world, set_id=set_id, first=first, count=1)
        send(world, set_id, kind="approval", stream="same", keys=(first, first))
    change_states(
        Change("pause", ("actuals",), reason="quarter end", actor="amy", related=True),
        operations=world.dualwrite_operations,
        finance=world.dualwrite_finance,
    )

    whats = [one.what for one in explained(world, 2).holds]

    assert whats == [
        "set 1 of the same stream is waiting",
        "the map actuals is paused: quarter end",
    ]
    assert explained(world, 1).holds[0].remedy == "`twofold map resume actuals --reason TEXT`"


def test_a_set_that_nothing_holds_is_due(world: Books) -> None:
    send_approval(world)

    (hold,) = explained(world, 1).holds

    assert hold.what == "nothing: it is due"


def test_a_set_given_up_says_by_whom_and_why(world: Books) -> None:
    send_approval(world)
    dismiss_sets(forward(world), choice=Choice(set_ids=(1,)), reason="sent twice", actor="amy")

    told = explained(world, 1)

    assert (told.sent.state, told.sent.dismissed_for) == ("dismissed", "sent twice")
    assert (told.moments[-1].what, told.moments[-1].actor) == ("dismissed", "amy")
    assert told.holds == ()


def test_lag_tells_what_is_on_its_way_and_how_long_the_last_took(world: Books) -> None:
    send_costs(world, 1, first=1, count=1)
    deliver(world)
    send_costs(world, 2, first=11, count=1)
    with world.owner_operations.raw() as connection:
        connection.execute("UPDATE dualwrite.pending SET since = since - interval '8 days'")

    with world.auditor_operations.reader() as reader:
        (found,) = (one for one in lag(reader, company="USPM") if one.map == "actuals")
        assert lag(reader, company="DEPM") == []

    assert (found.pending_count, found.arrived_count) == (1, 1)
    assert found.age is not None
    assert found.age.days == 8
    assert found.p50 is not None
    assert found.p50 == found.p95


def test_the_queue_is_told_by_what_holds_it(world: Books) -> None:
    world.given("""
        operations:dualwrite.pending
        company  set_id  stream  version  state    next_attempt_at       maps         code
        USPM     1       a       1        stopped  -                     {actuals}    ERR-D18
        USPM     2       a       2        waiting  -                     {actuals}    -
        USPM     3       b       1        waiting  2999-01-01T00:00:00Z  {actuals}    ERR-D22
        USPM     4       c       1        waiting  -                     {actuals}    -
        USPM     5       d       1        waiting  -                     {customers}  -
    """)
    change_states(
        Change("pause", ("customers",), reason="a test", actor="amy", company="USPM", related=True),
        operations=world.dualwrite_operations,
        finance=world.dualwrite_finance,
    )
    change_states(
        Change("resume", ("actuals",), reason="a test", actor="amy", company="USPM", by_rule=True),
        operations=world.dualwrite_operations,
        finance=world.dualwrite_finance,
    )

    with world.auditor_operations.reader() as reader:
        found = {(one.reason, one.code): one.set_count for one in held_up(reader, company=None)}

    assert found == {
        ("stopped", "ERR-D18"): 1,
        ("behind an earlier set", None): 1,
        ("pauses after a failure", "ERR-D22"): 1,
        ("due", None): 1,
        ("a map rests", None): 1,
    }
