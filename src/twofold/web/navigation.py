"""The areas and pages a person finds on the left: only those they may open."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from twofold.access.roles import Permission
from twofold.access.sessions import Visitor
from twofold.web.asked import Asked


@dataclass(frozen=True, slots=True)
class Entry:
    """A page in the navigation; ``is_here`` when it is the one that is open."""

    name: str
    to: str
    is_here: bool


@dataclass(frozen=True, slots=True)
class Area:
    """A workplace and its pages, those of one company; '' where they are of the installation."""

    name: str
    company: str
    entries: tuple[Entry, ...]


# Names are English; templates say them in the reader's language.
_AREAS: Final[tuple[tuple[str, Permission, tuple[tuple[str, str], ...]], ...]] = (
    (
        "Project manager",
        "read_operations",
        (
            ("Billing backlog", "/{company}/backlog"),
            ("Proforma invoices", "/{company}/proformas"),
            ("Contracts", "/{company}/contracts"),
            ("Corrections", "/{company}/corrections"),
            ("Entry journals", "/{company}/entry-journals"),
            ("Costs of finance", "/{company}/finance-costs"),
            ("History", "/{company}/history"),
        ),
    ),
    (
        "Time and expenses",
        "record_work",
        (("Import entries", "/{company}/imports"),),
    ),
    (
        "Approver",
        "approve_work",
        (("Approvals", "/{company}/approvals"),),
    ),
    (
        "Accountant",
        "read_finance",
        (
            ("Inbox", "/{company}/inbox"),
            ("Staging", "/{company}/staging"),
            ("Integration journals", "/{company}/journals"),
            ("Invoice proposals", "/{company}/proposals"),
            ("Customer invoices", "/{company}/invoices"),
            ("Customer ageing", "/{company}/customers"),
            ("Payments", "/{company}/payments"),
            ("General journals", "/{company}/general-journals"),
            ("Vendor invoices", "/{company}/vendor-invoices"),
        ),
    ),
    (
        "Ledger",
        "read_finance",
        (
            ("Trial balance", "/{company}/ledger"),
            ("Accrued revenue", "/{company}/accruals"),
            ("Revenue estimates", "/{company}/estimates"),
            ("Periods", "/{company}/periods"),
            ("Year end", "/{company}/year-end"),
            ("Setup", "/{company}/setup"),
            ("History", "/{company}/history"),
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
    (
        "Administrator",
        "read_access",
        (("People", "/people"),),
    ),
)


# What any person of a company may do there; roles of the installation have no company.
_ANYWHERE: Final[tuple[Permission, ...]] = (
    "read_operations", "read_finance", "read_integration", "record_work",
)  # fmt: skip


def companies_of(asked: Asked) -> tuple[Entry, ...]:
    """Give the companies a person may look at, each with the list that is open, over there."""
    found: list[Entry] = []
    path = asked.url.partition("?")[0].split("/")
    for company in asked.visitor.companies(*_ANYWHERE):
        # A number belongs to one company: from its page one goes to the list there.
        to = f"/{company}/{path[2]}" if asked.company and len(path) > 2 else ""
        if not to or not _is_list_for(asked.visitor, to):
            to = f"/?in={company}"
        found.append(Entry(company, to, is_here=company == (asked.company or asked.text("in"))))
    return tuple(found)


def may_open(visitor: Visitor, address: str) -> bool:
    """Tell whether a person may open an address; what is in no workplace is everybody's."""
    path = address.partition("?")[0]
    permission, _ = _place_of(path)
    company = path.split("/")[1]
    return (
        permission is None
        or visitor.may(permission, company)
        # What auditors see of the whole is cut down to their companies by the page.
        or (path.startswith("/integration/") and bool(visitor.companies(permission)))
    )


def _is_list_for(visitor: Visitor, path: str) -> bool:
    permission, is_list = _place_of(path)
    return is_list and permission is not None and visitor.may(permission, path.split("/")[1])


def _place_of(path: str) -> tuple[Permission | None, bool]:
    """Give what the workplace of an address asks for, and whether it is one of its lists."""
    company = path.split("/")[1]
    for _, permission, pages in _AREAS:
        for _, to in pages:
            place = to.format(company=company)
            if f"{path}/".startswith(f"{place}/"):
                return permission, path == place
    return None, False


def names() -> tuple[str, ...]:
    """Give the English names of all areas and pages."""
    return tuple(name for area, _, pages in _AREAS for name in (area, *(one for one, _ in pages)))


def areas_of(asked: Asked) -> tuple[Area, ...]:
    """Give the areas a person may open in the company they look at, or in their first one."""
    found: list[Area] = []
    for name, permission, pages in _AREAS:
        companies = asked.visitor.companies(permission)
        wanted = asked.company or asked.text("in")
        company = wanted if wanted in companies else (*companies, "")[0]
        # Roles of the whole installation have no company, and their pages need none.
        if not company and not asked.visitor.may(permission):
            continue
        entries = tuple(
            Entry(words, to, is_here=asked.url.partition("?")[0].startswith(to))
            for words, to in ((words, path.format(company=company)) for words, path in pages)
        )
        found.append(Area(name, company, entries))
    return tuple(found)
