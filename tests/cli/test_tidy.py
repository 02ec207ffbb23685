"""What is removed, to the moment, and what stays."""

from __future__ import annotations

from datetime import timedelta
from typing import Final

import pytest

from tests.cli.program import Program
from tests.support.books import Books
from tests.support.clock import NOW
from twofold.access.departures import begin_departure, new_departure
from twofold.access.links import make_link
from twofold.access.people import add_person, person_of
from twofold.access.retention import remove_ended
from twofold.access.sign_in import admit, find_candidate, take_attempt
from twofold.access.tokens import make_token
from twofold.jobs.retention import remove_old_jobs
from twofold.kernel.errors import Fault

NONE: Final = dict.fromkeys(("sessions", "links", "departures", "tokens", "attempts"), 0)


def given(books: Books) -> None:
    """Add a person with one of everything that ends."""
    with books.access.transaction() as transaction:
        add_person(
            transaction,
            login="pat",
            name="Pat",
            password=None,
            must_change=False,
            actor="ada",
            at=NOW,
        )
        candidate = find_candidate(transaction, login="pat")
        assert candidate
        admit(transaction, candidate, address="192.0.2.1", agent="test", at=NOW)
        person = person_of(transaction, "pat")
        make_link(transaction, person_id=person.person_id, login="pat", actor="ada", at=NOW)
        make_token(transaction, person, name="report", days=1, actor="pat", at=NOW)
        begin_departure(transaction, new_departure(leads_to="/"), at=NOW)
        take_attempt(transaction, address="192.0.2.1", at=NOW)


@pytest.mark.parametrize(
    ("what", "stays", "goes"),
    [
        ("departures", timedelta(minutes=9, seconds=59), timedelta(minutes=10)),
        ("links", timedelta(minutes=59, seconds=59), timedelta(hours=1)),
        ("sessions", timedelta(hours=1, minutes=59), timedelta(hours=2)),
        ("attempts", timedelta(hours=23, minutes=59), timedelta(days=1)),
        ("tokens", timedelta(days=30, hours=23), timedelta(days=31)),
    ],
)
def test_each_goes_at_its_end(books: Books, what: str, stays: timedelta, goes: timedelta) -> None:
    given(books)
    found: list[int] = []
    for after in (stays, goes, goes):
        with books.access.transaction() as transaction:
            found.append(remove_ended(transaction, at=NOW + after)[what])

    assert found == [0, 1, 0]


def test_what_is_in_use_stays(books: Books) -> None:
    given(books)

    with books.access.transaction() as transaction:
        assert remove_ended(transaction, at=NOW) == NONE


def job(books: Books, state: str, ended_days_ago: int | None) -> None:
    with books.owner_operations.raw() as connection:
        connection.execute(
            "INSERT INTO jobs.job (company, kind, asked, actor, came_from, state, ended_at,"
            " refusal_count) VALUES ('USPM', 'post_journals', '{\"kind\": \"post_journals\"}',"
            " 'pat', '/', %s, %s::timestamptz - make_interval(days => %s), 1)",
            (state, NOW, ended_days_ago),
        )
        connection.execute(
            "INSERT INTO jobs.refusal SELECT company, job_id, 1, 'ERR-W01', 'r', '', '', 'x', 'y'"
            " FROM jobs.job WHERE NOT EXISTS"
            " (SELECT FROM jobs.refusal WHERE refusal.job_id = job.job_id)"
        )


def test_jobs_go_ninety_days_after_their_end_with_what_they_declined(books: Books) -> None:
    for state, ended in (("done", 90), ("refused", 91), ("done", 89), ("waiting", None)):
        job(books, state, ended)

    with books.jobs.transaction() as transaction:
        assert remove_old_jobs(transaction, at=NOW) == 2
        assert remove_old_jobs(transaction, at=NOW) == 0

    with books.jobs.raw() as connection:
        kept = connection.execute("SELECT count(*) FROM jobs.refusal").fetchall()
    assert kept == [(2,)]


@pytest.mark.parametrize(
    ("role", "statement"),
    [
        ("access", b"DELETE FROM access.event"),
        ("access", b"DELETE FROM access.person"),
        ("jobs", b"DELETE FROM access.session"),
        ("auditor_operations", b"DELETE FROM jobs.job"),
    ],
)
def test_nobody_removes_more(books: Books, role: str, statement: bytes) -> None:
    with pytest.raises(Fault), getattr(books, role).raw() as connection:
        connection.execute(statement)


def test_the_command_tells_what_it_removed(twofold: Program) -> None:
    assert twofold.ok("tidy", "--json").json == {**NONE, "jobs": 0}
    assert "sessions" in twofold.ok("tidy").out
