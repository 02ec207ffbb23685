"""The standing process between the books: run it, and see whether one runs."""

from __future__ import annotations

import logging
import os
import secrets
import signal
import socket
import sys
from collections.abc import Callable
from types import FrameType
from typing import Annotated

from cyclopts import App, Parameter

from twofold.cli import printing
from twofold.cli.opening import dsn_of, opened, settings
from twofold.cli.parameters import AsJson, actor_name
from twofold.database.connection import Book
from twofold.dualwrite.run.alerts import check_alerts
from twofold.dualwrite.run.engine import Engine, Plan, drain
from twofold.dualwrite.run.heartbeat import Heartbeat, KnownEngine, engines
from twofold.dualwrite.run.notify import notifier_to
from twofold.dualwrite.run.schedule import reconcile_what_is_due
from twofold.dualwrite.sets.route import Route
from twofold.dualwrite.standing.reconcile import RECONCILE_HOURS
from twofold.journey.pairing import PairProof
from twofold.journey.system import Dsn, System, open_routes

app = App(name="dualwrite", help="The process that takes change sets across as they are made.")
app.command(
    "twofold.cli.integration.pairing:adopt",
    name="adopt",
    help="Make two books a pair again after one was restored, moved or copied.",
)
app.command(
    "twofold.cli.integration.lag:show_lag",
    name="lag",
    help="Show how late each map is in each company, and what holds up the queue.",
)
app.command(
    "twofold.cli.integration.activity:log",
    name="log",
    help="List what people and dual-write did to sets, maps, alerts and the bridge.",
)

REFUSED = 1


@app.command
def run(
    *,
    workers: Annotated[int, Parameter(help="Batches under way at once, each direction.")] = 2,
    once: Annotated[
        bool, Parameter(negative=(), help="Deliver what is due, both ways, and leave.")
    ] = False,
    reconcile_every: Annotated[
        int, Parameter(help="Hours after which a map is compared in both books again; 0: never.")
    ] = RECONCILE_HOURS,
) -> int:
    """Take change sets across, both ways, until SIGTERM or Ctrl-C; log to stderr."""
    logging.basicConfig(
        stream=sys.stderr,
        level=logging.INFO,
        format="%(asctime)s %(levelname)s %(message)s",
    )
    with opened() as system:
        if once:
            done = drain((system.forward, system.back))
            printing.say(
                f"{printing.counted(done.applied, 'set')} applied, {len(done.problems)} held up."
            )
            return REFUSED if done.problems else 0
        engine = Engine(_plan(system, dsn_of(settings()), workers, reconcile_every))

        def stop(number: int, frame: FrameType | None) -> None:
            del number, frame
            engine.stop()

        for name in (signal.SIGTERM, signal.SIGINT):
            signal.signal(name, stop)
        engine.run()
    return 0


@app.command
def status(*, as_json: AsJson = False) -> int:
    """Show the engines that are at work; exit code 1 when there is none."""
    with (
        opened(maps="looked at", pair="as it is", alone="operations") as system,
        system.auditor_operations.reader() as reader,
    ):
        known = engines(reader)
    printing.show(
        known,
        printing.table(
            ("Engine", "Host", "Process", "Format", "Started", "Seen", "Silent for (s)"),
            [
                (
                    one.engine,
                    one.host,
                    one.pid,
                    one.format,
                    one.started_at,
                    one.seen_at,
                    round(one.seconds_silent),
                )
                for one in known
            ],
            title="Engines",
        ),
        as_json=as_json,
    )
    return 0 if any(map(_is_alive, known)) else REFUSED


def _is_alive(one: KnownEngine) -> bool:
    # Ten beats missed.
    return one.seconds_silent < 30


def _plan(system: System, dsn: Dsn, workers: int, reconcile_hours: int) -> Plan:
    given = settings()
    notifier = notifier_to(webhook=given.alert_webhook, command=given.alert_command)

    proof = PairProof(dsn, environment=given.environment, actor=actor_name(None))

    def routes(name: str) -> tuple[Route, Route]:
        return open_routes(dsn, system.maps, application=name, proof=proof)

    def watch() -> None:
        books: tuple[Book, Book] = (system.dualwrite_operations, system.dualwrite_finance)
        check_alerts(operations=books[0], finance=books[1], notifier=notifier)

    def reconcile(both: tuple[Route, Route], is_over: Callable[[], bool]) -> None:
        reconcile_what_is_due(both, hours=reconcile_hours, is_over=is_over)

    return Plan(
        engine=Heartbeat(secrets.token_hex(4), socket.gethostname(), os.getpid()),
        workers=max(1, workers),
        open_routes=routes,
        watch=watch,
        jitter=secrets.SystemRandom().random,
        reconcile=reconcile if reconcile_hours > 0 else None,
    )
