"""Repair: what a reconciliation found is put right once approved; nothing else is touched."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest

from tests.concurrency.waiting import sessions_waiting_for_a_lock, wait_until
from tests.dualwrite.planted import COMPANY, deliver, forward, send, send_confirmation, send_costs
from tests.dualwrite.test_reconcile import change, one_map
from tests.support.books import Books
from twofold.dualwrite.sets.route import Route
from twofold.dualwrite.standing.reconcile import Reconciliation, recorded
from twofold.dualwrite.standing.repair import Repair, RepairedRow, Repairing, repair
from twofold.kernel.errors import Refused


def repairing(
    books: Books, found: Reconciliation, *, reason: str | None = None, route: Route | None = None
) -> Repairing:
    route = route or forward(books)
    (active,) = (one for one in route.maps if one.compiled.map.id == found.map)
    with route.target.reader() as there:
        (one,) = recorded(there, run=found.run, company=found.company, limit=9)
    return Repairing(route, active, one, "ann", reason)


def repaired(
    books: Books, found: Reconciliation, rows: Sequence[str] | None = None
) -> dict[str, RepairedRow]:
    """Approve a repair and do it; give what was done row by row."""
    asked = repairing(books, found, reason="restored by hand")
    return by_key(repair(replace(asked, row_keys=rows)))


def by_key(done: Repair) -> dict[str, RepairedRow]:
    return {row.row_key: row for row in done.rows}


def resource(books: Books, resource_id: int) -> object:
    with books.owner_finance.raw() as connection:
        found = connection.execute(
            "SELECT name FROM finance.resource WHERE resource_id = %s", (resource_id,)
        ).fetchone()
    return found and found[0]


@pytest.fixture
def broken(world: Books) -> Books:
    """Three resources and a cost were delivered; finance lost 6, renamed 7 and made up 99."""
    world.given("""
        operations.resource
        company  resource_id  name  change_set_id
        USPM     6            Ana   1
        USPM     7            Bob   1
        USPM     8            Cid   1
    """)
    send(world, 1, kind="setup", stream="setup")
    assert deliver(world).applied == 1
    change(
        world.owner_finance,
        "DELETE FROM finance.resource WHERE resource_id = 6;"
        "UPDATE finance.resource SET name = 'Zoe' WHERE resource_id = 7;"
        "INSERT INTO finance.resource (company, resource_id, name, source_version)"
        " VALUES ('USPM', 99, 'Nobody', 1)",
    )
    return world


def test_a_plan_says_row_by_row_what_would_be_done_and_changes_nothing(broken: Books) -> None:
    found = one_map(broken, "resources")

    plan = repair(repairing(broken, found))

    assert not plan.is_done
    assert [(one.row_key, one.action, one.code) for one in plan.rows] == [
        ('["6"]', "inserted", ""),
        ('["7"]', "overwritten", ""),
        ('["99"]', "left alone", "ERR-D79"),
    ]
    (field,) = by_key(plan)['["7"]'].fields
    assert (field.field, field.source_value, field.target_value) == ("name", "Bob", "Zoe")
    assert [resource(broken, one) for one in (6, 7, 99)] == [None, "Zoe", "Nobody"]
    broken.then("""
        finance:dualwrite.repair
        run
    """)


@pytest.mark.fault("F153")
def test_missing_rows_are_inserted_state_is_overwritten_and_extra_rows_stay(
    broken: Books,
) -> None:
    done = repaired(broken, one_map(broken, "resources"))

    assert [one.action for one in done.values()] == ["inserted", "overwritten", "left alone"]
    broken.then("""
        finance.resource
        company  resource_id  name    source_version
        USPM     6            Ana     1
        USPM     7            Bob     1
        USPM     8            Cid     1
        USPM     99           Nobody  1

        finance:dualwrite.repair
        company  map        row_key  action       reason            repaired_by
        USPM     resources  ["6"]    inserted     restored by hand  ann
        USPM     resources  ["7"]    overwritten  restored by hand  ann
    """)
    assert [one.kind for one in one_map(broken, "resources").differences] == ["extra"]


def test_a_repair_done_again_does_nothing(broken: Books) -> None:
    found = one_map(broken, "resources")
    repaired(broken, found)

    again = repaired(broken, found)

    assert [one.action for one in again.values()] == ["not needed", "not needed", "left alone"]


def test_what_is_broken_again_is_reconciled_again_first(broken: Books) -> None:
    found = one_map(broken, "resources")
    repaired(broken, found)
    change(broken.owner_finance, "UPDATE finance.resource SET name = 'Zoe' WHERE resource_id = 7")

    assert repaired(broken, found)['["7"]'].code == "ERR-D76"
    assert resource(broken, 7) == "Zoe"
    assert repaired(broken, one_map(broken, "resources"))['["7"]'].action == "overwritten"


def test_only_the_rows_that_are_named_are_repaired(broken: Books) -> None:
    found = one_map(broken, "resources")

    assert list(repaired(broken, found, ['["7"]'])) == ['["7"]']
    assert [resource(broken, one) for one in (6, 7)] == [None, "Bob"]
    with pytest.raises(Refused) as refused:
        repaired(broken, found, ['["8"]'])
    assert refused.value.codes == ("ERR-D77",)


@pytest.mark.parametrize("book", ["source", "target"])
def test_a_row_that_changed_since_is_left_alone_and_named(broken: Books, book: str) -> None:
    found = one_map(broken, "resources")
    owner, statement = {
        "source": (broken.owner_operations, "UPDATE operations.resource SET name = 'Eve'"),
        "target": (broken.owner_finance, "UPDATE finance.resource SET name = 'Eve'"),
    }[book]
    change(owner, statement + " WHERE resource_id = 7")

    done = repaired(broken, found)

    assert (done['["7"]'].action, done['["7"]'].code) == ("left alone", "ERR-D76")
    assert done['["6"]'].action == "inserted"
    assert resource(broken, 7) == ("Eve" if book == "target" else "Zoe")


def test_a_row_that_changes_while_it_is_repaired_is_left_alone(broken: Books) -> None:
    """Someone has changed the row and commits when the repair waits for it already."""
    found = one_map(broken, "resources")
    with ThreadPoolExecutor(1) as thread:
        with broken.owner_finance.raw() as connection:
            connection.execute("UPDATE finance.resource SET name = 'Eve' WHERE resource_id = 7")
            repairs = thread.submit(repaired, broken, found)
            wait_until(lambda: sessions_waiting_for_a_lock(broken) == 1)
        done = repairs.result()

    assert (done['["7"]'].action, done['["7"]'].code) == ("left alone", "ERR-D76")
    assert (done['["6"]'].action, resource(broken, 7)) == ("inserted", "Eve")


@pytest.mark.fault("F154")
def test_a_row_on_its_way_with_a_set_is_left_to_it(broken: Books) -> None:
    found = one_map(broken, "resources")
    change(
        broken.owner_operations,
        "UPDATE operations.resource SET name = 'Eve', change_set_id = 2 WHERE resource_id = 7",
    )
    send(broken, 2, kind="setup", stream="setup")

    done = repaired(broken, found)

    assert (done['["7"]'].action, resource(broken, 7)) == ("left alone", "Zoe")
    assert "with a set" in done['["7"]'].reason
    deliver(broken)
    assert resource(broken, 7) == "Eve"


def test_a_newer_version_of_a_row_is_never_overwritten(broken: Books) -> None:
    change(
        broken.owner_finance,
        "UPDATE finance.resource SET source_version = 5 WHERE resource_id = 7",
    )

    done = repaired(broken, one_map(broken, "resources"))

    assert (done['["7"]'].action, resource(broken, 7)) == ("left alone", "Zoe")
    assert "newer" in done['["7"]'].reason


def test_a_row_that_refers_to_something_missing_is_left_alone_with_the_reason(
    world: Books,
) -> None:
    send_costs(world, 1, first=1, count=3)
    deliver(world)
    change(world.owner_operations, "UPDATE operations.actual SET project_id = 66"
           " WHERE actual_id = 2")  # fmt: skip
    change(world.owner_finance, "DELETE FROM finance.staged_actual")

    done = repaired(world, one_map(world))

    assert [(one.action, one.code) for one in done.values()] == [
        ("inserted", ""), ("left alone", "ERR-D05"), ("inserted", ""),
    ]  # fmt: skip
    assert one_map(world).differing_rows == 1


@pytest.mark.fault("F157")
@pytest.mark.parametrize(
    ("map_id", "statement", "field"),
    [
        ("actuals", "UPDATE finance.staged_actual SET amount = 801", "amount"),
        ("invoices", "UPDATE finance.proposal SET name = 'Last phase'", "name"),
    ],
)
def test_a_fact_is_never_overwritten_a_correction_is_suggested(
    world: Books, map_id: str, statement: str, field: str
) -> None:
    send_confirmation_of(world)
    change(world.owner_finance, statement)
    found = one_map(world, map_id)

    done = repaired(world, found)

    assert {(one.action, one.code) for one in done.values()} == {("left alone", "ERR-D75")}
    assert all(f"{field} is " in one.reason for one in done.values())
    assert one_map(world, map_id).differences == found.differences
    world.then("""
        finance:dualwrite.repair
        run
    """)


def send_confirmation_of(world: Books) -> None:
    """Send a cost, then the confirmation of an invoice, and deliver both."""
    send_costs(world, 1, first=1, count=1)
    send_confirmation(world)
    assert deliver(world).applied == 2


def test_a_missing_fact_is_inserted_as_it_was_sent(world: Books) -> None:
    send_confirmation_of(world)
    change(world.owner_finance, "DELETE FROM finance.proposal")

    done = repaired(world, one_map(world, "invoices"))

    assert [one.action for one in done.values()] == ["inserted"]
    assert one_map(world, "invoices").is_equal


@pytest.mark.parametrize("reason", ["", "  "])
def test_a_repair_without_words_is_refused(broken: Books, reason: str) -> None:
    found = one_map(broken, "resources")

    with pytest.raises(Refused) as refused:
        repair(repairing(broken, found, reason=reason))

    assert refused.value.codes == ("ERR-D78",)


def test_what_was_not_located_cannot_be_repaired(broken: Books) -> None:
    found = one_map(broken, "resources", locate=False)

    with pytest.raises(Refused) as refused:
        repair(repairing(broken, found))

    assert refused.value.codes == ("ERR-D77",)
    assert "--locate" in refused.value.refusals[0].reason


def test_after_another_version_of_the_map_became_active_one_reconciles_again(
    broken: Books,
) -> None:
    asked = repairing(broken, one_map(broken, "resources"))

    with pytest.raises(Refused) as refused:
        repair(replace(asked, active=replace(asked.active, content_hash="other")))

    assert refused.value.codes == ("ERR-D76",)


def test_what_the_other_book_itself_refuses_leaves_everything_as_it_is(broken: Books) -> None:
    found = one_map(broken, "resources")
    change(
        broken.owner_finance,
        "ALTER TABLE finance.resource ADD CONSTRAINT nobody_is_bob CHECK (name <> 'Bob')",
    )

    with pytest.raises(Refused) as refused:
        repaired(broken, found)

    assert refused.value.codes == ("ERR-D32",)
    assert (resource(broken, 6), resource(broken, 7)) == (None, "Zoe")


def test_books_that_differ_are_an_event_with_a_code(broken: Books) -> None:
    found = one_map(broken, "resources")

    with broken.owner_finance.raw() as connection:
        (event,) = connection.execute(
            "SELECT company, map, code, detail FROM dualwrite.event WHERE event = 'books differ'"
        ).fetchall()
    told = f"reconciliation {found.run}: 3 differing rows"
    assert event == (COMPANY, "resources", "ERR-D74", told)
