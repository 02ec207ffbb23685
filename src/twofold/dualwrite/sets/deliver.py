"""Deliver change sets: whole, in order per business key, effectively once.

One batch of sets of one company is leased in the source, applied in one transaction of the
target that begins with the inbox rows, and acknowledged in the source. A crash at any point
leaves either nothing or the whole set in the target; delivering again meets the inbox row and
only acknowledges. Nothing is assumed about a commit that was not answered: the inbox is asked.

Before  the sets are sealed and committed in the source.
After   each set of the batch is applied and acknowledged, or still pending with the reason.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Final

from twofold.database.statement import SqlFile
from twofold.database.transaction import ConstraintBroken
from twofold.dualwrite.sets.acknowledge import acknowledge_sets
from twofold.dualwrite.sets.apply import Outcome, apply_batch
from twofold.dualwrite.sets.batch import read_batch
from twofold.dualwrite.sets.drifted import Drifted, drift_behind, halt_drifted
from twofold.dualwrite.sets.failures import BUGS, helps_at_once, is_of_the_book, problem_of
from twofold.dualwrite.sets.lease import (
    Leased,
    companies_due,
    give_back,
    lease_sets,
    put_back,
    renewed,
)
from twofold.dualwrite.sets.route import (
    LEASE_SECONDS,
    Delivery,
    Failpoint,
    Route,
    SetProblem,
    SetProblems,
)
from twofold.dualwrite.sets.wake import free_from_maps, wake_awaiting
from twofold.kernel.errors import Fault

__all__ = [
    "LEASE_SECONDS",
    "Delivery",
    "Failpoint",
    "Route",
    "SetProblem",
    "deliver_next",
    "deliver_sets",
]

# How often the same work is done again at once: after a deadlock, and after a mismatch that may
# have happened under way.
TRIES_MAX: Final = 3
# Sessions of engines, as opposed to those of commands, may be ended when they hold a lapsed lease.
ENGINE_SESSIONS: Final = "twofold/dualwrite/"

SQL: Final = SqlFile(__name__)
END_SESSIONS: Final = SQL.command("end_sessions")


def deliver_sets(
    route: Route, *, company: str | None = None, set_ids: Sequence[int] | None = None
) -> Delivery:
    """Deliver what is pending and due (of one company, or just these sets) until nothing is left.

    One bad set never holds up the others: it is put back with its code and text (parked,
    stopped, or to be tried again), and the rest of its batch goes on.

    Raises  Fault, transient, when a book cannot be reached; the sets then wait.
    """
    free_from_maps(route)
    delivery = Delivery()
    done = True
    while done:
        companies = [company] if company is not None else companies_due(route)
        turns = [
            deliver_next(route, company=one, set_ids=set_ids, delivery=delivery)
            for one in companies
        ]
        done = any(turns)
    return delivery


def deliver_next(
    route: Route,
    *,
    company: str,
    delivery: Delivery,
    set_ids: Sequence[int] | None = None,
    rows_max: int | None = None,
) -> bool:
    """Deliver one batch of a company; tell whether there was one.

    ``rows_max`` leaves larger sets to others. Raises as ``deliver_sets`` does.
    """
    leased = lease_sets(route, company=company, set_ids=set_ids, rows_max=rows_max)
    route.failpoint("CP04")
    if not leased:
        return False
    turn = _Turn(route, delivery)
    with renewed(route, leased):
        _end_lapsed_sessions(route, leased)
        turn.deliver(leased)
    if turn.tables:
        wake_awaiting(route, tables=turn.tables)
    return True


def _end_lapsed_sessions(route: Route, leased: Sequence[Leased]) -> None:
    """End sessions in the target of engines whose lease ran out: they may hold the inbox row."""
    lapsed = {
        one.lapsed_from
        for one in leased
        if one.lapsed_from
        and one.lapsed_from.startswith(ENGINE_SESSIONS)
        and one.lapsed_from != route.source.application
    }
    if lapsed:
        with suppress(Fault), route.target.transaction() as target:
            target.run(END_SESSIONS, applications=sorted(lapsed))


@dataclass(slots=True)
class _Turn:
    """One leased batch: what is delivered of it, and which streams came to a halt in it."""

    route: Route
    delivery: Delivery
    halted: set[str] = field(default_factory=set[str])
    tables: set[str] = field(default_factory=set[str])

    def deliver(self, leased: Sequence[Leased]) -> None:
        """Deliver the sets whose stream goes on; split the batch when it hides a bad set."""
        part = self._going_on(leased)
        if not part:
            return
        try:
            self._apply_and_acknowledge(part)
        except SetProblems as found:
            self._put_back(part, found.problems)
            self.deliver([one for one in part if one.set_id not in _ids(found.problems)])
        except Drifted as drifted:
            self._halt(part, drifted)
        except (SetProblem, ConstraintBroken, Fault, *BUGS) as error:
            self._without_name(part, error)

    def _halt(self, part: Sequence[Leased], drifted: Drifted) -> None:
        """Halt the maps that no longer fit their tables; the sets wait, held by them."""
        halt_drifted(self.route, drifted.found)
        give_back(self.route, part)

    def _without_name(self, part: Sequence[Leased], error: Exception) -> None:
        """Something of the batch failed, and nobody said which set it was."""
        if is_of_the_book(error):
            with suppress(Fault):
                self._put_back(part, [problem_of(one.set_id, error) for one in part])
            raise error
        if not isinstance(error, SetProblem) and (found := drift_behind(self.route)):
            self._halt(part, Drifted(found))
            return
        if len(part) == 1:
            named = error if isinstance(error, SetProblem) else problem_of(part[0].set_id, error)
            self._put_back(part, [named])
            return
        half = len(part) // 2
        self.deliver(part[:half])
        self.deliver(part[half:])

    def _going_on(self, leased: Sequence[Leased]) -> list[Leased]:
        stays = [one for one in leased if one.stream in self.halted]
        give_back(self.route, stays)
        return [one for one in leased if one.stream not in self.halted]

    def _put_back(self, part: Sequence[Leased], problems: Sequence[SetProblem]) -> None:
        put_back(self.route, part, problems)
        ids = _ids(problems)
        self.halted |= {one.stream for one in part if one.set_id in ids}
        self.delivery.forget(list(ids))
        self.delivery.problems += problems

    def _apply_and_acknowledge(self, part: Sequence[Leased]) -> None:
        outcome = _again_at_once(lambda: _apply(self.route, part))
        self.route.failpoint("CP13")
        with self.route.source.transaction() as transaction:
            acknowledge_sets(transaction, part, outcome.links)
            self.route.failpoint("CP14")
        self.tables |= outcome.tables
        self.delivery.forget([one.set_id for one in part])
        self.delivery.applied += len(outcome.new)
        self.delivery.already_applied += len(part) - len(outcome.new)
        self.delivery.rows += outcome.rows


def _apply(route: Route, part: Sequence[Leased]) -> Outcome:
    set_ids = [one.set_id for one in part]
    with route.source.reader() as source:
        batch = read_batch(source, company=part[0].company, set_ids=set_ids)
        route.failpoint("CP05")
        with route.target.transaction() as target:
            outcome = apply_batch(route, batch, source, target)
            route.failpoint("CP11")
    return outcome


def _again_at_once(apply: Callable[[], Outcome]) -> Outcome:
    """Do the work, again when a deadlock or a mismatch of what arrived may be gone by then."""
    for _ in range(TRIES_MAX - 1):
        try:
            return apply()
        except SetProblems as found:
            if not any(one.code == "ERR-D19" for one in found.problems):
                raise
        except Fault as fault:
            if not helps_at_once(fault):
                raise
    return apply()


def _ids(problems: Sequence[SetProblem]) -> set[int]:
    return {one.set_id for one in problems}
