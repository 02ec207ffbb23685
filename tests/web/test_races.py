"""Two people at the same document: the second is told, and loses nothing they typed."""

from __future__ import annotations

from contextlib import ExitStack
from decimal import Decimal

import pytest
from playwright.sync_api import Browser, Page

from tests.scenarios.support import Work
from tests.web.site import Site, barriers
from tests.web.test_accounting import billed
from tests.web.test_drafts import cell, drafted, fill, quantities
from twofold.access.secret import Secret


def both(site: Site, chromium: Browser, stack: ExitStack, *tokens: Secret) -> list[Page]:
    """Open a browser for each."""
    return [stack.enter_context(site.page(chromium, token)) for token in tokens]


def two_managers(site: Site, *work: Work) -> tuple[Secret, Secret, str]:
    """Have a draft, and two who may bill it."""
    first, draft = drafted(site, *work)
    return first, site.person("kim", "project_manager"), draft


def test_of_two_who_edit_the_second_keeps_what_they_typed(site: Site, chromium: Browser) -> None:
    first, second, draft = two_managers(site, Work("ARM", 8))
    with ExitStack() as stack:
        pat, kim = both(site, chromium, stack, first, second)
        for page in (pat, kim):
            page.goto(f"{draft}/edit")
        fill(pat, "quantity", "7")
        fill(kim, "quantity", "6")
        fill(kim, "description", "As agreed by phone")

        pat.locator("button.main").click()
        kim.locator("button.main").click()

        assert pat.locator(".done").inner_text() == "Changed: 1"
        assert "ERR-B24" in kim.get_by_role("alert").inner_text()
        assert (cell(kim, "quantity"), cell(kim, "description")) == ("6", "As agreed by phone")
    assert quantities(site) == [Decimal(7)]


def test_what_is_confirmed_meanwhile_is_told_to_who_was_editing(
    site: Site, chromium: Browser
) -> None:
    first, second, draft = two_managers(site, Work("ARM", 8))
    with ExitStack() as stack:
        pat, kim = both(site, chromium, stack, first, second)
        pat.goto(draft)
        kim.goto(f"{draft}/edit")
        fill(kim, "quantity", "6")
        fill(kim, "description", "As agreed by phone")

        pat.get_by_role("button", name="Confirm").click()
        pat.locator("[role=status]").wait_for()
        kim.locator("button.main").click()

        assert "ERR-B10" in kim.get_by_role("alert").inner_text()
        assert (cell(kim, "quantity"), cell(kim, "description")) == ("6", "As agreed by phone")
        assert barriers(kim) == []
    assert quantities(site) == [Decimal(8)]


@pytest.mark.parametrize("page", ["", "/preview"])
def test_nobody_confirms_what_they_have_not_seen(site: Site, chromium: Browser, page: str) -> None:
    first, second, draft = two_managers(site, Work("ARM", 8))
    with ExitStack() as stack:
        pat, kim = both(site, chromium, stack, first, second)
        pat.goto(draft + page)
        kim.goto(f"{draft}/edit")
        fill(kim, "quantity", "6")
        kim.locator("button.main").click()
        kim.locator(".done").wait_for()

        pat.get_by_role("button", name="Confirm").click()

        assert "ERR-B24" in pat.locator(".refusals").inner_text()
    assert site.story.in_operations("SELECT state FROM operations.proforma") == [{"state": "draft"}]


def test_what_was_typed_for_a_detail_that_is_gone_is_shown(site: Site, chromium: Browser) -> None:
    first, second, draft = two_managers(site, Work("ARM", 8), Work("ARM", 3))
    with ExitStack() as stack:
        pat, kim = both(site, chromium, stack, first, second)
        for page in (pat, kim):
            page.goto(f"{draft}/edit")
        fill(kim, "description", "As agreed by phone")

        pat.locator("[name=pick]").first.check()
        pat.click("text=Take the selected off")
        pat.locator(".done").wait_for()
        kim.locator("button.main").click()

        assert "ERR-B24" in kim.get_by_role("alert").inner_text()
        assert "As agreed by phone" in kim.locator(".gone").inner_text()


def test_a_proposal_that_two_post_at_once_is_posted_once(site: Site, chromium: Browser) -> None:
    # Given a proposal, open in front of two accountants
    proposal_id = billed(site.story)[0]
    (proposal,) = site.story.in_finance(
        "SELECT number FROM finance.proposal WHERE proposal_id = %s", proposal_id
    )
    tokens = [site.person(login, "accountant") for login in ("ada", "ben")]
    with ExitStack() as stack:
        pages = both(site, chromium, stack, *tokens)
        for page in pages:
            page.goto(f"/USPM/proposals/{proposal['number']}")

        # When both have it posted before either is done
        for page in pages:
            page.get_by_role("button", name="Post", exact=True).click()
            page.wait_for_url("**/jobs/*")
        site.work()
        for page in pages:
            page.locator("dd strong").first.wait_for()

        # Then one has the invoice, the other is told
        told = [page.locator(".refusals").all_inner_texts() for page in pages]
        assert sorted(len(one) for one in told) == [0, 1]
        assert "ERR-F05" in "".join(one for texts in told for one in texts)
    invoices = site.story.in_finance("SELECT count(*) FROM finance.customer_invoice")
    assert invoices == [{"count": 1}]
    site.story.deliver()
