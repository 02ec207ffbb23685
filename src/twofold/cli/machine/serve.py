"""Serve the pages to browsers, with a worker for the jobs they ask for."""

from __future__ import annotations

import threading
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import replace
from typing import Annotated

import uvicorn
from cyclopts import Parameter

from twofold.cli import printing
from twofold.cli.machine.health import examine
from twofold.cli.machine.identity import provider_of
from twofold.cli.machine.standing import HOST, PORT
from twofold.cli.opening import opened, settings
from twofold.journey.system import System, declared_maps
from twofold.web.app import build
from twofold.worker.worker import Worker


def serve(
    *,
    host: Annotated[str, Parameter(help="Address to listen on.")] = HOST,
    port: Annotated[int, Parameter(help="Port to listen on.")] = PORT,
    url: Annotated[
        str | None,
        Parameter(help="How users reach the pages, where that is not http://HOST:PORT."),
    ] = None,
    worker: Annotated[
        bool,
        Parameter(
            negative="--no-worker",
            help="Run jobs here too; else `twofold worker` runs them, here or elsewhere.",
        ),
    ] = True,
) -> None:
    """Serve the pages until interrupted; behind a proxy that speaks TLS, name its --url."""
    origin = url or f"http://{host}:{port}"
    provider = provider_of(settings(), origin=origin)
    with opened() as opened_system, _working(opened_system, is_wanted=worker):
        system = replace(opened_system, declared=lambda: declared_maps(settings().maps))
        printing.say(f"Twofold is at {origin}")
        uvicorn.run(
            build(system, origin=origin, examine=lambda: examine(settings()), provider=provider),
            host=host,
            port=port,
            log_level="warning",
            access_log=False,
            server_header=False,
            # The proxy's word for the client's address counts only where there is a proxy.
            proxy_headers=url is not None,
        )


@contextmanager
def _working(system: System, *, is_wanted: bool) -> Generator[None]:
    """Run jobs beside the pages; the one under way ends its step before the block does."""
    one = Worker(system)
    thread = threading.Thread(target=one.run, name="worker")
    if is_wanted:
        thread.start()
    try:
        yield
    finally:
        one.stop()
        if is_wanted:
            thread.join()
