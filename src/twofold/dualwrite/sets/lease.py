"""Lease sets of the source: who may deliver them, for how long, and what becomes of them else.

Only the head of a stream is leased, with the versions that follow it when all of them carry
facts. A set behind another of its stream, or held by a map that does not run, is marked so by
the lease that meets it and not looked at again until the mark is taken back: what is held costs
nothing, however much it is.

Before  sets are sealed and committed in the source.
After   each leased set has a token; only who holds it may put the set back or acknowledge it.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Generator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from typing import Final

from twofold.database.statement import SqlFile
from twofold.database.transaction import Transaction
from twofold.dualwrite.events import record_event
from twofold.dualwrite.sets.route import Route, SetProblem
from twofold.kernel.errors import Fault

BATCH_SETS_MAX: Final = 200
# A batch takes no further set once it has this many rows; a larger set travels alone.
BATCH_ROWS_MAX: Final = 20_000
ACTOR: Final = "dual-write"


@dataclass(frozen=True, slots=True)
class Leased:
    """A set this engine may deliver until its lease runs out; ``token`` tells leases apart.

    ``lapsed_from`` names whoever held a lease that ran out.
    """

    company: str
    set_id: int
    stream: str
    version: int
    token: int
    attempts: int
    lapsed_from: str | None


@dataclass(frozen=True, slots=True)
class _Company:
    company: str


@dataclass(frozen=True, slots=True)
class _Due:
    set_id: int


@dataclass(frozen=True, slots=True)
class _Judged:
    set_id: int
    verdict: str


SQL: Final = SqlFile(__name__)
COMPANIES: Final = SQL.query("companies", gives=_Company)
DUE: Final = SQL.query("due", gives=_Due)
THESE: Final = SQL.query("these", gives=_Due)
JUDGE: Final = SQL.query("judge", gives=_Judged)
MARK_HELD_BY_MAP: Final = SQL.command("mark_held_by_map")
MARK_HELD_BY_STREAM: Final = SQL.command("mark_held_by_stream")
TAKE: Final = SQL.query("take", gives=Leased)
RENEW: Final = SQL.command("renew")
GIVE_BACK: Final = SQL.command("give_back")
PUT_BACK: Final = SQL.command("put_back")
FORGET_AWAITED: Final = SQL.command("forget_awaited")
AWAIT: Final = SQL.command("await")


def companies_due(route: Route, *, after: str = "") -> list[str]:
    """Name the companies that have sets due, those after ``after`` first: a fair round."""
    with route.source.reader() as reader:
        return [one.company for one in reader.all(COMPANIES, after=after)]


def lease_sets(
    route: Route,
    *,
    company: str,
    set_ids: Sequence[int] | None = None,
    sets_max: int = BATCH_SETS_MAX,
    rows_max: int | None = None,
) -> list[Leased]:
    """Lease the next sets of a company, streams in the order in which they are due.

    ``set_ids`` asks for these sets only; ``rows_max`` leaves larger sets to others. Gives
    nothing when nothing is due, or when all that is due is held.
    """
    while True:
        with route.source.transaction() as transaction:
            found = _candidates(transaction, company, set_ids, sets_max, rows_max)
            if not found:
                return []
            leased = _take(transaction, route, company, found)
        if leased or set_ids is not None:
            return leased
        # All of these are held and marked so: there may be others behind them.
        if not leased and len(found) < sets_max:
            return []


def _candidates(
    transaction: Transaction,
    company: str,
    set_ids: Sequence[int] | None,
    sets_max: int,
    rows_max: int | None,
) -> list[int]:
    if set_ids is not None:
        rows = transaction.all(THESE, company=company, set_ids=list(set_ids))
    else:
        rows = transaction.all(DUE, company=company, sets_max=sets_max, rows_max=rows_max)
    return [one.set_id for one in rows]


def _take(transaction: Transaction, route: Route, company: str, found: list[int]) -> list[Leased]:
    judged = transaction.all(
        JUDGE,
        company=company,
        set_ids=found,
        fact_maps=[one.compiled.map.id for one in route.maps if one.compiled.map.rows == "facts"],
        rows_max=BATCH_ROWS_MAX,
    )

    def those(verdict: str) -> list[int]:
        return [one.set_id for one in judged if one.verdict == verdict]

    if by_map := those("map"):
        transaction.run(MARK_HELD_BY_MAP, company=company, set_ids=by_map)
    if by_stream := those("stream"):
        transaction.run(MARK_HELD_BY_STREAM, company=company, set_ids=by_stream)
    taken = those("take")
    if not taken:
        return []
    return transaction.all(
        TAKE,
        company=company,
        set_ids=taken,
        leased_by=route.source.application,
        lease_seconds=route.lease_seconds,
    )


@contextmanager
def renewed(route: Route, leased: Sequence[Leased]) -> Generator[None]:
    """Renew leases while the block lasts. One that ran out is not renewed: it may be another's."""
    done = threading.Event()
    keeper = threading.Thread(target=_renew, args=(route, leased, done), daemon=True)
    keeper.start()
    try:
        yield
    finally:
        done.set()
        keeper.join()


def _renew(route: Route, leased: Sequence[Leased], done: threading.Event) -> None:
    while not done.wait(route.lease_seconds / 3):
        try:
            with route.source.transaction() as transaction:
                transaction.run(RENEW, **_named(leased), lease_seconds=route.lease_seconds)
        except Fault:
            # The source does not answer: the lease runs out, and the inbox keeps order.
            continue


def give_back(route: Route, leased: Sequence[Leased]) -> None:
    """Give up leases: the sets are due at once, as if they had not been taken."""
    if leased:
        with route.source.transaction() as transaction:
            transaction.run(GIVE_BACK, **_named(leased))


def put_back(route: Route, leased: Sequence[Leased], problems: Sequence[SetProblem]) -> None:
    """Record what became of sets that could not be applied, with an event for each attempt.

    After   waiting ones are tried again after a pause that doubles; parked ones have what they
            wait for; a set whose lease another engine has taken over is left as it is.
    """
    tokens = {one.set_id: one for one in leased}
    with route.source.transaction() as transaction:
        for problem in problems:
            _put_back(transaction, tokens[problem.set_id], problem)


def _put_back(transaction: Transaction, leased: Leased, problem: SetProblem) -> None:
    set_key = {"company": leased.company, "set_id": leased.set_id}
    is_ours = transaction.run(
        PUT_BACK,
        **set_key,
        token=leased.token,
        state=problem.state,
        code=problem.code,
        problem=str(problem),
    )
    if not is_ours:
        return
    transaction.run(FORGET_AWAITED, **set_key)
    if problem.awaits:
        transaction.run(
            AWAIT, **set_key, awaited=json.dumps([asdict(one) for one in problem.awaits])
        )
    record_event(
        transaction,
        event=f"set {problem.state}",
        actor=ACTOR,
        company=leased.company,
        set_ids=(leased.set_id,),
        map_id=problem.awaits[0].map if problem.awaits else None,
        code=problem.code,
        detail=str(problem),
    )


def _named(leased: Sequence[Leased]) -> dict[str, object]:
    return {
        "company": leased[0].company,
        "set_ids": [one.set_id for one in leased],
        "tokens": [one.token for one in leased],
    }
