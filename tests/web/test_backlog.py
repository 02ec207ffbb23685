"""The backlog: a list for each kind, marks that reach just what is shown, ages, and limits."""

from __future__ import annotations

from decimal import Decimal

import pytest
from playwright.sync_api import Browser

from tests.scenarios.support import Work
from tests.web.site import Site, barriers

PAGES = (
    "/USPM/backlog", "/USPM/backlog/time-and-material", "/USPM/backlog/milestones",
    "/USPM/backlog/retainers", "/USPM/backlog/ages", "/USPM/backlog/limits",
)  # fmt: skip


def states(site: Site) -> dict[str, int]:
    """Count the open work that is ready, by kind."""
    (row,) = site.story.in_operations(
        "SELECT (SELECT count(*) FROM operations.backlog_item WHERE state = 'ready') AS sales,"
        " (SELECT count(*) FROM operations.milestone WHERE state = 'ready') AS milestones"
    )
    return row


def limit(site: Site, amount: int | None) -> None:
    """Limit the contract TM."""
    with site.story.books.owner_operations.raw() as connection:
        connection.execute(
            b"UPDATE operations.contract SET not_to_exceed = %s WHERE number = 'TM'", (amount,)
        )


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("path", PAGES)
def test_anyone_can_use_the_page(site: Site, chromium: Browser, path: str, scheme: str) -> None:
    limit(site, 1000)
    site.story.approve(Work("ARM", 8), Work("ARM", 8))
    token = site.person("pat", "project_manager")

    with site.page(chromium, token, color_scheme=scheme) as page:
        page.goto(path)

        assert barriers(page) == []
        assert page.locator(".tabs a[aria-current]").first.inner_text()


def test_all_of_a_tab_is_marked_and_nothing_of_the_others(site: Site, chromium: Browser) -> None:
    # Given hours and milestones
    site.story.approve(Work("ARM", 8), Work("ARM", 3))
    token = site.person("pat", "project_manager")

    with site.page(chromium, token) as page:
        # When all hours are marked
        page.goto("/USPM/backlog/time-and-material")
        assert "on every page: 2" in page.locator("#mark label").inner_text()
        page.check("#mark input[name=all]")
        page.click("text=Ready to invoice")
        assert page.locator("[role=status]").inner_text() == "Changed: 2"

    # Then no milestone is
    assert states(site) == {"sales": 2, "milestones": 0}


def test_a_mark_reaches_what_the_filter_shows(site: Site) -> None:
    site.story.approve(Work("ARM", 8), Work("UPGRADE", 2))
    token = site.person("pat", "project_manager")
    (row,) = site.story.in_operations(
        "SELECT customer.account FROM operations.contract JOIN operations.customer"
        " USING (company, customer_id) WHERE contract.number = 'TM'"
    )

    def mark(**form: str) -> int:
        return site.post(
            token, "/USPM/backlog/mark", do="ready", all="yes", to="/", kind="sale", **form
        ).status_code

    # What is unknown widens nothing
    assert (mark(contract="NONE"), mark(customer="NOBODY")) == (422, 422)
    # What is on a draft cannot become ready, nor what is ready already
    assert (mark(state="on_proforma"), mark(state="ready")) == (303, 303)
    assert states(site)["sales"] == 0
    # The customer narrows as the contract does
    assert mark(customer=row["account"], contract="FIXED") == 303
    assert states(site)["sales"] == 0
    assert mark(customer=row["account"], contract="TM", state="created") == 303
    assert states(site)["sales"] == 1


def test_ages_are_drawn_and_told(site: Site) -> None:
    site.story.approve(Work("ARM", 8))
    token = site.person("pat", "project_manager")

    with site.client(token) as client:
        ages = client.get("/USPM/backlog/ages")
        projects = client.get("/USPM/backlog/ages?by=project&as=csv:")
        nowhere = client.get("/USPM/backlog/nowhere")

    assert ages.text.count("<figure") == 1
    assert 'aria-label="Open work by age:' in ages.text
    assert "ARM" in projects.text
    assert nowhere.status_code == 404


def test_what_a_limit_holds_back_is_explained_and_let_go(site: Site, chromium: Browser) -> None:
    # Given a limit that two days do not fit
    limit(site, 1)
    site.story.approve(Work("ARM", 8), Work("ARM", 4))
    token = site.person("pat", "project_manager")

    with site.page(chromium, token) as page:
        # Then both are named with their limit, what is left of it and what is wanting
        page.goto("/USPM/backlog/limits?contract=TM")
        table = page.get_by_role("region", name="Held back by a limit")
        rows = [row.inner_text().split("\t") for row in table.locator("tbody tr").all()]
        assert len(rows) == 2
        takes, remaining, missing = (
            Decimal(rows[0][place].split("\u00a0")[0].replace(",", "")) for place in (6, 10, 11)
        )
        assert (remaining, missing) == (1, takes - 1)
        assert rows[0][7] == "Contract"
        page.click("text=Evaluate again")
        assert "Still held back: 2" in page.locator("[role=status]").inner_text()

        # When the limit is raised and all of the contract is evaluated
        limit(site, 1_000_000)
        page.click("text=Evaluate again")
        assert "Fit by now: 2" in page.locator("[role=status]").inner_text()
        assert page.get_by_role("region", name="Held back by a limit").count() == 0


def test_whoever_only_reads_finds_no_buttons(site: Site) -> None:
    site.story.approve(Work("ARM", 8))
    token = site.person("ann", "auditor")

    with site.client(token) as client:
        told = [client.get(path).text for path in PAGES]

    assert all("<form id=" not in one and 'class="main"' not in one for one in told)
    assert site.post(token, "/USPM/backlog/limits", contract="TM").status_code == 403
