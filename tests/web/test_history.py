"""Who did what: from what the books record, for whoever may read them."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from playwright.sync_api import Browser

from tests.support.clock import NOW
from tests.web.site import Site, barriers
from twofold.database.transaction import ConstraintBroken
from twofold.kernel.errors import Fault
from twofold.operations.contracts.hold import hold_contract, resume_contract
from twofold.operations.history import Deed, list_deeds


def deeds(site: Site, number: str = "", **narrowed: str) -> list[tuple[str, str, str]]:
    """Give what an auditor reads: what, of which record, by whom."""
    with site.client(site.person("olga", "auditor")) as client:
        found = client.get(
            "/USPM/history", params={"as": "json", "number": number, **narrowed}
        ).json()
    return [(one["What"], one["Number"], one["By"]) for one in found]


def test_a_contract_tells_who_put_it_into_each_state(site: Site, chromium: Browser) -> None:
    with site.story.books.operations.transaction() as transaction:
        hold_contract(transaction, company="USPM", number="TM", actor="mia", at=NOW)
    later = NOW + timedelta(minutes=1)
    with site.story.books.operations.transaction() as transaction:
        resume_contract(transaction, company="USPM", number="TM", actor="pat", at=later)

    assert deeds(site, "TM") == [
        ("contract_active", "TM", "pat"),
        ("contract_on_hold", "TM", "mia"),
    ]
    assert [what for what, *_ in deeds(site, by="mia")] == ["contract_on_hold", "set_setup"]
    with site.page(chromium, site.person("pat", "project_manager")) as page:
        page.goto("/USPM/contracts")
        page.goto("/USPM/contracts/TM")
        page.locator(".buttons >> text=History").click()
        page.wait_for_url("**/history?number=TM")
        assert barriers(page) == []
        assert "Contract on hold" in page.locator("main").inner_text()


def test_each_sees_what_is_of_their_book(site: Site) -> None:
    kinds: dict[str, set[str]] = {}
    for role in ("project_manager", "accountant", "auditor"):
        with site.client(site.person(role.replace("_", ""), role)) as client:
            found = client.get("/USPM/history?as=json").json()
            kinds[role] = {one["By"] for one in found}
            assert client.get("/GBPM/history").status_code == 404
    with site.client(site.person("tim", "team_member")) as client:
        assert client.get("/USPM/history").status_code == 404

    assert kinds == {
        "project_manager": {"manager"},
        "accountant": {"accountant"},
        "auditor": {"manager", "accountant"},
    }


def test_the_history_goes_on_where_it_ended(site: Site) -> None:
    """Also among deeds of one moment: each is there once."""
    with site.story.books.auditor_operations.reader() as reader:

        def read(before: tuple[object, str, str] | None, limit: int) -> list[Deed]:
            return list_deeds(
                reader,
                company="USPM",
                record=None,
                actor=None,
                before=before,  # pyright: ignore[reportArgumentType] - a place of the list
                limit=limit,
            )

        whole = read(None, 1000)
        found: list[Deed] = []
        while part := read((found[-1].at, found[-1].act, found[-1].record) if found else None, 2):
            found += part

    assert len({one.at for one in whole}) < len(whole)
    # The same record in two sets of one moment is told once by each list of two.
    assert {(one.at, one.act, one.record) for one in found} == {
        (one.at, one.act, one.record) for one in whole
    }


@pytest.mark.parametrize("after", ["x", "|", "2026|a", "now|a|b", "2026-11-02T09:30:00+00:00|a|b"])
def test_a_place_that_is_none_begins_at_the_beginning(site: Site, after: str) -> None:
    with site.client(site.person("olga", "auditor")) as client:
        page = client.get("/USPM/history", params={"after": after})

    assert page.status_code == 200
    assert re.search(r"<h1>History</h1>", page.text)


@pytest.mark.parametrize(
    "statement",
    [
        b"UPDATE operations.contract_event SET actor = 'somebody else'",
        b"DELETE FROM operations.contract_event",
    ],
)
def test_nobody_changes_what_was_done(site: Site, statement: bytes) -> None:
    book = site.story.books.operations
    with pytest.raises((Fault, ConstraintBroken)), book.raw() as connection:
        connection.execute(statement)
