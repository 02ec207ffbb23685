"""Files of entries in the page: whole or not at all, every problem at once, nothing lost."""

from __future__ import annotations

import csv
import io
from pathlib import Path

import httpx
import pytest
from playwright.sync_api import Browser

from tests.web.site import Site, barriers
from twofold.access.secret import Secret
from twofold.jobs.reads import list_jobs
from twofold.operations.entries.formats.own import OWN_HEADER
from twofold.web.guard import form_token
from twofold.web.manager.imports import FILE_BYTES_MAX
from twofold.worker.worker import Worker

HEADER = ",".join(OWN_HEADER)


def written(*rows: str) -> bytes:
    """Give a file of our own format: class, date, person, project, hours."""
    lines = [HEADER]
    for row in rows:
        kind, day, person, project, quantity = row.split()
        values = dict.fromkeys(OWN_HEADER, "") | {
            "Class": kind, "Date": day, "Person": person.replace("_", " "), "Project": project,
            "Quantity": quantity, "Unit": "hour",
        }  # fmt: skip
        lines.append(",".join(values.values()))
    return "\r\n".join([*lines, ""]).encode()


GOOD = "time 2026-10-05 Bob_Kozack ARM 8"
BAD_DAY = "time 2026-02-30 Bob_Kozack ARM 2"
BAD_PROJECT = "time 2026-10-05 Bob_Kozack NOWHERE 3"


def send(
    site: Site, token: Secret, content: bytes, name: str = "week.csv", kind: str = "text/csv",
    **form: str,
) -> httpx.Response:  # fmt: skip
    """Send a file as the page's form does."""
    with site.client(token) as client:
        return client.post(
            "/USPM/imports",
            data={"token": form_token(token), **form},
            files={"file": (name, content, kind)},
            headers={"sec-fetch-site": "same-origin"},
        )


def run(site: Site) -> None:
    """Let a worker do what waits."""
    assert Worker(site.story.system).work_once()


def entries(site: Site) -> list[tuple[str, int]]:
    """Give day and hours of the entries of the book."""
    rows = site.story.in_operations(
        "SELECT transaction_date::text AS day, quantity FROM operations.entry ORDER BY 1, 2"
    )
    return [(row["day"], int(row["quantity"])) for row in rows]


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_one_bad_row_keeps_a_file_out_and_every_problem_is_told(
    site: Site, chromium: Browser, scheme: str, tmp_path: Path
) -> None:
    # Given a file with two bad rows between good ones
    file = tmp_path / "week.csv"
    file.write_bytes(written(GOOD, BAD_DAY, BAD_PROJECT, "time 2026-10-06 Bob_Kozack ARM 4"))
    token = site.person("pat", "project_manager")

    with site.page(chromium, token, color_scheme=scheme) as page:
        # When it is given
        page.goto("/USPM/imports")
        assert barriers(page) == []
        page.set_input_files("input[type=file]", file)
        page.click("form.change button")
        run(site)
        page.click("text=Show the result")

        # Then nothing is in, and both rows are named with column, value and remedy
        assert "Nothing was recorded" in page.locator("[role=status]").inner_text()
        assert entries(site) == []
        cells = [row.inner_text().split("\t") for row in page.locator("tbody tr").all()]
        assert [(row[0], row[1], row[2]) for row in cells] == [
            ("3", "Date", "2026-02-30"), ("4", "Project", "NOWHERE"),
        ]  # fmt: skip
        assert all(row[3] and row[4] and row[5].startswith("ERR-E") for row in cells)
        assert barriers(page) == []


def test_bad_rows_are_corrected_in_their_file_and_come_in(
    site: Site, chromium: Browser, tmp_path: Path
) -> None:
    # Given a file that was declined for its bad rows
    token = site.person("pat", "project_manager")
    job = send(site, token, written(GOOD, BAD_DAY, BAD_PROJECT)).headers["location"]
    run(site)
    report = job.replace("/jobs", "/USPM/imports")

    with site.page(chromium, token, accept_downloads=True) as page:
        # When the good rows are imported from the file that is there, and the bad ones taken away
        page.goto(report)
        with page.expect_download() as waiting:
            page.click("text=Download the bad rows")
        page.click("form.change button")
        run(site)
        assert entries(site) == [("2026-10-05", 8)]
        bad = waiting.value.path().read_text(encoding="utf-8-sig")
        rows = list(csv.DictReader(io.StringIO(bad)))
        assert [row["Quantity"] for row in rows] == ["2", "3"]
        assert all(row["Problem"] for row in rows)

        # Then they come in once they are corrected
        file = tmp_path / "corrected.csv"
        file.write_text(bad.replace("02-30", "02-28").replace("NOWHERE", "ARM"), encoding="utf-8")
        page.goto("/USPM/imports")
        page.set_input_files("input[type=file]", file)
        page.click("form.change button")
        run(site)
        page.click("text=Show the result")
        assert page.locator(".facts strong").inner_text() == "2"
        assert page.locator("tbody tr").count() == 0

    assert entries(site) == [("2026-02-28", 2), ("2026-10-05", 3), ("2026-10-05", 8)]


def test_a_file_that_comes_twice_adds_nothing(site: Site) -> None:
    token = site.person("pat", "project_manager")
    jobs: list[str] = []
    for _ in range(2):
        jobs.append(send(site, token, written(GOOD)).headers["location"])
        run(site)

    with site.client(token) as client:
        told = client.get(jobs[1].replace("/jobs", "/USPM/imports")).text
        mine = client.get("/USPM/imports").text

    assert entries(site) == [("2026-10-05", 8)]
    assert "<dt>Were there before</dt><dd>1</dd>" in told
    assert mine.count(">week.csv</a>") == 2


def test_dates_that_may_mean_two_days_are_asked_for_and_the_file_is_kept(site: Site) -> None:
    token = site.person("pat", "project_manager")
    clockify = (
        b"Project,Client,Description,Task,User,Email,Billable,Start Date,Start Time,End Date,"
        b"End Time,Duration (h),Duration (decimal)\r\n"
        b"ARM,,,,Bob Kozack,,Yes,05/10/2026,09:00:00,05/10/2026,10:00:00,01:00:00,1.00\r\n"
    )
    job = send(site, token, clockify).headers["location"]
    run(site)
    report = job.replace("/jobs", "/USPM/imports")
    with site.client(token) as client:
        told = client.get(report).text
        # There is no bad row to give back: the whole file is unclear.
        assert client.get(f"{report}/bad-rows").status_code == 404
    assert "ERR-E03" in told

    site.post(token, f"{report}/again", date_format="DD/MM/YYYY")
    run(site)

    assert entries(site) == [("2026-10-05", 1)]


def test_a_file_is_kept_for_a_month(site: Site) -> None:
    # Given a file that was given long ago
    token = site.person("pat", "project_manager")
    report = (
        send(site, token, written(BAD_DAY)).headers["location"].replace("/jobs", "/USPM/imports")
    )
    run(site)
    with site.story.books.owner_operations.raw() as connection:
        connection.execute("UPDATE jobs.upload SET created_at = created_at - interval '31 days'")

    # When another one comes
    send(site, token, written(GOOD))

    # Then its problems can still be read, and nothing else be done with it
    with site.client(token) as client:
        assert client.get(report).status_code == 200
        assert "ERR-U22" in client.get(f"{report}/bad-rows").text
    assert "ERR-U22" in site.post(token, f"{report}/again").text


@pytest.mark.parametrize(
    ("name", "kind", "content", "code"),
    [
        ("week.pdf", "text/csv", b"x", "ERR-U20"),
        ("week.csv", "image/png", b"x", "ERR-U20"),
        ("week.csv", "text/csv", b"", "ERR-U20"),
        ("week.csv", "text/csv", b"\x00\x01", "ERR-E01"),
        ("week.xlsx", "application/octet-stream", b"PK\x03\x04 no workbook", "ERR-U20"),
    ],
)
def test_what_is_no_table_is_declined_at_once(
    site: Site, name: str, kind: str, content: bytes, code: str
) -> None:
    token = site.person("pat", "project_manager")

    answer = send(site, token, content, name, kind, date_format="DD.MM.YYYY")

    assert (answer.status_code, code in answer.text) == (422, True)
    # What was chosen beside the file is still chosen.
    assert "<option selected>DD.MM.YYYY</option>" in answer.text


def test_a_file_that_is_too_large_is_not_kept(site: Site) -> None:
    token = site.person("pat", "project_manager")

    over = send(site, token, b"x" * (FILE_BYTES_MAX + 64 * 1024))
    with site.client(token) as client:
        form = client.post("/USPM/backlog/mark", data={"token": ["x" * 8000] * 1000})

    assert (over.status_code, form.status_code) == (413, 413)
    assert "ERR-U21" in over.text
    with site.story.books.jobs.reader() as reader:
        assert list_jobs(reader, actor=None, state=None, before_id=None, limit=1) == []


def test_a_file_of_another_site_or_of_nobody_is_not_read(site: Site) -> None:
    token = site.person("pat", "project_manager")
    with site.client(token) as client:
        answer = client.post(
            "/USPM/imports",
            data={"token": form_token(token)},
            files={"file": ("week.csv", written(GOOD), "text/csv")},
            headers={"sec-fetch-site": "cross-site"},
        )
        forged = client.post(
            "/USPM/imports",
            data={"token": "forged"},
            files={"file": ("week.csv", written(GOOD), "text/csv")},
            headers={"sec-fetch-site": "same-origin"},
        )
    with site.client() as client:
        stranger = client.post("/USPM/imports", files={"file": ("a.csv", b"x", "text/csv")})

    assert [one.status_code for one in (answer, forged, stranger)] == [403, 403, 303]


def test_another_companys_projects_are_unknown_here(site: Site) -> None:
    # Given somebody of another company, whose file names a project of this one
    token = site.person("lee", "project_manager", company="DEPM")
    with site.client(token) as client:
        started = client.post(
            "/DEPM/imports",
            data={"token": form_token(token)},
            files={"file": ("week.csv", written(GOOD), "text/csv")},
            headers={"sec-fetch-site": "same-origin"},
        )
        run(site)
        report = started.headers["location"].replace("/jobs", "/DEPM/imports")
        told = client.get(report).text
    pat = site.person("pat", "project_manager")

    # Then the project is not known, and nobody else reads the report
    assert "ERR-E16" in told
    assert entries(site) == []
    with site.client(pat) as client:
        assert client.get(report).status_code == 404


@pytest.mark.parametrize(
    ("role", "status"), [("team_member", 200), ("accountant", 404), ("auditor", 404)]
)
def test_whoever_records_work_may_import_it(site: Site, role: str, status: int) -> None:
    token = site.person("pat", role)  # pyright: ignore[reportArgumentType] - a role by name

    with site.client(token) as client:
        assert client.get("/USPM/imports").status_code == status
        form = client.get("/USPM/import-template?class=expense&as=csv")

    assert form.status_code == status
    assert (b"Class,Date" in form.content) == (status == 200)
