"""A line that tampers: a socket before the server of the tests that exchanges words under way.

Words are exchanged for words of the same length in what a client sends, so the stream stays a
stream the server reads: only what it says is different, as with a bit that flips.
"""

from __future__ import annotations

import socket
import threading
from collections.abc import Generator
from contextlib import contextmanager, suppress
from pathlib import Path

from psycopg.conninfo import conninfo_to_dict, make_conninfo

_PIECE_BYTES = 64 * 1024


class Line:
    """Passes everything on; exchanges words as long as ``times`` is above nought."""

    def __init__(self, words: bytes, others: bytes, *, times: int) -> None:
        assert len(words) == len(others)
        self.words = words
        self.others = others
        self.times = times
        self._lock = threading.Lock()

    def changed(self, piece: bytes) -> bytes:
        """Give the piece as it goes on."""
        with self._lock:
            if self.times > 0 and self.words in piece:
                self.times -= 1
                return piece.replace(self.words, self.others, 1)
            return piece


@contextmanager
def tampering(dsn: str, line: Line, *, at: Path) -> Generator[str]:
    """Give a connection string that leads over the line to the server of ``dsn``."""
    given = conninfo_to_dict(dsn)
    name = f".s.PGSQL.{given['port']}"
    behind = Path(str(given["host"])) / name
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as listener:
        listener.bind(str(at / name))
        listener.listen()
        threading.Thread(target=_accept, args=(listener, behind, line), daemon=True).start()
        yield make_conninfo(dsn, host=str(at))
        listener.shutdown(socket.SHUT_RDWR)


def _accept(listener: socket.socket, behind: Path, line: Line) -> None:
    with suppress(OSError):
        while True:
            client, _ = listener.accept()
            server = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
            server.connect(str(behind))
            for source, sink, tampers in ((client, server, True), (server, client, False)):
                threading.Thread(
                    target=_pass, args=(source, sink, line if tampers else None), daemon=True
                ).start()


def _pass(source: socket.socket, sink: socket.socket, line: Line | None) -> None:
    with suppress(OSError):
        while piece := source.recv(_PIECE_BYTES):
            sink.sendall(line.changed(piece) if line else piece)
    for one in (source, sink):
        with suppress(OSError):
            one.shutdown(socket.SHUT_RDWR)
        one.close()
