"""Activating maps: recorded in both books, once per version, without waking a paused map."""

from __future__ import annotations

import dataclasses
import tomllib
from datetime import timedelta

import pytest

from tests.dualwrite.planted import digest_of_both, forward, plant_costs, send, send_costs
from tests.support.books import Books
from tests.support.clock import NOW
from twofold.database.connection import Book
from twofold.dualwrite.sets.deliver import deliver_sets
from twofold.dualwrite.sets.seal import Sealer
from twofold.dualwrite.table_maps.activate import Declaration, activate_maps, active_maps, read_maps
from twofold.dualwrite.table_maps.language import read_map
from twofold.kernel.errors import Refused

SHIPPED = read_maps("twofold.maps")
NEXT_VERSION = ('version = "1.0.0"', 'version = "1.1.0"')
LATER = NOW + timedelta(days=1)


def edited(map_id: str, *exchanges: tuple[str, str]) -> tuple[Declaration, ...]:
    """Give the shipped maps with pieces of one map's text exchanged."""
    declarations: list[Declaration] = []
    for one in SHIPPED:
        text = one.text
        for right, wrong in exchanges if one.map.id == map_id else ():
            assert right in text
            text = text.replace(right, wrong, 1)
        declarations.append(Declaration(read_map(tomllib.loads(text), file=one.map.id), text))
    return tuple(declarations)


def activate(books: Books, declarations: tuple[Declaration, ...]) -> tuple[str, ...]:
    return activate_maps(
        declarations,
        operations=books.dualwrite_operations,
        finance=books.dualwrite_finance,
        actor="ida",
        at=LATER,
    )


def test_activating_the_same_maps_again_changes_nothing(books: Books) -> None:
    before = digest_of_both(books)

    assert activate(books, SHIPPED) == ()

    assert digest_of_both(books) == before


def test_a_changed_map_is_recorded_in_both_books_beside_its_older_version(books: Books) -> None:
    longer = edited("customers", NEXT_VERSION)

    assert activate(books, longer) == ("customers",)

    for name in ("operations", "finance"):
        books.then(f"""
            {name}:dualwrite.map_version
            map                      map_version  activated_by
            accounting_detail        1.0.0        test
            actuals                  1.0.0        test
            categories               1.0.0        test
            companies                1.0.0        test
            contract_lines           1.0.0        test
            contracts                1.0.0        test
            customer_invoices        1.0.0        test
            customers                1.0.0        test
            customers                1.1.0        ida
            funding_sources          1.0.0        test
            invoices                 1.0.0        test
            milestones               1.0.0        test
            projects                 1.0.0        test
            resources                1.0.0        test
            roles                    1.0.0        test
            transaction_connections  1.0.0        test
        """)
    with books.dualwrite_finance.reader() as reader:
        active = {one.compiled.map.id: one.compiled.map.version for one in active_maps(reader)}
    assert active["customers"] == "1.1.0"


def test_maps_are_active_in_the_order_they_follow_each_other(books: Books) -> None:
    with books.dualwrite_operations.reader() as reader:
        place = {one.compiled.map.id: n for n, one in enumerate(active_maps(reader))}

    assert len(place) == len(SHIPPED)
    for one in SHIPPED:
        assert all(place[followed] < place[one.map.id] for followed in one.map.follows)


@pytest.mark.parametrize("state", ["paused", "stopped"])
def test_a_map_that_does_not_run_stays_so_when_its_version_changes(
    books: Books, state: str
) -> None:
    set_state(books, "customers", state)

    activate(books, edited("customers", NEXT_VERSION))

    with books.dualwrite_operations.reader() as reader:
        (customers,) = [one for one in active_maps(reader) if one.compiled.map.id == "customers"]
    assert (customers.compiled.map.version, customers.state) == ("1.1.0", state)


def test_one_bad_map_activates_none(books: Books) -> None:
    before = digest_of_both(books)
    two = edited("customers", NEXT_VERSION)
    bad = edited("projects", ('"operations.project"', '"operations.undertaking"'))
    mixed = tuple(
        next(d for d in (bad if one.map.id == "projects" else two) if d.map.id == one.map.id)
        for one in SHIPPED
    )

    with pytest.raises(Refused) as refused:
        activate(books, mixed)

    assert refused.value.codes == ("ERR-D10",)
    assert digest_of_both(books) == before


# A map can be edited without a new version number; its content tells versions apart.
@pytest.mark.parametrize("version", ["1.1.0", "1.0.0"])
def test_a_set_goes_with_the_version_it_was_sealed_with(world: Books, version: str) -> None:
    send_costs(world, 1, first=1, count=2)
    activate(
        world,
        edited(
            "actuals",
            ('"1.0.0"', f'"{version}"'),
            ('description = { from = "description" }', ""),
        ),
    )
    with world.dualwrite_operations.reader() as reader:
        now_active = active_maps(reader)
    plant_costs(world, set_id=2, first=3, count=1)
    newer = Book(
        "operations",
        world.server.embedded.dsn_to(world.pair.operations, "twofold_operations"),
        "twofold_operations",
        before_commit=Sealer("operations", now_active),
    )
    send(world, 2, kind="approval", stream="approval/3", keys=(3, 3), book=newer)
    newer.close()

    delivery = deliver_sets(dataclasses.replace(forward(world), maps=now_active))

    assert (delivery.applied, delivery.problems) == (2, [])
    world.then("""
        finance.staged_actual
        actual_id  source_set_id  description
        1          1              hour 1
        2          1              hour 2
        3          2              -
    """)


def set_state(books: Books, map_id: str, state: str) -> None:
    for book in (books.owner_operations, books.owner_finance):
        with book.raw() as connection:
            connection.execute(
                "UPDATE dualwrite.map SET state = %s::dualwrite.map_state WHERE map = %s",
                (state, map_id),
            )
