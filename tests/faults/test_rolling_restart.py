"""Restarting engines one by one while sets are made: nobody notices."""

from __future__ import annotations

import pytest

from tests.chaos.trouble import COMMAND, EngineProcess, let_engines_in
from tests.concurrency.waiting import wait_until
from tests.dualwrite.planted import send_costs
from tests.faults.matrix import recover
from tests.faults.observer import Observer
from tests.faults.servers import TwoServers
from tests.support.books import Books

ENGINES = 4
ROUND = 15


@pytest.mark.fault("F142")
def test_engines_are_restarted_one_by_one_under_load(own_servers: TwoServers, apart: Books) -> None:
    """Asked to stop, an engine finishes what is under way; no attempt of any set fails."""
    environment = let_engines_in(own_servers, own_servers.home)
    engines = [
        EngineProcess(f"engine {n}", COMMAND, environment, own_servers.home / f"engine-{n}.log")
        for n in range(ENGINES)
    ]
    dsn = own_servers.of["finance"].dsn("finance", "twofold_auditor")
    try:
        with Observer("finance", dsn) as seen:
            restart_one_by_one(apart, engines)
        assert not seen.wrong
    finally:
        for one in engines:
            one.kill()
    with apart.owner_operations.raw() as connection:
        failed = connection.execute(
            "SELECT * FROM dualwrite.event WHERE code IS NOT NULL"
        ).fetchall()
    assert failed == []
    recover(apart)


def restart_one_by_one(books: Books, engines: list[EngineProcess]) -> None:
    """Start all; then, as sets are made, restart each; wait until the last set is applied."""
    sent = 0
    for one in engines:
        one.start()
    for one in engines:
        for _ in range(ROUND):
            sent += 1
            send_costs(books, sent, first=sent * 10, count=3)
        one.ask_to_stop()
        one.start()
    wait_until(lambda: applied(books) == sent)


def applied(books: Books) -> int:
    with books.owner_finance.raw() as connection:
        (count,) = connection.execute("SELECT count(*) FROM dualwrite.inbox").fetchone() or (0,)
    return int(count)
