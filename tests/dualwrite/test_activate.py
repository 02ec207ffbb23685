"""Activating maps: recorded in both books, once per version, without waking a paused map."""

# ruff: noqa: E501 - a row of a table stays on one line

from __future__ import annotations

import dataclasses
import tomllib
from collections.abc import Callable
from datetime import timedelta

import pytest

from tests.dualwrite.planted import digest_of_both, forward, plant_costs, send, send_costs
from tests.support.books import Books
from tests.support.clock import NOW
from twofold.database.connection import Book
from twofold.dualwrite.sets.deliver import deliver_sets
from twofold.dualwrite.sets.seal import Sealer
from twofold.dualwrite.table_maps.activate import (
    STANDING,
    Declaration,
    Version,
    activate_maps,
    active_maps,
    finish_activation,
    read_maps,
    stands,
)
from twofold.dualwrite.table_maps.drift import BookSide, drift
from twofold.dualwrite.table_maps.language import read_map
from twofold.dualwrite.table_maps.plan import plan_maps
from twofold.dualwrite.table_maps.rollback import rollback_map
from twofold.kernel.errors import Fault, Refused

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


def activate(
    books: Books,
    declarations: tuple[Declaration, ...],
    *,
    only: tuple[str, ...] | None = None,
    failpoint: Callable[[str], None] = lambda _name: None,
) -> tuple[str, ...]:
    return activate_maps(
        declarations,
        operations=books.dualwrite_operations,
        finance=books.dualwrite_finance,
        actor="ida",
        at=LATER,
        only=only,
        failpoint=failpoint,
    )


def test_activating_the_same_maps_again_changes_nothing(books: Books) -> None:
    before = digest_of_both(books)

    assert activate(books, SHIPPED) == ()

    assert digest_of_both(books) == before


def test_a_changed_map_is_recorded_in_both_books_beside_its_older_version(books: Books) -> None:
    longer = edited("customers", NEXT_VERSION)

    assert activate(books, longer) == ("customers",)

    others = "\n            ".join(
        f"{one.map.id}  1.0.0  test" for one in SHIPPED if one.map.id != "customers"
    )
    for name in ("operations", "finance"):
        books.then(f"""
            {name}:dualwrite.map_version
            map        map_version  activated_by
            customers  1.0.0        test
            customers  1.1.0        ida
            {others}
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
@pytest.mark.fault("F086")
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


@pytest.mark.fault("F023")
def test_an_activation_killed_between_the_books_is_finished_by_the_next_look(books: Books) -> None:
    """CP28: operations has decided, finance has not heard of it."""
    with pytest.raises(Killed):
        activate(books, edited("customers", NEXT_VERSION), failpoint=kill)
    assert active_version(books.dualwrite_operations, "customers") == "1.1.0"
    assert active_version(books.dualwrite_finance, "customers") == "1.0.0"

    finished = finish_activation(
        operations=books.dualwrite_operations, finance=books.dualwrite_finance
    )

    assert finished == ("customers",)
    assert active_version(books.dualwrite_finance, "customers") == "1.1.0"
    assert standing_of(books.dualwrite_operations) == standing_of(books.dualwrite_finance)
    again = finish_activation(
        operations=books.dualwrite_operations, finance=books.dualwrite_finance
    )
    assert again == ()


@pytest.mark.fault("F023")
def test_an_activation_that_never_reached_its_decision_leaves_the_old_version(books: Books) -> None:
    with books.owner_operations.raw() as connection:
        connection.execute("REVOKE INSERT ON dualwrite.map_activation FROM twofold_dualwrite")

    with pytest.raises(Fault):
        activate(books, edited("customers", NEXT_VERSION))

    assert standing_of(books.dualwrite_operations) == standing_of(books.dualwrite_finance)
    assert active_version(books.dualwrite_finance, "customers") == "1.0.0"


@pytest.mark.fault("F023", "F087")
def test_a_rollback_killed_between_the_books_is_finished_too(books: Books) -> None:
    activate(books, edited("customers", NEXT_VERSION))

    with pytest.raises(Killed):
        rollback(books, "customers", failpoint=kill)
    finish_activation(operations=books.dualwrite_operations, finance=books.dualwrite_finance)

    assert active_version(books.dualwrite_finance, "customers") == "1.0.0"


@pytest.mark.fault("F087")
def test_a_rollback_leaves_alone_what_only_the_newer_version_fills(world: Books) -> None:
    shorter = ('payment_terms = { from = "payment_terms" }', "")
    activate(world, edited("customers", ('"1.0.0"', '"0.9.0"'), shorter))
    activate(world, SHIPPED)
    change_customer(world, set_id=1, name="Second", payment_terms="Net30")
    assert rollback(world, "customers").compiled.map.version == "0.9.0"
    change_customer(world, set_id=2, name="Third", payment_terms="Net90")

    world.then("""
        finance.customer
        customer_id  name   payment_terms
        7            Third  Net30
    """)


def test_a_map_that_was_rolled_back_stays_so_until_it_is_named_or_its_text_changes(
    books: Books,
) -> None:
    newer = edited("customers", NEXT_VERSION)
    activate(books, newer)
    rollback(books, "customers")

    assert activate(books, newer) == ()
    assert active_version(books.dualwrite_operations, "customers") == "1.0.0"
    assert plan_of(books, newer) == {"customers": "kept back"}
    with books.dualwrite_operations.reader() as reader:
        assert stands(reader, newer)

    assert activate(books, newer, only=("customers",)) == ("customers",)
    rollback(books, "customers")
    newest = edited("customers", ('version = "1.0.0"', 'version = "1.2.0"'))
    assert activate(books, newest) == ("customers",)


def test_going_back_twice_goes_back_two_versions(books: Books) -> None:
    for number in ("1.1.0", "1.2.0"):
        activate(books, edited("customers", ('version = "1.0.0"', f'version = "{number}"')))

    went = [rollback(books, "customers").compiled.map.version for _ in range(2)]

    assert went == ["1.1.0", "1.0.0"]
    with pytest.raises(Refused) as refused:
        rollback(books, "customers")
    assert refused.value.codes == ("ERR-D66",)


def test_a_rollback_to_a_version_that_no_longer_fits_is_refused(books: Books) -> None:
    shorter = ('payment_terms = { from = "payment_terms" }', "")
    activate(books, edited("customers", shorter))
    activate(books, SHIPPED)
    with books.owner_finance.raw() as connection:
        connection.execute("ALTER TABLE finance.customer ALTER payment_terms SET NOT NULL")

    with pytest.raises(Refused) as refused:
        rollback(books, "customers")

    assert refused.value.codes == ("ERR-D15",)
    assert active_version(books.dualwrite_operations, "customers") == "1.0.0"


def test_a_map_that_is_no_longer_declared_is_retired_and_can_return(books: Books) -> None:
    without = tuple(one for one in SHIPPED if one.map.id != "funding_sources")

    assert plan_of(books, without) == {"funding_sources": "retired"}
    assert activate(books, without) == ("funding_sources",)

    for book in (books.dualwrite_operations, books.dualwrite_finance):
        with book.reader() as reader:
            active = active_maps(reader)
        assert [one.compiled.map.id for one in active] == [one.map.id for one in without]
    assert activate(books, without) == ()
    with pytest.raises(Refused):
        rollback(books, "funding_sources")
    assert activate(books, SHIPPED) == ("funding_sources",)


def test_only_the_named_maps_are_activated(books: Books) -> None:
    both = edited("customers", NEXT_VERSION)
    both = tuple(
        next(d for d in edited("projects", NEXT_VERSION) if d.map.id == "projects")
        if one.map.id == "projects"
        else one
        for one in both
    )

    assert activate(books, both, only=("projects",)) == ("projects",)

    assert active_version(books.dualwrite_finance, "customers") == "1.0.0"
    assert active_version(books.dualwrite_finance, "projects") == "1.1.0"
    with pytest.raises(Refused) as refused:
        activate(books, both, only=("project",))
    assert refused.value.codes == ("ERR-D66",)


def test_a_plan_tells_every_finding_of_every_map_and_writes_nothing(books: Books) -> None:
    before = digest_of_both(books)
    bad = edited("customers", ('"finance.currency.currency"', '"finance.currency.code"'))
    bad = tuple(
        next(d for d in edited("projects", ('"operations.project"', '"operations.p"')) if d.map.id == "projects")
        if one.map.id == "projects"
        else one
        for one in bad
    )  # fmt: skip

    planned = plan_maps(bad, operations=books.dualwrite_operations, finance=books.dualwrite_finance)

    findings = {(one.map, finding.code) for one in planned for finding in one.findings}
    assert findings == {("customers", "ERR-D13"), ("projects", "ERR-D10")}
    assert plan_of(books, SHIPPED) == {}
    assert digest_of_both(books) == before


# What is done to which side of the map «customers», and the drift: column, effect, whether it halts.
DRIFTS = [
    ("operations", "ADD nickname text", "nickname", "a new column (text)", False),
    ("operations", "ALTER name TYPE varchar(10)", "name", "it was text and is character varying(10)", True),
    ("operations", "DROP payment_terms", "payment_terms", "the column is gone", True),
    ("operations", "ALTER name DROP NOT NULL", "name", "it may be absent now", False),
    ("operations", "ADD nickname text NOT NULL DEFAULT ''", "nickname", "a new column", False),
    ("finance", "ADD nickname text", "nickname", "a new column (text)", False),
    ("finance", "ADD nickname text NOT NULL", "nickname", "the table requires", True),
    ("finance", "ALTER name TYPE varchar(10)", "name", "it was text and is character varying(10)", True),
    ("finance", "ALTER payment_terms SET NOT NULL", "payment_terms", "it is required now", True),
    ("finance", "DROP name", "name", "the column is gone", True),
]  # fmt: skip


@pytest.mark.fault("F079", "F081", "F082", "F085")
@pytest.mark.parametrize(("book", "done", "column", "effect", "halts"), DRIFTS)
def test_drift_names_the_column_and_its_effect(
    books: Books, book: str, done: str, column: str, effect: str, halts: object
) -> None:
    side: BookSide = "source" if book == "operations" else "target"
    owner = books.owner_operations if side == "source" else books.owner_finance
    engine = books.dualwrite_operations if side == "source" else books.dualwrite_finance
    with engine.reader() as reader:
        maps = [one for one in active_maps(reader) if one.compiled.map.id == "customers"]
        assert drift(reader, maps, side=side) == ()

    # The transaction that is about to write sees what was committed a moment ago.
    with engine.transaction() as transaction:
        assert drift(transaction, maps, side=side) == ()
        with owner.raw() as connection:
            connection.execute(f"ALTER TABLE {book}.customer {done}".encode())
        (found,) = drift(transaction, maps, side=side)

    assert (found.map, found.table, found.column) == ("customers", f"{book}.customer", column)
    assert effect in found.effect
    assert found.halts is halts
    assert found.refusal.code == "ERR-D64"


def test_activating_anew_accepts_what_drifted(books: Books) -> None:
    with books.owner_finance.raw() as connection:
        connection.execute("ALTER TABLE finance.customer ADD nickname text")

    activate(books, SHIPPED)

    with books.dualwrite_finance.reader() as reader:
        arriving = [one for one in active_maps(reader) if one.compiled.map.target_book == "finance"]
        assert drift(reader, arriving, side="target") == ()


class Killed(Exception):
    """Stands for the end of the process."""


def kill(name: str) -> None:
    assert name == "CP28"
    raise Killed


def rollback(
    books: Books, map_id: str, *, failpoint: Callable[[str], None] = lambda _name: None
) -> Version:
    return rollback_map(
        map_id,
        operations=books.dualwrite_operations,
        finance=books.dualwrite_finance,
        actor="ida",
        at=LATER,
        failpoint=failpoint,
    )


def plan_of(books: Books, declarations: tuple[Declaration, ...]) -> dict[str, str]:
    """Give what a plan would change, by map; maps that stay are left out."""
    planned = plan_maps(
        declarations, operations=books.dualwrite_operations, finance=books.dualwrite_finance
    )
    return {one.map: one.change for one in planned if one.change != "unchanged"}


def active_version(book: Book, map_id: str) -> str:
    with book.reader() as reader:
        return next(
            one.compiled.map.version for one in active_maps(reader) if one.compiled.map.id == map_id
        )


def standing_of(book: Book) -> list[tuple[str, str, int]]:
    with book.reader() as reader:
        return [(one.map, one.content_hash, one.position) for one in reader.all(STANDING)]


def change_customer(books: Books, *, set_id: int, name: str, payment_terms: str) -> None:
    """Change the customer as a set of its own, and deliver it."""
    with books.owner_operations.raw() as connection:
        connection.execute(
            "UPDATE operations.customer SET name = %s, payment_terms = %s, change_set_id = %s",
            (name, payment_terms, set_id),
        )
    with books.owner_finance.raw() as connection:
        connection.execute("UPDATE finance.customer SET source_version = 0")
    send(books, set_id, kind="setup", stream="setup/USPM")
    assert deliver_sets(forward(books)).problems == []


def set_state(books: Books, map_id: str, state: str) -> None:
    for book in (books.owner_operations, books.owner_finance):
        with book.raw() as connection:
            connection.execute(
                "UPDATE dualwrite.map SET state = %s::dualwrite.map_state WHERE map = %s",
                (state, map_id),
            )
