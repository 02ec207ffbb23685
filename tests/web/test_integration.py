"""The integration admin's day: pause and resume, look into a set, find and repair a difference."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest
from playwright.sync_api import Browser

from tests.dualwrite.test_activate import NEXT_VERSION, edited
from tests.scenarios.support import Story, Work
from tests.support.books import Books
from tests.web.site import Site, barriers
from twofold.access.secret import Secret
from twofold.journey.findings import Finding
from twofold.web.language import Speech
from twofold.worker.worker import Worker

PAGES = (
    "/integration/maps",
    "/integration/maps/actuals",
    "/integration/sets",
    "/integration/reconciliation",
    "/integration/alerts",
    "/integration/health",
)
FOUND = [Finding("ok", "operations: server", "PostgreSQL"), Finding("fail", "pair", "torn", "mend")]


@pytest.fixture
def admin(site: Site) -> Secret:
    """Give the session of an integration admin."""
    return site.person("ian", "integration_admin")


def deliver(site: Site) -> None:
    site.story.deliver_what_can()


def spoil(site: Site) -> None:
    """Change a row of the finance book behind dual-write's back."""
    with site.story.books.owner_finance.raw() as connection:
        connection.execute("UPDATE finance.resource SET name = 'Zoe' WHERE name = 'Bob Kozack'")


def resources(site: Site) -> set[str]:
    return {row["name"] for row in site.story.in_finance("SELECT name FROM finance.resource")}


def speak(site: Site, login: str, language: str) -> None:
    with site.story.books.owner_operations.raw() as connection:
        connection.execute(
            "UPDATE access.person SET language = %s WHERE login = %s", (language, login)
        )


@pytest.mark.parametrize(
    ("language", "words"),
    [
        ("en", ("Pause", "Resume", "Waiting", "Nothing is on its way")),
        ("fr", ("Suspendre", "Reprendre", "En attente", "Rien n\u2019est en route")),
    ],
)
def test_a_map_rests_its_queue_grows_and_arrives_when_it_runs(
    site: Site,
    chromium: Browser,
    admin: Secret,
    language: str,
    words: tuple[str, str, str, str],
) -> None:
    pause, resume, waiting, empty = words
    speak(site, "ian", language)

    with site.page(chromium, admin) as page:
        # Given the map of actuals, paused with all that follows it
        page.goto("/integration/maps/actuals")
        page.fill("input[name=reason]", "finance closes the month")
        page.check("input[name=related]")
        page.click(f"button:text-is('{pause}')")
        page.locator("[role=status]").wait_for()
        assert page.locator("h1 .state.paused").count() == 1

        # When work is approved meanwhile
        site.story.approve(Work("ARM", 8))
        deliver(site)

        # Then its set waits, and says for what
        page.goto("/integration/sets")
        assert page.locator("tbody .state").first.inner_text() == waiting
        page.click("tbody a")
        assert page.locator(".refusals").inner_text().startswith("ERR-D01")

        # And when the last of those maps runs again, with all that it follows, it arrives
        page.goto("/integration/maps/transaction_connections")
        page.fill("input[name=reason]", "done")
        page.check("input[name=related]")
        page.click(f"button:text-is('{resume}')")
        page.locator("[role=status]").wait_for()
        deliver(site)
        page.goto("/integration/sets")
        assert empty in page.locator("#list").inner_text()
        page.goto("/integration/maps")
        assert page.locator("svg rect.flow").count() > 0
    staged = site.story.in_finance("SELECT count(*) FROM finance.staged_actual")
    assert staged[0]["count"] > 0


@pytest.mark.parametrize("language", ["en", "pt"])
def test_a_proforma_confirmed_while_its_map_rests_is_told_why(
    site: Site, chromium: Browser, admin: Secret, language: str
) -> None:
    # Given a draft, and a map at rest
    say = Speech(language).words
    site.story.approve(Work("ARM", 8))
    deliver(site)
    site.story.draft("TM")
    site.post(admin, "/integration/maps/invoices", do="pause", reason="closing", related="yes")
    manager = site.person("pat", "project_manager")
    for login in ("ian", "pat"):
        speak(site, login, language)

    # When it is confirmed, the project manager hears the code
    with site.page(chromium, manager) as page:
        page.goto("/USPM/proformas")
        page.click("tbody a")
        page.get_by_role("button", name=say("Confirm"), exact=True).click()
        assert "ERR-D01" in page.locator(".refusals").inner_text()

    # And after the map runs again, finance takes it
    with site.page(chromium, admin) as page:
        page.goto("/integration/maps/transaction_connections")
        page.fill("input[name=reason]", "closed")
        page.check("input[name=related]")
        page.get_by_role("button", name=say("Resume"), exact=True).click()
        page.locator("[role=status]").wait_for()
    with site.page(chromium, manager) as page:
        page.goto("/USPM/proformas")
        page.click("tbody a")
        page.get_by_role("button", name=say("Confirm"), exact=True).click()
        told = page.locator("[role=status]").inner_text()
        assert told == say("Confirmed: finance has taken it.")
    proposals = site.story.in_finance("SELECT count(*) FROM finance.proposal")
    assert proposals[0]["count"] == 1


@pytest.mark.parametrize(
    ("language", "compare", "result", "repair"),
    [
        ("en", "Compare", "Show the result", "Repair"),
        ("es", "Comparar", "Ver el resultado", "Reparar"),
    ],
)
def test_a_difference_is_found_down_to_the_field_and_repaired(
    site: Site, chromium: Browser, admin: Secret,
    language: str, compare: str, result: str, repair: str,
) -> None:  # fmt: skip
    speak(site, "ian", language)
    spoil(site)
    worker = Worker(site.story.system)

    with site.page(chromium, admin) as page:
        # When the books are compared
        page.goto("/integration/reconciliation")
        page.select_option("select[name=map]", "resources")
        page.click(f"main button:text-is('{compare}')")
        worker.work_once()
        page.click(f"text={result}")
        assert page.locator("h1 .state.different").count() == 1
        assert barriers(page) == []

        # Then the field that differs is shown, with what both books say
        page.click("tbody a")
        cells = page.locator("tbody").inner_text()
        assert "Bob Kozack" in cells
        assert "Zoe" in cells
        assert barriers(page) == []

        # And a repair, for a reason, makes them equal
        page.check("tbody input[type=checkbox]")
        page.fill("input[name=reason]", "renamed by hand")
        page.click(f"button:text-is('{repair}')")
        worker.work_once()
        page.click(f"text={result}")
    assert "Bob Kozack" in resources(site)


def test_a_set_is_looked_into_tried_again_and_given_up(
    site: Site, chromium: Browser, admin: Secret
) -> None:
    # Given a set that finance cannot take: it does not know the resource
    site.story.approve(Work("ARM", 8))
    with site.story.books.owner_finance.raw() as connection:
        connection.execute("CREATE TABLE finance.kept AS SELECT * FROM finance.resource")
        connection.execute("DELETE FROM finance.resource")
    deliver(site)

    with site.page(chromium, admin) as page:
        page.goto("/integration/sets?state=parked")
        page.click("tbody a")
        assert page.locator("h1 .state.parked").count() == 1
        assert "resource" in page.locator(".refusals").inner_text()
        assert page.locator(".journey li").count() >= 2
        assert barriers(page) == []

        # When it is tried again, it is due
        page.click("text=Try again")
        assert page.locator("[role=status]").inner_text() == "Due again: 1"

        # And without a reason it is not given up; with one it is
        page.goto("/integration/sets")
        page.check("tbody input[type=checkbox]")
        page.click("text=Give up")
        assert "ERR-D27" in page.locator("[role=alert]").inner_text()
        page.check("tbody input[type=checkbox]")
        page.fill("input[name=reason]", "a test of ours")
        page.click("text=Give up")
        assert page.locator("[role=status]").inner_text() == "Given up: 1"
        page.goto("/integration/sets?state=dismissed")
        assert "a test of ours (ian)" in page.locator("tbody").inner_text()
    with site.story.books.owner_finance.raw() as connection:
        connection.execute("INSERT INTO finance.resource SELECT * FROM finance.kept")
        connection.execute("DROP TABLE finance.kept")


def test_what_is_refused_is_told_with_what_was_typed(
    site: Site, chromium: Browser, admin: Secret
) -> None:
    with site.page(chromium, admin) as page:
        # Actuals are followed by other maps, which run.
        page.goto("/integration/maps/actuals")
        page.fill("input[name=reason]", "only this one")
        page.click("button:text-is('Pause')")
        assert "ERR-D26" in page.locator("[role=alert]").inner_text()
        assert page.input_value("input[name=reason]") == "only this one"
        assert barriers(page) == []


def test_an_alert_is_added_watched_and_removed(
    site: Site, chromium: Browser, admin: Secret
) -> None:
    with site.page(chromium, admin) as page:
        page.goto("/integration/alerts")
        page.fill("input[name=alert]", "late")
        page.fill("input[name=threshold]", "many")
        page.click("button:text-is('Add')")
        assert "ERR-D28" in page.locator("[role=alert]").inner_text()
        assert page.input_value("input[name=alert]") == "late"
        page.fill("input[name=threshold]", "15")
        page.select_option("select[name=measure]", "lag")
        page.click("button:text-is('Add')")
        assert page.locator("[role=status]").inner_text() == "The rule is watching."
        assert "late" in page.locator("tbody").inner_text()

        # It is changed in the form that it was made in
        page.click("tbody a")
        assert page.input_value("input[name=threshold]") == "15"
        page.fill("input[name=threshold]", "0")
        page.click("button:text-is('Save')")
        assert "ERR-D28" in page.locator("[role=alert]").inner_text()
        page.fill("input[name=threshold]", "30")
        assert barriers(page) == []
        page.click("button:text-is('Save')")
        assert "counts anew" in page.locator("[role=status]").inner_text()
        assert "30" in page.locator("tbody").inner_text()

        page.check("tbody input[type=checkbox]")
        page.click("text=Remove the rules chosen")
        assert page.locator("[role=status]").inner_text() == "Removed: 1"
    assert site.story.in_operations("SELECT count(*) FROM dualwrite.alert_rule") == [{"count": 0}]


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("path", PAGES)
def test_anyone_can_use_the_page(
    site: Site, chromium: Browser, admin: Secret, path: str, scheme: str
) -> None:
    site.found += FOUND
    site.story.approve(Work("ARM", 8))

    with site.page(chromium, admin, color_scheme=scheme) as page:
        page.goto(path)

        assert barriers(page) == []


@pytest.mark.parametrize(
    ("role", "read", "act"),
    [
        ("integration_admin", 200, 422),
        ("auditor", 200, 403),
        ("project_manager", 404, 404),
        ("accountant", 404, 404),
        ("team_member", 404, 404),
        ("administrator", 404, 404),
    ],
)
def test_pages_are_there_for_those_who_may(site: Site, role: str, read: int, act: int) -> None:
    token = site.person("pat", role)  # pyright: ignore[reportArgumentType] - a role by name

    with site.client(token) as client:
        seen = {path: client.get(path).status_code for path in PAGES}
    done = [
        # What is asked for makes no sense: whoever may act is refused by the process.
        site.post(token, "/integration/maps/actuals", do="resume", reason="").status_code,
        site.post(token, "/integration/alerts", alert="").status_code,
    ]

    assert set(seen.values()) == {read}
    assert set(done) == {act}
    others = [
        site.post(token, "/integration/sets", do="redrive").status_code,
        site.post(token, "/integration/reconciliation").status_code,
        site.post(token, "/integration/alerts/remove").status_code,
    ]
    assert set(others) == {303 if act == 422 else act}


def test_an_auditor_sees_their_companies_only(site: Site) -> None:
    site.story.approve(Work("ARM", 8))
    auditor = site.person("ann", "auditor")
    stranger = site.person("sam", "auditor", company="DEPM")
    (sent,) = site.story.in_operations(
        "SELECT set_id FROM dualwrite.pending ORDER BY set_id LIMIT 1"
    )
    address = f"/integration/sets/operations/USPM/{sent['set_id']}"

    def seen(token: Secret) -> tuple[int, bool]:
        with site.client(token) as client:
            listed = client.get("/integration/sets?company=USPM").text
            return client.get(address).status_code, address in listed

    assert (seen(auditor), seen(stranger)) == ((200, True), (404, False))
    with site.client(auditor) as client:
        assert 'name="reason"' not in client.get(address).text
        assert 'name="reason"' not in client.get("/integration/maps/actuals").text


@pytest.mark.parametrize(
    "path",
    [
        "/integration/maps/nothing",
        "/integration/sets/operations/USPM/999999",
        "/integration/sets/elsewhere/USPM/1",
        "/integration/sets/operations/USPM/x",
        "/integration/reconciliation/never",
        "/integration/reconciliation/never/USPM/actuals",
    ],
)
def test_what_never_was_is_not_there(site: Site, admin: Secret, path: str) -> None:
    with site.client(admin) as client:
        assert client.get(path).status_code == 404


def test_what_a_version_changed_is_shown(site: Site, admin: Secret) -> None:
    with site.client(admin) as client:
        told = client.get("/integration/maps/actuals").text

    assert "SQL" in told
    assert "<pre" in told


def test_lists_are_downloaded(site: Site, admin: Secret) -> None:
    site.found += FOUND
    with site.client(admin) as client:
        maps = client.get("/integration/maps?as=csv:").content.decode("utf-8-sig").splitlines()
        health = client.get("/integration/health?as=csv:").content.decode("utf-8-sig").splitlines()

    assert maps[0].startswith("Map,Company,Sent by,Status")
    assert len(maps) > 10
    # What is broken comes first.
    assert health[1].startswith("pair,Fail,torn,mend")


def test_while_finance_is_away_the_rest_is_shown(site: Site, admin: Secret) -> None:
    books = site.story.books
    books.auditor_finance.close()
    with books.server.embedded.admin() as connection:
        connection.execute(
            f'ALTER DATABASE "{books.pair.finance}" WITH ALLOW_CONNECTIONS false'.encode()
        )
        try:
            with site.client(admin) as client:
                told = {path: client.get(path) for path in PAGES[:4]}
        finally:
            connection.execute(
                f'ALTER DATABASE "{books.pair.finance}" WITH ALLOW_CONNECTIONS true'.encode()
            )

    assert {one.status_code for one in told.values()} == {200}
    assert all("The finance book does not answer" in told[path].text for path in PAGES[:1])


def test_a_version_is_activated_and_undone_for_a_reason(books: Books, chromium: Browser) -> None:
    # Given a program that declares another version of a map than is active
    story = Story(books)
    newer = edited("resources", NEXT_VERSION)
    story.__dict__["system"] = replace(story.system, declared=lambda: newer)
    with Site.served(story) as site:
        admin = site.person("ian", "integration_admin")
        path = "/integration/maps/resources/version"
        assert "ERR-U40" in site.post(admin, path, do="activate", why="").text

        # When it is activated, and then undone
        with site.page(chromium, admin) as page:
            page.goto("/integration/maps/resources")
            assert "declares version 1.1.0; active is 1.0.0" in page.locator("main").inner_text()
            assert barriers(page) == []
            page.fill("input[name=why]", "names are longer")
            page.click("text=Activate 1.1.0")
            assert "Version 1.1.0 is active." in page.locator("[role=status]").inner_text()
            assert page.locator("ins").first.inner_text() == "1.1.0"

            # Then work goes on, and each step stays in the history with its reason
            story.approve(Work("ARM", 8))
            story.deliver()
            page.fill("input[name=why]", "too long")
            page.click("text=Go back to 1.0.0")
            versions = page.get_by_role("region", name="Versions").inner_text()
        assert [words in versions for words in ("names are longer", "too long")] == [True, True]
        assert "ERR-D66" in site.post(admin, path, do="rollback", why="once more").text
        with site.client(admin) as client:
            hashes = re.findall(
                r'<option value="([0-9a-f]{64})"', client.get("/integration/maps/resources").text
            )
            same = client.get(f"/integration/maps/resources?before={hashes[0]}&after={hashes[0]}")
        assert "Both versions are the same." in same.text
    story.holds()


@pytest.mark.parametrize(
    ("mode", "state", "told"), [("adopt", "done", "Written"), ("refuse", "refused", "ERR-D30")]
)
def test_rows_are_written_as_they_stand_as_a_job(
    site: Site, admin: Secret, mode: str, state: str, told: str
) -> None:
    path = "/integration/maps/resources/write"
    started = site.post(admin, path, company="USPM", mode=mode).headers["location"]
    site.work()

    with site.client(admin) as client:
        page = client.get(started).text
    assert f'class="state {state}"' in page
    assert told in page
    assert site.post(admin, path, company="NONE", mode=mode).status_code == 404
    assert site.post(admin, path, company="USPM", mode="somehow").status_code == 404
