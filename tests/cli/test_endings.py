"""How commands end: each ending has its exit code, and says what it means."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.cli.program import Program
from tests.support.books import Books
from twofold.cli.integration import maps

NOWHERE = {
    "TWOFOLD_OPERATIONS_URL": "host=/nowhere dbname=operations user=me password=secret-word",
    "TWOFOLD_FINANCE_URL": "host=/nowhere dbname=finance user=me password=secret-word",
}


@pytest.mark.parametrize(
    "arguments",
    [
        ("nonsense",),
        ("map", "list", "--nonsense"),
        ("backlog", "list", "--up-to", "tomorrow"),
        ("proforma", "confirm"),
        ("journal", "post", "J-1", "--all"),
        ("import", "work.csv", "--rejects", "bad.csv"),
        ("import",),
    ],
    ids=" ".join,
)
def test_wrong_use_is_2(arguments: tuple[str, ...]) -> None:
    outcome = Program({})(*arguments)

    assert outcome.code == 2
    assert outcome.err.strip()
    assert not outcome.out


def test_one_url_without_the_other_is_wrong_use() -> None:
    half = Program({"TWOFOLD_FINANCE_URL": NOWHERE["TWOFOLD_FINANCE_URL"]})

    outcome = half("map", "list")

    assert outcome.code == 2
    assert "TWOFOLD_FINANCE_URL is set and TWOFOLD_OPERATIONS_URL is not" in outcome.err


def test_a_file_that_is_not_there_is_wrong_use(twofold: Program) -> None:
    outcome = twofold("setup", "finance", "nowhere.toml")

    assert outcome.code == 2
    assert "nowhere.toml" in outcome.err


def test_a_server_that_does_not_answer_is_a_fault_that_may_pass() -> None:
    outcome = Program(NOWHERE)("map", "list")

    assert outcome.code == 3
    assert "Try again; if it stays, `twofold doctor`" in outcome.err
    assert len(outcome.err.strip().splitlines()) == 1
    assert "secret-word" not in outcome.err


def test_a_fault_is_a_document_too() -> None:
    outcome = Program(NOWHERE)("map", "list", "--json")

    assert (outcome.code, outcome.json["transient"]) == (3, True)


def test_what_nobody_foresaw_is_a_fault_with_its_story(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def fail(**_: object) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr(maps, "opened", fail)

    outcome = Program({})("map", "list")

    assert outcome.code == 3
    assert "ZeroDivisionError" in outcome.err


def test_an_interruption_says_that_nothing_is_half_done(monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted(**_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(maps, "opened", interrupted)

    outcome = Program({})("map", "list")

    assert outcome.code == 130
    assert "rolled back" in outcome.err


def test_a_refusal_shows_code_and_remedy(twofold: Program, tmp_path: Path) -> None:
    file = tmp_path / "work.csv"
    file.write_text("Who,When\nAmy,today\n")

    outcome = twofold("import", str(file))

    assert outcome.code == 1
    assert "ERR-E02" in outcome.err
    assert "work.csv:1" in outcome.err
    assert "Remedy" in outcome.err
    assert not outcome.out


def test_a_refusal_is_a_document_too(twofold: Program, tmp_path: Path) -> None:
    file = tmp_path / "work.csv"
    file.write_text("Who,When\nAmy,today\n")

    outcome = twofold("import", str(file), "--json")

    (refusal,) = outcome.json["refused"]
    assert outcome.code == 1
    assert refusal["code"] == "ERR-E02"
    assert refusal["remedy"]


def test_books_without_companies_say_what_comes_first(twofold: Program) -> None:
    outcome = twofold("backlog", "list")

    assert outcome.code == 2
    assert "twofold setup finance FILE" in outcome.err


def test_broken_invariants_are_4(twofold: Program, books: Books) -> None:
    books.given("""
        finance.legal_entity
        company  name      accounting_currency  reporting_currency  change_set_id
        USPM     Fabrikam  USD                  USD                 1

        finance.ledger_entry
        company  voucher  entry_number  accounting_date  account  posting_type  currency  transaction_amount  accounting_amount  reporting_amount
        USPM     V-1      1             2026-11-02       401100   cost          USD       100.00              100.00             100.00
    """)  # noqa: E501

    outcome = twofold("verify")

    assert outcome.code == 4
    assert "BROKEN" in outcome.out
    assert "voucher=V-1" in outcome.out


def test_invariants_of_empty_books_hold(twofold: Program) -> None:
    outcomes = twofold.ok("verify", "--json").json

    assert len(outcomes) > 10
    assert all(one["broken"] is None and one["sentence"] for one in outcomes)
