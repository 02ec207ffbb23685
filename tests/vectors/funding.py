"""Worked cases of funding: who gives what of a contract's sales."""

from __future__ import annotations

from collections import defaultdict
from decimal import Decimal

from tests.scenarios.support import Work
from tests.vectors.case import CONTRACTS, Case, vector
from tests.vectors.staging import setup
from twofold.finance.funding.allocation import funded_sales, funding_sources
from twofold.finance.setup.funding_records import FundingLimit, FundingRule, FundingShare


@vector("FU-01")
def funded_by_rules(case: Case) -> None:
    # A rule gives by its percentages until one of its sources is at its limit; then the next does.
    given = case.given
    contract = CONTRACTS["tm"]
    story = case.story(
        bill=1000,
        finance=setup(
            funding_limits=tuple(
                FundingLimit(contract, payer, Decimal(amount))
                for payer, amount in given["limits"].items()
            ),
            funding_rules=tuple(
                FundingRule(
                    contract,
                    rule["priority"],
                    tuple(
                        FundingShare(payer, Decimal(part)) for payer, part in rule["alloc"].items()
                    ),
                )
                for rule in given["rules"]
            ),
        ),
    )
    for amount in given["transactions"]:
        story.approve(Work("ARM", Decimal(amount) / 1000))
    story.post_work()

    with case.books.finance.reader() as reader:
        sales = funded_sales(reader, company="USPM", contract=contract)
        sources = funding_sources(reader, company="USPM", contract=contract)

    steps: dict[Decimal, dict[str, dict[str, Decimal]]] = defaultdict(lambda: defaultdict(dict))
    for one in sales:
        assert one.payer is not None
        steps[one.amount][f"rule{one.priority}"][one.payer] = one.funded_amount
    first, second = (steps[Decimal(amount)] for amount in given["transactions"])
    assert first == {"rule1": case.expect["t1"]}
    assert second == case.expect["t2"]["steps"]
    parts: dict[str, Decimal] = defaultdict(Decimal)
    for rule in second.values():
        for payer, amount in rule.items():
            parts[payer] += amount
    assert {**parts, "steps": second} == case.expect["t2"]
    funded = {one.payer: one.funded_amount for one in sources if one.limit_amount is not None}
    assert funded == case.expect["total"]
    story.holds()
