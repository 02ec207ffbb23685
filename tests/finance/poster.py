"""A clerk's process that posts proposals and stops right before its commit, to be killed there.

python -m tests.finance.poster DSN PROPOSAL...
"""

from __future__ import annotations

import sys

from tests.support.clock import NOW
from twofold.database.connection import Book
from twofold.finance.posting.post import post_proposals


def main() -> None:
    """Post, say so, and wait."""
    dsn, *proposals = sys.argv[1:]
    book = Book("finance", dsn, "twofold_finance")
    with book.transaction() as transaction:
        invoices = post_proposals(
            transaction, company="USPM", proposal_ids=tuple(map(int, proposals)), actor="late",
            at=NOW, invoice_date=None,
        )  # fmt: skip
        print(*(one.invoice_number for one in invoices), flush=True)  # noqa: T201 - who started it waits for the line
        sys.stdin.read()


if __name__ == "__main__":
    main()
