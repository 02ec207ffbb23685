"""Signing in: what is told, what is not, and what a session is worth."""

from __future__ import annotations

import pytest
from playwright.sync_api import Browser

from tests.access.working import fail
from tests.support.clock import NOW
from tests.web.site import PASSWORD, Site, barriers
from twofold.access.links import make_link
from twofold.access.people import person_of


def sign_in(site: Site, login: str, password: str, **headers: str) -> tuple[int, str]:
    with site.client() as client:
        answer = client.post(
            "/sign-in",
            data={"login": login, "password": password, "to": "/USPM/backlog"},
            headers={"sec-fetch-site": "same-origin", **headers},
        )
    return answer.status_code, answer.headers.get("location", "")


def test_a_person_signs_in_and_out(site: Site, chromium: Browser) -> None:
    site.person("pat", "project_manager")

    with site.page(chromium) as page:
        page.goto("/USPM/backlog")
        page.fill("#login", "Pat")
        page.fill("#password", PASSWORD)
        page.click("main button")

        page.wait_for_url("**/USPM/backlog")
        assert page.locator("h1").inner_text().startswith("Billing backlog")

        page.click(".menu summary")
        page.click("text=Sign out")
        page.wait_for_url("**/sign-in")
        page.goto("/USPM/backlog")
        assert "/sign-in" in page.url


@pytest.mark.parametrize(
    ("login", "password"), [("pat", "heron basket violet 89"), ("nobody", PASSWORD), ("", "")]
)
def test_what_was_wrong_is_not_told(site: Site, login: str, password: str) -> None:
    site.person("pat", "project_manager")

    assert sign_in(site, login, password) == (401, "")


def test_ten_failures_lock_the_login(site: Site) -> None:
    site.person("pat", "project_manager")
    with site.story.books.access.transaction() as transaction:
        # Nine have failed before, elsewhere.
        fail(transaction, "pat", times=9)

    before = sign_in(site, "pat", "wrong")
    after = sign_in(site, "pat", PASSWORD)

    assert (before, after) == ((401, ""), (401, ""))
    kinds = site.story.in_operations("SELECT kind FROM access.event ORDER BY event_id")
    assert "locked" in {row["kind"] for row in kinds}


def test_an_address_that_tries_too_often_waits(site: Site) -> None:
    found = [sign_in(site, "nobody", "wrong")[0] for _ in range(12)]

    assert found == [401] * 10 + [429] * 2


def test_a_form_from_elsewhere_changes_nothing(site: Site) -> None:
    token = site.person("pat", "project_manager")

    with site.client(token) as client:
        foreign = client.post("/sign-out", headers={"sec-fetch-site": "cross-site"})
        unsigned = client.post("/sign-out", headers={"sec-fetch-site": "same-origin"})
        still = client.get("/")

    assert (foreign.status_code, unsigned.status_code, still.status_code) == (403, 403, 200)


@pytest.mark.parametrize(
    "to", ["https://elsewhere.example/", "//elsewhere.example", "/\\elsewhere"]
)
def test_signing_in_never_leads_elsewhere(site: Site, to: str) -> None:
    site.person("pat", "project_manager")
    with site.client() as client:
        answer = client.post(
            "/sign-in",
            data={"login": "pat", "password": PASSWORD, "to": to},
            headers={"sec-fetch-site": "same-origin"},
        )

    assert answer.headers["location"] == "/"


def test_every_answer_carries_the_headers(site: Site) -> None:
    with site.client() as client:
        for path in ("/sign-in", "/", "/nowhere", "/static/0/none.css"):
            headers = client.get(path).headers
            assert "'unsafe" not in headers["content-security-policy"], path
            assert headers["x-content-type-options"] == "nosniff"
            assert headers["cache-control"] == "no-store"


def test_the_first_page_is_small_and_asks_nobody_else(site: Site, chromium: Browser) -> None:
    with site.page(chromium) as page:
        asked: list[str] = []
        sizes: list[int] = []
        page.on("request", lambda request: asked.append(request.url))
        page.on(
            "requestfinished", lambda request: sizes.append(request.sizes()["responseBodySize"])
        )
        page.goto("/sign-in", wait_until="networkidle")

    assert all(url.startswith(site.origin) for url in asked)
    assert sum(sizes) < 100_000


def test_a_link_signs_in_once(site: Site, chromium: Browser) -> None:
    site.person("pat", "project_manager")
    with site.story.books.access.transaction() as transaction:
        person = person_of(transaction, "pat")
        secret = make_link(
            transaction, person_id=person.person_id, login="pat", actor="admin", at=NOW
        )

    with site.page(chromium) as page:
        page.goto(f"/enter/{secret.text}")
        assert barriers(page) == []
        page.click("main button")
        page.wait_for_url(site.origin + "/")
        assert page.locator(".menu summary").inner_text() == "Pat"
    with site.client() as client:
        again = client.get(f"/enter/{secret.text}")

    assert (again.status_code, "ERR-U06" in again.text) == (422, True)


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_anyone_can_use_the_sign_in(site: Site, chromium: Browser, scheme: str) -> None:
    with site.page(chromium, color_scheme=scheme) as page:
        page.goto("/sign-in")

        assert barriers(page) == []
