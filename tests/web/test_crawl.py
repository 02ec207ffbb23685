"""Everybody is led only to pages and actions that are there for them, and none of them breaks."""

from __future__ import annotations

from collections.abc import Generator
from typing import Final

import pytest

from tests.support.books import Books
from tests.support.clock import NOW
from tests.web.crawl import crawl, submit
from tests.web.midmonth import COMPANIES, look_after_it, open_books, work_a_month
from tests.web.site import PASSWORD, Site
from twofold.access.people import person_of, set_password
from twofold.access.roles import ROLES
from twofold.access.secret import Secret
from twofold.access.sign_in import admit, find_candidate
from twofold.cli.demo.people import PEOPLE, add_people

OPERATIONS: Final = frozenset({
    "backlog", "proformas", "contracts", "approvals", "corrections", "entry-journals",
    "finance-costs",
})  # fmt: skip
FINANCE: Final = frozenset({
    "inbox", "journals", "proposals", "invoices", "customers", "ledger", "vouchers", "accruals",
    "periods", "general-journals", "vendor-invoices", "estimates",
})  # fmt: skip
INTEGRATION: Final = frozenset({"integration"})
PEOPLE_PAGES: Final = frozenset({"people"})
# What there is of pages, by the first word after the company, and for whom none of it is there.
HIDDEN: Final[dict[str, frozenset[str]]] = {
    "team_member": OPERATIONS | FINANCE | INTEGRATION | PEOPLE_PAGES,
    "approver": FINANCE | INTEGRATION | PEOPLE_PAGES,
    "project_manager": FINANCE | INTEGRATION | PEOPLE_PAGES,
    "contract_manager": FINANCE | INTEGRATION | PEOPLE_PAGES | {"approvals"},
    "accountant": OPERATIONS | INTEGRATION | PEOPLE_PAGES,
    "billing_approver": OPERATIONS | INTEGRATION | PEOPLE_PAGES,
    "integration_admin": OPERATIONS | FINANCE | PEOPLE_PAGES,
    "administrator": OPERATIONS | FINANCE | INTEGRATION,
    "auditor": frozenset({"approvals"}),
    "max": INTEGRATION | PEOPLE_PAGES,
}
# Pages that a crawl of everybody must have come to, or it proves nothing.
REACHED: Final = {
    "/USPM/backlog", "/USPM/proformas/", "/USPM/contracts/", "/USPM/approvals", "/USPM/inbox",
    "/USPM/corrections", "/USPM/entry-journals",
    "/USPM/journals/", "/USPM/proposals/", "/USPM/invoices/", "/USPM/customers/", "/USPM/ledger/",
    "/USPM/vouchers/", "/USPM/accruals", "/USPM/general-journals", "/USPM/vendor-invoices",
    "/USPM/estimates/of/", "/USPM/finance-costs", "/USPM/periods", "/integration/maps/",
    "/integration/sets/", "/integration/reconciliation/", "/integration/alerts",
    "/integration/health", "/people/", "/jobs/", "/journey",
}  # fmt: skip
# Shown, done, or refused for a reason.
FINE: Final = frozenset({200, 303, 422})


@pytest.fixture
def site(books: Books) -> Generator[Site]:
    """Give the pages over two companies in the middle of a month; all holds afterwards."""
    story = open_books(books)
    work_a_month(story)
    with Site.served(story) as site:
        look_after_it(site)
        yield site
    story.holds()


def visitors(site: Site) -> dict[str, tuple[str, Secret]]:
    """Give the sample people, of both companies, and one of each role, of one company."""
    found = {role: (role, site.person(role.replace("_", "."), role)) for role in ROLES}
    # One side in one company, the other side in the other.
    site.person("max", "project_manager")
    found["max"] = ("max", site.person("max", "accountant", company=COMPANIES[1]))
    add_people(site.story.system, actor="test")
    with site.story.books.access.transaction() as transaction:
        for one in PEOPLE:
            set_password(
                transaction,
                person_of(transaction, one.login),
                password=PASSWORD,
                actor=one.login,
                at=NOW,
            )
            candidate = find_candidate(transaction, login=one.login)
            assert candidate
            token = admit(transaction, candidate, address="127.0.0.1", agent="test", at=NOW)
            found[one.login] = (one.role, token)
    return found


def area(address: str) -> str:
    """Give the first word of an address after its company."""
    first, _, rest = address.lstrip("/").partition("/")
    return (rest if first in COMPANIES else first).partition("/")[0].partition("?")[0]


def test_nobody_is_led_to_what_breaks_or_is_not_for_them(site: Site) -> None:
    people = visitors(site)

    crawls = {
        name: crawl(site, token, per_kind=2 if name in ROLES else 1)
        for name, (_, token) in people.items()
    }

    defects = [f"{name}: {one}" for name, it in crawls.items() for one in it.defects]
    every = {address for it in crawls.values() for address in it.opened}
    assert not defects, "\n".join(defects)
    assert {one for one in REACHED if not any(seen.startswith(one) for seen in every)} == set()
    # One may not go by address where no link leads either.
    opened = [
        f"{name} opens {address}"
        for name, (role, token) in people.items()
        for address in opened_by(site, token, hidden(every, role, is_of_both=name not in ROLES))
    ]
    assert not opened, "\n".join(opened)


def hidden(every: set[str], role: str, *, is_of_both: bool) -> list[str]:
    """Give addresses that others found and this role must not, one of each page and company."""
    wide = {"integration_admin", "administrator"}
    kept: dict[tuple[str, str], str] = {}
    for address in sorted(every):
        company = address.split("/")[1]
        is_foreign = company == COMPANIES[1] and not is_of_both and role not in wide
        if role == "max":
            is_foreign = area(address) in (FINANCE if company == COMPANIES[0] else OPERATIONS)
        if area(address) in HIDDEN[role] or is_foreign:
            kept.setdefault((company, area(address) + str(address.count("/"))), address)
    return list(kept.values())


def opened_by(site: Site, token: Secret, addresses: list[str]) -> list[str]:
    """Give the addresses that answer with anything but that there is no such page."""
    with site.client(token) as client:
        return [one for one in addresses if client.get(one).status_code != 404]


def test_every_form_answers_and_leaves_the_books_whole(site: Site) -> None:
    people = {name: token for name, (_, token) in visitors(site).items() if name in ROLES}
    found = {name: crawl(site, token, per_kind=1) for name, token in people.items()}

    sent = [
        (f"{name}: {page} → {to} {button}", status)
        for name, token in people.items()
        for (page, path, button), address in found[name].forms.items()
        for to, status in submit(site, token, address, path, button)
    ]

    defects = [f"{what}: answers {status}" for what, status in sent if status not in FINE]
    assert not defects, "\n".join(defects)
    assert len(sent) > 50
