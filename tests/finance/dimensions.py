"""The dimensions of the finance tests, and what lines and entries carry as people read it."""

from __future__ import annotations

from typing import Final

from tests.support.books import Books

DIMENSIONS: Final = """
    finance.dimension_value
    company  attribute  value
    USPM     Dept       P1
    USPM     Dept       W1
    USPM     Dept       L1
    USPM     Dept       C1
    USPM     Site       S1
    USPM     Site       S2
    USPM     Line       L1

    finance.resource
    company  resource_id  name  source_version
    USPM     8            Bob   1
    USPM     9            Eve   1

    finance.default_dimension
    company  owner          number  detail  dimensions
    USPM     project        P-4     ''      {"Dept":"P1","Line":"L1"}
    USPM     resource       Bob     ''      {"Dept":"W1","Site":"S1"}
    USPM     contract_line  K-3     1       {"Dept":"L1","Site":"S2"}
    USPM     contract_line  K-3     2       {"Dept":"L1","Site":"S2"}
    USPM     customer       C-1     ''      {"Dept":"C1"}
"""

ENTRIES: Final = """
    SELECT entry.voucher, entry.account, entry.accounting_amount::float, coalesce(own.label, '')
    FROM finance.ledger_entry AS entry
    LEFT JOIN finance.dimension_set AS own USING (company, dimension_set_id)
    ORDER BY entry.voucher, entry.entry_number
"""
LINES: Final = """
    SELECT line.actual_id, coalesce(own.label, ''), coalesce(other.label, '')
    FROM finance.journal_line AS line
    LEFT JOIN finance.dimension_set AS own USING (company, dimension_set_id)
    LEFT JOIN finance.dimension_set AS other
        ON other.dimension_set_id = line.offset_dimension_set_id
    ORDER BY line.actual_id
"""
PROPOSALS: Final = """
    SELECT line.actual_id, coalesce(own.label, '')
    FROM finance.proposal_line AS line
    LEFT JOIN finance.dimension_set AS own USING (company, dimension_set_id)
    ORDER BY line.actual_id
"""


def rows(books: Books, statement: str) -> list[tuple[object, ...]]:
    with books.owner_finance.raw() as connection:
        return [tuple(row) for row in connection.execute(statement.encode()).fetchall()]


def entries(books: Books) -> list[tuple[object, ...]]:
    """Give every ledger entry: voucher, account, amount, dimensions."""
    return rows(books, ENTRIES)


def lines(books: Books) -> list[tuple[object, ...]]:
    """Give every journal line: actual, its dimensions, those of its offset."""
    return rows(books, LINES)


def proposal_dimensions(books: Books) -> list[tuple[object, ...]]:
    """Give every proposal line: actual, dimensions."""
    return rows(books, PROPOSALS)


def header_dimensions(books: Books) -> list[tuple[object, ...]]:
    """Give every proposal: number, dimensions of its header."""
    return rows(
        books,
        "SELECT proposal.number, coalesce(own.label, '') FROM finance.proposal"
        " LEFT JOIN finance.dimension_set AS own USING (company, dimension_set_id)"
        " ORDER BY proposal.number",
    )
