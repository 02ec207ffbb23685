"""Who did what: in both books, for whoever may read them."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from playwright.sync_api import Browser

from tests.support.clock import NOW
from tests.web.site import Site, barriers
from twofold.database.deeds import record_deed
from twofold.operations.contracts.hold import hold_contract, resume_contract


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
        ("contract_resumed", "TM", "pat"),
        ("contract_held", "TM", "mia"),
    ]
    assert [what for what, *_ in deeds(site, by="mia")] == ["contract_held"]
    with site.page(chromium, site.person("pat", "project_manager")) as page:
        page.goto("/USPM/contracts")
        page.goto("/USPM/contracts/TM")
        page.locator(".buttons >> text=History").click()
        page.wait_for_url("**/history?number=TM")
        assert barriers(page) == []
        assert "Contract held" in page.locator("main").inner_text()


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


@pytest.mark.parametrize(
    ("book", "follow"), [("finance", ["F1", "O2", "O1"]), ("operations", ["O1"])]
)
def test_both_books_are_one_list_that_goes_on_where_it_ended(
    site: Site, book: str, follow: list[str]
) -> None:
    """Of one moment, finance is told before operations; each deed is there once."""
    books = site.story.books
    at = NOW + timedelta(days=1)
    for one, letter in ((books.operations, "O"), (books.finance, "F")):
        with one.transaction() as transaction:
            for number in ("1", "2"):
                record_deed(
                    transaction,
                    company="USPM",
                    act="settled",
                    by=("zoe", at),
                    number=f"{letter}{number}",
                )
    read = {"finance": books.auditor_finance, "operations": books.auditor_operations}[book]
    with read.raw() as connection:
        ((key,),) = connection.execute("SELECT max(deed_id) FROM history.deed").fetchall()

    with site.client(site.person("olga", "auditor")) as client:
        whole = client.get("/USPM/history?by=zoe").text
        rest = client.get(
            "/USPM/history", params={"by": "zoe", "after": f"{at.isoformat()}|{book}|{key}"}
        ).text

    assert re.findall(r">\s*([FO][12])\s*<", whole) == ["F2", "F1", "O2", "O1"]
    assert re.findall(r">\s*([FO][12])\s*<", rest) == follow


def test_what_was_done_is_said_in_words(site: Site) -> None:
    with site.story.books.finance.transaction() as transaction:
        record_deed(
            transaction,
            company="USPM",
            act="cut_off_stated",
            by=("zoe", NOW),
            detail={
                "count": 1200,
                "keys": [7, 8],
                "changes": {"cut_off_on": {"from": None, "to": "2026-06-30"}},
            },
        )
    with site.client(site.person("olga", "auditor")) as client:
        text = client.get("/USPM/history?by=zoe").text
        (told,) = client.get("/USPM/history?by=zoe&as=json").json()

    said = "Count 1,200 · Keys 7, 8 · Changes Cut off on \u2013 → 2026-06-30"
    assert said in text
    assert told["What"] == "cut_off_stated"
    assert '"keys": [7, 8]' in told["Detail"]


@pytest.mark.parametrize(
    "after", ["x", "||", "2026|finance|1", "now|finance|1", "2026-11-02T09:30:00+00:00|a|1"]
)
def test_a_place_that_is_none_begins_at_the_beginning(site: Site, after: str) -> None:
    with site.client(site.person("olga", "auditor")) as client:
        page = client.get("/USPM/history", params={"after": after})

    assert page.status_code == 200
    assert re.search(r"<h1>History</h1>", page.text)
