"""The areas and pages a person finds on the left: only those they may open."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from twofold.access.roles import Permission
from twofold.web.asked import Asked


@dataclass(frozen=True, slots=True)
class Entry:
    """A page in the navigation; ``is_here`` when it is the one that is open."""

    name: str
    to: str
    is_here: bool


@dataclass(frozen=True, slots=True)
class Area:
    """A workplace and its pages."""

    name: str
    entries: tuple[Entry, ...]


# Names are English; templates say them in the reader's language.
_AREAS: Final[tuple[tuple[str, Permission, tuple[tuple[str, str], ...]], ...]] = (
    (
        "Project manager",
        "read_operations",
        (
            ("Billing backlog", "/{company}/backlog"),
            ("Proforma invoices", "/{company}/proformas"),
        ),
    ),
    (
        "Accountant",
        "read_finance",
        (
            ("Inbox", "/{company}/inbox"),
            ("Integration journals", "/{company}/journals"),
            ("Invoice proposals", "/{company}/proposals"),
            ("Customer invoices", "/{company}/invoices"),
            ("Customer ageing", "/{company}/customers"),
            ("Trial balance", "/{company}/ledger"),
            ("Accrued revenue", "/{company}/accruals"),
            ("Periods", "/{company}/periods"),
        ),
    ),
    (
        "Integration admin",
        "read_integration",
        (
            ("Dual-write", "/integration/maps"),
            ("Change sets", "/integration/sets"),
            ("Reconciliation", "/integration/reconciliation"),
            ("Alerts", "/integration/alerts"),
            ("Health", "/integration/health"),
        ),
    ),
)


def names() -> tuple[str, ...]:
    """Give the English names of all areas and pages."""
    return tuple(name for area, _, pages in _AREAS for name in (area, *(one for one, _ in pages)))


def areas_of(asked: Asked) -> tuple[Area, ...]:
    """Give the areas a person may open in the company they look at, or in their first one."""
    found: list[Area] = []
    for name, permission, pages in _AREAS:
        companies = asked.visitor.companies(permission)
        company = asked.company if asked.company in companies else (*companies, "")[0]
        # Roles of the whole installation have no company, and their pages need none.
        if not company and not asked.visitor.may(permission):
            continue
        entries = tuple(
            Entry(words, to, is_here=asked.url.partition("?")[0].startswith(to))
            for words, to in ((words, path.format(company=company)) for words, path in pages)
        )
        found.append(Area(name, entries))
    return tuple(found)
