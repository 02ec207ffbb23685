"""The door itself: while it refuses, nobody else can stand behind its port."""

from __future__ import annotations

import socket
from collections.abc import Generator

import pytest

from tests.faults.proxy import Door


@pytest.fixture
def server() -> Generator[socket.socket]:
    """Give a server that listens and accepts nobody."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        yield listener


def test_a_door_that_refuses_keeps_its_port(server: socket.socket) -> None:
    door = Door(("127.0.0.1", server.getsockname()[1]))
    door.refuse()

    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(("127.0.0.1", door.port), timeout=5)
    with socket.socket() as stranger, pytest.raises(OSError, match="in use"):
        stranger.bind(("127.0.0.1", door.port))

    door.open()
    socket.create_connection(("127.0.0.1", door.port), timeout=5).close()
    door.close()
