"""Everything of one machine: started by one command, seen to work, and stopped by another."""

from __future__ import annotations

import socket
import urllib.request
from collections.abc import Generator
from pathlib import Path

import pytest

from tests.cli.program import Program
from twofold.cli.machine.standing import Service, start, stop
from twofold.database.embedded import EmbeddedServer
from twofold.kernel.errors import Fault


@pytest.fixture
def home(short_path: Path) -> Generator[Path]:
    """Give a home of one's own; what runs there is stopped and erased."""
    home = short_path / "home"
    yield home
    Program({"TWOFOLD_HOME": str(home)})("down", "--erase", "--yes")
    EmbeddedServer(home).erase()


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return int(listener.getsockname()[1])


def page(address: str) -> str:
    with urllib.request.urlopen(address, timeout=10) as answer:  # noqa: S310 - this machine
        return answer.read().decode()


def test_up_serves_the_books_and_down_stops_all(home: Path) -> None:
    program, port = Program({"TWOFOLD_HOME": str(home)}), str(free_port())

    # Given nothing; when all is started, twice
    started = program.ok("up", "--port", port, "--json").json
    again = program.ok("up", "--port", port, "--json").json

    # Then the pages answer, an engine is seen, and the second start found it all
    assert started["migrated"]
    assert started["activated"]
    assert (again["migrated"], again["activated"]) == ([], [])
    assert (started["dualwrite"], started["pages"]) == ("started", "started")
    assert (again["dualwrite"], again["pages"]) == ("runs", "runs")
    assert "<h1>Sign in</h1>" in page(started["address"] + "/sign-in")
    assert {one["state"] for one in program.ok("doctor", "--json").json} == {"ok"}

    # And another port is not said to be theirs
    elsewhere = program("up", "--port", str(free_port()))
    assert elsewhere.code == 3
    assert "pages runs already, and not as asked now" in elsewhere.err
    assert program("up", "--port", "70000").code == 2

    # And a link signs in whom it is of
    program.ok("person", "add", "pat", "Pat")
    link = program.ok("person", "link", "pat", "--url", started["address"]).out.strip()
    assert "as Pat" in page(link)

    # When it is stopped, then nobody answers any more, and erasing asks first
    assert program("down", "--erase").code == 2
    program.ok("down")
    with pytest.raises(OSError, match="refused"):
        page(started["address"])
    program.ok("down", "--erase", "--yes")
    assert [path.name for path in home.iterdir()] == []


def test_a_service_that_ends_at_once_is_told_with_its_last_words(tmp_path: Path) -> None:
    service = Service("pages", ("explain", "ERR-NONE"), lambda: False)

    with pytest.raises(Fault, match=r"pages ended at once; .*pages\.log says:\n.*ERR-NONE"):
        start(tmp_path, service)

    # And its name is free again
    assert stop(tmp_path, ["pages", "dualwrite"]) == ()
