"""Give sets up that shall never arrive: with a reason, by someone, kept for good.

The receiving book is told first and never applies them from then on: an engine that was frozen
or cut off may still come with a set that others have long called parked. A set it turns out to
have applied is not given up; it is acknowledged with the next delivery. Only then does the
sending book let go.

Before  the sets are on their way and no engine has them in hand; both books answer.
After   they are no longer pending and stand in ``dualwrite.dismissed`` with code, problem, reason
        and name, and in ``dualwrite.barred`` of the receiving book; later sets of their streams
        go on; reconciling knows the difference is accepted. A run that was interrupted between
        the books is ended by the same command; until then such a set stops with ERR-D86.
Next    rows that are missed after all come with a back-fill of their maps.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from twofold.database.statement import SqlFile
from twofold.database.transaction import Reader
from twofold.dualwrite.proof.chain import LOCK_HEAD
from twofold.dualwrite.sets.acknowledge import free_next
from twofold.dualwrite.sets.choice import Choice
from twofold.dualwrite.sets.redrive import Found
from twofold.dualwrite.sets.route import Route
from twofold.kernel.catalogue import refuse
from twofold.kernel.errors import Refused

NO_REASON: Final = "ERR-D27"


@dataclass(frozen=True, slots=True)
class Dismissed:
    """How many sets of a company and kind were given up, and how many rows they carry."""

    company: str
    kind: str
    set_count: int
    row_count: int
    streams: list[str]


@dataclass(frozen=True, slots=True)
class _Chosen:
    company: str
    set_ids: list[int]


@dataclass(frozen=True, slots=True)
class _Asked:
    set_id: int
    is_barred: bool


SQL: Final = SqlFile(__name__)
FIND: Final = SQL.query("find", gives=Found)
CHOSEN: Final = SQL.query("chosen", gives=_Chosen)
BAR: Final = SQL.command("bar")
BARRED: Final = SQL.query("barred", gives=_Asked)
DISMISS: Final = SQL.query("dismiss", gives=Dismissed)
MAKE_DUE: Final = SQL.command("make_due")


def sets_to_dismiss(reader: Reader, *, choice: Choice) -> list[Found]:
    """Tell what ``dismiss_sets`` would give up: a dry run."""
    return reader.all(FIND, **choice.given())


def dismiss_sets(route: Route, *, choice: Choice, reason: str, actor: str) -> list[Dismissed]:
    """Give up the sets of a query that the route's source has sent to its target.

    Raises  Refused, ERR-D27: without a reason nothing is given up; Fault, transient: a book does
            not answer, or the target is busy applying for longer than locks are waited for.
    """
    if not reason.strip():
        raise Refused(refuse(NO_REASON, "sets", field="reason"))
    given = {"reason": reason.strip(), "actor": actor}
    with route.source.reader() as reader:
        chosen = reader.all(CHOSEN, **choice.given())
    dismissed: list[Dismissed] = []
    for one in chosen:
        barred = _bar(route, one, given)
        route.failpoint("between the books")
        dismissed += _let_go(route, one, barred, given)
    return dismissed


def _bar(route: Route, chosen: _Chosen, given: dict[str, str]) -> list[int]:
    """Have the target never apply them; give those that it had not applied by now."""
    where = {"company": chosen.company, "source": route.source.name}
    with route.target.transaction() as transaction:
        # Whoever applies sets of this company either has committed, or meets the bar.
        transaction.one(LOCK_HEAD, **where)
        transaction.run(BAR, **where, set_ids=chosen.set_ids, **given)
        asked = transaction.all(BARRED, **where, set_ids=chosen.set_ids)
    return [one.set_id for one in asked if one.is_barred]


def _let_go(
    route: Route, chosen: _Chosen, barred: list[int], given: dict[str, str]
) -> list[Dismissed]:
    applied = sorted(set(chosen.set_ids) - set(barred))
    with route.source.transaction() as transaction:
        transaction.run(MAKE_DUE, company=chosen.company, set_ids=applied)
        dismissed = transaction.all(DISMISS, company=chosen.company, set_ids=barred, **given)
        for one in dismissed:
            free_next(transaction, company=one.company, streams=one.streams)
    return dismissed
