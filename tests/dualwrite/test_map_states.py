"""States of maps: what is allowed, in which order, in both books, and what a crash leaves."""

from __future__ import annotations

import pytest

from tests.support.books import Books
from twofold.dualwrite.table_maps.states import (
    TRANSITIONS,
    Change,
    Changed,
    Verb,
    carry_over_states,
    change_states,
    gaps,
    map_states,
)
from twofold.kernel.errors import Refused

STATES = ("draft", "running", "paused", "stopped", "halted")
# A map that no other follows.
LEAF = "transaction_connections"


def change(books: Books, verb: Verb, *maps: str, company: str | None = None) -> Changed:
    return change_states(
        Change(verb, maps, reason="a test", actor="amy", company=company),
        operations=books.dualwrite_operations,
        finance=books.dualwrite_finance,
    )


def states_of(books: Books, name: str) -> set[tuple[str, str | None, str, str]]:
    found: set[tuple[str, str | None, str, str]] = set()
    for book in (books.auditor_operations, books.auditor_finance):
        with book.reader() as reader:
            found |= {
                (book.name, one.company, one.state, one.changed_by)
                for one in map_states(reader)
                if one.map == name
            }
    return found


def put(books: Books, name: str, state: str) -> None:
    for owner in (books.owner_operations, books.owner_finance):
        with owner.raw() as connection:
            connection.execute(
                "UPDATE dualwrite.map SET state = %s::dualwrite.map_state,"
                " cause = 'broken', remedy = 'mend it' WHERE map = %s",
                (state, name),
            )


@pytest.mark.parametrize("verb", TRANSITIONS)
@pytest.mark.parametrize("state", STATES)
def test_a_verb_takes_a_map_where_the_table_says_and_nowhere_else(
    books: Books, state: str, verb: Verb
) -> None:
    put(books, LEAF, state)
    allowed, after = TRANSITIONS[verb]

    if state in allowed:
        assert change(books, verb, LEAF).changed == ((LEAF, state, after),)
        assert {one[2] for one in states_of(books, LEAF)} == {after}
    elif state == after:
        assert change(books, verb, LEAF).left == ((LEAF, state),)
    else:
        with pytest.raises(Refused, match=f"it is {state}") as refused:
            change(books, verb, LEAF)
        assert refused.value.codes == ("ERR-D25",)
        assert {one[2] for one in states_of(books, LEAF)} == {state}


def test_both_books_know_the_state_and_who_wanted_it(books: Books) -> None:
    assert change(books, "pause", LEAF).carried_over

    assert states_of(books, LEAF) == {
        ("operations", None, "paused", "amy"),
        ("finance", None, "paused", "amy"),
    }
    books.then(f"""
        operations:dualwrite.event
        event       map     detail  actor
        map paused  {LEAF}  a test  amy

        finance:dualwrite.event
        event       map     detail                                actor
        map paused  {LEAF}  taken over from the operations book  amy
    """)


def test_one_company_is_held_and_let_go_by_itself(books: Books) -> None:
    change(books, "stop", LEAF, company="USPM")
    change(books, "pause", LEAF, company="DEPM")
    assert {one[1:3] for one in states_of(books, LEAF)} == {
        (None, "running"),
        ("USPM", "stopped"),
        ("DEPM", "paused"),
    }

    change(books, "start", LEAF, company="USPM")

    assert {one[1:3] for one in states_of(books, LEAF)} == {(None, "running"), ("DEPM", "paused")}
    assert change(books, "start", LEAF, company="USPM").left == ((LEAF, "running"),)


class Crash(Exception):
    """The process dies here."""


def crash(_name: str) -> None:
    raise Crash


def test_a_crash_between_the_books_is_healed_by_the_next_look(books: Books) -> None:
    asked = Change("stop", (LEAF,), reason="a test", actor="amy")
    held = Change("pause", ("actuals",), reason="a test", actor="amy", company="USPM", related=True)
    both = {"operations": books.dualwrite_operations, "finance": books.dualwrite_finance}
    for one in (asked, held):
        with pytest.raises(Crash):
            change_states(one, **both, failpoint=crash)
    in_finance = {one[1:3] for one in states_of(books, LEAF) if one[0] == "finance"}
    assert in_finance == {(None, "running")}

    healed = carry_over_states(**both)

    assert set(healed) == {LEAF, "actuals"}
    here = {one[1:] for one in states_of(books, LEAF) if one[0] == "operations"}
    there = {one[1:] for one in states_of(books, LEAF) if one[0] == "finance"}
    assert here == there
    assert carry_over_states(**both) == ()


def test_a_hold_that_was_lifted_is_lifted_in_finance_too(books: Books) -> None:
    change(books, "pause", LEAF, company="USPM")
    lifted = Change("resume", (LEAF,), reason="a test", actor="amy", company="USPM")
    both = {"operations": books.dualwrite_operations, "finance": books.dualwrite_finance}
    with pytest.raises(Crash):
        change_states(lifted, **both, failpoint=crash)

    assert carry_over_states(**both) == (LEAF,)

    assert {one[1] for one in states_of(books, LEAF)} == {None}


def test_what_would_leave_a_child_running_is_refused_by_name(books: Books) -> None:
    with pytest.raises(Refused) as refused:
        change(books, "pause", "actuals")

    (refusal,) = refused.value.refusals
    assert (refusal.code, refusal.value) == ("ERR-D26", LEAF)
    assert "actuals is paused" in refusal.reason
    assert {one[2] for one in states_of(books, "actuals")} == {"running"}


def test_what_would_run_before_its_parent_is_refused_by_name(books: Books) -> None:
    change(books, "stop", "actuals", LEAF)

    with pytest.raises(Refused) as refused:
        change(books, "start", LEAF)

    (refusal,) = refused.value.refusals
    assert (refusal.code, refusal.value) == ("ERR-D26", "actuals")


def test_related_maps_rest_before_and_rise_after_those_they_follow(books: Books) -> None:
    both = {"operations": books.dualwrite_operations, "finance": books.dualwrite_finance}
    down = change_states(
        Change("pause", ("invoices",), reason="a test", actor="amy", related=True), **both
    )
    up = change_states(Change("resume", (LEAF,), reason="done", actor="amy", related=True), **both)

    resting = [name for name, _, _ in down.changed]
    rising = [name for name, _, _ in up.changed]
    assert resting.index(LEAF) < resting.index("actuals") < resting.index("invoices")
    assert rising.index("invoices") < rising.index("actuals") < rising.index(LEAF)
    assert "customers" not in resting


def test_all_maps_rest_but_those_that_cannot(books: Books) -> None:
    put(books, LEAF, "halted")
    both = {"operations": books.dualwrite_operations, "finance": books.dualwrite_finance}

    down = change_states(Change("pause", None, reason="a test", actor="amy"), **both)
    up = change_states(Change("resume", None, reason="a test", actor="amy"), **both)

    assert (LEAF, "halted") in down.left
    assert (LEAF, "halted") in up.left
    assert len(down.changed) == len(up.changed) > 10


def test_a_halted_map_runs_again_by_name_when_it_is_right_again(books: Books) -> None:
    both = {"operations": books.dualwrite_operations, "finance": books.dualwrite_finance}
    halt = Change(
        "halt", ("actuals",), reason="a column is gone", actor="engine", remedy="put it back"
    )
    change_states(halt, **both)
    with books.owner_finance.raw() as connection:
        connection.execute("ALTER TABLE finance.staged_actual RENAME COLUMN description TO words")

    with pytest.raises(Refused) as refused:
        change(books, "resume", "actuals")

    assert "ERR-D11" in refused.value.codes
    assert {one[2] for one in states_of(books, "actuals")} == {"halted"}
    with books.owner_finance.raw() as connection:
        connection.execute("ALTER TABLE finance.staged_actual RENAME COLUMN words TO description")
    assert change(books, "resume", "actuals").changed == (("actuals", "halted", "running"),)


def test_without_a_reason_or_for_an_unknown_map_nothing_changes(books: Books) -> None:
    asked = Change("pause", (LEAF, "nothing"), reason=" ", actor="amy")

    with pytest.raises(Refused) as refused:
        change_states(asked, operations=books.dualwrite_operations, finance=books.dualwrite_finance)

    assert refused.value.codes == ("ERR-D25", "ERR-D25")
    assert {one[2] for one in states_of(books, LEAF)} == {"running"}


def test_starting_shows_the_gap_of_the_book_the_rows_come_from(books: Books) -> None:
    change(books, "stop", LEAF)
    books.given(f"""
        operations:dualwrite.gap
        company  map      set_id  row_count
        USPM     {LEAF}   3       10
        USPM     {LEAF}   5       20
        DEPM     {LEAF}   4       1
        USPM     actuals  3       7
    """)

    started = change(books, "start", LEAF)

    shown = [(one.company, one.set_count, one.row_count) for one in started.gaps]
    assert shown == [("DEPM", 1, 1), ("USPM", 2, 30)]
    assert (started.gaps[1].first_set_id, started.gaps[1].last_set_id) == (3, 5)
    with books.auditor_operations.reader() as reader:
        assert len(gaps(reader, maps=None, company=None)) == 3
