"""A door: a TCP proxy before one server that fails as networks do, when a test tells it to.

Every connection has two streams, to the server and back. A piece read from one side is written
to the other when its delay is over and the bandwidth allows. Packets are dropped by a filter on
the client's socket that accepts nothing: to the peer this is a cable pulled out, no reset, no
acknowledgement.
"""

from __future__ import annotations

import ctypes
import queue
import secrets
import socket
import struct
import threading
import time
from contextlib import suppress
from pathlib import Path
from typing import Final

_SO_ATTACH_FILTER: Final = 26
_SO_DETACH_FILTER: Final = 27
_PIECE_BYTES: Final = 64 * 1024
_BACKLOG: Final = 128
# Below the ports that Linux gives to connections and to whoever asks for any.
_PORTS: Final = range(20_000, 32_000)

TO_SERVER: Final = "to_server"
TO_CLIENT: Final = "to_client"


class Door:
    """Where clients reach one server. Open at first; everything else a test says."""

    def __init__(self, server: Path | tuple[str, int]) -> None:
        self._server = server
        self._lock = threading.RLock()
        self._passages: set[_Passage] = set()
        self._listener = _bound_anywhere()
        self._listener.listen(_BACKLOG)
        self.port: Final = int(self._listener.getsockname()[1])
        self._refusing = False
        self._dropping = False
        self.delay_seconds = 0.0
        self.bytes_per_second: float | None = None
        self.passed = {TO_SERVER: 0, TO_CLIENT: 0}
        self.accepted = 0
        self._swallow: bytes | None = None
        self._hold_at: int | None = None
        self.held = threading.Event()
        self.swallowed = threading.Event()
        self._go_on = threading.Event()
        self._go_on.set()
        self._next_free = {TO_SERVER: 0.0, TO_CLIENT: 0.0}
        self._start()

    def open(self) -> None:
        """Let everything pass again, as at first."""
        self.delay_seconds, self.bytes_per_second = 0.0, None
        self._swallow, self._hold_at = None, None
        self.swallowed.clear()
        self.go_on()
        with self._lock:
            if self._dropping:
                self._dropping = False
                _accept_again(self._listener)
                self.cut()
            if self._refusing:
                self._refusing = False
                self._listener.listen(_BACKLOG)
                self._start()

    def refuse(self) -> None:
        """Refuse new connections and cut those there are: nobody listens.

        The port stays ours, or somebody else's server could stand behind it when it opens again.
        """
        with self._lock:
            if not self._refusing:
                _close(self._listener)
                self._listener = _bound_again(self.port)
                self._refusing = True
        self.cut()

    def cut(self) -> None:
        """Reset every connection, at once, on both sides."""
        with self._lock:
            passages = list(self._passages)
        for passage in passages:
            passage.reset()

    def black_hole(self) -> None:
        """Drop every packet, of old and new connections, without a word, until ``open``."""
        with self._lock:
            self._dropping = True
            _drop_everything(self._listener)
            for passage in self._passages:
                _drop_everything(passage.client)

    def lose_answer_to(self, words: bytes) -> None:
        """Forward the next message with these words, and swallow the answer: a half-open line.

        ``swallowed`` is set when the server has answered; the client then finds it cut off.
        """
        self.swallowed.clear()
        self._swallow = words

    def hold_after(self, bytes_to_server: int) -> None:
        """Stop in the stream to the server after so many more bytes; ``held`` tells when."""
        self.held.clear()
        self._go_on.clear()
        self._hold_at = self.passed[TO_SERVER] + bytes_to_server

    def go_on(self) -> None:
        """Let a held stream run."""
        self._hold_at = None
        self.held.clear()
        self._go_on.set()

    def close(self) -> None:
        """Shut it for good, and give the port back."""
        self.refuse()
        self._listener.close()

    def _start(self) -> None:
        threading.Thread(target=self._accept, args=(self._listener,), daemon=True).start()

    def _accept(self, listener: socket.socket) -> None:
        while True:
            try:
                client, _ = listener.accept()
            except OSError:
                return
            self.accepted += 1
            try:
                passage = _Passage(self, client, _connect(self._server))
            except OSError:
                # Nobody answers behind the door: the client sees what it would see without it.
                _reset(client)
                continue
            with self._lock:
                self._passages.add(passage)
                if self._dropping:
                    _drop_everything(client)
            passage.start()

    def _forget(self, passage: _Passage) -> None:
        with self._lock:
            self._passages.discard(passage)

    def _wait_for_band(self, direction: str, count: int) -> None:
        """Share the bandwidth among all connections of one direction."""
        rate = self.bytes_per_second
        if rate is None:
            return
        with self._lock:
            begin = max(time.monotonic(), self._next_free[direction])
            self._next_free[direction] = begin + count / rate
        time.sleep(max(0.0, begin + count / rate - time.monotonic()))

    def _before_server(self, piece: bytes) -> bytes | None:
        """Hold where told to: give the part that may pass first, None when all of it may."""
        with self._lock:
            at = self._hold_at
            if at is None or self.passed[TO_SERVER] + len(piece) <= at:
                return None
            self._hold_at = None
            return piece[: max(0, at - self.passed[TO_SERVER])]

    def _swallows(self, piece: bytes) -> bool:
        with self._lock:
            if self._swallow is None or self._swallow not in piece:
                return False
            self._swallow = None
            return True


class _Passage:
    """One connection through the door."""

    def __init__(self, door: Door, client: socket.socket, server: socket.socket) -> None:
        self.door = door
        self.client = client
        self.server = server
        self._loses_answer = False
        self._pieces: dict[str, queue.SimpleQueue[tuple[float, bytes]]] = {
            direction: queue.SimpleQueue() for direction in (TO_SERVER, TO_CLIENT)
        }

    def start(self) -> None:
        ways = {TO_SERVER: (self.client, self.server), TO_CLIENT: (self.server, self.client)}
        for direction, (here, there) in ways.items():
            for work in (
                lambda d=direction, s=here: self._read(d, s),
                lambda d=direction, s=there: self._write(d, s),
            ):
                threading.Thread(target=work, daemon=True).start()

    def reset(self) -> None:
        """Reset both sides: RST, nothing that is under way arrives."""
        _reset(self.client)
        _reset(self.server)
        for pieces in self._pieces.values():
            pieces.put((0.0, b""))
        self.door._forget(self)  # noqa: SLF001 - the door's own part

    def _read(self, direction: str, source: socket.socket) -> None:
        while True:
            try:
                piece = source.recv(_PIECE_BYTES)
            except OSError:
                piece = b""
            self._pieces[direction].put((time.monotonic() + self.door.delay_seconds, piece))
            if not piece:
                return
            # Memory stays flat: no more is read while much waits to be written.
            while self._pieces[direction].qsize() > 64:
                time.sleep(0.005)

    def _write(self, direction: str, sink: socket.socket) -> None:
        while True:
            due, piece = self._pieces[direction].get()
            time.sleep(max(0.0, due - time.monotonic()))
            try:
                if not piece:
                    return
                if direction == TO_CLIENT and self._loses_answer:
                    self.door.swallowed.set()
                    return
                self._pass_on(direction, piece, sink)
            except OSError:
                return
            finally:
                if not piece or self._is_over(direction):
                    self.reset()

    def _is_over(self, direction: str) -> bool:
        swallowed = direction == TO_CLIENT and self._loses_answer and self.door.swallowed.is_set()
        return swallowed or self.client.fileno() < 0 or self.server.fileno() < 0

    def _pass_on(self, direction: str, piece: bytes, sink: socket.socket) -> None:
        door = self.door
        if direction == TO_SERVER:
            if door._swallows(piece):  # noqa: SLF001 - as above
                self._loses_answer = True
            first = door._before_server(piece)  # noqa: SLF001 - as above
            if first is not None:
                self._send(direction, first, sink)
                piece = piece[len(first) :]
                door.held.set()
            # Everything behind the held place waits too.
            if door.held.is_set():
                door._go_on.wait()  # noqa: SLF001 - as above
        self._send(direction, piece, sink)

    def _send(self, direction: str, piece: bytes, sink: socket.socket) -> None:
        # Thin lines get thin pieces, so that others have their turn.
        step = 8192 if self.door.bytes_per_second else len(piece) or 1
        for start in range(0, len(piece), step):
            part = piece[start : start + step]
            self.door._wait_for_band(direction, len(part))  # noqa: SLF001 - as above
            sink.sendall(part)
            self.door.passed[direction] += len(part)


def _bound_anywhere() -> socket.socket:
    """Bind a port that the system gives to nobody by itself, and that no other door holds."""
    while True:
        listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
        try:
            listener.bind(("127.0.0.1", _PORTS[secrets.randbelow(len(_PORTS))]))
        except OSError:
            listener.close()
            continue
        # Only from now on: while binding, a port that is held counts as taken.
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        return listener


def _bound_again(port: int) -> socket.socket:
    """Hold a port that was listened on a moment ago, without listening."""
    holder = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    holder.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    holder.bind(("127.0.0.1", port))
    return holder


def _connect(server: Path | tuple[str, int]) -> socket.socket:
    if isinstance(server, tuple):
        return socket.create_connection(server)
    connection = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    try:
        connection.connect(str(server))
    except OSError:
        connection.close()
        raise
    return connection


def _drop_everything(one: socket.socket) -> None:
    """Attach a packet filter that accepts nothing."""
    reject_all = ctypes.create_string_buffer(struct.pack("HBBI", 0x06, 0, 0, 0))
    program = struct.pack("HxxxxxxP", 1, ctypes.addressof(reject_all))
    if one.fileno() >= 0:
        one.setsockopt(socket.SOL_SOCKET, _SO_ATTACH_FILTER, program)


def _reset(one: socket.socket) -> None:
    """Close with a reset instead of a farewell."""
    try:
        if one.family == socket.AF_INET:
            one.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            # A reset leaves a black hole only when the filter is gone.
            _accept_again(one)
        # Whoever reads from it is woken; a farewell is not sent.
        one.shutdown(socket.SHUT_RD)
    except OSError:
        pass
    one.close()


def _accept_again(one: socket.socket) -> None:
    with suppress(OSError):
        one.setsockopt(socket.SOL_SOCKET, _SO_DETACH_FILTER, 0)


def _close(one: socket.socket) -> None:
    with suppress(OSError):
        one.shutdown(socket.SHUT_RDWR)
    one.close()
