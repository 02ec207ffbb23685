"""Checking a map against both books: every mistake is found before anything runs."""

from __future__ import annotations

import tomllib
from importlib import resources

import pytest

from tests.support.books import Books
from twofold.dualwrite.table_maps.check import check_map
from twofold.dualwrite.table_maps.compiled import CompiledMap
from twofold.dualwrite.table_maps.language import read_map
from twofold.kernel.errors import Refused


def check(books: Books, map_id: str, right: str = "", wrong: str = "") -> CompiledMap:
    """Check a shipped map in which one piece of text was exchanged."""
    text = (resources.files("twofold.maps") / f"{map_id}.toml").read_text(encoding="utf-8")
    assert right in text
    planted = read_map(tomllib.loads(text.replace(right, wrong, 1)), file=map_id)
    here, there = books.dualwrite_operations, books.dualwrite_finance
    if planted.source_book == "finance":
        here, there = there, here
    return check_map(planted, source=here, target=there)


# Map, what stands in it, what stands there instead, and the findings: code, field and value.
PLANTED = [
    ("customers", '"operations.customer"', '"operations.client"',
     [("ERR-D10", "source.table", "operations.client")]),
    ("customers", 'from = "account"', 'from = "acount"',
     [("ERR-D10", "columns.account", "acount")]),
    ("actuals", 'set_column = "change_set_id"', 'set_column = "set_id"',
     [("ERR-D10", "source.set_column", "set_id")]),
    ("actuals", 'key_column = "actual_id"', 'key_column = "key"',
     [("ERR-D10", "source.key_column", "key")]),
    ("customers", '"finance.customer"', '"finance.client"',
     [("ERR-D11", "target.table", "finance.client")]),
    ("customers", 'payment_terms = {', 'terms = {',
     [("ERR-D11", "columns.terms", "terms")]),
    ("actuals", '"NOT s.skip_sync"', '"NOT pg_sleep(s.quantity)"',
     [("ERR-D12", "source.filter", "pg_sleep")]),
    ("actuals", '"NOT s.skip_sync"', '"true) OR (true"',
     [("ERR-D12", "source.filter", "true) OR (true")]),
    ("actuals", '"NOT s.skip_sync"', '"(NOT s.skip_sync"',
     [("ERR-D12", "source.filter", "(NOT s.skip_sync")]),
    ("actuals", '"NOT s.skip_sync"', '"NOT s.skip_sync -- rest"',
     [("ERR-D12", "source.filter", "--"), ("ERR-D12", "source.filter", "rest")]),
    ("actuals", '"NOT s.skip_sync"', '"NOT s.skip_sync /* 1 */"',
     [("ERR-D12", "source.filter", "/*")]),
    ("actuals", '"NOT s.skip_sync"', '''"s.unit <> '"''',
     [("ERR-D12", "source.filter", "'")]),
    ("actuals", 'from = "quantity"', 'expression = "s.quantity; DROP"',
     [("ERR-D12", "columns.quantity", ";"), ("ERR-D12", "columns.quantity", "DROP")]),
    ("actuals", 'from = "quantity"', 'expression = "(SELECT 1)"',
     [("ERR-D12", "columns.quantity", "SELECT")]),
    ("actuals", 'from = "unit"', '''expression = "s.unit || '100%'"''',
     [("ERR-D12", "columns.unit", "'"), ("ERR-D12", "columns.unit", "%"),
      ("ERR-D12", "columns.unit", "'")]),
    ("customers", '"finance.currency.currency"', '"finance.currency.code"',
     [("ERR-D13", "columns.currency", "finance.currency.code")]),
    ("customers", '"finance.currency.currency"', '"finance.money.currency"',
     [("ERR-D13", "columns.currency", "finance.money.currency")]),
    ("customers", '["company", "customer_id"]', '["company", "name"]',
     [("ERR-D14", "target.key", "company, name")]),
    ("customers", '["company", "customer_id"]', '["customer_id"]',
     [("ERR-D14", "target.key", "customer_id")]),
    ("customers", 'account = { from = "account" }', "",
     [("ERR-D15", "columns", "account")]),
]  # fmt: skip


@pytest.mark.parametrize(
    ("map_id", "right", "wrong", "findings"), PLANTED, ids=[f"{r[3][0][0]} {r[2]}" for r in PLANTED]
)
def test_a_planted_mistake_is_found(
    standing_books: Books, map_id: str, right: str, wrong: str, findings: list[tuple[str, ...]]
) -> None:
    with pytest.raises(Refused) as refused:
        check(standing_books, map_id, right, wrong)

    found = [(one.code, one.field, one.value) for one in refused.value.refusals]
    assert found == findings
    assert {one.record for one in refused.value.refusals} == {f"map/{map_id}"}


# What only PostgreSQL can object to.
OBJECTIONS = [
    ("actuals", 'from = "quantity"', 'from = "skip_sync"', "cannot cast type boolean to numeric"),
    ("actuals", 'from = "quantity"', 'expression = "s.hours"', "column s.hours does not exist"),
    ("actuals", '"NOT s.skip_sync"', '"s.skip_sync + 1"', "operator does not exist"),
    ("customers", 'from = "name"', 'expression = "s.nam"', "column s.nam does not exist"),
    ("funding_sources", '{ set = "version" }', '{ from = "is_primary" }', "cannot cast type bool"),
    (
        "transaction_connections",
        'sum = []',
        'sum = ["transaction2_role"]',
        "function sum(text) does not exist",
    ),
]  # fmt: skip


@pytest.mark.parametrize(
    ("map_id", "right", "wrong", "words"),
    OBJECTIONS,
    ids=[row[2] for row in OBJECTIONS],
)
def test_what_postgresql_objects_to_is_found_before_a_set_meets_it(
    standing_books: Books, map_id: str, right: str, wrong: str, words: str
) -> None:
    with pytest.raises(Refused) as refused:
        check(standing_books, map_id, right, wrong)

    (finding,) = refused.value.refusals
    assert (finding.code, finding.record) == ("ERR-D16", f"map/{map_id}")
    assert words in finding.reason


def test_a_map_whose_target_dual_write_may_not_write_is_refused(books: Books) -> None:
    with books.owner_finance.raw() as connection:
        connection.execute("REVOKE INSERT ON finance.customer FROM twofold_dualwrite")

    with pytest.raises(Refused) as refused:
        check(books, "customers")

    assert refused.value.codes == ("ERR-D16",)
    assert "permission denied for table customer" in str(refused.value)


@pytest.mark.parametrize(
    "index",
    [
        "UNIQUE INDEX ON finance.customer (company, name) WHERE name <> ''",
        "UNIQUE INDEX ON finance.customer (company, name, lower(account))",
        "INDEX ON finance.customer (company, name)",
    ],
)
def test_an_index_that_is_not_unique_for_all_rows_is_no_key(books: Books, index: str) -> None:
    with books.owner_finance.raw() as connection:
        connection.execute(f"CREATE {index}".encode())

    with pytest.raises(Refused) as refused:
        check(books, "customers", '["company", "customer_id"]', '["company", "name"]')

    assert refused.value.codes == ("ERR-D14",)


def test_all_findings_come_at_once(standing_books: Books) -> None:
    with pytest.raises(Refused) as refused:
        check(
            standing_books,
            "customers",
            'account = { from = "account" }\nname = { from = "name" }',
            'nick = { from = "nick" }\n'
            'name = { expression = "now()", lookup = "finance.name.name" }',
        )

    assert sorted(refused.value.codes) == ["ERR-D10", "ERR-D11", "ERR-D12", "ERR-D13", "ERR-D15"]


def test_a_map_that_changed_under_the_same_version_is_checked_anew(standing_books: Books) -> None:
    check(standing_books, "customers")

    shorter = check(standing_books, "customers", 'payment_terms = { from = "payment_terms" }')

    assert "payment_terms" not in shorter.map.columns
