"""Delivering by hand: what is parked is tried again, what stopped only when asked to."""

from __future__ import annotations

import pytest

from tests.cli.program import Program
from tests.support.books import Books


def planted(books: Books, state: str) -> None:
    """One set of finance without any rows, held up in this state."""
    books.given(f"""
        finance:dualwrite.stream
        company  stream  version
        USPM     setup   1

        finance:dualwrite.outbox
        company  set_id  kind   stream  version  actor  created_at
        USPM     7       setup  setup   1        amy    2026-11-02 09:30

        finance:dualwrite.pending
        company  set_id  stream  version  state    code     problem
        USPM     7       setup   1        {state}  ERR-D18  it did not fit
    """)


@pytest.mark.parametrize("state", ["waiting", "parked"])
def test_what_waits_is_delivered(twofold: Program, books: Books, state: str) -> None:
    planted(books, state)

    delivered = twofold.ok("deliver", "--json").json

    assert delivered["to_operations"]["applied"] == 1
    assert delivered["pending"] == []


def test_what_stopped_waits_for_a_person(twofold: Program, books: Books) -> None:
    planted(books, "stopped")

    first = twofold("deliver")
    repaired = twofold("deliver", "--stopped")

    assert first.code == 1
    assert "it did not fit" in first.out
    assert repaired.code == 0


def test_only_the_company_asked_for_is_delivered(twofold: Program, books: Books) -> None:
    planted(books, "waiting")

    other = twofold.ok("deliver", "--company", "GBPM", "--json").json

    assert other["to_operations"]["applied"] == 0
    assert len(twofold.ok("sets", "list", "--json").json) == 1
