"""The doctor: all well, or which command repairs it."""

from __future__ import annotations

import secrets
from collections.abc import Generator
from pathlib import Path

import pytest
from psycopg import sql

from tests.cli.program import Program, urls_of
from tests.support.books import Books


@pytest.fixture
def stranger(books: Books) -> Generator[Program]:
    """Give the program with a login that may connect and is no member of our roles."""
    name = sql.Identifier(f"stranger_{secrets.token_hex(4)}")
    with books.server.embedded.admin() as connection:
        connection.execute(sql.SQL("CREATE ROLE {} LOGIN PASSWORD 'x'").format(name))
        for database in (books.pair.operations, books.pair.finance):
            connection.execute(
                sql.SQL("GRANT CONNECT ON DATABASE {} TO {}").format(sql.Identifier(database), name)
            )
    urls = urls_of(books.server, books.pair, name.as_string(None).strip('"'))
    yield Program({key: f"{url} password=x" for key, url in urls.items()})
    books.close()
    with books.server.embedded.admin() as connection:
        for database in (books.pair.operations, books.pair.finance):
            connection.execute(
                sql.SQL("REVOKE ALL ON DATABASE {} FROM {}").format(sql.Identifier(database), name)
            )
        connection.execute(sql.SQL("DROP ROLE {}").format(name))


def test_sound_books_have_nothing_to_repair(twofold: Program) -> None:
    findings = {one["check"]: one for one in twofold.ok("doctor", "--json").json}

    assert {one["state"] for one in findings.values()} <= {"ok", "warn"}
    # The tests' server trades durability for speed, and the doctor sees it.
    assert findings["finance: fsync"]["state"] == "warn"
    assert findings["finance: privileges"]["detail"] == "facts can only be added"
    assert findings["operations: maps"]["detail"].endswith("running")


def test_a_login_without_our_roles_learns_the_grant(stranger: Program) -> None:
    outcome = stranger("doctor")

    assert outcome.code == 3
    assert "as an administrator: GRANT twofold_owner, twofold_operations" in outcome.out
    assert "password" not in outcome.out


def test_excess_privileges_are_named_with_their_revoke(twofold: Program, books: Books) -> None:
    with books.owner_finance.raw() as connection:
        connection.execute("GRANT DELETE ON finance.proposal TO twofold_finance")

    outcome = twofold("doctor")

    assert outcome.code == 3
    assert "REVOKE DELETE ON finance.proposal FROM twofold_finance" in outcome.out


def test_a_schema_of_another_program_is_found(twofold: Program, books: Books) -> None:
    with books.owner_finance.raw() as connection:
        connection.execute("UPDATE migration.applied SET checksum = 'x' WHERE folder = 'finance'")

    outcome = twofold("doctor")

    assert outcome.code == 3
    assert "not of this program: finance/0001" in outcome.out


def test_pending_sets_are_seen(twofold: Program, books: Books) -> None:
    books.given("""
        finance:dualwrite.outbox
        company  set_id  kind   stream  version  actor  created_at
        USPM     7       setup  setup   1        amy    2026-11-02 09:30

        finance:dualwrite.pending
        company  set_id  stream  version  state   code     problem
        USPM     7       setup   1        parked  ERR-D05  unit «day» is unknown
    """)

    shown = twofold.ok("doctor").out
    (one,) = twofold.ok("sets", "list", "--json").json

    assert "1 parked" in shown
    assert one["source"] == "finance"
    assert one["pending"]["problem"] == "unit «day» is unknown"
    assert one["remedy"]


@pytest.mark.fault("F029")
def test_outside_development_a_server_that_may_lose_commits_is_not_certified(
    twofold: Program,
) -> None:
    # The tests' server runs without fsync, for speed.
    outcome = Program({**twofold.environment, "TWOFOLD_ENVIRONMENT": "production"})(
        "doctor", "--json"
    )

    findings = {one["check"]: one for one in outcome.json}
    assert outcome.code == 3
    for check in ("operations: fsync", "finance: full_page_writes"):
        assert findings[check]["state"] == "fail"
        assert "not certified" in findings[check]["detail"]
        assert findings[check]["remedy"].startswith("ALTER SYSTEM SET")


@pytest.mark.fault("F136")
def test_the_doctor_names_a_copy_and_the_way_out(twofold: Program, books: Books) -> None:
    twofold.ok("sets", "list")
    with books.owner_finance.raw() as connection:
        connection.execute("UPDATE dualwrite.identity SET database_oid = 1")

    outcome = twofold("doctor", "--json")

    (one,) = [one for one in outcome.json if one["check"] == "finance: pair"]
    assert outcome.code == 3
    assert one["detail"].startswith("ERR-D35")
    assert "twofold dualwrite adopt" in one["remedy"]


@pytest.mark.fault("F044")
def test_the_doctor_names_a_server_that_takes_no_writes(twofold: Program, books: Books) -> None:
    twofold.ok("sets", "list")
    url = twofold.environment["TWOFOLD_FINANCE_URL"]
    reading = f"{url} options='-c default_transaction_read_only=on'"

    outcome = Program({**twofold.environment, "TWOFOLD_FINANCE_URL": reading})("doctor", "--json")
    delivered = Program({**twofold.environment, "TWOFOLD_FINANCE_URL": reading})("deliver")

    details = [one["detail"] for one in outcome.json if one["state"] == "fail"]
    assert outcome.code == 3
    assert any("read-only" in detail for detail in details)
    assert delivered.code != 0
    assert books.pair.finance


@pytest.mark.fault("F054")
def test_a_transaction_that_holds_everything_up_is_named_with_its_end(
    twofold: Program, books: Books, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("twofold.cli.machine.bridge_health.HORIZON_SECONDS_MAX", 0.0)
    with books.owner_finance.raw() as connection:
        (pid,) = connection.execute("SELECT pg_backend_pid()").fetchone() or (0,)
        findings = {one["check"]: one for one in twofold.ok("doctor", "--json").json}

    one = findings["finance: oldest transaction"]
    assert one["state"] == "warn"
    assert f"pid {pid}" in one["detail"]
    assert "SELECT pg_backend_pid()" in one["detail"]
    assert one["remedy"] == f"SELECT pg_terminate_backend({pid})"


@pytest.mark.fault("F141")
def test_an_engine_that_fell_silent_is_named(twofold: Program, books: Books) -> None:
    twofold.ok("sets", "list")
    with books.owner_operations.raw() as connection:
        connection.execute(
            "INSERT INTO dualwrite.engine (engine, host, pid, format, seen_at)"
            " VALUES ('abc', 'db1', 7, 1, now() - interval '10 min')"
        )

    findings = {one["check"]: one for one in twofold.ok("doctor", "--json").json}

    assert findings["operations: engine"]["state"] == "warn"
    assert findings["operations: engine"]["remedy"] == "twofold dualwrite run"


def test_before_the_first_start_it_names_the_command(short_path: Path) -> None:
    outcome = Program({"TWOFOLD_HOME": str(short_path / "home")})("doctor")

    assert outcome.code == 3
    assert "twofold up" in outcome.out
