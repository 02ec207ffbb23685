"""The parameters that many commands share, and what a wrong use of them raises."""

from __future__ import annotations

import getpass
from datetime import date
from typing import Annotated

from cyclopts import Parameter

from twofold.cli import clock

Company = Annotated[
    str | None, Parameter(help="Legal entity, such as USPM; left out: every company it applies to.")
]
AsJson = Annotated[
    bool, Parameter(name="--json", negative=(), show_default=False, help="Print one JSON document.")
]
ActorName = Annotated[
    str | None, Parameter(name="--as", help="Who asks; left out: the user of the system.")
]
LimitOfRows = Annotated[int, Parameter(name="--limit", help="How many rows to show at most.")]

ROWS_SHOWN: int = 100


class Misused(Exception):
    """The command line or the environment asks for something that makes no sense."""


def usage(command: str, arguments: str) -> str:
    """Write the usage line of a command that takes several of a kind."""
    return f"Usage: twofold {command} [OPTIONS] {arguments}"


def actor_name(given: str | None) -> str:
    """Name who asks: as given, else the user of the operating system."""
    name = (given if given is not None else getpass.getuser()).strip()
    if not name:
        raise Misused("--as needs a name")
    return name


def day(given: date | None) -> date:
    """Give the business date: as given, else today."""
    return given or clock.today()
