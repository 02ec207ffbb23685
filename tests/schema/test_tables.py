"""Rules of the schema: company first, no triggers, and an index has a query that wants it."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.architecture.sources import ROOT, SOURCE
from tests.support.books import Books
from twofold.database.connection import Book

# Shared by all companies, or about the program and not about a company.
SHARED = {
    "operations.currency",
    "operations.role",
    "operations.transaction_category",
    "operations.product",
    "operations.time_unit",
    "operations.allowed_class",
    "finance.currency",
    "dualwrite.alert_episode",
    "dualwrite.alert_notification",
    "dualwrite.alert_rule",
    "dualwrite.identity",
    "dualwrite.map_activation",
    "dualwrite.engine",
    "dualwrite.event",
    "dualwrite.map",
    "dualwrite.map_version",
}
# Identified by what they name, any part of which may be left out.
WITHOUT_PRIMARY_KEY = {
    "finance.dimension_rule",
    "finance.profile_rule",
    "finance.posting_setup",
    "finance.expense_offset",
    "operations.role_price",
    "operations.category_price",
    "operations.product_price",
}

TABLES = """
    SELECT
        relation.relnamespace::regnamespace::text || '.' || relation.relname AS name,
        EXISTS (
            SELECT FROM pg_catalog.pg_attribute AS attribute
            WHERE attribute.attrelid = relation.oid AND attribute.attname = 'company'
                AND attribute.attnotnull
        ) AS has_company,
        EXISTS (
            SELECT FROM pg_catalog.pg_index AS index
            WHERE index.indrelid = relation.oid AND index.indisprimary
        ) AS has_primary_key
    FROM pg_catalog.pg_class AS relation
    WHERE relation.relkind IN ('r', 'p')
        AND relation.relnamespace::regnamespace::text
            IN ('operations', 'finance', 'history', 'dualwrite')
"""
# The first column of every unique index of a table that has a company.
UNIQUE_INDEXES = """
    SELECT
        index.indexrelid::regclass::text,
        first.attname
    FROM pg_catalog.pg_index AS index
    JOIN pg_catalog.pg_class AS relation ON relation.oid = index.indrelid
    JOIN pg_catalog.pg_attribute AS company
        ON company.attrelid = relation.oid AND company.attname = 'company' AND company.attnotnull
    LEFT JOIN pg_catalog.pg_attribute AS first
        ON first.attrelid = relation.oid AND first.attnum = index.indkey[0]
    WHERE index.indisunique
        AND relation.relnamespace::regnamespace::text
            IN ('operations', 'finance', 'history', 'dualwrite')
"""
# Foreign keys between two tables that both have a company, with the columns they compare.
FOREIGN_KEYS = """
    SELECT
        key.conrelid::regclass::text || ': ' || key.conname,
        EXISTS (
            SELECT
            FROM unnest(key.conkey, key.confkey) AS pair (here, there)
            JOIN pg_catalog.pg_attribute AS here
                ON here.attrelid = key.conrelid AND here.attnum = pair.here
            JOIN pg_catalog.pg_attribute AS there
                ON there.attrelid = key.confrelid AND there.attnum = pair.there
            WHERE here.attname = 'company' AND there.attname = 'company'
        )
    FROM pg_catalog.pg_constraint AS key
    JOIN pg_catalog.pg_attribute AS company
        ON company.attrelid = key.confrelid AND company.attname = 'company'
    WHERE key.contype = 'f'
"""
# They name another company, not a row of its data: who lends a person.
BETWEEN_COMPANIES = ["operations.resource: resource_lent_by_fkey"]
TRIGGERS = """
    SELECT trigger.tgrelid::regclass::text || ': ' || trigger.tgname
    FROM pg_catalog.pg_trigger AS trigger
    WHERE NOT trigger.tgisinternal
"""

MIGRATIONS = sorted((SOURCE / "database" / "migrations").rglob("*.sql"))
CREATE_INDEX = re.compile(r"^CREATE INDEX(?: CONCURRENTLY)? (\w+)", re.IGNORECASE)


def both(books: Books) -> tuple[Book, Book]:
    return books.owner_operations, books.owner_finance


def test_company_leads_every_table_of_company_data(standing_books: Books) -> None:
    for book in both(standing_books):
        with book.raw() as connection:
            tables = connection.execute(TABLES).fetchall()
            indexes = connection.execute(UNIQUE_INDEXES).fetchall()

        assert {name for name, has_company, _ in tables if not has_company} <= SHARED
        assert {name for name, _, has_key in tables if not has_key} <= WITHOUT_PRIMARY_KEY
        assert [name for name, first in indexes if first != "company"] == []
        assert len(indexes) > 20


def test_every_foreign_key_stays_within_its_company(standing_books: Books) -> None:
    beyond: list[str] = []
    for book in both(standing_books):
        with book.raw() as connection:
            keys = connection.execute(FOREIGN_KEYS).fetchall()

        beyond += [name for name, compares_company in keys if not compares_company]
        assert len(keys) > 10
    assert beyond == BETWEEN_COMPANIES


def test_no_table_has_a_trigger(standing_books: Books) -> None:
    for book in both(standing_books):
        with book.raw() as connection:
            assert connection.execute(TRIGGERS).fetchall() == []


@pytest.mark.parametrize("path", MIGRATIONS, ids=lambda path: str(path.relative_to(ROOT)))
def test_an_index_names_the_query_that_wants_it(path: Path) -> None:
    lines = path.read_text(encoding="utf-8").splitlines()

    without = [
        found[1]
        for number, line in enumerate(lines)
        if (found := CREATE_INDEX.match(line))
        and "query:" not in (line + comment_above(lines, number)).lower()
    ]

    assert not without


def comment_above(lines: list[str], number: int) -> str:
    """Give the comment lines right above a line."""
    above: list[str] = []
    for line in reversed(lines[:number]):
        if not line.startswith("--"):
            break
        above.append(line)
    return " ".join(above)
