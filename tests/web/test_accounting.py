"""An accountant's day: import, post journals, review and post proposals, close; and who may not."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Final

import pytest
from playwright.sync_api import Browser, Page

from tests.scenarios.support import Story, Work
from tests.web.site import Site, barriers
from twofold.access.roles import Role
from twofold.access.secret import Secret
from twofold.web.language import Speech

PAGES: Final = (
    "inbox", "staging", "journals", "journals/{journal}", "proposals", "proposals/{proposal}",
    "proposals/{proposal}/preview", "invoices", "invoices/{invoice}", "ledger", "ledger/{account}",
    "vouchers/{voucher}", "customers", "customers/{customer}", "payments", "accruals", "periods",
    "year-end", "setup", "general-journals", "vendor-invoices", "estimates",
)  # fmt: skip
ACTIONS: Final = (
    "jobs/import", "journals/post", "journals/{journal}/post", "journals/{journal}/edit",
    "journals/{journal}/draft", "journals/{journal}/delete", "proposals/post",
    "proposals/{proposal}/post", "proposals/{proposal}/header", "proposals/{proposal}/taxes",
    "proposals/{proposal}/dimensions", "proposals/{proposal}/delete", "proposals/{proposal}/import",
    "periods/change", "accruals/correct", "payments", "payments/settle", "payments/undo",
    "setup", "setup/1/apply", "year-end/preview", "year-end/close", "year-end/cut-off",
    "journals/{journal}/adjust", "proposals/{proposal}/format", "general-journals",
    "general-journals/1/post", "vendor-invoices", "vendor-invoices/1/post", "estimates/create",
    "estimates/post", "estimates/eliminate", "estimates/reverse", "estimates/forecast",
)  # fmt: skip


def billed(story: Story) -> tuple[int, ...]:
    """Approve, post, bill and confirm work of two contracts; give the proposals that are ready."""
    story.approve(Work("ARM", 8, description="Align the arm"), Work("ROLLOUT", 5))
    story.post_work()
    story.confirm(story.draft())
    return story.import_().ready_proposal_ids


def numbers(story: Story) -> dict[str, str]:
    """Name one document of each kind, for addresses."""
    found = story.in_finance(
        "SELECT"
        " (SELECT min(number) FROM finance.journal) AS journal,"
        " (SELECT min(number) FROM finance.proposal WHERE state = 'ready') AS proposal,"
        " (SELECT min(invoice_number) FROM finance.customer_invoice) AS invoice,"
        " (SELECT min(voucher) FROM finance.customer_invoice) AS voucher,"
        " (SELECT min(account) FROM finance.ledger_entry) AS account,"
        " (SELECT min(account) FROM finance.customer) AS customer"
    )
    return {name: str(value) for name, value in found[0].items()}


def accountant(site: Site) -> Secret:
    return site.person("ada", "accountant")


def status(page: Page) -> str:
    return page.locator("[role=status]").inner_text()


def result(site: Site, page: Page) -> tuple[str, str]:
    """Give how the job of the page ended, and its count, once a worker has done it."""
    page.wait_for_url("**/jobs/*")
    site.work()
    page.locator("dd strong").first.wait_for()
    return status(page), page.locator("dd strong").first.inner_text()


def test_work_is_imported_and_posted(site: Site, chromium: Browser) -> None:
    # Given approved work that has arrived
    site.story.approve(Work("ARM", 8))
    site.story.deliver()

    with site.page(chromium, accountant(site)) as page:
        # When it is imported, and its journal posted
        page.goto("/USPM/inbox")
        assert page.locator(".waits").first.inner_text().startswith("1")
        page.get_by_role("button", name="Import from staging").click()
        assert result(site, page) == ("Done", "2")
        page.get_by_role("link", name="Show the result").click()
        page.get_by_role("link", name="Journals to post", exact=True).click()
        page.locator("tbody a").first.click()
        page.get_by_role("button", name="Post", exact=True).click()

        # Then its lines have vouchers, each of which balances
        assert result(site, page) == ("Done", "1")
        page.get_by_role("link", name="Show the result").click()
        assert page.locator(".state.posted").count() == 1
        page.locator("table").last.locator("tbody th a").first.click()
        assert page.locator("tfoot .figure").last.inner_text() == "0.00"
    site.story.deliver()


@pytest.mark.parametrize("language", ["en", "pt"])
def test_a_batch_posts_all_but_the_bad_one(site: Site, chromium: Browser, language: str) -> None:
    # Given proposals, one of them dated in December, which is put on hold
    say = Speech(language).words
    ready = billed(site.story)
    token = accountant(site)
    site.post(token, "/language", language=language, to="/")
    with site.page(chromium, token) as page:
        page.goto("/USPM/proposals?state=ready")
        assert page.locator("tbody tr").count() == len(ready)
        page.locator("tbody a").first.click()
        bad = page.locator("h1").inner_text().split()[0]
        page.get_by_label(say("Invoice date")).fill("2026-12-10")
        page.locator("form", has=page.get_by_label(say("Invoice date"))).get_by_role(
            "button", name=say("Change")
        ).click()
        assert status(page) == say("Changed.")
        page.goto("/USPM/periods")
        page.locator("select[name=day]").select_option("2026-12-01")
        page.get_by_label(say("Explanation")).fill("December is not planned yet")
        page.get_by_role("button", name=say("Put on hold")).click()
        assert status(page) == say("The period is on hold.")

        # When all that is ready is posted
        page.goto("/USPM/proposals?state=ready")
        for box in page.get_by_role("checkbox").all():
            box.check()
        page.get_by_role("button", name=say("Post selected")).click()

        # Then the others are, and the bad one says why not and what to do
        assert result(site, page) == (say("Done"), str(len(ready) - 1))
        alert = page.locator(".refusals").inner_text()
        assert (bad in alert, "ERR-F08" in alert, page.locator(".remedy").count()) == (
            True,
            True,
            1,
        )
    states = site.story.in_finance("SELECT number, state::text FROM finance.proposal")
    assert [row["number"] for row in states if row["state"] == "ready"] == [bad]
    site.story.deliver()


@pytest.mark.parametrize(
    ("language", "preview", "post", "total"),
    [("en", "Preview", "Post", "1,600.00"), ("fr", "Aperçu", "Valider", "1\u202f600,00")],
)
def test_a_proposal_is_reviewed_previewed_and_posted(
    site: Site, chromium: Browser, language: str, preview: str, post: str, total: str
) -> None:
    # Given a reader of a language, and a proposal of one contract
    site.story.approve(Work("ARM", 8))
    site.story.post_work()
    site.story.ready()
    site.story.confirm([one.proforma_id for one in site.story.create("TM").proformas])
    site.story.import_()
    token = accountant(site)
    site.post(token, "/language", language=language, to="/")

    with site.page(chromium, token) as page:
        # When it is looked at, previewed and posted
        page.goto("/USPM/proposals")
        page.locator("tbody a").first.click()
        page.get_by_role("link", name=preview, exact=True).click()
        assert page.locator("tfoot .figure").last.inner_text() in {"0.00", "0,00"}
        voucher = page.locator(".facts dd").nth(3).inner_text()
        page.get_by_role("button", name=post, exact=True).click()
        assert result(site, page)[1] == "1"
        page.locator(".job a.main").click()

        # Then the invoice has what the preview said, in the reader's format
        facts = page.locator(".facts").inner_text()
        assert (voucher in facts, total in facts) == (True, True)
        with page.expect_download() as download:
            page.get_by_role("link", name=re.compile("document")).click()
        assert "<h1>Invoice" in download.value.path().read_text("utf-8")
    site.story.deliver()


def test_a_balance_is_followed_to_the_hour(site: Site, chromium: Browser) -> None:
    # Given an hour that was posted
    (entry,) = site.story.approve(Work("ARM", 8))
    site.story.post_work()

    with site.page(chromium, accountant(site)) as page:
        # When the trial balance is opened to the account, the voucher, and what is behind it
        page.goto("/USPM/ledger?from=2026-10-01&to=2026-10-31")
        footer = page.locator("tfoot td.figure")
        assert (footer.first.inner_text(), footer.last.inner_text()) == ("0.00", "0.00")
        page.locator("tbody a").first.click()
        page.locator("tbody a").first.click()
        page.locator("table").last.locator("tbody th a").first.click()

        # Then the journey shows the time entry
        assert f"entry {entry}" in page.locator(".journey").first.inner_text()


def test_a_line_that_cannot_be_posted_says_why_where_it_went(site: Site, chromium: Browser) -> None:
    # Given a journal, and its month on hold
    site.story.approve(Work("ARM", 8))
    site.story.deliver()
    site.story.import_()
    token = accountant(site)
    site.post(token, "/USPM/periods/change", day="2026-10-01", step="on_hold", reason="checks")

    with site.page(chromium, token) as page:
        page.goto("/USPM/journals")
        page.locator("tbody a").first.click()
        page.get_by_role("button", name="Post", exact=True).click()
        assert result(site, page) == ("Done", "0")
        page.get_by_role("link", name="Show the result").click()

        # Then the journal is in error, each line with its reason; and becomes a draft again
        assert page.locator(".state.error").count() == 1
        page.get_by_role("button", name="Update to draft").click()
        assert status(page) == "The journal is a draft again."
        page.locator("summary", has_text="Delete").click()
        page.get_by_role("button", name="Delete all lines").click()
        assert status(page) == "Deleted: 2"


def test_a_period_is_closed_once_nothing_speaks_against_it(site: Site) -> None:
    # Given a journal of October that is not posted
    site.story.approve(Work("ARM", 8))
    site.story.deliver()
    site.story.import_()
    token = accountant(site)
    close = {"day": "2026-10-01", "step": "closed", "reason": "checked by Ada"}

    early = site.post(token, "/USPM/periods/change", **close)
    site.story.post_journals()
    site.story.deliver()
    closed = site.post(token, "/USPM/periods/change", **close)

    # Then the reasons are told first, and what was typed stays
    assert (early.status_code, closed.status_code) == (422, 303)
    assert ("ERR-L03" in early.text, 'value="checked by Ada"' in early.text) == (True, True)
    with site.client(token) as client:
        assert "checked by Ada" in client.get("/USPM/periods").text


def test_what_was_typed_stays_when_it_is_declined(site: Site) -> None:
    billed(site.story)
    number = numbers(site.story)["proposal"]

    declined = site.post(
        accountant(site), f"/USPM/proposals/{number}/header", due_date="2026-01-01"
    )

    assert (declined.status_code, "ERR-F17" in declined.text) == (422, True)
    assert 'name="due_date" type="date" value="2026-01-01"' in declined.text


def test_a_change_of_what_somebody_else_changed_is_declined(site: Site) -> None:
    billed(site.story)
    token, number = accountant(site), numbers(site.story)["proposal"]
    header = f"/USPM/proposals/{number}/header"

    first = site.post(token, header, revision="1", invoice_date="2026-11-05")
    second = site.post(token, header, revision="1", invoice_date="2026-11-06")
    unreadable = site.post(token, header, invoice_date="soon")

    assert (first.status_code, second.status_code, unreadable.status_code) == (303, 422, 422)
    assert ("ERR-F15" in second.text, "ERR-U10" in unreadable.text) == (True, True)


def test_an_approver_decides_and_does_not_post(site: Site, chromium: Browser) -> None:
    # Given proposals that need approval
    billed(site.story)
    site.story.change_finance(
        parameters=replace(site.story.company_setup.parameters, proposals_need_approval=True)
    )
    number = numbers(site.story)["proposal"]
    review = f"/USPM/proposals/{number}/review"
    ada, beth = accountant(site), site.person("beth", "billing_approver")

    site.post(ada, review, step="submit", note="please")
    own = site.post(ada, review, step="approve")
    with site.page(chromium, beth) as page:
        page.goto(f"/USPM/proposals/{number}")
        assert page.get_by_role("button", name="Post", exact=True).count() == 0
        page.get_by_role("button", name="Approve").click()
        assert page.locator(".state.approved").count() == 1
    posted = site.post(beth, f"/USPM/proposals/{number}/post")

    assert (own.status_code, posted.status_code) == (403, 403)


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_anyone_can_use_the_pages(site: Site, chromium: Browser, scheme: str) -> None:
    ready = billed(site.story)
    site.story.post_proposals(ready[:1])
    site.story.deliver()
    named = numbers(site.story)
    found: list[str] = []

    with site.page(chromium, accountant(site), color_scheme=scheme) as page:
        for path in PAGES:
            answer = page.goto("/USPM/" + path.format(**named))
            assert answer is not None, path
            assert answer.status == 200, path
            found += [f"{path}: {one}" for one in barriers(page)]

    assert found == []


@pytest.mark.parametrize(
    ("role", "read", "act"),
    [
        ("auditor", {200}, {403}),
        ("billing_approver", {200}, {403}),
        ("project_manager", {404}, {403}),
        ("integration_admin", {404}, {404}),
        ("administrator", {404}, {404}),
    ],
)
def test_pages_and_actions_are_for_those_who_may(
    site: Site, role: Role, read: set[int], act: set[int]
) -> None:
    ready = billed(site.story)
    site.story.post_proposals(ready[:1])
    site.story.deliver()
    named = numbers(site.story)
    token = site.person("pat", role)

    with site.client(token) as client:
        seen = {client.get("/USPM/" + path.format(**named)).status_code for path in PAGES}
        other = {client.get("/ELSE/" + path.format(**named)).status_code for path in PAGES}
        offered = client.get("/USPM/proposals").text.count('<button class="main"')
    done = {site.post(token, "/USPM/" + path.format(**named)).status_code for path in ACTIONS}

    assert (seen, other, done, offered) == (read, {404}, act, 0)


def test_a_document_that_is_not_there_is_a_page_that_is_not_there(site: Site) -> None:
    token = accountant(site)

    with site.client(token) as client:
        found = {
            client.get(f"/USPM/{path}/NONE").status_code
            for path in ("journals", "proposals", "invoices", "vouchers", "ledger")
        }

    assert found == {404}


@pytest.mark.parametrize("documents", ["journals", "proposals"])
def test_nothing_selected_is_not_taken_for_all(site: Site, documents: str) -> None:
    token = accountant(site)

    answer = site.post(token, f"/USPM/{documents}/post")

    assert (answer.status_code, "ERR-U30" in answer.text) == (422, True)
    assert site.story.in_operations("SELECT count(*) FROM jobs.job") == [{"count": 0}]


def test_one_proposal_imports_what_it_needs(site: Site, chromium: Browser) -> None:
    # Given a proposal whose work is posted and not imported
    site.story.approve(Work("ARM", 8))
    site.story.post_work()
    site.story.confirm(site.story.draft("TM"))
    number = site.story.in_finance("SELECT number FROM finance.proposal")[0]["number"]

    with site.page(chromium, accountant(site)) as page:
        # When its lines are imported
        page.goto(f"/USPM/proposals/{number}")
        page.get_by_role("button", name="Import lines").click()
        assert result(site, page)[0] == "Done"
        page.get_by_role("link", name="Show the result").click()

        # Then it is ready
        assert page.url.endswith(f"/proposals/{number}")
        assert page.locator(".state.ready").count() == 1


def test_staging_says_why_a_row_waits_and_leads_to_what_helps(
    site: Site, chromium: Browser
) -> None:
    # Given work whose month and all that follow are on hold
    site.story.approve(Work("ARM", 8))
    site.story.deliver()
    site.story.import_()
    token = accountant(site)
    site.post(token, "/USPM/periods/change", day="2026-10-01", step="on_hold", reason="checks")
    site.story.post_journals()

    with site.page(chromium, token) as page:
        # When its reason is opened, and the journal that has it
        page.goto("/USPM/staging")
        assert "ERR-J01" in page.locator(".refusals").inner_text()
        assert barriers(page) == []
        assert page.get_by_role("link", name="Journals in error").count() == 1
        page.locator("td a[href*=journals]").first.click()

        # Then its lines go back to staging, and are imported from there
        page.locator("summary", has_text="Delete").click()
        page.get_by_role("button", name="Delete all lines").click()
        assert status(page) == "Deleted: 2"
        page.get_by_role("button", name="Import again").click()
        assert result(site, page) == ("Done", "2")
    site.story.deliver()
