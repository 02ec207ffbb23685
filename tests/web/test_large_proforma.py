"""A proforma of a hundred thousand lines: every page of it opens, and none grows with it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

import httpx
import psycopg
import pytest

from tests.scenarios.support import Story, Work
from tests.web.markup import read_markup
from tests.web.site import Site
from tests.web.test_drafts import drafted
from twofold.access.secret import Secret
from twofold.web.asked import PER_PAGE

LINES: Final = 100_000
# What arrives of a page, as a browser takes it.
BYTES_MAX: Final = 100_000
# Heading, totals, and a page of details; a preview shows its first hundred actuals.
ROWS_MAX: Final = PER_PAGE + 60
ELEMENTS_MAX: Final = 2_500
# A preview runs those of confirming; the others take a quarter of them.
STATEMENTS_MAX: Final = 80

# Entries that wait for a decision, each as the one that was recorded.
COPIES: Final = ("entry", "journal_line", "approval")


def record_many(story: Story, lines: int) -> None:
    """Record an hour of work so many times."""
    (entry_id,) = story.record(Work("ARM", 1, description="Align the arm"))
    with story.books.owner_operations.raw() as connection:
        for table in COPIES:
            connection.execute(
                f"""
                INSERT INTO operations.{table}
                SELECT (jsonb_populate_record(one, jsonb_build_object('entry_id', %s + line))).*
                FROM operations.{table} AS one
                CROSS JOIN generate_series(1, %s) AS line
                WHERE one.company = %s AND one.entry_id = %s
                """.encode(),  # noqa: S608 - names of ours
                (entry_id + 1_000_000, lines - 1, story.company, entry_id),
            )
            connection.execute(f"ANALYZE operations.{table}".encode())
    waiting = story.in_operations("SELECT entry_id FROM operations.approval")
    story.approve_entries([row["entry_id"] for row in waiting])


@pytest.fixture
def statements(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Give what the server of the pages asks of the books, statement by statement."""
    asked: list[str] = []
    execute = psycopg.Cursor.execute

    def told(cursor: psycopg.Cursor[Any], query: Any, *given: Any, **named: Any) -> Any:  # noqa: ANN401 - passed on
        asked.append(str(query))
        return execute(cursor, query, *given, **named)

    monkeypatch.setattr(psycopg.Cursor, "execute", told)
    return asked


def opened(
    client: httpx.Client, paths: Sequence[str], statements: list[str]
) -> dict[str, tuple[httpx.Response, int]]:
    """Open pages; give each with how many statements it took."""
    found: dict[str, tuple[httpx.Response, int]] = {}
    for path in paths:
        statements.clear()
        found[path] = (client.get(path), len(statements))
    return found


def drafted_many(site: Site, token: Secret) -> tuple[str, int]:
    """Have a draft of many lines; give its number, and where its last page begins."""
    record_many(site.story, LINES)
    # So much is marked by a job, which its asker is led to.
    marking = site.post(token, "/USPM/backlog/mark", do="ready", all="yes", contract="TM", to="/")
    assert marking.headers["location"].startswith("/jobs/")
    site.work()
    draft_id = site.story.create("TM").proformas[0].proforma_id
    ((number, last),) = [
        (row["number"], row["place"])
        for row in site.story.in_operations(
            "SELECT proforma.number, max(detail.proforma_detail_id) - %s AS place"
            " FROM operations.proforma JOIN operations.proforma_detail AS detail"
            " USING (company, proforma_id) WHERE proforma_id = %s GROUP BY proforma.number",
            PER_PAGE,
            draft_id,
        )
    ]
    return number, last


def test_its_pages_open_and_do_not_grow_with_it(site: Site, statements: list[str]) -> None:
    # Given a draft of one line, and one of many
    token, small = drafted(site, Work("ARM", 8))
    number, last = drafted_many(site, token)
    large = f"/USPM/proformas/{number}"
    parts = ("", "/edit", "/preview")

    # When each page of both is opened, the last page of the large one as well
    with site.client(token) as client:
        client.timeout = httpx.Timeout(300)
        few = opened(client, [small + part for part in parts], statements)
        many = opened(client, [large + part for part in parts], statements)
        ends = opened(
            client, [f"{large}?after_details={last}", f"{large}/edit?after={last}"], statements
        )
        # What confirming it would write is a job as well, and is shown when it has ended.
        trying = site.post(token, f"{large}/preview", to=large)
        site.work()
        job = client.get(trying.headers["location"]).text
        tried = f"{large}/preview?job={trying.headers['location'].rpartition('/')[2]}"
        ends |= opened(client, [tried], statements)
        with client.stream("GET", f"{large}?as=csv:details") as file:
            rows = sum(1 for _ in file.iter_lines())

    # Then they are small, take as many statements as those of the small one, and are complete
    for path, (answer, count) in (many | ends).items():
        assert answer.status_code == 200, path
        assert answer.num_bytes_downloaded < BYTES_MAX, path
        markup = read_markup(answer.text)
        assert markup.rows <= ROWS_MAX, (path, markup.rows)
        assert markup.elements <= ELEMENTS_MAX, (path, markup.elements)
        assert count <= STATEMENTS_MAX, (path, count)
    for (_, count), (_, of_one_line) in zip(many.values(), few.values(), strict=True):
        assert count <= of_one_line + 5
    assert rows == LINES + 1
    assert "100,000" in many[large][0].text
    assert tried in job
    assert "100,000" in ends[tried][0].text
    # Confirming is not begun in the request either.
    confirming = site.post(token, f"{large}/confirm", revision="")
    assert confirming.headers["location"].startswith("/jobs/")
