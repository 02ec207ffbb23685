"""Two books are a pair, or nothing crosses: copies, restored books, strangers, other languages."""

# ruff: noqa: E501 - a row of a text table stays on one line

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import psycopg
import pytest

from tests.dualwrite.planted import (
    COMPANY,
    back,
    deliver,
    send_approval,
    send_confirmation,
    send_costs,
)
from tests.support.books import Books
from tests.support.cleaning import Pristine, clean, look
from twofold.database.connection import Book
from twofold.database.embedded import ADMIN
from twofold.dualwrite.proof.adopt import adopt, plan_adoption
from twofold.dualwrite.proof.identity import check_pair, check_places, look_at, pair_books
from twofold.dualwrite.sets.deliver import deliver_sets
from twofold.kernel.errors import Refused

HERE = "production"


def pair(books: Books) -> bool:
    return pair_books(
        books.dualwrite_operations, books.dualwrite_finance, environment=HERE, actor="ann"
    )


def check(books: Books, *, environment: str = HERE) -> None:
    check_pair(
        books.dualwrite_operations, books.dualwrite_finance, environment=environment, actor="ann"
    )


def refused(books: Books, *, environment: str = HERE) -> Refused:
    with pytest.raises(Refused) as told:
        check(books, environment=environment)
    return told.value


def adopted(books: Books, *, as_copy: bool = False, environment: str = HERE) -> None:
    adopt(
        books.owner_operations, books.owner_finance,
        environment=environment, as_copy=as_copy, reason="restored after the fire", actor="ann",
    )  # fmt: skip


def change(book: Book, statement: str) -> None:
    with book.raw() as connection:
        connection.execute(statement)


@dataclass(frozen=True, slots=True)
class Backup:
    """A book as it was at one moment, to be put back into the same place."""

    connect: Callable[[], psycopg.Connection]
    rows: Pristine

    def restore(self) -> None:
        """Put rows and sequences back."""
        with self.connect() as connection:
            assert clean(connection, self.rows)


def backup(books: Books, book: str) -> Backup:
    name = books.pair.operations if book == "operations" else books.pair.finance

    def connect() -> psycopg.Connection:
        return psycopg.connect(books.server.embedded.dsn_to(name, ADMIN), autocommit=True)

    with connect() as connection:
        return Backup(connect, look(connection))


def events(book: Book) -> list[str]:
    """Give what ann did, in its order."""
    with book.raw() as connection:
        found = connection.execute(
            "SELECT event FROM dualwrite.event WHERE actor = 'ann' ORDER BY event_id"
        )
        return [one for (one,) in found]


def acknowledged_sets(book: Book) -> list[int]:
    with book.raw() as connection:
        found = connection.execute("SELECT set_id FROM dualwrite.acknowledged ORDER BY set_id")
        return [one for (one,) in found]


# Pairing


def test_books_are_paired_once_and_know_each_other(books: Books) -> None:
    assert pair(books)
    assert not pair(books)

    ours, theirs = look_at(books.dualwrite_operations), look_at(books.dualwrite_finance)
    assert ours
    assert theirs
    assert ours.expects(theirs)
    assert theirs.expects(ours)
    check(books)
    assert events(books.owner_operations) == events(books.owner_finance) == ["paired"]


def test_a_pairing_that_was_interrupted_is_completed(books: Books) -> None:
    pair(books)
    change(books.owner_finance, "DELETE FROM dualwrite.identity")

    assert pair(books)

    check(books)


def test_an_empty_book_elsewhere_does_not_take_the_place_of_the_peer(books: Books) -> None:
    pair(books)
    change(books.owner_finance, "DELETE FROM dualwrite.identity")
    change(books.owner_operations, "UPDATE dualwrite.identity SET peer_database_oid = 1")

    with pytest.raises(Refused) as told:
        pair(books)

    assert told.value.codes == ("ERR-D35",)


# Strangers


@pytest.mark.fault("F136")
@pytest.mark.parametrize("book", ["operations", "finance"])
def test_a_copy_is_refused_before_anything_is_written(books: Books, book: str) -> None:
    pair(books)
    owner = books.owner_operations if book == "operations" else books.owner_finance
    # A copy has the rows of its original and another place.
    change(owner, "UPDATE dualwrite.identity SET database_oid = database_oid + 1")
    other = books.owner_finance if book == "operations" else books.owner_operations
    change(other, "UPDATE dualwrite.identity SET peer_database_oid = peer_database_oid + 1")

    with pytest.raises(Refused) as told:
        check_places(books.dualwrite_operations, books.dualwrite_finance, environment=HERE)

    (one,) = told.value.refusals
    assert (one.code, one.record) == ("ERR-D35", book)
    assert "adopt" in one.remedy


@pytest.mark.fault("F136")
def test_the_same_files_under_another_environment_are_refused(books: Books) -> None:
    pair(books)

    told = refused(books, environment="test")

    assert told.codes == ("ERR-D36", "ERR-D36")
    assert "«production»" in told.refusals[0].reason


@pytest.mark.fault("F136")
def test_a_book_of_another_pair_is_refused(books: Books) -> None:
    pair(books)
    change(books.owner_finance, "UPDATE dualwrite.identity SET book_id = gen_random_uuid()")

    assert refused(books).codes == ("ERR-D35",)


def test_books_that_changed_places_are_refused(books: Books) -> None:
    pair(books)

    with pytest.raises(Refused) as told:
        check_places(
            Book("operations", _dsn(books, books.pair.finance), "twofold_owner"),
            Book("finance", _dsn(books, books.pair.operations), "twofold_owner"),
            environment=HERE,
        )

    assert "this is the finance book" in str(told.value)


@pytest.mark.fault("F044")
def test_a_server_that_takes_no_writes_is_refused(books: Books) -> None:
    pair(books)
    read_only = Book(
        "finance", _dsn(books, books.pair.finance, "-c default_transaction_read_only=on"), "twofold_owner"
    )  # fmt: skip

    with pytest.raises(Refused) as told:
        check_places(books.dualwrite_operations, read_only, environment=HERE)
    read_only.close()

    assert told.value.codes == ("ERR-D39",)
    assert "read-only" in str(told.value)


def _dsn(books: Books, database: str, options: str = "") -> str:
    dsn = books.server.embedded.dsn_to(database, "twofold_owner")
    return f"{dsn} options='{options}'" if options else dsn


# Language


@pytest.mark.fault("F088")
def test_books_that_record_different_maps_are_refused(books: Books) -> None:
    pair(books)
    change(books.owner_finance, "DELETE FROM dualwrite.map WHERE map = 'actuals'")

    told = refused(books)

    assert told.codes == ("ERR-D38",)
    assert "actuals" in str(told)


@pytest.mark.fault("F089", "F090")
def test_a_program_that_is_too_old_for_a_set_on_its_way_is_refused(world: Books) -> None:
    pair(world)
    send_approval(world)
    change(world.owner_operations, "UPDATE dualwrite.outbox SET format = 2")

    told = refused(world)

    assert told.codes == ("ERR-D38",)
    assert f"{COMPANY} 1 (format 2)" in str(told)


@pytest.mark.fault("F089")
def test_an_applied_set_of_a_newer_format_is_in_nobodys_way(world: Books) -> None:
    pair(world)
    send_approval(world)
    deliver(world)
    change(world.owner_operations, "UPDATE dualwrite.outbox SET format = 2")

    check(world)


# Going back in time


@pytest.mark.fault("F042")
def test_a_standby_that_received_everything_is_the_same_book(world: Books) -> None:
    pair(world)
    send_approval(world)
    deliver(world)
    change(world.owner_finance, "UPDATE dualwrite.identity SET timeline = timeline - 1")

    check(world)
    check(world)

    assert events(world.owner_finance) == ["paired", "standby_accepted"]


@pytest.mark.fault("F134", "F042")
def test_a_target_that_went_back_is_refused_and_gets_what_it_lost_again(world: Books) -> None:
    pair(world)
    send_approval(world)
    deliver(world)
    yesterday = backup(world, "finance")
    send_confirmation(world)
    send_costs(world, 3, first=31, count=4)
    deliver(world)
    yesterday.restore()

    told = refused(world)

    assert told.codes == ("ERR-D37",)
    assert told.refusals[0].record == "finance"
    plan = plan_adoption(world.owner_operations, world.owner_finance)
    assert [str(one) for one in plan.directions[0].send_again] == ["USPM 2", "USPM 3"]
    assert not plan.directions[0].lost

    adopted(world)
    check(world)

    world.then("""
        operations:dualwrite.pending
        set_id  state    maps
        2       waiting  {actuals,invoices,transaction_connections}
        3       waiting  {actuals}
    """)
    assert deliver(world).applied == 2
    assert acknowledged_sets(world.owner_operations) == [1, 2, 3]
    check(world)


@pytest.mark.fault("F134", "F151")
def test_a_source_that_went_back_is_refused_and_gives_no_number_twice(world: Books) -> None:
    pair(world)
    send_approval(world)
    deliver(world)
    yesterday = backup(world, "operations")
    send_costs(world, 2, first=31, count=4)
    send_costs(world, 3, first=41, count=1)
    deliver(world)
    yesterday.restore()

    told = refused(world)

    assert told.codes == ("ERR-D37",)
    assert told.refusals[0].record == "operations"
    assert "USPM 2, USPM 3" in str(told)

    adopted(world)
    check(world)

    world.then("""
        finance:dualwrite.lost_set
        company  source      set_id  reason                   accepted_by
        USPM     operations  2       restored after the fire  ann
        USPM     operations  3       restored after the fire  ann

        operations:dualwrite.stream
        company  stream       version
        USPM     approval/1   1
        USPM     approval/31  1
        USPM     approval/41  1
    """)
    with world.owner_operations.raw() as connection:
        (set_id,) = connection.execute("SELECT nextval('dualwrite.set_key')").fetchone() or (0,)
        (key,) = connection.execute("SELECT nextval('operations.actual_key')").fetchone() or (0,)
    assert set_id > 3
    assert key > 41


@pytest.mark.fault("F134")
def test_a_number_given_again_after_the_restore_is_noticed(world: Books) -> None:
    pair(world)
    yesterday = backup(world, "operations")
    send_costs(world, 1, first=31, count=4)
    deliver(world)
    yesterday.restore()
    change(world.owner_operations, "UPDATE dualwrite.identity SET timeline = timeline")
    send_approval(world)

    told = refused(world)

    assert "USPM 1" in str(told)


@pytest.mark.fault("F143")
def test_books_restored_to_different_moments_say_exactly_what_differs(world: Books) -> None:
    pair(world)
    send_approval(world)
    deliver(world)
    morning = backup(world, "finance")
    send_confirmation(world)
    deliver(world)
    noon = backup(world, "operations")
    send_costs(world, 3, first=31, count=1)
    deliver(world)
    morning.restore()
    noon.restore()

    plan = plan_adoption(world.owner_operations, world.owner_finance)

    there, here = plan.directions
    assert [str(one) for one in there.send_again] == ["USPM 2"]
    assert (there.lost, here.send_again, here.lost) == ((), (), ())


@pytest.mark.fault("F134")
def test_adopting_is_repeatable(world: Books) -> None:
    pair(world)
    send_approval(world)
    send_costs(world, 2, first=31, count=1)
    deliver(world)
    change(world.owner_operations, "DELETE FROM dualwrite.outbox WHERE set_id = 2")
    change(world.owner_operations, "DELETE FROM dualwrite.acknowledged WHERE set_id = 2")

    adopted(world)
    plan = plan_adoption(world.owner_operations, world.owner_finance)

    assert not any((one.send_again, one.lost) != ((), ()) for one in plan.directions)
    check(world)


def test_sets_on_their_way_are_no_difference(world: Books) -> None:
    pair(world)
    send_approval(world)
    deliver(world)
    send_confirmation(world)

    check(world)
    assert deliver_sets(back(world)).applied == 0


# Copies


@pytest.mark.fault("F136")
def test_copies_of_both_books_become_a_pair_of_their_own(books: Books) -> None:
    pair(books)
    before = look_at(books.dualwrite_operations)
    move_both(books)

    adopted(books, as_copy=True, environment="test")

    check(books, environment="test")
    assert refused(books, environment=HERE).codes == ("ERR-D36", "ERR-D36")
    after = look_at(books.dualwrite_operations)
    assert before
    assert after
    assert before.book_id != after.book_id


@pytest.mark.fault("F136")
def test_a_copy_of_one_book_never_takes_the_other_away(books: Books) -> None:
    pair(books)
    change(books.owner_operations, "UPDATE dualwrite.identity SET database_oid = 1")

    with pytest.raises(Refused) as told:
        adopted(books, as_copy=True, environment="test")

    assert told.value.refusals[0].record == "finance"
    assert refused(books).codes == ("ERR-D35",)


@pytest.mark.fault("F095", "F137")
def test_books_that_moved_keep_their_names_and_positions(world: Books) -> None:
    pair(world)
    send_approval(world)
    deliver(world)
    before = look_at(world.dualwrite_operations)
    move_both(world)

    adopted(world)
    send_confirmation(world)

    check(world)
    assert deliver(world).applied == 1
    after = look_at(world.dualwrite_operations)
    assert before
    assert after
    assert (before.book_id, before.environment) == (after.book_id, after.environment)


def move_both(books: Books) -> None:
    """Make both records say another place, as those of copied or moved books do."""
    for owner in (books.owner_operations, books.owner_finance):
        change(
            owner,
            """
            UPDATE dualwrite.identity
            SET database_oid = database_oid + 1, peer_database_oid = peer_database_oid + 1
            """,
        )
