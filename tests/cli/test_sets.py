"""Sets looked at, tried again and given up by command."""

# ruff: noqa: E501 - a row of a text table stays on one line

from __future__ import annotations

import pytest

from tests.cli.program import Program
from tests.support.books import Books

QUEUE = """
    finance:dualwrite.outbox
    company  set_id  kind   stream  version  actor  created_at
    USPM     7       setup  setup   1        amy    2026-11-02T09:30:00Z
    DEPM     7       setup  setup   1        amy    2026-11-02T09:30:00Z

    finance:dualwrite.pending
    company  set_id  stream  version  state    code     problem                     since
    USPM     7       setup   1        stopped  ERR-D18  it did not fit              2026-11-02T09:30:00Z
    DEPM     7       setup   1        parked   ERR-D05  finance has no unit «day»   2999-01-01T00:00:00Z
"""


@pytest.fixture
def queued(twofold: Program, books: Books) -> Program:
    """Give the program with two sets of finance that are held up."""
    books.given(QUEUE)
    return twofold


@pytest.mark.parametrize(
    ("query", "companies"),
    [
        ((), {"USPM", "DEPM"}),
        (("--state", "stopped"), {"USPM"}),
        (("--code", "ERR-D05"), {"DEPM"}),
        (("--code", "ERR-D05", "--code", "ERR-D18"), {"USPM", "DEPM"}),
        (("--company", "DEPM"), {"DEPM"}),
        (("--older-than", "2d"), {"USPM"}),
        (("--book", "operations"), set[str]()),
        (("--map", "companies"), set[str]()),
        (("--stream", "setup", "--state", "parked"), {"DEPM"}),
    ],
)
def test_a_query_lists_what_it_means(
    queued: Program, query: tuple[str, ...], companies: set[str]
) -> None:
    listed = queued.ok("sets", "list", *query, "--json").json

    assert {one["pending"]["company"] for one in listed} == companies
    assert all(one["remedy"] for one in listed)


def test_more_than_shown_is_told(queued: Program) -> None:
    assert "1 more" in queued.ok("sets", "list", "--limit", "1").err


def test_a_set_shows_its_life_and_what_to_do(queued: Program) -> None:
    shown = queued.ok("sets", "show", "7", "--company", "USPM").out

    for words in ("7 of USPM, sent by finance", "stopped: it did not fit", "sealed", "amy"):
        assert words in shown
    assert queued("sets", "show", "7").code == 2
    assert "--company DEPM --book finance" in queued("sets", "show", "7").err
    assert queued("sets", "show", "8").code == 2


def test_trying_again_is_looked_at_first(queued: Program) -> None:
    dry = queued.ok("sets", "redrive", "--code", "ERR-D18", "--dry-run")
    assert "1 would be tried again; nothing was changed" in dry.err
    assert queued.ok("sets", "list", "--state", "stopped", "--json").json

    done = queued.ok("sets", "redrive", "--code", "ERR-D18", "--json").json

    assert (done["made_due"], done["found"][0]["source"]) == (1, "finance")
    assert queued.ok("sets", "list", "--state", "stopped", "--json").json == []


@pytest.mark.parametrize("command", [("redrive",), ("dismiss", "--reason", "r")])
def test_everything_is_never_meant_by_saying_nothing(
    queued: Program, command: tuple[str, ...]
) -> None:
    outcome = queued("sets", *command)

    assert outcome.code == 2
    assert "--all" in outcome.err
    assert len(queued.ok("sets", "list", "--json").json) == 2


def test_all_of_them_are_given_up_when_that_is_said(queued: Program) -> None:
    dry = queued.ok("sets", "dismiss", "--all", "--reason", "a mistake", "--dry-run", "--json")
    assert len(dry.json["found"]) == 2
    assert dry.json["given_up"] == []

    queued.ok("sets", "dismiss", "--all", "--reason", "a mistake")

    assert queued.ok("sets", "list", "--json").json == []
    assert len(queued.ok("sets", "list", "--dismissed", "--json").json) == 2
    assert "a mistake" in queued.ok("sets", "list", "--dismissed", "--company", "USPM").out


def test_an_age_is_written_with_its_unit(queued: Program) -> None:
    assert "--older-than soon" in queued("sets", "list", "--older-than", "soon").err
