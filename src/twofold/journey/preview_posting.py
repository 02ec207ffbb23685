"""See the voucher, the tax and the totals that posting a proposal would make, without doing it.

Before  the proposal is ready.
After   nothing changed. The very statements of posting ran in a transaction that was rolled back,
        so nothing else will be posted when it is done in earnest on that day; the numbers shown are
        those that are next now, and are given again.
Next    ``finance.posting.post``.
"""

from __future__ import annotations

from datetime import date

from twofold.finance.posting.post import post_proposals
from twofold.finance.posting.reads import Invoice, show_invoice
from twofold.journey.system import System


def preview_posting(
    system: System,
    *,
    company: str,
    proposal_id: int,
    invoice_date: date | None,
    actor: str,
    limit: int,
) -> Invoice:
    """Give the invoice as it would be posted, with ``limit`` lines.

    Raises  Refused: everything that speaks against posting it, as ``post_proposals``; but for
            approval, which a preview does not wait for.
    Source  P21, P22, feature 146.
    """
    with system.finance.trial() as transaction:
        (posted,) = post_proposals(
            transaction,
            company=company,
            proposal_ids=(proposal_id,),
            actor=actor,
            at=system.now(),
            invoice_date=invoice_date,
            asks_approval=False,
        )
        invoice = show_invoice(
            transaction, company=company, number=posted.invoice_number, lines=limit
        )
    assert invoice is not None, "what was posted is there until it is rolled back"
    return invoice
