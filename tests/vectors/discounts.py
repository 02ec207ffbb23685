"""Worked cases of what a contract line takes off and adds: discount and fee."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from typing import Final

from tests.scenarios.support import Work, operations_cast
from tests.vectors.case import Case, vector
from twofold.finance.proposals.reads import show_proposal

DAY: Final = 8


@vector("BR-05")
def management_fee(case: Case) -> None:
    # A fee of ten percent is a line of its own on the invoice, beside the hours.
    given = case.given
    setup = operations_cast()
    percent = Decimal(given["fee_percent"])
    lines = tuple(
        replace(one, fee_percent=percent) if one.contract == "TM" else one
        for one in setup.contract_lines
    )
    story = case.story(bill=given["rate"], operations=replace(setup, contract_lines=lines))
    story.approve(*(Work("ARM", DAY) for _ in range(given["hours"] // DAY)))
    story.post_work()

    (invoice,) = story.invoice(story.draft("TM"))

    with story.books.auditor_finance.reader() as reader:
        proposal = show_proposal(reader, company=story.company, number=invoice.proposal_number)
    assert proposal is not None
    amounts = {one.class_: one.net_amount for one in proposal.totals}
    assert {**amounts, "total": invoice.net_amount} == case.expect
    story.holds()
