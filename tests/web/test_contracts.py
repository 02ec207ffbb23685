"""Contracts and approvals in the browser."""

from __future__ import annotations

import pytest
from playwright.sync_api import Browser

from tests.scenarios.support import Work
from tests.web.site import Site, barriers
from twofold.worker.worker import Worker


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
        assert page.locator("figure").count() == 1
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


def test_work_is_approved_by_entry_and_by_project_and_sent_back(
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
        page.get_by_role("button", name="Approve").click()
        assert page.locator("[role=status]").inner_text() == "Approved: 1"
        picks.first.check()
        # Who sends work back is asked why.
        page.get_by_role("button", name="Send back").click()
        page.get_by_label("Reason").fill("Wrong project")
        page.get_by_role("button", name="Send back").click()
        assert page.locator("[role=status]").inner_text() == "Rejected: 1"
        page.get_by_role("region", name="By project").get_by_role("link", name="ARM").click()
        page.check("text=All that match, on every page")
        page.get_by_role("button", name="Approve").click()
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
@pytest.mark.parametrize(
    "path",
    [
        "/USPM/contracts", "/USPM/contracts/TM", "/USPM/contracts/TM?tab=payers",
        "/USPM/contracts/TM?tab=prices", "/USPM/contracts/MIXED?tab=milestones",
        "/USPM/contracts/TM?tab=schedule", "/USPM/approvals", "/USPM/approvals/approved",
        "/USPM/approvals/sent-back", "/USPM/corrections", "/USPM/entry-journals",
    ],
)  # fmt: skip
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


def test_an_approval_is_cancelled_and_a_recall_granted(site: Site, chromium: Browser) -> None:
    # Given three approved entries
    site.story.approve(Work("ARM", 8), Work("ARM", 3), Work("ARM", 5))
    token = site.person("abe", "approver")

    with site.page(chromium, token) as page:
        # When one approval is cancelled, and two recalls are asked for
        page.goto("/USPM/approvals/approved?project=ARM")
        page.locator("[name=pick]").first.check()
        page.get_by_role("button", name="Cancel the approval").click()
        assert page.locator("[role=status]").inner_text() == "Changed: 1"
        for pick in page.locator("[name=pick]").all():
            pick.check()
        page.get_by_role("button", name="Request the recall").click()

        # Then one is granted, the other declined
        page.click("nav.tabs >> text=Recall requested")
        assert barriers(page) == []
        page.locator("[name=pick]").first.check()
        page.get_by_role("button", name="Grant the recall").click()
        page.locator("[name=pick]").first.check()
        page.get_by_role("button", name="Decline the recall").click()

    states = site.story.in_operations("SELECT state::text FROM operations.entry")
    assert sorted(row["state"] for row in states) == ["approved", "returned", "submitted"]
    assert site.post(token, "/USPM/approvals/undo", pick="1", do="grant", to="/").status_code == 422


def test_a_milestone_is_made_ready_in_its_contract(site: Site, chromium: Browser) -> None:
    (one,) = site.story.in_operations(
        "SELECT contract.number FROM operations.milestone"
        " JOIN operations.contract_line USING (company, contract_line_id)"
        " JOIN operations.contract ON contract.company = milestone.company"
        " AND contract.contract_id = milestone.contract_id"
        " WHERE contract_line.schedule_type <> 'progress' AND contract.company = 'USPM' LIMIT 1"
    )
    token = site.person("pat", "project_manager")

    with site.page(chromium, token) as page:
        page.goto(f"/USPM/contracts/{one['number']}?tab=milestones")
        page.locator("[name=pick]").first.check()
        page.click("text=Ready to invoice")

    rows = site.story.in_operations(
        "SELECT count(*) FROM operations.milestone WHERE state = 'ready'"
    )
    assert rows[0]["count"] == 1


def test_proformas_of_many_contracts_are_created_by_a_job(site: Site) -> None:
    # Given one contract with work that is ready, and one without
    site.story.approve(Work("ARM", 8))
    site.story.ready(contract_id=site.story.contract_id("TM"))
    token = site.person("pat", "project_manager")
    keys = [str(site.story.contract_id(one)) for one in ("TM", "FIXED")]

    started = site.post(token, "/USPM/jobs/create-proformas", pick=keys, to="/USPM/contracts")
    assert Worker(site.story.system).work_once()

    with site.client(token) as client:
        told = client.get(started.headers["location"]).text
    rows = site.story.in_operations("SELECT number FROM operations.proforma")
    assert len(rows) == 1
    assert "ERR-B05" in told
    assert "contract/FIXED" in told
