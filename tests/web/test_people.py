"""An administrator's pages, the companies of a person, and one's own sessions."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Browser

from tests.support.clock import NOW
from tests.web.site import Site, barriers
from twofold.access.people import add_person
from twofold.access.secret import Secret
from twofold.access.sign_in import admit, find_candidate


def roles(site: Site, login: str) -> set[tuple[str, str]]:
    found = site.story.in_operations("SELECT login, company, role FROM access.role_grant")
    return {(row["company"], row["role"]) for row in found if row["login"] == login}


def test_a_person_is_added_given_a_role_and_signs_in_by_a_link(
    site: Site, chromium: Browser
) -> None:
    token = site.person("ada", "administrator")

    with site.page(chromium, token) as page:
        page.goto("/people")
        assert barriers(page) == []
        page.get_by_label("Login").fill("Kim")
        page.get_by_label("Name").fill("Kim Ode")
        page.get_by_role("button", name="Add").click()
        page.wait_for_url("**/people/kim")
        page.get_by_label("Role").select_option("accountant")
        page.locator("main").get_by_label("Company").select_option("USPM")
        page.get_by_role("button", name="Give").click()
        page.get_by_role("button", name="Make a sign-in link").click()
        assert barriers(page) == []
        link = page.locator("[role=status] code").inner_text()
    assert roles(site, "kim") == {("USPM", "accountant")}

    with site.page(chromium) as page:
        page.goto(link)
        page.click("main button")
        page.wait_for_url(site.origin + "/")
        assert "Inbox" in page.locator("nav").inner_text()


def test_who_came_by_a_link_chooses_the_first_password_and_then_needs_it(site: Site) -> None:
    with site.story.books.access.transaction() as transaction:
        add_person(
            transaction,
            login="kim",
            name="Kim",
            password=None,
            must_change=False,
            actor="ada",
            at=NOW,
        )
        candidate = find_candidate(transaction, login="kim")
        assert candidate
        token = admit(transaction, candidate, address="192.0.2.1", agent="test", at=NOW)

    with site.client(token) as client:
        asked = client.get("/password").text
    first = site.post(token, "/password", new="heron basket violet 88")
    second = site.post(token, "/password", new="another heron basket 99")
    with site.client(token) as client:
        asked_again = client.get("/password").text

    assert (first.status_code, second.status_code) == (303, 422)
    assert ('name="old"' in asked, 'name="old"' in asked_again) == (False, True)


def test_what_is_refused_is_told_and_what_was_typed_stays(site: Site) -> None:
    token = site.person("ada", "administrator")
    site.person("pat", "project_manager")

    taken = site.post(token, "/people", login="Pat", name="Pat Two")
    apart = site.post(token, "/people/pat/give", role="accountant", company="USPM")
    own = site.post(token, "/people/ada/give", role="auditor", company="USPM")
    unknown = site.post(token, "/people/nobody/bar", do="bar")

    assert [one.status_code for one in (taken, apart, own, unknown)] == [422, 422, 422, 404]
    assert "ERR-U01" in taken.text
    assert 'value="Pat Two"' in taken.text
    assert "ERR-U04" in apart.text
    assert "ERR-U04" in own.text
    assert roles(site, "pat") == {("USPM", "project_manager")}


def test_a_barred_person_is_out_at_once_and_comes_back(site: Site) -> None:
    admin, token = site.person("ada", "administrator"), site.person("pat", "project_manager")

    site.post(admin, "/people/pat/bar", do="bar")
    with site.client(token) as client:
        barred = client.get("/").headers["location"]
    site.post(admin, "/people/pat/bar", do="admit")
    site.post(admin, "/people/pat/take", role="USPM:project_manager")

    assert barred.startswith("/sign-in")
    assert roles(site, "pat") == set()
    kinds = [
        row["kind"]
        for row in site.story.in_operations("SELECT kind FROM access.event ORDER BY event_id")
    ]
    assert kinds[-3:] == ["barred", "let_in", "role_taken"]


@pytest.mark.parametrize(
    ("role", "read", "act"),
    [
        ("administrator", 200, 303),
        ("auditor", 200, 404),
        ("project_manager", 404, 404),
        ("accountant", 404, 404),
        ("integration_admin", 404, 403),
    ],
)
def test_only_administrators_act_and_auditors_look(
    site: Site, role: str, read: int, act: int
) -> None:
    token = site.person("pat", role)  # pyright: ignore[reportArgumentType] - a role by name

    with site.client(token) as client:
        seen = client.get("/people").status_code
        one = client.get("/people/pat").status_code
    added = site.post(token, "/people", login="kim", name="Kim")

    assert (seen, one, added.status_code) == (read, read, act)


def test_one_ends_ones_other_sessions(site: Site, chromium: Browser) -> None:
    here = site.person("pat", "project_manager")
    there = site.person("pat", "project_manager")
    stranger = site.person("kim", "project_manager")

    with site.page(chromium, here) as page:
        page.goto("/sessions")
        assert barriers(page) == []
        picks = page.locator("tbody [name=pick]")
        assert picks.count() == 2
        picks.locator("xpath=self::*[not(@disabled)]").check()
        page.get_by_role("button", name="End the sessions chosen").click()
        assert page.locator("[role=status]").inner_text() == "Ended: 1"

    with site.client(there) as client:
        assert client.get("/").status_code == 303
    with site.client(stranger) as client:
        assert client.get("/").status_code == 200


def test_an_administrator_ends_the_sessions_of_others(site: Site) -> None:
    boss = site.person("boss", "administrator")
    first, second = (site.person("pat", "project_manager") for _ in range(2))

    def is_in(token: Secret) -> bool:
        with site.client(token) as client:
            return client.get("/USPM/backlog").status_code == 200

    # Of two sessions the one that is ticked ends, then all of them
    with site.client(boss) as client:
        keys = re.findall(r'name="pick" value="(\w+)"', client.get("/people/pat").text)
    assert len(keys) == 2
    site.post(boss, "/people/pat/end-sessions", do="chosen", pick=keys[0])
    assert sorted([is_in(first), is_in(second)]) == [False, True]
    done = site.post(boss, "/people/pat/end-sessions", do="all").headers["location"]
    assert done == "/people/pat?done=ended:1"
    assert (is_in(first), is_in(second)) == (False, False)

    # It stands in the history; whoever may only look does not do it
    with site.client(boss) as client:
        assert client.get("/people/pat").text.count("Sessions ended") == 2
    auditor = site.person("ann", "auditor")
    third = site.person("pat")
    assert site.post(auditor, "/people/pat/end-sessions", do="all").status_code == 404
    assert is_in(third)


def test_the_company_is_switched_with_the_list_that_is_open(site: Site, chromium: Browser) -> None:
    token = site.person("pat", "project_manager")
    site.person("pat", "project_manager", company="GBPM")

    with site.page(chromium, token) as page:
        page.goto("/USPM/proformas?state=draft")
        page.click(".company summary")
        assert barriers(page) == []
        page.click(".company a >> text=GBPM")
        page.wait_for_url("**/GBPM/proformas")
        assert page.locator(".company summary").inner_text().endswith("GBPM")
        page.goto("/")
        page.click(".company summary")
        page.click(".company a >> text=USPM")
        assert page.locator("nav a >> text=Billing backlog").get_attribute("href") == (
            "/USPM/backlog"
        )


@pytest.mark.parametrize(
    ("login", "name", "field"),
    [("", "Kim Ode", "login"), ("kim ode", "Kim Ode", "login"), ("kim", " ", "name")],
)
def test_a_person_without_a_login_or_a_name_is_not_added(
    site: Site, login: str, name: str, field: str
) -> None:
    token = site.person("ada", "administrator")

    declined = site.post(token, "/people", login=login, name=name)

    assert (declined.status_code, "ERR-U29" in declined.text) == (422, True)
    assert f"({field} =" in declined.text
    assert site.story.in_operations("SELECT login FROM access.person WHERE true") == [
        {"login": "ada"}
    ]


def test_what_nobody_thought_of_is_a_page_that_says_so(site: Site) -> None:
    token = site.person("ada", "administrator")
    with site.story.books.owner_operations.raw() as connection:
        connection.execute("ALTER TABLE access.person ADD CHECK (login <> 'kim')")

    failed = site.post(token, "/people", login="kim", name="Kim Ode")

    assert (failed.status_code, "The fault is ours" in failed.text) == (500, True)
    assert "content-security-policy" in failed.headers
