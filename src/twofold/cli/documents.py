"""Documents of the finance book, found by their numbers and listed over companies."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TypeVar

from twofold.cli.companies import chosen_companies, found_once
from twofold.database.transaction import Reader
from twofold.journey.system import System

R = TypeVar("R")

OfCompany = list[tuple[str, R]]


def list_over_companies(
    system: System, company: str | None, limit: int, read: Callable[[Reader, str, int], Iterable[R]]
) -> list[tuple[str, R]]:
    """List documents of each chosen company, ``limit`` of them at most."""
    found: list[tuple[str, R]] = []
    with system.finance.reader() as reader:
        for code in chosen_companies(system, company):
            if len(found) < limit:
                found += [(code, one) for one in read(reader, code, limit - len(found))]
    return found


def find_document(
    system: System, company: str | None, name: str, show: Callable[[Reader, str], R | None]
) -> tuple[str, R]:
    """Give the one document of this name, and its company."""
    with system.finance.reader() as reader:
        return found_once(system, company, name, lambda code: show(reader, code))
