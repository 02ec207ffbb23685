"""The sets that are on their way when something breaks."""

# ruff: noqa: E501 - a row of a text table stays on one line

from __future__ import annotations

from tests.dualwrite.planted import send, send_approval, send_confirmation, send_costs
from tests.support.books import Books

FORWARD = 5
BACK = 2

RESOURCE = """
    operations.resource
    company  resource_id  name  change_set_id
    USPM     6            Ana   5
"""

# Set 1 of finance: the journal posted the cost and the sale. Set 2: it posted two more costs.
POSTING = """
    finance.project_transaction
    company  actual_id  journal_id  voucher  accounting_date  category_number  line_property  profile  exchange_rate  accounting_amount  accrued_amount  change_set_id
    USPM     1          1           V-1      2026-10-30       LABOUR           C              TM       100            400                0               1
    USPM     2          1           V-2      2026-10-30       LABOUR           C              TM       100            800                0               1
    USPM     31         2           V-3      2026-10-30       LABOUR           C              TM       100            50                 0               2
    USPM     32         2           V-4      2026-10-30       LABOUR           C              TM       100            50                 0               2
"""


def send_all(books: Books) -> None:
    """Send five sets from operations and two from finance."""
    send_approval(books)
    send_confirmation(books)
    send_costs(books, 3, first=31, count=20)
    send_costs(books, 4, first=61, count=1)
    books.given(RESOURCE)
    send(books, 5, kind="setup", stream="setup")
    books.given(POSTING)
    for set_id, keys in ((1, (1, 2)), (2, (31, 32))):
        send(
            books, set_id, kind="journal_posting", stream=f"journal/{set_id}", keys=keys,
            book=books.finance,
        )  # fmt: skip
