"""Too little of something: disk, memory, connections, processor; and clocks that are wrong.

Full disks are small ones of their own, mounted for the test: where mounting is not allowed, those
tests do not exist, and the report says "not run".
"""

# ruff: noqa: S607 - mount, umount, cp and rm are the machine's own

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

import psycopg
import pytest

from tests.dualwrite.planted import (
    AFTER_LEASE,
    deliver,
    forward,
    plant,
    plant_costs,
    send,
    send_costs,
)
from tests.faults.checker import broken_promises
from tests.faults.engine import engine
from tests.faults.matrix import recover
from tests.faults.servers import BOOKS, DUALWRITE, TwoServers, books_of, named
from tests.faults.sets import send_all
from tests.support.books import Books
from twofold.database.connection import Book
from twofold.dualwrite.sets.deliver import Route, deliver_sets
from twofold.kernel.errors import Fault


def _may_mount() -> bool:
    probe = Path(tempfile.mkdtemp())
    done = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=64k", "tmpfs", str(probe)],
        check=False,
        capture_output=True,
    )
    if done.returncode == 0:
        subprocess.run(["umount", str(probe)], check=True)
    probe.rmdir()
    return done.returncode == 0


MAY_MOUNT = os.geteuid() == 0 and _may_mount()


class SmallDisk:
    """A file system of a few megabytes, in memory."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def mount(self, size: str) -> None:
        """Make it, and have it at its path."""
        subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={size}", "t", self.path], check=True)

    def grow(self, size: str) -> None:
        """Give it more space, under everybody's feet."""
        subprocess.run(["mount", "-o", f"remount,size={size}", self.path], check=True)

    def unmount(self) -> None:
        """Take it away with all that is on it."""
        subprocess.run(["umount", "-l", self.path], check=False)


@contextmanager
def small_tablespace(servers: TwoServers, book: str, path: Path, size: str) -> Generator[SmallDisk]:
    """Give a book's server a tablespace ``small`` on a small disk."""
    server = servers.of[book]
    place = path / book
    place.mkdir()
    disk = SmallDisk(place)
    disk.mount(size)
    owner = server.data.stat()
    space = place / "space"
    space.mkdir()
    os.chown(space, owner.st_uid, owner.st_gid)
    os.chown(place, owner.st_uid, owner.st_gid)
    try:
        with servers.admin_of(book) as connection:
            connection.execute(f"CREATE TABLESPACE small LOCATION '{space}'".encode())
            connection.execute("GRANT CREATE ON TABLESPACE small TO PUBLIC")
        yield disk
    finally:
        (space / "fill").unlink(missing_ok=True)
        disk.grow("256m")
        servers.have_both()
        with servers.admin_of(book) as connection:
            connection.execute("ALTER TABLE ALL IN TABLESPACE small SET TABLESPACE pg_default")
            connection.execute("DROP TABLESPACE small")
        servers.put_back(named(book))
        disk.unmount()


@pytest.fixture(scope="module")
def thrown_away() -> Generator[TwoServers]:
    """Give two servers that nobody uses after these tests.

    Their logs tell of a disk that is gone: a server that crashes later cannot replay them.
    """
    home = Path(tempfile.mkdtemp(prefix="tfd-", dir="/tmp"))
    home.chmod(0o711)
    servers = TwoServers(home)
    try:
        servers.start()
        yield servers
    finally:
        servers.erase()
        shutil.rmtree(home, ignore_errors=True)


@pytest.fixture
def to_fill(thrown_away: TwoServers) -> Generator[Books]:
    """Give books on servers whose disks a test may fill."""
    with books_of(thrown_away) as books:
        plant(books)
        yield books


LARGE = 20_000

if MAY_MOUNT:

    @pytest.mark.fault("F115")
    def test_a_full_disk_of_finance_rolls_back_and_heals_with_space(
        thrown_away: TwoServers, to_fill: Books, short_path: Path
    ) -> None:
        send_costs(to_fill, 1, first=1, count=LARGE)
        with small_tablespace(thrown_away, "finance", short_path, "1m") as disk:
            with thrown_away.admin_of("finance") as connection:
                connection.execute("TRUNCATE finance.staged_actual")
            move(thrown_away, "finance", "finance.staged_actual", "small")
            with pytest.raises(Fault) as fault:
                deliver(to_fill)
            assert fault.value.transient, fault.value
            assert "No space left" in str(fault.value)
            assert not broken_promises(to_fill)

            disk.grow("64m")

            assert deliver(to_fill, now=AFTER_LEASE).rows == LARGE
        recover(to_fill)

    @pytest.mark.fault("F117")
    def test_full_temporary_space_rolls_back_and_heals_with_space(
        thrown_away: TwoServers, to_fill: Books, short_path: Path
    ) -> None:
        """The stage is a temporary table: the disk fills during the COPY."""
        send_costs(to_fill, 1, first=1, count=LARGE)
        with small_tablespace(thrown_away, "finance", short_path, "1m") as disk:
            put_temporary_tables(thrown_away, "small")
            with pytest.raises(Fault) as fault:
                deliver(to_fill)
            assert fault.value.transient, fault.value
            assert not broken_promises(to_fill)

            disk.grow("64m")

            assert deliver(to_fill, now=AFTER_LEASE).rows == LARGE
            put_temporary_tables(thrown_away, "")
            to_fill.dualwrite_finance.close()
        recover(to_fill)

    @pytest.mark.fault("F116")
    def test_a_full_disk_of_operations_fails_the_user_and_leaves_no_half_set(
        thrown_away: TwoServers, to_fill: Books, short_path: Path
    ) -> None:
        plant_costs(to_fill, set_id=1, first=1, count=5)
        with small_tablespace(thrown_away, "operations", short_path, "256k") as disk:
            with thrown_away.admin_of("operations") as connection:
                connection.execute("TRUNCATE dualwrite.manifest")
            move(thrown_away, "operations", "dualwrite.manifest", "small")
            fill(disk)
            with pytest.raises(Fault) as fault:
                send(to_fill, 1, kind="approval", stream="approval/1", keys=(1, 5))
            assert "No space left" in str(fault.value)
            assert deliver(to_fill).applied == 0
            to_fill.then("""
                operations:dualwrite.outbox
                set_id
            """)

    @pytest.mark.fault("F117")
    def test_a_full_log_stops_the_server_and_nothing_else(short_path: Path) -> None:
        """PostgreSQL ends itself when its log has no space; it comes back when there is some."""
        servers = TwoServers(short_path, {"min_wal_size": "32MB", "max_wal_size": "64MB"})
        disk = SmallDisk(short_path / "log")
        try:
            servers.start()
            fill_the_log(servers, disk)
        finally:
            servers.erase()
            disk.unmount()


def fill_the_log(servers: TwoServers, disk: SmallDisk) -> None:
    """Deliver more than the log has space for; then make space, and deliver again."""
    with books_of(servers) as books:
        plant(books)
        for number in range(1, 9):
            send_costs(books, number, first=number * LARGE, count=LARGE)
        log_onto(servers.of["finance"], disk)
        fill(disk)
        with pytest.raises(Fault) as fault:
            deliver(books)
        assert fault.value.transient, fault.value

        (disk.path / "space" / "fill").unlink()
        servers.have_both()

        recover(books)


def move(servers: TwoServers, book: str, table: str, tablespace: str) -> None:
    with servers.admin_of(book) as connection:
        connection.execute(f"ALTER TABLE {table} SET TABLESPACE {tablespace}".encode())


def put_temporary_tables(servers: TwoServers, tablespace: str) -> None:
    with servers.admin_of("finance") as connection:
        connection.execute(
            f"ALTER DATABASE twofold_finance SET temp_tablespaces = '{tablespace}'".encode()
        )
        connection.execute(
            "SELECT pg_catalog.pg_terminate_backend(pid) FROM pg_catalog.pg_stat_activity"
            " WHERE usename = 'twofold_dualwrite'"
        )


def fill(disk: SmallDisk) -> None:
    """Write until nothing more fits."""
    with (disk.path / "space" / "fill").open("wb", buffering=0) as filler:
        try:
            while True:
                filler.write(b"\0" * 4096)
        except OSError:
            return


def log_onto(server: object, disk: SmallDisk) -> None:
    """Move a server's write-ahead log onto a small disk, while it is stopped."""
    server.stop()  # type: ignore[attr-defined]
    data: Path = server.data  # type: ignore[attr-defined]
    disk.path.mkdir()
    disk.mount("96m")
    space = disk.path / "space"
    subprocess.run(["cp", "-a", str(data / "pg_wal"), str(space)], check=True)
    subprocess.run(["rm", "-rf", str(data / "pg_wal")], check=True)
    (data / "pg_wal").symlink_to(space)
    os.chown(data / "pg_wal", data.stat().st_uid, data.stat().st_gid, follow_symlinks=False)
    os.chown(disk.path, data.stat().st_uid, data.stat().st_gid)
    server.ensure()  # type: ignore[attr-defined]


@pytest.mark.fault("F120")
def test_memory_of_the_engine_does_not_grow_with_the_set(apart: Books) -> None:
    """A hundred thousand lines against a thousand: the stream is passed on, never held."""
    peaks = []
    for set_id, count in ((1, 1_000), (2, 100_000)):
        send_costs(apart, set_id, first=set_id * 1_000_000, count=count)
        with engine(apart, stop_at={"CP13": 1}) as one:
            assert one.says() == "at CP13"
            peaks.append(peak_kilobytes(one.process.pid))
            one.go_on()
            assert one.says().startswith("done 1 ")
    small, large = peaks
    assert large < 300_000
    assert large - small < 20_000
    assert not broken_promises(apart, quiet=True)


def peak_kilobytes(pid: int) -> int:
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("VmHWM"))


@pytest.mark.fault("F122")
@pytest.mark.parametrize("full", BOOKS)
def test_a_server_without_a_free_connection_is_a_passing_fault(
    own_servers: TwoServers, apart: Books, full: str
) -> None:
    """Ordinary roles have taken them all; the administrator's are kept back."""
    send_all(apart)
    apart.close()
    dsn = own_servers.of[full].dsn(
        "operations" if full == "operations" else "finance", f"twofold_{full}"
    )
    taken: list[psycopg.Connection] = []
    try:
        with pytest.raises(psycopg.OperationalError):
            take_all(dsn, taken)
        with pytest.raises(Fault) as fault:
            deliver(apart)
        assert fault.value.transient, fault.value
        with own_servers.admin_of(full) as connection:
            assert connection.execute("SELECT 1").fetchone() == (1,)
    finally:
        for one in taken:
            one.close()
    recover(apart)


def take_all(dsn: str, taken: list[psycopg.Connection]) -> None:
    """Connect until the server has no connection left for an ordinary role."""
    while True:
        taken.append(psycopg.connect(dsn))


@pytest.mark.fault("F123")
def test_a_starved_engine_loses_its_leases_safely(apart: Books) -> None:
    """One twentieth of a processor: 10 ms of every 200."""
    send_all(apart)
    with engine(apart, stop_at={"start": 1}) as starved:
        assert starved.says() == "at start"
        done = threading.Event()
        thread = threading.Thread(target=starve, args=(starved.process, done), daemon=True)
        thread.start()
        starved.go_on()
        words = starved.says()
        done.set()
        thread.join()
    assert words.startswith("done 5 ")
    recover(apart)


def starve(process: subprocess.Popen[str], done: threading.Event) -> None:
    while not done.is_set() and process.poll() is None:
        process.send_signal(signal.SIGSTOP)
        done.wait(0.19)
        process.send_signal(signal.SIGCONT)
        time.sleep(0.01)


@pytest.mark.fault("F124")
@pytest.mark.parametrize("seconds", [86_400, -86_400, -3_600, 1])
def test_the_clock_of_an_engine_does_not_matter(apart: Books, seconds: int) -> None:
    """An engine whose day is wrong takes no lease of another, and holds none for longer."""
    send_all(apart)
    shifted = (sys.executable, "-m", "tests.faults.shifted", str(seconds))
    with engine(apart, stop_at={"CP10": 1}) as right:
        assert right.says() == "at CP10"
        with engine(apart, stop_at={}, program=shifted) as wrong:
            assert wrong.says() == "done 0 0 0", "the leases of the other still run"
        right.kill()
    leases_end_soon(apart)
    with engine(apart, stop_at={"CP04": 1}, program=shifted) as wrong:
        assert wrong.says() == "done 0 0 0"
    recover(apart)


def leases_end_soon(books: Books) -> None:
    with books.owner_operations.raw() as connection:
        (late,) = connection.execute(
            "SELECT count(*) FROM dualwrite.pending"
            " WHERE leased_until > clock_timestamp() + interval '1 minute'"
        ).fetchone() or (0,)
    assert late == 0


@pytest.mark.fault("F126")
def test_delivered_sets_are_not_looked_at_again(apart: Books) -> None:
    """Ten million in the matrix; a hundred thousand here, and not one of their rows is read."""
    plant_delivered(apart, 100_000)
    send_costs(apart, 1, first=1, count=3)
    before = rows_read_in_sequence(apart)

    assert deliver(apart).applied == 1

    assert rows_read_in_sequence(apart) - before < 1_000


def plant_delivered(books: Books, count: int) -> None:
    """Add sets sent and received long ago, under other keys."""
    with books.owner_operations.raw() as here, books.owner_finance.raw() as there:
        here.execute(
            "INSERT INTO dualwrite.outbox"
            " (company, set_id, kind, stream, version, actor, created_at)"
            " SELECT 'USPM', 1000000 + n, 'setup', 'old/' || n, 1, 'ann', '2026-01-01'"
            " FROM generate_series(1, %s) AS n",
            (count,),
        )
        here.execute(
            "INSERT INTO dualwrite.acknowledged"
            " SELECT company, set_id, created_at, created_at, set_id, '' FROM dualwrite.outbox"
            " WHERE set_id > 1000000"
        )
        there.execute(
            "INSERT INTO dualwrite.inbox (company, source, set_id, kind, stream, version,"
            " content_hash, row_count, actor, created_at, applied_at)"
            " SELECT 'USPM', 'operations', 1000000 + n, 'setup', 'old/' || n, 1, '', 0, 'ann',"
            " '2026-01-01', '2026-01-01' FROM generate_series(1, %s) AS n",
            (count,),
        )
        for one in (here, there):
            one.execute("ANALYZE")


def rows_read_in_sequence(books: Books) -> int:
    total = 0
    for owner in (books.owner_operations, books.owner_finance):
        with owner.raw() as connection:
            connection.execute("SELECT pg_catalog.pg_stat_force_next_flush()")
        with owner.raw() as connection:
            connection.execute("SELECT pg_catalog.pg_stat_clear_snapshot()")
            (found,) = connection.execute(
                "SELECT sum(seq_tup_read)::int8 FROM pg_catalog.pg_stat_user_tables"
                " WHERE schemaname = 'dualwrite' AND relname IN"
                " ('outbox', 'acknowledged', 'inbox', 'manifest', 'chain')"
            ).fetchone() or (0,)
        total += int(found)
    return total


@pytest.mark.fault("F128")
@pytest.mark.parametrize("book", BOOKS)
def test_a_statement_timeout_of_the_server_is_not_the_engines(
    own_servers: TwoServers, apart: Books, book: str
) -> None:
    """A second in the matrix; a hundredth here: the engine sets its own."""
    send_costs(apart, 1, first=1, count=LARGE)
    apart.close()
    with own_servers.admin_of(book) as connection:
        connection.execute(f"ALTER DATABASE twofold_{book} SET statement_timeout = '10ms'".encode())
    try:
        here, there = (Book(n, own_servers.of[n].dsn(n, DUALWRITE), DUALWRITE) for n in BOOKS)
        assert deliver_sets(Route(here, there, apart.server.active_maps())).rows == LARGE
        here.close()
        there.close()
    finally:
        with own_servers.admin_of(book) as connection:
            connection.execute(f"ALTER DATABASE twofold_{book} RESET statement_timeout".encode())
    assert not broken_promises(apart, quiet=True)
    assert deliver_sets(forward(apart)).applied == 0
