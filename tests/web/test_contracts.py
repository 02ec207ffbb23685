"""Contracts and approvals in the browser."""

from __future__ import annotations

import pytest
from playwright.sync_api import Browser

from tests.scenarios.support import Work
from tests.web.site import Site, barriers


def test_a_contract_shows_what_was_agreed_and_what_is_billed(site: Site, chromium: Browser) -> None:
    # Given 8 hours confirmed and 3 on a draft, at 200 an hour
    story = site.story
    story.approve(Work("ARM", 8))
    story.ready(contract_id=story.contract_id("TM"))
    story.confirm(story.draft("TM"))
    story.approve(Work("ARM", 3))
    story.ready(contract_id=story.contract_id("TM"))
    story.draft("TM")
    token = site.person("pat", "project_manager")

    with site.page(chromium, token) as page:
        page.goto("/USPM/contracts")
        page.click("text=TM >> nth=0")
        row = page.locator("main table").first.locator("tbody tr").first

        assert page.locator("h1").inner_text().startswith("TM")
        assert row.locator("td").last.inner_text() == "1,600.00"
        assert row.locator("td").nth(-2).inner_text() == "600.00"
        assert page.get_by_role("button", name="Put on hold").count() == 0


def test_a_contract_is_held_and_resumed_by_who_keeps_contracts(
    site: Site, chromium: Browser
) -> None:
    token = site.person("con", "contract_manager")

    with site.page(chromium, token) as page:
        page.goto("/USPM/contracts/TM")
        page.get_by_role("button", name="Put on hold").click()
        assert page.locator("h1 .state").inner_text() == "On hold"
        page.get_by_role("button", name="Resume").click()
        assert page.locator("h1 .state").inner_text() == "Active"
    again = site.post(token, "/USPM/contracts/TM/resume")
    other = site.post(site.person("pat", "project_manager"), "/USPM/contracts/TM/hold")

    assert (again.status_code, "ERR-A50" in again.text) == (422, True)
    assert other.status_code == 403


def test_work_is_approved_by_entry_and_by_project_and_rejected(
    site: Site, chromium: Browser
) -> None:
    site.story.record(Work("ARM", 8), Work("ARM", 3), Work("ARM", 5))
    token = site.person("abe", "approver")

    with site.page(chromium, token) as page:
        page.goto("/USPM/approvals")
        assert barriers(page) == []
        picks = page.locator("[name=pick]")
        assert picks.count() == 3
        picks.first.check()
        page.get_by_role("button", name="Approve the selected").click()
        assert page.locator("[role=status]").inner_text() == "Approved: 1"
        picks.first.check()
        page.get_by_role("button", name="Reject the selected").click()
        assert page.locator("[role=status]").inner_text() == "Rejected: 1"
        page.locator("[name=project]").select_option("ARM")
        page.get_by_role("button", name="Approve all of the project").click()
        assert page.locator("[role=status]").inner_text() == "Approved: 1"
        assert "Nothing waits for a decision." in page.locator("main").inner_text()

    states = site.story.in_operations("SELECT state::text FROM operations.entry")
    assert sorted(row["state"] for row in states) == ["approved", "approved", "returned"]


def test_who_decided_on_it_before_is_told(site: Site) -> None:
    (entry_id,) = site.story.record(Work("ARM", 8))
    token = site.person("abe", "approver")
    form = {"pick": str(entry_id), "do": "approve"}

    first, second = (site.post(token, "/USPM/approvals", **form) for _ in range(2))

    assert (first.status_code, second.status_code) == (303, 422)
    assert f"{entry_id}" in second.text


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("path", ["/USPM/contracts", "/USPM/contracts/TM", "/USPM/approvals"])
def test_anyone_can_use_the_page(site: Site, chromium: Browser, path: str, scheme: str) -> None:
    site.story.record(Work("ARM", 8))
    token = site.person("pat", "project_manager")

    with site.page(chromium, token, color_scheme=scheme) as page:
        page.goto(path)

        assert barriers(page) == []


@pytest.mark.parametrize(
    ("role", "contracts", "approvals"),
    [
        ("project_manager", 200, 200),
        ("approver", 200, 200),
        ("contract_manager", 200, 404),
        ("auditor", 200, 404),
        ("team_member", 404, 404),
        ("accountant", 404, 404),
    ],
)
def test_pages_are_there_for_those_who_may(
    site: Site, role: str, contracts: int, approvals: int
) -> None:
    token = site.person("pat", role)  # pyright: ignore[reportArgumentType] - a role by name

    with site.client(token) as client:
        seen = [client.get(f"/USPM/{one}").status_code for one in ("contracts", "approvals")]
        unknown = client.get("/USPM/contracts/NONE").status_code

    assert (seen, unknown) == ([contracts, approvals], 404)
