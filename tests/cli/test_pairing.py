"""From the command line: pairs that broke are refused and adopted, chains are shown to auditors."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.cli.program import Program
from tests.dualwrite.planted import deliver, plant, send_approval, send_costs
from tests.support.books import Books
from twofold.database.connection import Book


def change(book: Book, *statements: str) -> None:
    with book.raw() as connection:
        for statement in statements:
            connection.execute(statement)


@pytest.fixture
def applied(twofold: Program, books: Books) -> Program:
    """Give the program on paired books of which finance has applied two sets."""
    twofold.ok("deliver")
    plant(books)
    send_approval(books)
    send_costs(books, 2, first=31, count=2)
    assert deliver(books).applied == 2
    return twofold


@pytest.mark.fault("F134")
def test_a_book_that_went_back_halts_delivery_until_it_is_adopted(
    applied: Program, books: Books
) -> None:
    lose_the_last_set(books.owner_operations)

    refused = applied("deliver")
    seen = applied.ok("dualwrite", "adopt", "--show", "--json").json
    without_reason = applied("dualwrite", "adopt")
    adopted = applied.ok("dualwrite", "adopt", "--reason", "restored at noon")

    assert refused.code == 1
    assert "ERR-D37" in refused.out + refused.err
    assert "twofold dualwrite adopt" in refused.out + refused.err
    assert seen["directions"][0]["lost"] == [{"company": "USPM", "set_id": 2}]
    assert without_reason.code == 2
    assert "accepted as lost by operations" in adopted.out
    applied.ok("deliver")
    books.then("""
        finance:dualwrite.lost_set
        company  source      set_id  reason
        USPM     operations  2       restored at noon
    """)


def lose_the_last_set(book: Book) -> None:
    change(
        book,
        "DELETE FROM dualwrite.outbox WHERE set_id = 2",
        "DELETE FROM dualwrite.acknowledged WHERE set_id = 2",
        "DELETE FROM dualwrite.manifest WHERE set_id = 2",
        "DELETE FROM dualwrite.stream WHERE stream = 'approval/31'",
    )


@pytest.mark.fault("F136")
def test_a_copy_is_refused_before_it_is_even_migrated(applied: Program, books: Books) -> None:
    change(books.owner_finance, "DELETE FROM migration.applied WHERE folder = 'finance'")

    elsewhere = Program({**applied.environment, "TWOFOLD_ENVIRONMENT": "test"})
    refused = elsewhere("up")

    assert refused.code == 1
    assert "ERR-D36" in refused.out + refused.err
    books.then("""
        finance:migration.applied
        folder
        dualwrite
        dualwrite
        dualwrite
        dualwrite
        dualwrite
        history
    """)


@pytest.mark.fault("F158")
def test_verify_names_the_link_that_was_touched(applied: Program, books: Books) -> None:
    change(books.owner_finance, "UPDATE dualwrite.inbox SET actor = 'eve' WHERE set_id = 1")

    outcome = applied("verify", "--json")

    (one,) = [one for one in outcome.json if one["invariant"] == "chain_of_operations"]
    assert outcome.code == 4
    assert one["broken"]["rows"][0].startswith("USPM from operations, link 1, set 1")


@pytest.mark.fault("F158")
def test_an_auditor_checks_the_exported_chain_without_a_database(
    applied: Program, tmp_path: Path
) -> None:
    file = tmp_path / "chain.ndjson"
    nowhere = Program({"TWOFOLD_HOME": "/nowhere"})

    applied.ok("chain", "export", str(file))
    held = nowhere.ok("chain", "check", str(file))
    lines = file.read_text().splitlines()
    document = json.loads(lines[1])
    document["link"]["actor"] = "eve"
    file.write_text("\n".join([lines[0], json.dumps(document), *lines[2:]]))
    broken = nowhere("chain", "check", str(file), "--json")

    assert "Every link holds" in held.out + held.err
    assert broken.code == 1
    assert broken.json[0]["chain_number"] == 1
    assert nowhere("chain", "check", str(tmp_path / "none")).code == 2
