"""Start and stop what Twofold runs on this machine."""

from __future__ import annotations

from typing import Annotated

from cyclopts import Parameter, validators

from twofold.cli import printing
from twofold.cli.machine.standing import HOST, PORT, forget, services, start, stop
from twofold.cli.opening import embedded_server, is_embedded, prepare, settings
from twofold.cli.parameters import AsJson, Misused


def up(
    *,
    port: Annotated[
        int, Parameter(help="Port of the pages.", validator=validators.Number(gte=1, lte=65535))
    ] = PORT,
    as_json: AsJson = False,
) -> None:
    """Start the server, bring both books up to date, and run dual-write and the pages."""
    given = settings()
    state: dict[str, str | tuple[str, ...]] = {
        "server": "given by TWOFOLD_OPERATIONS_URL and TWOFOLD_FINANCE_URL"
    }
    if is_embedded(given):
        server = embedded_server(given)
        with printing.working("Starting PostgreSQL"):
            server.ensure()
            status = server.status()
        state = {
            "server": f"PostgreSQL {status.version}, {status.state}, as {status.user}",
            "home": str(server.home),
            "socket": str(status.socket),
            "log": str(status.log),
        }
    prepared = prepare(given)
    state["migrated"] = prepared.migrations
    state["activated"] = prepared.maps
    for service in services(port):
        with printing.working(f"Starting {service.name}"):
            state[service.name] = start(given.home, service)
    state["address"] = f"http://{HOST}:{port}"
    shown = [
        (name, (", ".join(value) or "nothing new") if isinstance(value, tuple) else value)
        for name, value in state.items()
    ]
    printing.show(state, printing.facts(shown), as_json=as_json)


def down(
    *,
    erase: Annotated[
        bool, Parameter(negative=(), help="Delete the data and the secrets, for good.")
    ] = False,
    yes: Annotated[bool, Parameter(negative=(), help="Erase without asking.")] = False,
) -> None:
    """Stop what ``up`` started; with --erase, delete the data of the embedded server."""
    given = settings()
    names = [service.name for service in services(PORT)]
    stop(given.home, names)
    if not is_embedded(given):
        if erase:
            raise Misused("the books live on servers of yours: erase them with their own tools")
        printing.say("Stopped. The books live on servers of yours, which go on.")
        return
    server = embedded_server(given)
    if not erase:
        server.stop()
        printing.say(f"Stopped. The data stays in {server.home}.")
        return
    if not yes:
        _ask(str(server.home))
    server.erase()
    forget(given.home, names)
    printing.say(f"Erased: {server.home}")


def _ask(home: str) -> None:
    console = printing.messages()
    if not console.is_terminal:
        raise Misused("--erase deletes both books for good: add --yes to confirm")
    if console.input(f"Delete both books in {home} for good? Type erase: ").strip() != "erase":
        raise Misused("nothing was erased")
