"""Which legal entities a command works on, and which of them has the number that was given."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final, TypeVar

from twofold.cli.parameters import Misused
from twofold.finance.setup.known import legal_entities
from twofold.journey.system import System
from twofold.kernel.catalogue import refuse
from twofold.kernel.errors import Fault, Refused
from twofold.operations.setup.guards import known_companies

R = TypeVar("R")

UNKNOWN: Final = "ERR-B22"


def chosen_companies(system: System, asked: str | None) -> tuple[str, ...]:
    """Give the company that was asked for, or all of them in the order of their codes."""
    known = _known(system)
    if not known:
        raise Misused(
            "there is no company yet: `twofold setup finance FILE`, then `twofold deliver`"
        )
    if asked is None:
        return known
    if asked not in known:
        raise Misused(f"--company {asked}: not known; known are {', '.join(known)}")
    return (asked,)


def _known(system: System) -> tuple[str, ...]:
    """Give the companies of operations; while it does not answer, those of finance."""
    try:
        with system.operations.reader() as reader:
            return tuple(sorted(known_companies(reader)))
    except Fault as fault:
        if not fault.transient:
            raise
    with system.finance.reader() as reader:
        return legal_entities(reader)


def one_company(system: System, asked: str | None) -> str:
    """Give the company that was asked for, or the only one: keys and journals belong to one."""
    company, *others = chosen_companies(system, asked)
    if others:
        known = ", ".join((company, *others))
        raise Misused(f"this works in one company: add --company ({known})")
    return company


def found_once(
    system: System, asked: str | None, name: str, find: Callable[[str], R | None]
) -> tuple[str, R]:
    """Ask every chosen company for what is called ``name``; give the one that has it.

    Raises  Refused, ERR-B22, when none has it.
    """
    companies = chosen_companies(system, asked)
    found = [(company, one) for company in companies if (one := find(company)) is not None]
    if not found:
        reason = f"{name} is not known in {', '.join(companies)}"
        raise Refused(refuse(UNKNOWN, name.replace(" ", "/", 1), reason=reason))
    if len(found) > 1:
        several = ", ".join(company for company, _ in found)
        raise Misused(f"{name} exists in {several}: add --company")
    return found[0]
