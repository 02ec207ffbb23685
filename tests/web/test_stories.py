"""Whole stories in the browser, each in two languages: a month is billed, an invoice corrected."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Browser, Page

from tests.scenarios.support import Work
from tests.web.site import Site
from tests.web.test_drafts import fill
from twofold.access.roles import Role
from twofold.access.secret import Secret
from twofold.web.language import Speech


def reader(site: Site, login: str, role: Role, language: str) -> Secret:
    """Give the session of somebody who reads a language."""
    token = site.person(login, role)
    site.post(token, "/language", language=language, to="/")
    return token


def press(page: Page, words: str) -> None:
    page.get_by_role("button", name=words, exact=True).click()


def done(site: Site, page: Page, say: Callable[[str], str]) -> None:
    """Let a worker do the job that the page asked for, and go to what it made."""
    page.wait_for_url("**/jobs/*")
    site.work()
    page.get_by_role("link", name=say("Show the result")).click()


def told(page: Page) -> str:
    return page.locator("[role=status]").inner_text()


def post_work(site: Site, books: Page, say: Callable[[str], str]) -> None:
    """Import what has arrived, and post its journal."""
    books.goto("/USPM/inbox")
    press(books, say("Import from staging"))
    done(site, books, say)
    books.goto("/USPM/journals")
    books.locator("tbody a").first.click()
    press(books, say("Post"))
    done(site, books, say)
    site.story.deliver()


def bill(page: Page, say: Callable[[str], str]) -> None:
    """Mark all work of a contract ready, and confirm a draft of it."""
    page.goto("/USPM/backlog?contract=TM")
    page.check("[name=all]")
    press(page, say("Ready to invoice"))
    press(page, say("Create proforma invoices"))
    press(page, say("Confirm"))


@pytest.mark.parametrize("language", ["en", "fr"])
def test_a_month_is_billed(site: Site, chromium: Browser, language: str) -> None:
    # Given the work of a month, submitted
    say = Speech(language).words
    site.story.record(Work("ARM", 8), Work("ARM", 3))
    manager = reader(site, "pat", "project_manager", language)
    accountant = reader(site, "ada", "accountant", language)

    with site.page(chromium, manager) as page, site.page(chromium, accountant) as books:
        # When the project manager approves it, and the accountant posts the work
        page.goto("/USPM/approvals")
        page.check("[name=all]")
        press(page, say("Approve"))
        assert told(page) == say("Approved: %(count)s") % {"count": 2}
        site.story.deliver()
        post_work(site, books, say)

        # And it is marked ready, put on a draft, and confirmed
        bill(page, say)
        number = page.locator("h1").inner_text().split()[0]
        assert told(page) == say("Confirmed: finance has taken it.")

        # And the accountant imports its lines and posts it
        books.goto("/USPM/proposals")
        books.locator("tbody a").first.click()
        press(books, say("Import lines"))
        done(site, books, say)
        press(books, say("Post"))
        done(site, books, say)
        invoice = books.locator("h1").inner_text().split()[0]
        site.story.deliver()

        # Then the project manager sees finance's answer
        page.goto(f"/USPM/proformas/{number}")
        assert page.locator("h1 .state.posted").inner_text() == say("Posted")
        assert invoice in page.locator(".facts").inner_text()
    assert site.story.ledger()["invoiced_revenue"] == -2200


@pytest.mark.parametrize("language", ["en", "es"])
def test_an_invoice_is_corrected(site: Site, chromium: Browser, language: str) -> None:
    # Given an invoice of 8 hours that were 6
    say = Speech(language).words
    site.story.approve(Work("ARM", 8))
    site.story.post_work()
    site.story.ready(contract_id=site.story.contract_id("TM"))
    site.story.invoice([one.proforma_id for one in site.story.create("TM").proformas])
    manager = reader(site, "pat", "project_manager", language)
    accountant = reader(site, "ada", "accountant", language)

    with site.page(chromium, manager) as page, site.page(chromium, accountant) as books:
        # When the project manager corrects it
        page.goto("/USPM/proformas?state=posted")
        page.locator("tbody a").first.click()
        press(page, say("Correct this invoice"))
        page.get_by_role("link", name=say("Edit details")).click()
        fill(page, "quantity", "6")
        press(page, say("Save"))
        assert told(page) == say("Changed: %(count)s") % {"count": 1}
        page.locator("h1 a").click()
        press(page, say("Confirm"))
        assert told(page) == say("Confirmed: finance has taken it.")

        # And the accountant posts what is open again, and the correction
        site.story.post_work()
        books.goto("/USPM/proposals?state=header_only")
        if books.locator("tbody a").count():
            books.locator("tbody a").first.click()
            press(books, say("Import lines"))
            done(site, books, say)
        books.goto("/USPM/proposals?state=ready")
        books.locator("tbody a").first.click()
        press(books, say("Post"))
        done(site, books, say)
        site.story.deliver()
    assert site.story.ledger()["invoiced_revenue"] == -1200
