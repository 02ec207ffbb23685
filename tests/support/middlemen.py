"""What may stand between a program and its server: TLS at the door, and poolers that share.

Each listens on a loopback port for as long as its block lasts, and speaks as much of the
PostgreSQL protocol as it needs.
"""

from __future__ import annotations

import selectors
import socket
import ssl
import struct
import threading
from collections.abc import Callable, Generator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Final

import psycopg

_PIECE: Final = 65_536
_SSL_REQUEST: Final = 80_877_103


@contextmanager
def tls_door(server: Path, context: ssl.SSLContext) -> Generator[int]:
    """Answer the request for TLS with a certificate, and pass on what is said inside; its port."""

    def meet(client: socket.socket) -> None:
        with client, suppress(OSError):
            assert struct.unpack("!ii", _exactly(client, 8)) == (8, _SSL_REQUEST)
            client.sendall(b"S")
            with (
                context.wrap_socket(client, server_side=True) as inside,
                socket.socket(socket.AF_UNIX) as own,
            ):
                own.connect(str(server))
                _exchange(inside, own, None)

    with _listening(meet) as port:
        yield port


@contextmanager
def pooler(server: Path, *, spare: psycopg.Connection | None = None) -> Generator[int]:
    """Stand in for a pooler in transaction mode; give its port.

    Without ``spare`` it keeps the start-up parameter «options» to itself. With it, the client's
    second and later transactions go to that session instead of its own.
    """
    with _listening(lambda client: _pool(client, server, spare)) as port:
        yield port


@contextmanager
def _listening(meet: Callable[[socket.socket], None]) -> Generator[int]:
    """Meet every client in a thread of its own; all of them have ended when the block has."""
    listener = socket.create_server(("127.0.0.1", 0))
    met: list[tuple[socket.socket, threading.Thread]] = []

    def serve() -> None:
        while True:
            try:
                client, _ = listener.accept()
            except OSError:
                return
            thread = threading.Thread(target=meet, args=(client,), daemon=True)
            # TLS takes the socket itself over; by another number of it we can still hang up.
            met.append((client.dup(), thread))
            thread.start()

    server = threading.Thread(target=serve, daemon=True)
    server.start()
    try:
        yield int(listener.getsockname()[1])
    finally:
        # A blocked accept ends with the shutdown, not with the close.
        _hang_up(listener)
        server.join()
        listener.close()
        # What a thread forwards late would land in whatever has got the number of its socket.
        for client, thread in met:
            _hang_up(client)
            thread.join()
            client.close()


def _hang_up(one: socket.socket) -> None:
    with suppress(OSError):
        one.shutdown(socket.SHUT_RDWR)


def _pool(client: socket.socket, server: Path, spare: psycopg.Connection | None) -> None:
    own = socket.socket(socket.AF_UNIX)
    with client, own, suppress(OSError):
        own.connect(str(server))
        start = _start_packet(client)
        own.sendall(start if spare is not None else _without_options(start))
        second = None if spare is None else socket.socket(fileno=spare.pgconn.socket)
        try:
            _exchange(client, own, second)
        finally:
            if second is not None:
                second.detach()


def _exchange(client: socket.socket, own: socket.socket, second: socket.socket | None) -> None:
    """Pass messages on; when a transaction has ended, change to the other session."""
    at, ended = own, 0
    with selectors.DefaultSelector() as selector:
        for one in (client, own, *([second] if second else [])):
            selector.register(one, selectors.EVENT_READ)
        while True:
            # What TLS has deciphered already is no longer in the socket to be seen there.
            is_waiting = isinstance(client, ssl.SSLSocket) and client.pending() > 0
            one = client if is_waiting else selector.select()[0][0].fileobj
            assert isinstance(one, socket.socket)
            piece = one.recv(_PIECE)
            if not piece:
                return
            (at if one is client else client).sendall(piece)
            # ReadyForQuery, idle: the first after logging in, the next after a transaction.
            if one is not client and piece.endswith(b"Z\x00\x00\x00\x05I"):
                ended += 1
            if second is not None and ended > 1:
                at = second


def _start_packet(client: socket.socket) -> bytes:
    """Read the start-up packet; requests for encryption are declined first."""
    while True:
        head = _exactly(client, 8)
        length, code = struct.unpack("!ii", head)
        rest = _exactly(client, length - 8)
        if code >> 16 == 3:
            return head + rest
        client.sendall(b"N")


def _without_options(packet: bytes) -> bytes:
    words = packet[8:].split(b"\0")
    pairs = [
        (name, value)
        for name, value in zip(words[::2], words[1::2], strict=False)
        if name and name != b"options"
    ]
    body = packet[4:8] + b"".join(b"%s\0%s\0" % pair for pair in pairs) + b"\0"
    return struct.pack("!i", len(body) + 4) + body


def _exactly(one: socket.socket, count: int) -> bytes:
    found = b""
    while len(found) < count:
        piece = one.recv(count - len(found))
        if not piece:
            raise ConnectionError("the client left")
        found += piece
    return found
