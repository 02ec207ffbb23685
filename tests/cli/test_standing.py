"""Reconcile, repair and initial write by command."""

from __future__ import annotations

import pytest

from tests.cli.program import Program
from tests.dualwrite.planted import deliver, plant, send, send_costs
from tests.dualwrite.test_initial_write import change, value
from tests.support.books import Books

STAGED = "SELECT count(*) FROM finance.staged_actual"


@pytest.fixture
def delivered(twofold: Program, books: Books) -> Program:
    """Give the program with two resources and five costs that both books have."""
    plant(books)
    books.given("""
        operations.resource
        company  resource_id  name  change_set_id
        USPM     6            Ana   1
        USPM     7            Bob   1
    """)
    send(books, 1, kind="setup", stream="setup")
    send_costs(books, 2, first=1, count=5)
    assert deliver(books).applied == 2
    return twofold


@pytest.fixture
def broken(delivered: Program, books: Books) -> Program:
    """Give it after finance renamed a resource, lost a cost and changed another one."""
    change(
        books.owner_finance,
        "UPDATE finance.resource SET name = 'Zoe' WHERE resource_id = 7;"
        "DELETE FROM finance.staged_actual WHERE actual_id = 2;"
        "UPDATE finance.staged_actual SET amount = 51 WHERE actual_id = 4",
    )
    return delivered


def run_of(looked: str) -> str:
    """Give the name of the reconciliation that the advice names."""
    return looked.partition("`twofold reconcile repair ")[2].partition("`")[0]


def test_equal_books_end_with_zero_and_name_no_difference(delivered: Program) -> None:
    looked = delivered.ok("reconcile", "--map", "actuals", "--company", "USPM")

    assert "equal" in looked.out
    assert "Differences" not in looked.out
    assert looked.err == ""


def test_from_the_difference_to_the_repair_and_back_to_what_is_left(
    broken: Program, books: Books
) -> None:
    looked = broken("reconcile", "--company", "USPM")
    assert looked.code == 4
    for words in ("1 row differs", "2 rows differ", "Zoe", "51.0000", "missing"):
        assert words in looked.out
    run = run_of(looked.err)

    plan = broken("reconcile", "repair", run, "--map", "actuals")
    assert "1 would be inserted, 0 overwritten, 1 left alone" in plan.err
    assert plan.code == 1
    assert value(books.owner_finance, STAGED) == 4

    for map_id in ("actuals", "resources"):
        approved = ("--reason", "a mistaken script", "--as", "ida", "--map", map_id)
        done = broken("reconcile", "repair", run, *approved)
    assert "0 inserted, 1 overwritten, 0 left alone." in done.err
    assert done.code == 0

    assert broken("reconcile", "--map", "resources").code == 0
    left = broken("reconcile", "--map", "actuals", "--json")
    assert (left.code, [row["field"] for row in left.json[0]["differences"]]) == (4, ["amount"])
    books.then("""
        finance:dualwrite.repair
        map        row_key  reason             repaired_by
        resources  ["7"]    a mistaken script  ida
        actuals    ["2"]    a mistaken script  ida
    """)


def test_rows_are_named_within_one_map(broken: Program) -> None:
    run = run_of(broken("reconcile").err)

    assert broken("reconcile", "repair", run, '["7"]').code == 2
    one = broken.ok("reconcile", "repair", run, '["7"]', "--map", "resources", "--json").json

    assert [row["action"] for row in one[0]["rows"]] == ["overwritten"]
    assert not one[0]["is_done"]


def test_what_was_reconciled_is_listed_and_shown_later(broken: Program) -> None:
    run = run_of(broken("reconcile").err)

    listed = broken.ok("reconcile", "list").out
    shown = broken.ok("reconcile", "show", run, "--json").json

    assert run in listed
    assert " rows differ: actuals, " in listed
    assert {(one["map"], one["difference"]["field"]) for one in shown} >= {
        ("resources", "name"), ("actuals", ""), ("actuals", "amount"),
    }  # fmt: skip


@pytest.mark.parametrize("command", [("show",), ("repair",)])
def test_a_reconciliation_that_does_not_exist_is_refused(
    delivered: Program, command: tuple[str, ...]
) -> None:
    outcome = delivered("reconcile", *command, "20200101T000000.000000")

    assert outcome.code == 1
    assert "ERR-D77" in outcome.err


def test_all_maps_of_a_company_are_written_in_their_order(delivered: Program, books: Books) -> None:
    change(
        books.owner_finance,
        "DELETE FROM finance.staged_actual; DELETE FROM finance.resource",
    )

    refused = delivered("initial-write", "--company", "USPM", "--map", "customers")
    assert "ERR-D30" in refused.err
    done = delivered.ok(
        "initial-write", "--company", "USPM", "--map", "actuals", "--map", "resources", "--json"
    ).json

    assert [(one["map"], one["run"]["added_count"]) for one in done["runs"]] == [
        ("resources", 2), ("actuals", 5),
    ]  # fmt: skip
    assert done["bad"] == []


def test_a_refusal_of_one_map_leaves_all_of_them_unwritten(
    delivered: Program, books: Books
) -> None:
    change(books.owner_finance, "DELETE FROM finance.resource")

    refused = delivered("initial-write", "--company", "USPM", "--json")

    records = [one["record"] for one in refused.json["refused"]]
    assert "USPM actuals" in records
    assert len(records) > 2
    assert value(books.owner_finance, "SELECT count(*) FROM finance.resource") == 0


def test_a_dry_run_names_bad_rows_and_a_second_try_writes_them(
    delivered: Program, books: Books
) -> None:
    change(books.owner_finance, "DELETE FROM finance.staged_actual")
    change(books.owner_operations, "UPDATE operations.actual SET project_id = 66"
           " WHERE actual_id = 3")  # fmt: skip
    given = ("initial-write", "--company", "USPM", "--map", "actuals")

    looked = delivered(*given, "--dry-run")
    assert looked.code == 1
    assert "finance does not know project 66" in looked.out
    assert value(books.owner_finance, STAGED) == 0

    done = delivered(*given)
    assert (done.code, value(books.owner_finance, STAGED)) == (1, 4)
    assert "--retry-bad" in done.err
    assert '["3"]' in delivered(*given, "--bad").out
    change(books.owner_operations, "UPDATE operations.actual SET project_id = 5"
           " WHERE actual_id = 3")  # fmt: skip
    assert "0 rows are still bad" in delivered.ok(*given, "--retry-bad").err
    assert value(books.owner_finance, STAGED) == 5


@pytest.mark.parametrize(
    "arguments",
    [
        ("--company", "NOPE"),
        ("--company", "USPM", "--map", "nope"),
        ("--company", "USPM", "--bad", "--dry-run"),
    ],
)
def test_what_makes_no_sense_is_told(delivered: Program, arguments: tuple[str, ...]) -> None:
    assert delivered("initial-write", *arguments).code == 2
