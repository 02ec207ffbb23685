"""While one book does not answer, the commands of the other go on and say so."""

# ruff: noqa: E501 - a row of a text table stays on one line

from __future__ import annotations

from pathlib import Path
from typing import Final

import pytest

from tests.cli.program import Program
from tests.support.books import Books
from twofold.dualwrite.table_maps.states import map_states

EXAMPLES: Final = Path(__file__).parents[2] / "examples"
NOWHERE = "postgresql://nobody@localhost:1/nowhere"
LEAF = "transaction_connections"

QUEUED = """
    operations:dualwrite.outbox
    company  set_id  kind      stream  version  actor  created_at
    USPM     7       approval  a       1        ann    2026-11-02T09:00:00Z
    USPM     8       approval  a       2        ann    2026-11-02T09:00:00Z

    operations:dualwrite.pending
    company  set_id  stream  version  maps                       state    code     problem         since
    USPM     7       a       1        {transaction_connections}  waiting  -        -               2026-11-02T09:00:00Z
    USPM     8       a       2        {customers}                waiting  -        -               2026-11-02T09:00:01Z

    operations.company
    company  name      accounting_currency  source_version
    USPM     Fabrikam  USD                  1

    finance.legal_entity
    company  name      accounting_currency  reporting_currency  change_set_id
    USPM     Fabrikam  USD                  USD                 900
"""


def without(twofold: Program, book: str) -> Program:
    """Give the program on books that are ready, one of which answers no more."""
    twofold.ok("map", "list")
    return Program({**twofold.environment, f"TWOFOLD_{book.upper()}_URL": NOWHERE})


@pytest.mark.fault("F033")
@pytest.mark.parametrize(
    "command",
    [
        ("entries", "list"),
        ("backlog", "list"),
        ("proforma", "list"),
        ("sets", "list"),
        ("sets", "show", "7", "--company", "USPM"),
        ("sets", "redrive", "7"),
        ("map", "list"),
        ("map", "states"),
        ("alert", "list"),
        ("dualwrite", "log"),
        ("dualwrite", "lag"),
    ],
    ids=" ".join,
)
def test_operations_goes_on_without_finance(
    twofold: Program, books: Books, command: tuple[str, ...]
) -> None:
    books.given(QUEUED)

    outcome = without(twofold, "finance").ok(*command)

    assert "The finance book does not answer" in outcome.err


@pytest.mark.fault("F034")
@pytest.mark.parametrize(
    "command", [("journal", "list"), ("proposal", "list"), ("invoice", "list")], ids=" ".join
)
def test_finance_goes_on_without_operations(
    twofold: Program, books: Books, command: tuple[str, ...]
) -> None:
    books.given(QUEUED)

    outcome = without(twofold, "operations").ok(*command)

    assert "The operations book does not answer" in outcome.err


def test_a_map_is_paused_while_finance_is_away_and_finance_follows(
    twofold: Program, books: Books
) -> None:
    paused = without(twofold, "finance").ok("map", "pause", LEAF, "--reason", "finance is away")

    assert "finance follows" in paused.err
    assert state_in_finance(books) == "running"

    twofold("alert", "check")

    assert state_in_finance(books) == "paused"


def state_in_finance(books: Books) -> str:
    with books.auditor_finance.reader() as reader:
        (state,) = (one.state for one in map_states(reader) if one.map == LEAF)
    return state


def test_delivery_needs_both(twofold: Program) -> None:
    outcome = without(twofold, "finance")("deliver")

    assert outcome.code == 3
    assert "Try again" in outcome.err


def test_a_book_of_another_environment_is_refused_alone_too(twofold: Program) -> None:
    away = without(twofold, "finance")
    elsewhere = Program({**away.environment, "TWOFOLD_ENVIRONMENT": "elsewhere"})

    outcome = elsewhere("map", "pause", LEAF, "--reason", "r")

    assert outcome.code == 1
    assert "ERR-D36" in outcome.err


@pytest.mark.parametrize(
    ("set_id", "words"),
    [
        ("7", ("the map transaction_connections is paused: quarter end", "--reason TEXT")),
        ("8", ("set 7 of the same stream is waiting", "Nothing: it follows that set.")),
    ],
)
def test_a_waiting_set_says_what_it_waits_for(
    twofold: Program, books: Books, set_id: str, words: tuple[str, ...]
) -> None:
    books.given(QUEUED)
    twofold.ok("map", "pause", LEAF, "--reason", "quarter end")

    listed = {
        str(one["pending"]["set_id"]): one for one in twofold.ok("sets", "list", "--json").json
    }
    said = listed[set_id]

    assert words[0] in said["pending"]["problem"]
    assert words[1] in said["remedy"]
    assert words[0] in twofold("deliver").out


def test_work_goes_on_up_to_the_confirmation_and_all_of_it_arrives_later(twofold: Program) -> None:
    twofold.ok("setup", "finance", str(EXAMPLES / "finance.toml"))
    twofold.ok("deliver")
    twofold.ok("setup", "operations", str(EXAMPLES / "operations.toml"))
    twofold.ok("deliver")
    away = without(twofold, "finance")
    away.ok("import", str(EXAMPLES / "toggl-october.csv"))
    away.ok("entries", "approve", "--company", "USPM")
    away.ok("backlog", "ready")
    away.ok("proforma", "create", "--company", "USPM", "--on", "2026-11-02")

    refused = away("proforma", "confirm", "--all", "--on", "2026-11-02")
    queued = away.ok(
        "proforma", "confirm", "--all", "--on", "2026-11-02", "--when-unreachable", "queue"
    )

    assert refused.code == 1
    assert "ERR-D09" in refused.err
    assert "does not answer" in queued.err
    assert len(twofold.ok("sets", "list", "--json").json) > 1

    twofold.ok("deliver")

    assert twofold.ok("proposal", "list", "--company", "USPM", "--json").json
