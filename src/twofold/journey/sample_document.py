"""Print a sample of a proposal that is not posted: the customer's document, marked pro forma.

Before  the proposal is ready.
After   nothing changed: the proposal was posted in a transaction that was rolled back, and the
        document read in it. It goes by the number of the proposal, for an invoice number it has
        not got.
Next    ``finance.posting.post``.
"""

from __future__ import annotations

from datetime import date

from twofold.documents.customer_document import CustomerDocument
from twofold.finance.posting.post import post_proposals
from twofold.finance.proposals.document import read_document
from twofold.journey.system import System


def sample_document(
    system: System, *, company: str, proposal_id: int, invoice_date: date | None, actor: str
) -> CustomerDocument:
    """Give the document that posting would make, as a sample.

    Raises  Refused: everything that speaks against posting it, but for approval.
    Source  P22.2, P34, feature 155.
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
        document = read_document(
            transaction,
            company=company,
            proposal_id=proposal_id,
            sample_number=posted.proposal_number,
        )
    assert document is not None, "what was posted is there until it is rolled back"
    return document
