"""Signing in at a provider (OpenID Connect): who gets in, and every answer that nobody trusts."""

from __future__ import annotations

from collections.abc import Callable, Generator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier
from typing import Any, Final

import httpx
import pytest
from playwright.sync_api import Browser

from tests.access.working import fail
from tests.scenarios.support import Story
from tests.support.books import Books
from tests.support.clock import NOW
from tests.web.provider import (
    FORGED,
    NEXT,
    RSA,
    SECRET,
    Liar,
    lying_provider,
    real_provider,
    signed_with_the_secret,
)
from tests.web.site import Site, barriers
from twofold.access.departures import Departure, begin_departure, finish_departure, new_departure
from twofold.access.identities import link_identity, list_identities
from twofold.access.openid import Provider, where_to_sign_in, who_came_back
from twofold.access.people import person_of
from twofold.cli import clock
from twofold.kernel.errors import Refused
from twofold.web.everyone.openid import BACK

ACCOUNT: Final = "pat-at-work"
KEY: Final = "one"


@pytest.fixture
def liar() -> Generator[Liar]:
    """Give a provider that says what a test wants."""
    with lying_provider() as liar:
        yield liar


@pytest.fixture
def site(books: Books, liar: Liar) -> Generator[Site]:
    """Give the pages with that provider; every invariant holds afterwards."""
    story = Story(books)
    with Site.served(story, provider=liar.provider) as site:
        yield site
    story.holds()


def linked(site: Site, issuer: str, login: str = "pat", subject: str = ACCOUNT) -> None:
    """Add a project manager, and link an account with them."""
    site.person(login, "project_manager")
    with site.story.books.access.transaction() as transaction:
        link_identity(
            transaction,
            person_of(transaction, login),
            issuer=issuer,
            subject=subject,
            actor="ada",
            at=NOW,
        )


def signed_in(client: httpx.Client, liar: Liar, to: str = "/USPM/backlog") -> httpx.Response:
    """Go the whole way as a browser does; give the answer to coming back."""
    left = client.get("/sign-in/openid", params={"to": to})
    assert left.status_code == 303, left.text
    return client.get(liar.comes_back(left.headers["location"]))


def events(site: Site) -> list[tuple[str, str, str]]:
    found = site.story.in_operations("SELECT kind, login, detail FROM access.event ORDER BY 1, 3")
    return [(row["kind"], row["login"], row["detail"]) for row in found]


def sessions(site: Site) -> int:
    return len(kept(site, "SELECT token_hash FROM access.session"))


def kept(site: Site, query: str) -> list[dict[str, Any]]:
    """Give what auditors do not see either."""
    return site.story.rows(site.story.books.access, query)


def test_a_person_signs_in_where_the_organisation_does(books: Books, chromium: Browser) -> None:
    """A provider that somebody else wrote, in a process of its own, and a real browser.

    The clock of the pages is the real one, as that of the provider is.
    """
    story = Story(books)

    def provider(origin: str) -> Provider:
        return Provider(issuer, "twofold", lambda: SECRET, f"{origin}{BACK}")

    with (
        real_provider(ACCOUNT) as issuer,
        Site.served(story, provider=provider, now=clock.now) as site,
    ):
        linked(site, issuer)
        with site.page(chromium) as page:
            page.goto("/USPM/backlog")
            assert barriers(page) == []
            page.click("text=organisation's account")
            page.wait_for_url(f"{issuer}/**")
            page.fill("[name=sub]", ACCOUNT)
            page.click("button[type=submit] >> nth=0")

            page.wait_for_url("**/USPM/backlog")
            assert page.locator("h1").inner_text().startswith("Billing backlog")
            page.click(".menu summary")
            page.click("text=Sign out")
            page.wait_for_url("**/sign-in")
        with site.page(chromium) as page:
            page.goto("/sign-in")
            page.click("text=organisation's account")
            page.fill("[name=sub]", "somebody@else.example")
            page.click("button[type=submit] >> nth=0")
            page.wait_for_url("**/sign-in/openid/back?**")
            assert "somebody@else.example" in page.locator("main").inner_text()
            assert barriers(page) == []
    story.holds()


def test_who_comes_back_gets_a_session_like_any_other(site: Site, liar: Liar) -> None:
    linked(site, liar.issuer)
    with site.client() as client:
        answer = signed_in(client, liar)
        page = client.get("/USPM/backlog")

        assert (answer.status_code, answer.headers["location"]) == (303, "/USPM/backlog")
        assert page.status_code == 200
        # Barring ends it, as it ends any session.
        site.post(site.person("ada", "administrator"), "/people/pat/bar", do="bar")
        assert client.get("/USPM/backlog").status_code == 303
    assert ("signed_in", "pat", liar.issuer) in events(site)


def test_what_is_sent_to_the_provider_tells_no_secret(site: Site, liar: Liar) -> None:
    with site.client() as client:
        left = client.get("/sign-in/openid")
        liar.comes_back(left.headers["location"])

    asked = liar.asked[-1]
    assert sorted(asked) == [
        "client_id", "code_challenge", "code_challenge_method", "nonce", "redirect_uri",
        "response_type", "scope", "state",
    ]  # fmt: skip
    assert (asked["code_challenge_method"], asked["scope"]) == ("S256", "openid")
    (departure,) = kept(site, "SELECT verifier FROM access.departure")
    assert departure["verifier"] not in left.headers["location"]
    cookie = left.headers["set-cookie"].lower()
    assert "httponly" in cookie
    assert "samesite=lax" in cookie
    # A link that leads away, and a policy that still lets no form do so.
    assert "form-action 'self'" in left.headers["content-security-policy"]


@pytest.mark.parametrize("to", ["https://elsewhere.example/", "//elsewhere.example", "/\\else"])
def test_coming_back_never_leads_elsewhere(site: Site, liar: Liar, to: str) -> None:
    linked(site, liar.issuer)
    with site.client() as client:
        assert signed_in(client, liar, to).headers["location"] == "/"


def test_the_client_shows_its_secret_as_the_provider_wants_it(site: Site, liar: Liar) -> None:
    linked(site, liar.issuer)
    liar.methods = ("client_secret_post",)
    with site.client() as client:
        assert signed_in(client, liar).status_code == 303


def test_an_account_that_nobody_linked_is_told_what_to_do(site: Site, liar: Liar) -> None:
    linked(site, liar.issuer, subject="another")
    linked(site, "https://another.example", login="kim")
    with site.client() as client:
        answer = signed_in(client, liar)

    assert (answer.status_code, "ERR-U14" in answer.text) == (403, True)
    assert ACCOUNT in answer.text
    assert liar.issuer in answer.text
    assert ("account_declined", "", f"account {ACCOUNT} of {liar.issuer}") in events(site)


def test_an_address_of_e_mail_is_nobody(site: Site, liar: Liar) -> None:
    site.person("pat@example.com", "project_manager")
    liar.claims = {"email": "pat@example.com", "email_verified": True}
    with site.client() as client:
        assert signed_in(client, liar).status_code == 403


def test_a_barred_person_stays_out(site: Site, liar: Liar) -> None:
    linked(site, liar.issuer)
    site.post(site.person("ada", "administrator"), "/people/pat/bar", do="bar")
    before = sessions(site)
    with site.client() as client:
        answer = signed_in(client, liar)

    assert (answer.status_code, "ERR-U16" in answer.text) == (403, True)
    assert sessions(site) == before


def test_a_lock_after_wrong_passwords_does_not_lock_out_who_needs_none(
    site: Site, liar: Liar
) -> None:
    linked(site, liar.issuer)
    with site.story.books.access.transaction() as transaction:
        fail(transaction, "pat", times=10)
    with site.client() as client:
        assert signed_in(client, liar).status_code == 303


@pytest.mark.parametrize(
    ("lie", "reason"),
    [
        ({"claims": {"nonce": "another"}}, "nonce"),
        ({"without": ("nonce",)}, "nonce"),
        ({"claims": {"aud": "another"}}, "aud"),
        ({"claims": {"aud": ["another", "twofold"], "azp": "another"}}, "another client"),
        ({"claims": {"aud": ["another", "twofold"]}}, "another client"),
        ({"claims": {"azp": "another"}}, "another client"),
        ({"claims": {"iss": "https://another.example"}}, "iss"),
        ({"claims": {"exp": int(NOW.timestamp()) - 60}}, "expired"),
        ({"without": ("exp",)}, "exp"),
        ({"claims": {"iat": int(NOW.timestamp()) + 61}}, "in the future"),
        ({"claims": {"nbf": int(NOW.timestamp()) + 61}}, "not yet valid"),
        ({"claims": {"sub": ""}}, "sub"),
        ({"claims": {"sub": 7}}, "sub"),
        ({"without": ("sub",)}, "sub"),
        ({"key": FORGED}, "signature"),
        ({"key": NEXT, "header": {"alg": "ES256", "kid": "two"}}, "two"),
        ({"header": {"alg": "none"}}, ""),
        ({"header": {"alg": "none", "kid": KEY}}, ""),
        ({"token": "no.token.at-all"}, ""),
        ({"token": ""}, ""),
        ({"token": "..."}, ""),
        ({"calls_itself": "https://another.example"}, "calls itself"),
    ],
)
def test_a_token_that_is_not_right_in_everything_is_nothing(
    liar: Liar, lie: dict[str, Any], reason: str
) -> None:
    with pytest.raises(Refused) as refused:
        came_back(liar, lie)

    assert refused.value.codes == ("ERR-U12",)
    assert reason in refused.value.refusals[0].reason


def test_an_honest_token_is_taken(liar: Liar) -> None:
    assert came_back(liar, {}) == ACCOUNT
    assert came_back(liar, {"claims": {"aud": ["twofold"]}}) == ACCOUNT
    assert came_back(liar, {"claims": {"aud": ["x", "twofold"], "azp": "twofold"}}) == ACCOUNT


def came_back(liar: Liar, lie: dict[str, Any]) -> str:
    """Let a provider that lies answer a departure; give who it says came back."""
    provider, departure = liar.provider("http://127.0.0.1:1"), new_departure(leads_to="/")
    liar.comes_back(where_to_sign_in(provider, departure))
    for name, value in lie.items():
        setattr(liar, name, value)
    return who_came_back(provider, departure, code="good", at=NOW)


@pytest.mark.parametrize(
    "lie", [{"claims": {"nonce": "another"}}, {"key": FORGED}, {"header": {"alg": "none"}}]
)
def test_whom_nobody_vouches_for_gets_no_session(
    site: Site, liar: Liar, lie: dict[str, Any]
) -> None:
    linked(site, liar.issuer)
    before = sessions(site)
    for name, value in lie.items():
        setattr(liar, name, value)
    with site.client() as client:
        answer = signed_in(client, liar)

        assert (answer.status_code, "ERR-U12" in answer.text) == (401, True)
        assert client.get("/").status_code == 303
    assert sessions(site) == before
    assert [kind for kind, *_ in events(site)].count("account_declined") == 1


def test_a_token_signed_with_the_secret_of_the_client_is_nothing(site: Site, liar: Liar) -> None:
    linked(site, liar.issuer)
    with site.client() as client:
        back = liar.comes_back(client.get("/sign-in/openid").headers["location"])
        liar.token = signed_with_the_secret(liar, liar.asked[-1]["nonce"])

        assert client.get(back).status_code == 401


@pytest.mark.parametrize("late", [0, 59])
def test_clocks_may_differ_by_less_than_a_minute(site: Site, liar: Liar, late: int) -> None:
    linked(site, liar.issuer)
    liar.claims = {"exp": int(NOW.timestamp()) - late, "iat": int(NOW.timestamp()) + late}
    with site.client() as client:
        assert signed_in(client, liar).status_code == 303


def test_a_new_key_counts_at_once_and_an_old_one_no_longer(site: Site, liar: Liar) -> None:
    linked(site, liar.issuer)
    with site.client() as client:
        assert signed_in(client, liar).status_code == 303
    liar.published = (RSA, NEXT)
    with site.client() as client:
        assert signed_in(client, liar).status_code == 401
    liar.key, liar.header = NEXT, {"alg": "ES256", "kid": "two"}
    with site.client() as client:
        assert signed_in(client, liar).status_code == 303
    liar.key, liar.header = RSA, {"alg": "PS256", "kid": "rsa"}
    with site.client() as client:
        assert signed_in(client, liar).status_code == 303


def test_an_answer_is_used_once_and_in_the_browser_that_began(site: Site, liar: Liar) -> None:
    linked(site, liar.issuer)
    with site.client() as client, site.client() as other:
        left = client.get("/sign-in/openid")
        back = liar.comes_back(left.headers["location"])
        other.get("/sign-in/openid")
        cookie = client.cookies["twofold"]

        stolen = other.get(back)
        wrong = client.get(back.replace("state=", "state=x"))
        right = client.get(back)
        client.cookies.set("twofold", cookie)
        again = client.get(back)

    found = [(one.status_code, "ERR-U11" in one.text) for one in (stolen, wrong, right, again)]
    assert found == [(400, True), (400, True), (303, False), (400, True)]


def test_a_code_that_was_used_before_is_the_providers_to_refuse(site: Site, liar: Liar) -> None:
    linked(site, liar.issuer)
    with site.client() as client:
        assert signed_in(client, liar).status_code == 303
    with site.client() as client:
        back = liar.comes_back(client.get("/sign-in/openid").headers["location"], code="other")
        answer = client.get(back.replace("code=other", "code=good"))

    assert (answer.status_code, "invalid_grant" in answer.text) == (401, True)


@pytest.mark.parametrize(
    ("change", "status"),
    [
        (lambda back: back.replace("code=good", "error=access_denied"), 401),
        (lambda back: back.replace("code=good", "code="), 401),
        (lambda back: back.partition("&iss=")[0] + "&iss=https://another.example", 401),
        (lambda back: back.partition("&iss=")[0], 303),
        (lambda _: BACK, 400),
    ],
)
def test_an_answer_without_a_code_of_this_provider_is_none(
    site: Site, liar: Liar, change: Callable[[str], str], status: int
) -> None:
    linked(site, liar.issuer)
    with site.client() as client:
        back = liar.comes_back(client.get("/sign-in/openid").headers["location"])

        assert client.get(change(back)).status_code == status


@pytest.mark.parametrize(("minutes", "is_found"), [(9, True), (10, False)])
def test_a_departure_lasts_ten_minutes(books: Books, minutes: int, *, is_found: bool) -> None:
    departure = new_departure(leads_to="/")
    with books.access.transaction() as transaction:
        begin_departure(transaction, departure, at=NOW)

    assert finished(books, departure, minutes) == is_found


def test_two_who_bring_one_answer_at_once_are_one(books: Books) -> None:
    departure = new_departure(leads_to="/")
    with books.access.transaction() as transaction:
        begin_departure(transaction, departure, at=NOW)
    both = Barrier(2)

    def race(minutes: int) -> bool:
        both.wait()
        return finished(books, departure, minutes)

    with ThreadPoolExecutor(2) as pool:
        assert sorted(pool.map(race, [0, 0])) == [False, True]


def finished(books: Books, departure: Departure, minutes: int) -> bool:
    try:
        with books.access.transaction() as transaction:
            at = NOW + timedelta(minutes=minutes)
            finish_departure(transaction, token=departure.token, state=departure.state, at=at)
    except Refused as refused:
        return refused.codes != ("ERR-U11",)
    return True


def test_a_provider_that_is_down_is_told_and_passwords_go_on(site: Site, liar: Liar) -> None:
    liar.status = 503
    with site.client() as client:
        answer = client.get("/sign-in/openid")

        assert (answer.status_code, "ERR-U13" in answer.text) == (503, True)
        assert client.get("/sign-in").status_code == 200
    assert kept(site, "SELECT nonce FROM access.departure") == []


def test_a_provider_that_goes_away_meanwhile_is_told(books: Books) -> None:
    story = Story(books)
    with lying_provider() as liar, Site.served(story, provider=liar.provider) as site:
        linked(site, liar.issuer)
        with site.client() as client:
            back = liar.comes_back(client.get("/sign-in/openid").headers["location"])
            liar.status = 302
            assert client.get(back).status_code == 503


def test_leaving_over_and_over_is_slowed_down(site: Site) -> None:
    with site.client() as client:
        found = [client.get("/sign-in/openid").status_code for _ in range(62)]

        assert (set(found[:60]), found[-1]) == ({303}, 429)
        # It uses up nobody's attempts at a password.
        assert client.get("/sign-in").status_code == 200


def test_without_a_provider_there_is_none_of_it(books: Books) -> None:
    with Site.served(Story(books)) as site, site.client() as client:
        assert client.get("/sign-in/openid").status_code == 404
        assert client.get(BACK).status_code == 404
        assert "organisation" not in client.get("/sign-in").text


def test_an_administrator_links_and_takes_away_an_account(
    site: Site, liar: Liar, chromium: Browser
) -> None:
    admin = site.person("ada", "administrator")
    site.person("pat", "project_manager")
    site.person("kim", "accountant")

    with site.page(chromium, admin) as page:
        page.goto("/people/pat")
        page.get_by_label("Subject of the account").fill(f" {ACCOUNT} ")
        page.get_by_role("button", name="Link", exact=True).click()
        page.get_by_role("button", name=f"Take away {ACCOUNT}").wait_for()
        assert barriers(page) == []
    taken = site.post(admin, "/people/kim/link-account", subject=ACCOUNT)
    with site.client() as client:
        came = signed_in(client, liar)
        gone = site.post(admin, "/people/pat/unlink-account", issuer=liar.issuer, subject=ACCOUNT)
        after = client.get("/")

    assert (taken.status_code, "ERR-U15" in taken.text) == (422, True)
    assert [one.status_code for one in (came, gone, after)] == [303, 303, 303]
    with site.story.books.access.reader() as reader:
        assert list_identities(reader, person_id=person_of(reader, "pat").person_id) == []
    kinds = [kind for kind, *_ in events(site)]
    assert {"identity_linked", "identity_unlinked"} <= set(kinds)


def test_only_administrators_link(site: Site) -> None:
    token = site.person("pat", "project_manager")

    assert site.post(token, "/people/pat/link-account", subject="x").status_code == 404


def test_the_secret_is_in_no_description_of_the_provider(liar: Liar) -> None:
    assert SECRET not in repr(liar.provider("http://127.0.0.1"))
