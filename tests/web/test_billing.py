"""A project manager's day: ready, proforma, confirm, follow; and what others may not do."""

from __future__ import annotations

import pytest
from playwright.sync_api import Browser

from tests.scenarios.support import Work
from tests.web.site import Site, barriers

PAGES = ("/", "/USPM/backlog", "/USPM/proformas", "/journey")


def test_work_becomes_a_confirmed_invoice(site: Site, chromium: Browser) -> None:
    # Given approved work of two days
    site.story.approve(Work("ARM", 8), Work("ARM", 3))
    token = site.person("pat", "project_manager")

    with site.page(chromium, token) as page:
        # When all of it is marked ready, billed and confirmed
        page.goto("/USPM/backlog?contract=TM")
        page.check("text=All that match, on every page")
        page.click("text=Ready to invoice")
        assert page.locator("[role=status]").inner_text() == "Changed: 2"
        page.click("text=Create proforma invoices")
        number = page.locator("h1").inner_text().split()[0]
        page.click("text=Confirm")

        # Then finance has taken it, and its journey waits for the journal
        assert "finance has taken it" in page.locator("[role=status]").inner_text()
        page.click("text=Journey")
        assert number in page.locator("main h2").first.inner_text()
        assert page.locator(".journey .ahead").count() > 0
    (proforma,) = site.story.in_operations("SELECT number, state FROM operations.proforma")
    assert (proforma["number"], proforma["state"]) == (number, "confirmed")


def test_a_filter_lives_in_the_address(site: Site, chromium: Browser) -> None:
    site.story.approve(Work("ARM", 8))
    token = site.person("pat", "project_manager")

    with site.page(chromium, token) as page:
        page.goto("/USPM/backlog")
        page.get_by_label("Contract", exact=True).fill("NONE")
        page.wait_for_url("**contract=NONE**")
        page.get_by_role("alert").wait_for()

        assert page.locator("tbody input[type=checkbox]").count() == 0


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("path", PAGES)
def test_anyone_can_use_the_page(site: Site, chromium: Browser, path: str, scheme: str) -> None:
    site.story.approve(Work("ARM", 8))
    token = site.person("pat", "project_manager")

    with site.page(chromium, token, color_scheme=scheme) as page:
        page.goto(path)

        assert barriers(page) == []


@pytest.mark.parametrize(
    ("role", "read", "bill"),
    [
        ("project_manager", 200, 422),
        ("approver", 200, 403),
        ("auditor", 200, 403),
        ("team_member", 404, 403),
        ("accountant", 404, 403),
        ("integration_admin", 404, 404),
        ("administrator", 404, 404),
    ],
)
def test_pages_are_there_for_those_who_may(site: Site, role: str, read: int, bill: int) -> None:
    token = site.person("pat", role)  # pyright: ignore[reportArgumentType] - a role by name

    with site.client(token) as client:
        seen = client.get("/USPM/backlog").status_code
        other = client.get("/ELSE/backlog").status_code
    # Nothing is ready: whoever may bill is refused by the process.
    done = site.post(token, "/USPM/backlog/create")

    assert (seen, other, done.status_code) == (read, 404, bill)
    assert ("ERR-U05" in done.text) == (bill == 403)
