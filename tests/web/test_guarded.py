"""What keeps sessions, pages and what people type apart from whom they are not for."""

from __future__ import annotations

from datetime import timedelta

import httpx
import pytest
from playwright.sync_api import Browser

from tests.scenarios.support import Story, Work
from tests.support.books import Books
from tests.support.clock import NOW
from tests.web.site import PASSWORD, Site
from tests.web.test_drafts import drafted
from twofold.access.people import take_role
from twofold.access.secret import Secret
from twofold.access.sessions import mark_seen
from twofold.access.sign_in import admit, find_candidate

TYPED = "<script>document.title='taken'</script><img src=x onerror=\"document.title='taken'\">"


def session(site: Site, login: str, *, minutes_ago: int) -> Secret:
    """Give a session that began some time ago."""
    at = NOW - timedelta(minutes=minutes_ago)
    with site.story.books.access.transaction() as transaction:
        candidate = find_candidate(transaction, login=login)
        assert candidate
        return admit(transaction, candidate, address="127.0.0.1", agent="test", at=at)


def opens(site: Site, token: Secret) -> bool:
    with site.client(token) as client:
        return client.get("/USPM/backlog").status_code == 200


@pytest.mark.parametrize(
    ("began", "used", "holds"),
    [(119, 119, True), (121, 121, False), (719, 1, True), (721, 1, False)],
)
def test_a_session_ends_after_two_hours_unused_and_twelve_in_any_case(
    site: Site, began: int, used: int, *, holds: bool
) -> None:
    site.person("pat", "project_manager")
    token = session(site, "pat", minutes_ago=began)
    with site.story.books.access.transaction() as transaction:
        mark_seen(transaction, token, at=NOW - timedelta(minutes=used))

    assert opens(site, token) == holds


def test_a_role_that_is_taken_is_gone_with_the_next_page(site: Site) -> None:
    token = site.person("pat", "project_manager")
    before = opens(site, token)

    with site.story.books.access.transaction() as transaction:
        take_role(
            transaction, login="pat", company="USPM", role="project_manager", actor="ada", at=NOW
        )

    assert (before, opens(site, token)) == (True, False)


def test_over_tls_the_cookie_belongs_to_this_host_and_no_script(books: Books) -> None:
    with Site.served(Story(books), origin="https://books.example") as site:
        site.person("pat", "project_manager")
        with httpx.Client(base_url=site.origin) as client:
            answer = client.post(
                "/sign-in",
                data={"login": "pat", "password": PASSWORD, "to": "/"},
                headers={"host": "books.example", "sec-fetch-site": "same-origin"},
            )
            elsewhere = client.get("/sign-in", headers={"host": "elsewhere.example"})

    name, *rest = answer.headers["set-cookie"].split("; ")
    assert name.startswith("__Host-twofold=")
    assert {"HttpOnly", "Secure", "SameSite=lax", "Path=/"} <= set(rest)
    assert "max-age=31536000" in answer.headers["strict-transport-security"]
    assert elsewhere.status_code == 400


def test_what_people_type_is_text_wherever_it_is_shown(site: Site, chromium: Browser) -> None:
    token, draft = drafted(site, Work("ARM", 8, description=TYPED))

    with site.page(chromium, token) as page:
        for path in (draft, f"{draft}/edit", f"/USPM/backlog?contract={TYPED}"):
            page.goto(path)
            assert page.locator("main").inner_html().count("&lt;script&gt;") > 0 or (
                page.locator("input[value*='taken']").count() > 0
            )
            assert page.locator("main script, main img[src='x']").count() == 0
            assert "taken" not in page.title()


def test_a_policy_lets_in_no_script_of_others(site: Site) -> None:
    with httpx.Client() as client:
        policy = client.get(f"{site.origin}/sign-in").headers["content-security-policy"]

    wanted = {"default-src 'none'", "object-src 'none'", "base-uri 'none'", "script-src 'self'"}
    assert {*wanted, "frame-ancestors 'none'", "form-action 'self'"} <= set(policy.split("; "))
