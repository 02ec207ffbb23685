"""The standing process: takes sets across as they are sealed, both ways, until it is told to stop.

Each worker has sessions of its own in both books and takes one batch after the other, company by
company in turn; the first worker of a direction leaves large sets to the others. Whoever seals
wakes the workers; where that is not heard, they look every two seconds. A book that is away is
tried again at growing pauses, and nothing else is held up by it. A keeper says every few seconds
that the engine lives, wakes sets whose reason is gone, and calls the watch that was given.

Before  both books are migrated and paired, and maps were activated.
After   ``stop`` was called: batches under way are finished, sessions closed.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final

from twofold.database.notices import listen
from twofold.dualwrite.run.heartbeat import Heartbeat, beat, end_beat
from twofold.dualwrite.sets.deliver import deliver_next
from twofold.dualwrite.sets.lease import BATCH_ROWS_MAX, companies_due
from twofold.dualwrite.sets.route import Delivery, Route
from twofold.dualwrite.sets.wake import free_from_maps, wake_awaiting
from twofold.kernel.errors import Fault

LOG: Final = logging.getLogger("twofold.dualwrite")

POLL_SECONDS: Final = 2.0
KEEPER_SECONDS: Final = 3.0
PAUSE_SECONDS_MAX: Final = 30.0


@dataclass(frozen=True, slots=True)
class Plan:
    """How an engine runs. ``open_routes`` gives both directions with sessions of the given name.

    ``watch`` is called every few seconds: alerts, schedules, identity; what it raises is logged.
    ``jitter`` gives a number from 0 to 1, so that engines do not all come back at once.
    ``reconcile`` is called every ``reconcile_look_seconds``, beside everything else, with sessions
    of its own and a question that says whether to leave off; what it raises is logged.
    """

    engine: Heartbeat
    workers: int
    open_routes: Callable[[str], tuple[Route, Route]]
    watch: Callable[[], None]
    jitter: Callable[[], float]
    reconcile: Callable[[tuple[Route, Route], Callable[[], bool]], object] | None = None
    reconcile_look_seconds: float = 60.0


@dataclass(slots=True)
class _Pause:
    """The pause after failures: it doubles with each, and is over with the first success."""

    name: str
    jitter: Callable[[], float]
    failures: int = 0

    def failed(self, fault: Exception) -> float:
        """Tell how long to wait now; the first failure of a row is logged."""
        if not self.failures:
            said = str(fault).partition("\n")[0]
            LOG.warning("%s: %s; trying again", self.name, said)
        self.failures += 1
        seconds = min(PAUSE_SECONDS_MAX, 0.25 * 2 ** min(self.failures, 10))
        return seconds * (0.5 + self.jitter() / 2)

    def worked(self) -> None:
        """Log that it works again, if it did not."""
        if self.failures:
            LOG.info("%s: works again", self.name)
        self.failures = 0


@dataclass(slots=True)
class _News:
    """What was heard from one book: how many notices, so that none is missed while looking."""

    heard: int = 0
    _condition: threading.Condition = field(default_factory=threading.Condition)

    def tell(self) -> None:
        """Wake whoever waits."""
        with self._condition:
            self.heard += 1
            self._condition.notify_all()

    def wait(self, *, beyond: int) -> None:
        """Wait until more was heard than ``beyond``, two seconds at most."""
        with self._condition:
            self._condition.wait_for(lambda: self.heard > beyond, POLL_SECONDS)


@dataclass(slots=True)
class Engine:
    """One standing process. ``run`` returns after ``stop``."""

    plan: Plan
    _is_asked: bool = False
    _over: threading.Event = field(default_factory=threading.Event)
    _news: dict[str, _News] = field(
        default_factory=lambda: {"operations": _News(), "finance": _News()}
    )

    def stop(self) -> None:
        """Ask it to finish what is under way and to return. Safe in a signal handler."""
        self._is_asked = True

    def run(self) -> None:
        """Run until stopped."""
        LOG.info("engine %s runs with %s workers", self.plan.engine.name, self.plan.workers)
        threads = [
            threading.Thread(target=self._guarded, args=(work,), name=name)
            for name, work in self._parts()
        ]
        for thread in threads:
            thread.start()
        # A handler of signals may not touch the event while this thread is in it.
        while not self._is_asked and not self._over.wait(0.2):
            pass
        self._over.set()
        for news in self._news.values():
            news.tell()
        for thread in threads:
            thread.join()
        LOG.info("engine %s stopped", self.plan.engine.name)

    def _parts(self) -> list[tuple[str, Callable[[], None]]]:
        parts: list[tuple[str, Callable[[], None]]] = [("keeper", self._keep)]
        if self.plan.reconcile is not None:
            parts.append(("reconciler", lambda work=self.plan.reconcile: self._reconcile(work)))
        for direction in (0, 1):
            parts.append((f"listener {direction}", lambda way=direction: self._listen(way)))
            parts += [
                (
                    f"worker {direction}/{number}",
                    lambda way=direction, place=number: self._work(way, place),
                )
                for number in range(self.plan.workers)
            ]
        return parts

    def _guarded(self, work: Callable[[], None]) -> None:
        """End the whole engine when a part of it ends by a mistake: half an engine deceives."""
        try:
            work()
        except BaseException:
            LOG.exception("a part of the engine failed")
            raise
        finally:
            self._over.set()

    def _route(self, direction: int, name: str) -> Route:
        return self.plan.open_routes(f"{self.plan.engine.session}/{name}")[direction]

    def _work(self, direction: int, number: int) -> None:
        route = self._route(direction, f"{direction}{number}")
        # One worker is always free for small sets, when there is more than one.
        rows_max = BATCH_ROWS_MAX if number == 0 and self.plan.workers > 1 else None
        pause = _Pause(f"{route.source.name} to {route.target.name}", self.plan.jitter)
        company = ""
        try:
            while not self._over.is_set():
                try:
                    company = self._turn(route, company, rows_max)
                    pause.worked()
                except Fault as fault:
                    self._over.wait(pause.failed(fault))
        finally:
            _close(route)

    def _turn(self, route: Route, company: str, rows_max: int | None) -> str:
        """Deliver one batch of the next company that has one; wait for news if none has."""
        news = self._news[route.source.name]
        heard = news.heard
        for one in companies_due(route, after=company):
            delivery = Delivery()
            if deliver_next(route, company=one, delivery=delivery, rows_max=rows_max):
                _log(route, one, delivery)
                return one
        if not self._over.is_set():
            news.wait(beyond=heard)
        return company

    def _listen(self, direction: int) -> None:
        route = self._route(direction, f"{direction}l")
        news = self._news[route.source.name]
        pause = _Pause(f"listening to {route.source.name}", self.plan.jitter)

        def told() -> None:
            pause.worked()
            news.tell()

        while not self._over.is_set():
            try:
                listen(route.source, "dualwrite", told=told, is_over=self._over.is_set)
            except Fault as fault:
                self._over.wait(pause.failed(fault))
        _close(route)

    def _keep(self) -> None:
        routes = self.plan.open_routes(f"{self.plan.engine.session}/keeper")
        duties: list[tuple[str, Callable[[], object]]] = [
            *((f"heartbeat in {one.source.name}", _beating(one, self.plan)) for one in routes),
            *((f"waking sets of {one.source.name}", _waking(one)) for one in routes),
            ("watch", self.plan.watch),
        ]
        pauses = {name: _Pause(name, self.plan.jitter) for name, _ in duties}
        while not self._over.wait(KEEPER_SECONDS):
            for name, duty in duties:
                try:
                    duty()
                    pauses[name].worked()
                except Exception as error:  # noqa: BLE001 - one duty must not end the others
                    pauses[name].failed(error)
        for one in routes:
            try:
                end_beat(one.source, self.plan.engine)
            except Fault:
                LOG.info("%s did not take the farewell", one.source.name)
        _close(routes[0])

    def _reconcile(
        self, reconcile: Callable[[tuple[Route, Route], Callable[[], bool]], object]
    ) -> None:
        routes = self.plan.open_routes(f"{self.plan.engine.session}/reconciler")
        pause = _Pause("reconciling", self.plan.jitter)
        while not self._over.wait(self.plan.reconcile_look_seconds):
            try:
                reconcile(routes, self._over.is_set)
                pause.worked()
            except Exception as error:  # noqa: BLE001 - delivery must not end with it
                self._over.wait(pause.failed(error))
        _close(routes[0])


def drain(routes: tuple[Route, Route]) -> Delivery:
    """Deliver both ways until nothing more is due; give what was done."""
    total = Delivery()
    for route in routes:
        free_from_maps(route)
        wake_awaiting(route)
    more = True
    while more:
        more = False
        for route in routes:
            for company in companies_due(route):
                more |= deliver_next(route, company=company, delivery=total)
    return total


def _beating(route: Route, plan: Plan) -> Callable[[], object]:
    return lambda: beat(route.source, plan.engine)


def _waking(route: Route) -> Callable[[], object]:
    return lambda: (free_from_maps(route), wake_awaiting(route))


def _close(route: Route) -> None:
    route.source.close()
    route.target.close()


def _log(route: Route, company: str, delivery: Delivery) -> None:
    LOG.info(
        "%s %s to %s: %s sets applied, %s had before, %s rows",
        company,
        route.source.name,
        route.target.name,
        delivery.applied,
        delivery.already_applied,
        delivery.rows,
    )
    for problem in delivery.problems:
        # Never the words of the problem: they may name people and amounts.
        LOG.warning("%s set %s: %s, %s", company, problem.set_id, problem.code, problem.state)
