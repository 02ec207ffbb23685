"""Access tokens: a program reads lists as files in a person's name, and nothing else."""

from __future__ import annotations

import csv
import io
import json
import logging
from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal

import httpx
import pytest
from openpyxl import load_workbook
from playwright.sync_api import Browser

from tests.scenarios.support import Work
from tests.support.clock import NOW
from tests.web.site import Site, barriers
from twofold.access.people import bar_person, person_of, set_password, take_role
from twofold.access.secret import Secret
from twofold.access.tokens import make_token, revoke_token

BACKLOG = "/USPM/backlog?as=csv"


def token(site: Site, login: str = "pat", *, name: str = "report", days: int = 30) -> str:
    """Make a token of a person who is there."""
    with site.story.books.access.transaction() as transaction:
        person = person_of(transaction, login)
        return make_token(transaction, person, name=name, days=days, actor=login, at=NOW).text


def read(site: Site, path: str, text: str, **options: str) -> httpx.Response:
    with site.client() as client:
        return client.get(path, headers={"authorization": f"Bearer {text}", **options})


def used(site: Site) -> list[object]:
    found = site.story.rows(site.story.books.access, "SELECT used_at FROM access.token")
    return [row["used_at"] for row in found]


def test_a_token_is_made_shown_once_used_and_revoked(site: Site, chromium: Browser) -> None:
    session = site.person("pat", "project_manager")
    with site.page(chromium, session) as page:
        page.goto("/")
        page.click(".menu summary >> text=Pat")
        page.click("text=Access tokens")
        assert barriers(page) == []
        page.get_by_label("Name").fill("report")
        page.get_by_label("Lasts").select_option("90")
        page.get_by_role("button", name="Make", exact=True).click()
        text = page.locator("[role=status] code").inner_text()
        assert barriers(page) == []
        page.goto("/tokens")
        assert text not in page.content()
        assert read(site, BACKLOG, text).status_code == 200
        page.reload()
        page.locator("[name=pick]").check()
        page.get_by_role("button", name="Revoke the tokens chosen").click()
        assert page.locator("[role=status]").inner_text() == "Revoked: 1"

    assert text.startswith("twofold_")
    assert read(site, BACKLOG, text).status_code == 401
    kinds = [
        (row["kind"], row["detail"])
        for row in site.story.in_operations("SELECT kind, detail FROM access.event")
    ]
    assert {("token_made", "report"), ("token_revoked", "report")} <= set(kinds)


def test_a_list_is_read_in_each_format(site: Site) -> None:
    site.story.approve(Work("ARM", 1))
    site.person("pat", "project_manager")
    text = token(site)

    as_csv, as_json, as_xlsx = (
        read(site, f"/USPM/backlog?as={kind}", text) for kind in ("csv", "json", "xlsx")
    )
    rows = list(csv.DictReader(io.StringIO(as_csv.content.decode("utf-8-sig"))))
    objects = json.loads(as_json.content, parse_float=Decimal)
    row, found = rows[0], objects[0]
    sheet = load_workbook(io.BytesIO(as_xlsx.content)).active

    assert sheet is not None
    assert len(objects) == len(rows) == sheet.max_row - 1
    assert Decimal(found["Amount"]) == Decimal(row["Amount"])
    assert found["Currency"] == row["Currency"] == "USD"
    # A program reads the same whatever language its person reads.
    assert (found["Status"], row["Status"]) == ("not_ready", "Not ready")
    assert as_json.headers["content-type"] == "application/json"


def test_an_empty_list_is_an_empty_array(site: Site) -> None:
    site.person("pat", "project_manager")

    assert read(site, "/USPM/proformas?as=json", token(site)).json() == []


def test_rights_are_those_of_the_person_at_that_moment(site: Site) -> None:
    site.person("pat", "project_manager")
    text = token(site)
    paths = (BACKLOG, "/USPM/proposals?as=csv", "/GBPM/backlog?as=csv", "/people?as=csv")

    before = [read(site, path, text).status_code for path in paths]
    with site.story.books.access.transaction() as transaction:
        take_role(
            transaction,
            login="pat",
            company="USPM",
            role="project_manager",
            actor="ada",
            at=NOW,
        )
    after = read(site, BACKLOG, text)

    assert before == [200, 404, 404, 404]
    assert (after.status_code, "www-authenticate" in after.headers) == (404, False)


def barred(site: Site) -> None:
    with site.story.books.access.transaction() as transaction:
        bar_person(transaction, login="pat", is_active=False, actor="ada", at=NOW)


def revoked(site: Site) -> None:
    with site.story.books.access.transaction() as transaction:
        person = person_of(transaction, "pat")
        assert revoke_token(transaction, person, name="report", actor="ada", at=NOW)


def given_a_password(site: Site) -> None:
    """Let an administrator give another password, which is to be changed first."""
    with site.story.books.access.transaction() as transaction:
        set_password(
            transaction,
            person_of(transaction, "pat"),
            password="violet heron basket 77",  # noqa: S106 - of a person of tests
            actor="ada",
            at=NOW,
        )


@pytest.mark.parametrize("happens", [barred, revoked, given_a_password])
def test_a_token_is_worth_nothing_when(site: Site, happens: Callable[[Site], None]) -> None:
    site.person("pat", "project_manager")
    text = token(site)
    happens(site)

    answer = read(site, BACKLOG, text)

    assert answer.status_code == 401
    assert answer.headers["www-authenticate"] == 'Bearer realm="twofold", error="invalid_token"'


@pytest.mark.parametrize(("made_ago", "status"), [(29, 200), (30, 401)])
def test_a_token_ends_on_its_day(site: Site, made_ago: int, status: int) -> None:
    site.person("pat", "project_manager")
    with site.story.books.access.transaction() as transaction:
        at = NOW - timedelta(days=made_ago)
        person = person_of(transaction, "pat")
        secret = make_token(transaction, person, name="x", days=30, actor="pat", at=at)

    assert read(site, BACKLOG, secret.text).status_code == status


@pytest.mark.parametrize("text", ["guessed", "twofold_x", "ü"])
def test_a_token_that_is_none_opens_nothing(site: Site, text: str) -> None:
    with site.client() as client:
        answer = client.get(BACKLOG, headers={"authorization": f"Bearer {text}".encode()})

    assert answer.status_code == 401


def test_a_token_never_posts_and_opens_no_page(site: Site) -> None:
    session = site.person("pat", "project_manager")
    text = token(site)
    header = {"authorization": f"Bearer {text}", "sec-fetch-site": "same-origin"}

    # The cookie of a session beside it counts for nothing.
    with site.client(session) as client:
        posts = [
            client.post(path, headers=header, data={"name": "x"}).status_code
            for path in ("/tokens", "/sign-out", "/USPM/jobs/confirm-proformas", "/sign-in")
        ]
        pages = [
            client.get(path, headers=header).status_code
            for path in ("/", "/USPM/backlog", "/tokens", "/sessions", "/sign-in?as=csv")
        ]
        lists = [
            client.get(path, headers=header).status_code
            for path in ("/jobs?as=csv", "/sessions?as=csv:none", "/USPM/proformas/1?as=csv")
        ]
        still = client.get("/")

    assert posts == [403] * 4
    assert pages == [403, 403, 403, 403, 404]
    assert lists == [200, 404, 404]
    assert still.status_code == 200


def test_the_last_use_is_written_down(site: Site) -> None:
    site.person("pat", "project_manager")
    text = token(site)
    before = used(site)
    read(site, BACKLOG, text)

    assert (before, used(site)) == ([None], [NOW])


def test_a_program_that_asks_too_often_waits(site: Site) -> None:
    site.person("pat", "project_manager")
    text, other = token(site), token(site, name="other")

    found = [read(site, "/jobs?as=csv", text) for _ in range(61)]

    assert [one.status_code for one in found] == [200] * 60 + [429]
    assert found[-1].headers["retry-after"] == "1"
    # Each token for itself, and none of them uses up a sign-in.
    assert read(site, "/jobs?as=csv", other).status_code == 200


def test_guessing_is_slowed_down_and_locks_nobody_out(site: Site) -> None:
    site.person("pat", "project_manager")
    text = token(site)
    found = [read(site, BACKLOG, "guessed").status_code for _ in range(11)]

    assert found == [401] * 10 + [429]
    assert read(site, BACKLOG, text).status_code == 200
    with site.client() as client:
        wrong = client.post(
            "/sign-in", data={"login": "x"}, headers={"sec-fetch-site": "same-origin"}
        )
    assert wrong.status_code == 401


@pytest.mark.parametrize(
    ("name", "days", "code"),
    [
        ("report", "30", "ERR-U17"),
        (" ", "30", "ERR-U17"),
        ("x" * 101, "30", "ERR-U17"),
        ("new", "0", "ERR-U18"),
        ("new", "367", "ERR-U18"),
        ("new", "-1", "ERR-U18"),
        ("new", "many", "ERR-U18"),
    ],
)
def test_what_is_refused_is_told_and_what_was_typed_stays(
    site: Site, name: str, days: str, code: str
) -> None:
    session = site.person("pat", "project_manager")
    token(site)

    answer = site.post(session, "/tokens", name=name, days=days)

    assert (answer.status_code, code in answer.text) == (422, True)
    assert len(used(site)) == 1


def test_nobody_revokes_the_token_of_another(site: Site) -> None:
    site.person("pat", "project_manager")
    text = token(site)

    site.post(site.person("kim", "project_manager"), "/tokens/revoke", pick="report")

    assert read(site, BACKLOG, text).status_code == 200


def test_a_token_is_kept_as_its_hash_and_written_nowhere(
    site: Site, caplog: pytest.LogCaptureFixture
) -> None:
    site.person("pat", "project_manager")
    with caplog.at_level(logging.DEBUG):
        text = token(site)
        read(site, BACKLOG, text)

    kept = site.story.rows(
        site.story.books.access,
        "SELECT token_hash, token::text AS line FROM access.token"
        " UNION ALL SELECT NULL, attempt::text FROM access.attempt"
        " UNION ALL SELECT NULL, event::text FROM access.event",
    )
    assert kept[0]["token_hash"] == Secret(text).digest
    assert all(text not in row["line"] for row in kept)
    ours = [one.getMessage() for one in caplog.records if not one.name.startswith("http")]
    assert all(text not in line for line in ours)
