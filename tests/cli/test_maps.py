"""Maps shown: the list, where columns come from, and the SQL they become."""

from __future__ import annotations

from tests.cli.program import Program


def test_the_list_names_every_map_in_order(shared: Program) -> None:
    listed = shared.ok("map", "list", "--json").json

    ids = [one["map"]["id"] for one in listed]
    assert ids.index("projects") < ids.index("actuals")
    assert {one["state"] for one in listed} == {"running"}


def test_a_map_shows_its_columns(shared: Program) -> None:
    shown = shared.ok("map", "show", "actuals").out

    assert "finance.staged_actual" in shown
    assert "transaction_date" in shown


def test_a_map_shows_its_sql_letter_by_letter(shared: Program) -> None:
    shown = shared.ok("map", "show", "actuals", "--sql").out
    statements = shared.ok("map", "show", "actuals", "--sql", "--json").json

    assert all(text in shown for text in statements.values())
    assert "ANY(%(set_ids)s::bigint[])" in shown


def test_the_name_of_a_map_is_told_once(shared: Program) -> None:
    assert "--name" not in shared.ok("map", "show", "--help").out


def test_an_unknown_map_names_the_known(shared: Program) -> None:
    outcome = shared("map", "show", "nothing")

    assert outcome.code == 2
    assert "actuals" in outcome.err
