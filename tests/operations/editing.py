"""What the tests of edited and corrected proformas share."""

from __future__ import annotations

from tests.operations.billing import rows
from tests.support.books import Books
from tests.support.clock import NOW
from twofold.operations.proforma.drafts import DraftTotals
from twofold.operations.proforma.edit_details import DetailChange, edit_details
from twofold.operations.proforma.revise import revise_proforma


def edit(
    books: Books, proforma_id: int, *changes: DetailChange, revision: int | None = None
) -> DraftTotals:
    with books.operations.transaction() as transaction:
        return edit_details(
            transaction,
            company="USPM",
            proforma_id=proforma_id,
            revision=revision,
            changes=changes,
            actor="pm",
            at=NOW,
        )


def revise(books: Books, proforma_id: int, *actual_ids: int) -> DraftTotals:
    with books.operations.transaction() as transaction:
        return revise_proforma(
            transaction,
            company="USPM",
            proforma_id=proforma_id,
            actual_ids=actual_ids or None,
            actor="pm",
            at=NOW,
        )


def history(books: Books) -> list[str]:
    """Give the sales from the first planted on: type, figures, event, links, and whether kept."""
    found = rows(
        books,
        """
        SELECT
            CASE actual.transaction_type WHEN 'billed_sales' THEN 'BS' ELSE 'UBS' END,
            trim_scale(actual.quantity), trim_scale(actual.amount),
            CASE actual.billing_type
                WHEN 'chargeable' THEN 'c' WHEN 'complimentary' THEN 'x' ELSE 'n'
            END,
            coalesce(status.adjustment_status, '-'), coalesce(status.billing_status, '-'),
            actual.skip_sync
        FROM operations.actual
        JOIN operations.actual_status AS status USING (company, actual_id)
        WHERE actual.transaction_type <> 'cost'
        ORDER BY actual.actual_id
        """,
    )
    return [" ".join(str(value) for value in row) for row in found]


def shorthand(text: str) -> list[str]:
    return [" ".join(line.split()) for line in text.strip().splitlines()]


POSTED = "customer_invoice_posted"
