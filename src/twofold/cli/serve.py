"""Serve the pages to browsers."""

from __future__ import annotations

from typing import Annotated

import uvicorn
from cyclopts import Parameter

from twofold.cli import printing
from twofold.cli.opening import opened
from twofold.cli.standing import HOST, PORT
from twofold.web.app import build


def serve(
    *,
    host: Annotated[str, Parameter(help="Address to listen on.")] = HOST,
    port: Annotated[int, Parameter(help="Port to listen on.")] = PORT,
    url: Annotated[
        str | None,
        Parameter(help="How users reach the pages, where that is not http://HOST:PORT."),
    ] = None,
) -> None:
    """Serve the pages until interrupted; behind a proxy that speaks TLS, name its --url."""
    origin = url or f"http://{host}:{port}"
    with opened() as system:
        printing.say(f"Twofold is at {origin}")
        uvicorn.run(
            build(system, origin=origin),
            host=host,
            port=port,
            log_level="warning",
            access_log=False,
            server_header=False,
            # The proxy's word for the client's address counts only where there is a proxy.
            proxy_headers=url is not None,
        )
