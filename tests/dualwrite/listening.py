"""A web hook and a program of a test's own that take alerts, and remember them."""

from __future__ import annotations

import json
import sys
import threading
from collections.abc import Generator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any


class Hook:
    """A web server on this machine: what was posted to it, and how it answers."""

    def __init__(self) -> None:
        self.posted: list[dict[str, Any]] = []
        self.answers = 204
        self.location = ""
        hook = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                length = int(self.headers["Content-Length"])
                hook.posted.append(json.loads(self.rfile.read(length)))
                self.send_response(hook.answers)
                if hook.location:
                    self.send_header("Location", hook.location)
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, *words: object) -> None:
                """Say nothing."""

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)

    @property
    def url(self) -> str:
        """Where it listens, with a secret in its path as such addresses have."""
        return f"http://127.0.0.1:{self.server.server_address[1]}/hooks/s3cret"


@contextmanager
def listening() -> Generator[Hook]:
    """Run a web hook as long as the block lasts."""
    hook = Hook()
    thread = threading.Thread(target=hook.server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield hook
    finally:
        hook.server.shutdown()
        hook.server.server_close()
        thread.join()


def writing_to(path: Path) -> str:
    """Give a command that adds what it reads to a file."""
    program = f"import sys; open({str(path)!r}, 'a').write(sys.stdin.read())"
    return f'{sys.executable} -c "{program}"'
