"""Long work from the pages: a job, its progress, its result, and whose it is."""

from __future__ import annotations

import threading
from collections.abc import Generator

import pytest
from playwright.sync_api import Browser

from tests.scenarios.support import Work
from tests.web.site import Site, barriers
from twofold.worker.worker import Worker


@pytest.fixture
def worker(site: Site) -> Generator[Worker]:
    """Give a worker that is not at work yet; it has ended when the test has."""
    worker = Worker(site.story.system)
    yield worker
    worker.stop()


@pytest.fixture
def drafts(site: Site) -> tuple[int, ...]:
    """Give drafts of three contracts."""
    site.story.approve(Work("ARM", 8), Work("UPGRADE", 2))
    return site.story.draft("TM", "FIXED", "MIXED")


@pytest.mark.usefixtures("drafts")
def test_many_are_confirmed_while_one_looks_on(
    site: Site, chromium: Browser, worker: Worker
) -> None:
    token = site.person("pat", "project_manager")

    with site.page(chromium, token) as page:
        # When all drafts are to be confirmed
        page.goto("/USPM/proformas?state=draft")
        page.click("text=Confirm all drafts")

        # Then the page of the job waits, and follows it to the end by itself
        assert page.locator("[role=status]").inner_text() == "Waiting"
        assert barriers(page) == []
        thread = threading.Thread(target=worker.run)
        thread.start()
        page.locator(".state.done").wait_for()
        worker.stop()
        thread.join()
        assert "3 of 3" in page.locator(".job").inner_text()
        assert barriers(page) == []

        # And what ended was seen, and the result is one click away
        page.click("text=Show the result")
        assert page.locator("tbody tr").count() == 3
        assert page.locator(".badge").count() == 0


@pytest.mark.usefixtures("drafts")
def test_a_job_that_ended_elsewhere_is_told_of_in_the_header(
    site: Site, chromium: Browser, worker: Worker
) -> None:
    token = site.person("pat", "project_manager")
    site.post(token, "/USPM/jobs/confirm-proformas", to="/USPM/proformas")
    worker.work_once()

    with site.page(chromium, token) as page:
        page.goto("/")
        assert page.locator(".badge").inner_text().startswith("1")
        page.click("header .jobs")
        page.click("tbody a")
        page.goto("/")
        assert page.locator(".badge").count() == 0


@pytest.mark.usefixtures("drafts")
def test_a_job_that_ends_meanwhile_is_told_of_without_asking(
    site: Site, chromium: Browser, worker: Worker
) -> None:
    token = site.person("pat", "project_manager")
    with site.client(token) as client:
        # While nothing runs, no page asks
        assert 'hx-get="/jobs/news' not in client.get("/USPM/backlog").text
    started = site.post(token, "/USPM/jobs/confirm-proformas", to="/USPM/proformas")

    with site.page(chromium, token) as page:
        # Given a page of other work, opened while the job waits
        page.goto("/USPM/contracts")
        asked: list[int] = []
        page.on("response", lambda one: asked.append(one.status) if "/news" in one.url else None)
        with page.expect_response("**/jobs/news*"):
            pass
        assert page.locator(".job-news section, .badge").count() == 0

        # When the job ends, the page says so by itself
        worker.work_once()
        news = page.locator("[aria-live] section.job-news")
        news.wait_for()
        assert "Confirmed: 3" in news.inner_text()
        assert page.locator(".badge").inner_text().startswith("1")
        assert barriers(page) == []
        assert asked[0] == 204
        assert asked[-1] == 200

        # And it asks no more, leads to the job and its result, and can be put away
        assert page.locator("[hx-get^='/jobs/news']").count() == 0
        assert news.locator(f"a[href='{started.headers['location']}']").count() == 1
        assert news.locator("a[href='/USPM/proformas?state=confirmed']").count() == 1
        news.get_by_label("Close").click()
        assert page.locator(".job-news").count() == 0

    # Nobody is told of the job of another
    number = started.headers["location"].rpartition("/")[2]
    with site.client(site.person("eve", "project_manager")) as client:
        assert client.get(f"/jobs/news?job={number}&job=x").status_code == 204


def test_what_is_refused_is_told_with_its_remedy(
    site: Site, drafts: tuple[int, ...], worker: Worker
) -> None:
    token = site.person("pat", "project_manager")
    site.story.confirm(drafts[:1])
    keys = [str(one) for one in drafts]
    started = site.post(token, "/USPM/jobs/confirm-proformas", key=keys)
    worker.work_once()

    with site.client(token) as client:
        told = client.get(started.headers["location"]).text

    assert "ERR-B10" in told
    assert 'class="remedy"' in told


@pytest.mark.usefixtures("drafts")
def test_a_job_that_waits_is_cancelled(site: Site, chromium: Browser, worker: Worker) -> None:
    token = site.person("pat", "project_manager")

    with site.page(chromium, token, java_script_enabled=False) as page:
        page.goto("/jobs")
        page.click("text=Start: Confirm proforma invoices, USPM")
        page.click("text=Cancel the job")
        assert page.locator("[role=status]").inner_text() == "Cancelled"
    worker.work_once()

    states = site.story.in_operations("SELECT DISTINCT state::text FROM operations.proforma")
    assert [row["state"] for row in states] == ["draft"]


def test_a_job_is_seen_by_its_person_and_by_those_who_look_after_people(site: Site) -> None:
    pat = site.person("pat", "project_manager")
    address = site.post(pat, "/USPM/jobs/confirm-proformas").headers["location"]
    eve = site.person("eve", "project_manager")
    auditor = site.person("ann", "auditor")
    stranger = site.person("sam", "auditor", company="DEPM")
    boss = site.person("boss", "administrator")

    def status(token: object) -> tuple[int, int]:
        with site.client(token) as client:  # pyright: ignore[reportArgumentType]
            listed = client.get("/jobs?whose=all").text
            return client.get(address).status_code, listed.count(f'href="{address}"')

    assert [status(one) for one in (pat, eve, auditor, stranger, boss)] == [
        (200, 1), (404, 0), (200, 1), (404, 0), (200, 1),
    ]  # fmt: skip
    cancelled = [site.post(one, f"{address}/cancel").status_code for one in (eve, auditor, boss)]
    assert cancelled == [404, 403, 303]
    assert site.post(pat, f"{address}/cancel").status_code == 422


@pytest.mark.parametrize("number", ["x", "999", "9" * 40, "-1", "0"])
def test_a_job_that_never_was_is_not_there(site: Site, number: str) -> None:
    token = site.person("pat", "project_manager")

    with site.client(token) as client:
        assert client.get(f"/jobs/{number}").status_code == 404


@pytest.mark.parametrize(
    ("role", "bill", "account"),
    [
        ("project_manager", 303, 403),
        ("accountant", 403, 303),
        ("auditor", 403, 403),
        ("integration_admin", 404, 404),
    ],
)
def test_jobs_are_started_by_those_who_may(site: Site, role: str, bill: int, account: int) -> None:
    token = site.person("pat", role)  # pyright: ignore[reportArgumentType] - a role by name

    def start(kind: str, company: str = "USPM") -> int:
        return site.post(token, f"/{company}/jobs/{kind}").status_code

    assert (start("confirm-proformas"), start("create-scheduled")) == (bill, bill)
    assert (start("post-journals"), start("post-proposals")) == (account, account)
    assert start("post-journals", "ELSE") == 404


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_anyone_can_use_the_jobs(site: Site, chromium: Browser, scheme: str) -> None:
    token = site.person("pat", "project_manager")
    site.post(token, "/USPM/jobs/create-scheduled")

    with site.page(chromium, token, color_scheme=scheme) as page:
        page.goto("/jobs")

        assert barriers(page) == []
