"""What the integration admin's pages share: whose sets one may see, and books that may be away.

The integration admin is of the whole installation and sees every company; an auditor reads those
they audit; nobody else finds the pages.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, TypeVar

from starlette.exceptions import HTTPException

from twofold.dualwrite.sets.route import Route
from twofold.dualwrite.table_maps.activate import ActiveMap
from twofold.journey.system import System
from twofold.kernel.catalogue import refuse
from twofold.kernel.errors import Refused
from twofold.operations.setup.guards import known_companies
from twofold.web.asked import Asked

T = TypeVar("T")

FORBIDDEN: Final = "ERR-U05"


@dataclass(frozen=True, slots=True)
class Scope:
    """The companies one may look at; ``company`` is the one chosen, None for all of them."""

    companies: tuple[str, ...]
    company: str | None
    sees_all: bool
    may_act: bool


def scope_of(asked: Asked) -> Scope:
    """Give what the visitor may see; a page that is not for them is not there (404)."""
    audited = asked.visitor.companies("read_integration")
    sees_all = asked.visitor.may("read_integration")
    if not sees_all and not audited:
        raise HTTPException(404)
    wanted = asked.text("company")
    if sees_all:
        known = _known(asked.system)
        company = wanted if wanted in known else None
    else:
        known = audited
        company = wanted if wanted in audited else audited[0]
    return Scope(known, company, sees_all, asked.visitor.may("integrate"))


def assert_may_act(asked: Asked) -> None:
    """Let the integration admin act; whoever may only look is refused, others find nothing."""
    scope = scope_of(asked)
    if not scope.may_act:
        raise Refused(refuse(FORBIDDEN, f"{asked.visitor.login} in Twofold"))


def assert_sees(asked: Asked, company: str) -> None:
    """Hide what belongs to a company that the visitor does not look after (404)."""
    scope = scope_of(asked)
    if not scope.sees_all and company not in scope.companies:
        raise HTTPException(404)


def route_of(system: System, active: ActiveMap) -> Route:
    """Give the direction in which the rows of a map travel."""
    return system.forward if active.compiled.map.source_book == "operations" else system.back


def map_of(system: System, name: str) -> ActiveMap:
    """Give a map that is active now by its id (404)."""
    for one in system.refreshed().maps:
        if one.compiled.map.id == name:
            return one
    raise HTTPException(404)


def _known(system: System) -> tuple[str, ...]:
    with system.auditor_operations.reader() as reader:
        return tuple(sorted(known_companies(reader)))
