"""Killing what is no delivery: an initial write, a redrive, an activation and their kind.

Each is struck at its place, in four ways; done once more it ends as if nothing had happened.
"""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable, Generator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass

import pytest

from tests.architecture.sources import ROOT
from tests.dualwrite.planted import deliver, digest, plant, send_costs
from tests.faults.checker import broken_promises
from tests.faults.engine import Engine, wait_for_its_sessions_to_end
from tests.faults.matrix import Digest
from tests.faults.report import KINDS
from tests.faults.servers import BOOKS, TwoServers, books_of
from tests.faults.work import WORK, Job, nowhere
from tests.support.books import Books
from twofold.dualwrite.table_maps.activate import active_maps

# What tells of attempts and moments, not of what was done.
TELLS: tuple[str, ...] = (
    "event", "chain", "chain_head", "acknowledged", "identity", "engine", "reconciliation",
    "reconciled_period", "difference", "initial_write",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Struck:
    """One kind of work: how it is prepared, where it is struck, and the rows it holds.

    ``server`` is the book whose server dies: the one that is being written to.
    """

    work: str
    place: str
    time: int
    server: str
    prepare: Callable[[Books, TwoServers], None]
    rows: pytest.MarkDecorator


def nothing(books: Books, _servers: TwoServers) -> None:
    """Prepare nothing: the maps are there."""
    send_costs(books, 1, first=1, count=3)


def delivered(books: Books, _servers: TwoServers) -> None:
    """Have fifty actuals in both books."""
    send_costs(books, 1, first=1, count=50)
    deliver(books)


def lost(books: Books, servers: TwoServers) -> None:
    """Have fifty actuals in operations, and none of them in finance any more."""
    delivered(books, servers)
    with books.owner_finance.raw() as connection:
        connection.execute("DELETE FROM finance.staged_actual")


def stopped(books: Books, _servers: TwoServers) -> None:
    """Have three sets that stopped."""
    for number in (1, 2, 3):
        send_costs(books, number, first=10 * number, count=2)
    with books.owner_operations.raw() as connection:
        connection.execute("UPDATE dualwrite.pending SET state = 'stopped', code = 'ERR-D18'")


def activated(_books: Books, servers: TwoServers) -> None:
    """Have the next version of a map active."""
    with work(servers, "activation") as one:
        assert one.says() == "done"


JOBS = (
    Struck("initial write", "CP23", 4, "finance", lost, pytest.mark.fault("F018")),
    Struck("reconciliation", "CP26", 1, "finance", delivered, pytest.mark.fault("F021")),
    Struck("redrive", "CP25", 1, "operations", stopped, pytest.mark.fault("F020")),
    Struck("dismissal", "between the books", 1, "finance", stopped, pytest.mark.fault("F138")),
    Struck("activation", "CP28", 1, "finance", nothing, pytest.mark.fault("F023")),
    Struck("rollback", "CP28", 1, "operations", activated, pytest.mark.fault("F023", "F087")),
    Struck("pause", "between the books", 1, "finance", nothing, pytest.mark.fault("F078")),
)
CASES = [
    pytest.param(
        job,
        kind,
        marks=(job.rows, pytest.mark.fault(f"{job.place}/{kind}")),
        id=f"{job.work}-{kind}",
    )
    for job in JOBS
    for kind in KINDS
]


@contextmanager
def work(
    servers: TwoServers,
    name: str,
    *,
    stop_at: Mapping[str, int] | None = None,
) -> Generator[Engine]:
    """Start a process that does this work, through the doors of both books."""
    doors = {book: servers.dsn_through_door(book) for book in BOOKS}
    told = {"work": name, "stop_at": stop_at or {}, **doors}
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.faults.work", json.dumps(told)],
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


def done(books: Books, name: str) -> tuple[Digest, Digest]:
    """Do the work whole; give what both books hold then."""
    operations, finance = books.dualwrite_operations, books.dualwrite_finance
    with operations.reader() as reader:
        maps = active_maps(reader)
    WORK[name](Job(operations, finance, maps, nowhere))
    found = digest(books.owner_operations), digest(books.owner_finance)
    for one in found:
        for table in TELLS:
            one.pop(f"dualwrite.{table}", None)
    return found


@pytest.fixture(scope="module")
def undisturbed(own_servers: TwoServers) -> Callable[[Struck], tuple[Digest, Digest]]:
    """Give what a run of the work that nothing disturbs leaves in both books."""
    known: dict[str, tuple[Digest, Digest]] = {}

    def run(job: Struck) -> tuple[Digest, Digest]:
        if job.work not in known:
            with books_of(own_servers) as books:
                plant(books)
                job.prepare(books, own_servers)
                known[job.work] = done(books, job.work)
        return known[job.work]

    return run


@pytest.mark.parametrize(("job", "kind"), CASES)
def test_work_that_is_struck_ends_when_it_is_done_again(
    own_servers: TwoServers,
    undisturbed: Callable[[Struck], tuple[Digest, Digest]],
    job: Struck,
    kind: str,
) -> None:
    wanted = undisturbed(job)
    with books_of(own_servers) as books:
        plant(books)
        job.prepare(books, own_servers)
        with work(own_servers, job.work, stop_at={job.place: job.time}) as struck:
            assert struck.says() == f"at {job.place}"
            strike(own_servers, struck, kind, job.server)
        wait_for_its_sessions_to_end(books)
        if job.work != "initial write":
            # Without its rows, which the initial write is to bring, finance is not whole.
            assert not broken_promises(books)

        assert done(books, job.work) == wanted

        assert not broken_promises(books)


def strike(servers: TwoServers, struck: Engine, kind: str, server: str) -> None:
    """Strike the process, the server it writes to, or its lines; what lives goes on."""
    if kind == "engine":
        struck.kill()
        return
    if kind == "server":
        servers.of[server].kill()
        servers.have_both()
    else:
        for door in servers.door.values():
            door.cut()
    struck.go_on()
    struck.ends()
