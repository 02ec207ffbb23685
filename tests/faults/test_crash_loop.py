"""An engine that dies at every start: nobody is hurt, it is in sight, and the next one heals it."""

from __future__ import annotations

import pytest

from tests.chaos.trouble import COMMAND, EngineProcess, let_engines_in
from tests.concurrency.waiting import wait_until
from tests.faults.matrix import recover
from tests.faults.servers import TwoServers
from tests.faults.sets import BACK, FORWARD, send_all
from tests.support.books import Books
from twofold.database.connection import Book
from twofold.dualwrite.run.heartbeat import engines

DEATHS = 3


@pytest.mark.fault("F031")
def test_an_engine_that_dies_at_every_start_hurts_nobody(
    own_servers: TwoServers, apart: Books
) -> None:
    """Twenty times in the matrix; a supervisor starts it again, and pauses as it is told to."""
    environment = let_engines_in(own_servers, own_servers.home)
    one = EngineProcess("engine", COMMAND, environment, own_servers.home / "crash-loop.log")
    own_servers.door["finance"].refuse()
    for _ in range(DEATHS):
        one.start()
        assert one.process
        assert one.process.wait(timeout=60) != 0
    assert "Try again" in one.last_words()

    # Users of both books work on, and both books know that no engine lives.
    send_all(apart)
    assert [alive(book) for book in (apart.auditor_operations, apart.auditor_finance)] == [[], []]
    assert (applied(apart.owner_finance), applied(apart.owner_operations)) == (0, 0)

    own_servers.door["finance"].open()
    one.start()
    try:
        wait_until(lambda: applied(apart.owner_finance) == FORWARD)
        wait_until(lambda: applied(apart.owner_operations) == BACK)
        wait_until(lambda: len(alive(apart.auditor_operations)) == 1)
    finally:
        one.kill()
    recover(apart)


def alive(book: Book) -> list[str]:
    with book.reader() as reader:
        return [known.engine for known in engines(reader)]


def applied(book: Book) -> int:
    with book.raw() as connection:
        (count,) = connection.execute("SELECT count(*) FROM dualwrite.inbox").fetchone() or (0,)
    return int(count)
