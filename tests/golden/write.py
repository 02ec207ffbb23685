"""Write the golden files anew: ``python -m tests.golden.write``. Review them like source."""

from __future__ import annotations

import tempfile
from pathlib import Path

from tests.golden.texts import MAPS, PRIVILEGES, map_text, privileges_text
from tests.support.books import Books
from tests.support.server import TestServer


def write() -> None:
    """Start a server of its own, write every file, and delete the server."""
    home = Path(tempfile.mkdtemp(prefix="twofold-golden-", dir="/tmp"))
    home.chmod(0o711)  # the service user of the server passes through it
    server = TestServer(home)
    try:
        server.start()
        MAPS.mkdir(exist_ok=True)
        for path in MAPS.glob("*.sql"):
            path.unlink()
        for active in server.active_maps():
            text = map_text(active.compiled)
            (MAPS / f"{active.compiled.map.id}.sql").write_text(text, encoding="utf-8")
        with server.fresh_pair() as pair:
            books = Books(server, pair)
            PRIVILEGES.write_text(privileges_text(books), encoding="utf-8")
            books.close()
    finally:
        server.erase()


if __name__ == "__main__":
    write()
