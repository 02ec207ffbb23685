"""Milestones of a fixed price line: agreed together, divided over who pays, refused together."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest

from tests.scenarios.support import Story, operations_cast
from tests.support.books import Books
from tests.support.clock import NOW
from twofold.kernel.errors import Refused
from twofold.operations.contracts.agree_milestones import (
    AgreedMilestone,
    Agreement,
    agree_milestones,
)
from twofold.operations.setup.records import ContractCustomer, LineCustomer

OLD = AgreedMilestone("Cell accepted", date(2026, 10, 15), Decimal(5000))
NEW = AgreedMilestone("Cell documented", date(2026, 11, 15), Decimal(700), Decimal(70))


def agree(
    story: Story,
    contracted: str,
    *milestones: AgreedMilestone,
    line: tuple[str, int] = ("FIXED", 1),
) -> None:
    with story.books.operations.transaction() as transaction:
        agree_milestones(
            transaction,
            company="USPM",
            line=line,
            agreement=Agreement(Decimal(contracted), milestones),
            actor="con",
            at=NOW,
        )


def agreed(story: Story) -> list[tuple[str, Decimal, Decimal]]:
    """Give what is contracted for the line, and name, amount and tax of each part."""
    rows = story.in_operations(
        "SELECT milestone.name, milestone.amount, milestone.tax_amount,"
        " line.contracted_amount FROM operations.milestone"
        " JOIN operations.contract_line AS line USING (company, contract_line_id)"
        " JOIN operations.contract ON contract.company = line.company"
        " AND contract.contract_id = line.contract_id"
        " WHERE contract.number = 'FIXED' ORDER BY milestone.milestone_date, milestone.customer_id"
    )
    head = {("contracted", row["contracted_amount"], Decimal(0)) for row in rows}
    return [*head, *((row["name"], row["amount"], row["tax_amount"]) for row in rows)]


def test_a_milestone_is_added_with_what_is_contracted(books: Books) -> None:
    story = Story(books)

    agree(story, "5700", OLD, NEW)

    assert agreed(story) == [
        ("contracted", 5700, 0),
        ("Cell accepted", 5000, 0),
        ("Cell documented", 700, 70),
    ]
    sets = story.in_operations("SELECT stream FROM dualwrite.outbox ORDER BY set_id DESC LIMIT 2")
    assert {row["stream"] for row in sets} == {"contract_line", "milestone"}
    # Finance gets both.
    story.deliver()
    story.holds()


def test_what_is_said_again_sends_nothing(books: Books) -> None:
    story = Story(books)
    (before,) = story.in_operations("SELECT count(*) FROM dualwrite.outbox")

    agree(story, "5000", OLD)

    assert story.in_operations("SELECT count(*) FROM dualwrite.outbox") == [before]


def test_each_milestone_is_divided_over_who_pays(books: Books) -> None:
    cast = operations_cast()
    shares = tuple(
        LineCustomer("USPM", "FIXED", 1, account, Decimal(share), is_rounding, None)
        for account, share, is_rounding in (
            ("ADATUM", "66.67", True),
            ("NORTHWIND", "33.33", False),
        )
    )
    customers = tuple(
        ContractCustomer("USPM", "FIXED", account, share, is_rounding, None, None, None)
        for account, share, is_rounding in (
            ("ADATUM", Decimal(100), True), ("NORTHWIND", Decimal(0), False),
        )
    )  # fmt: skip
    setup = replace(cast, contract_customers=customers, line_customers=shares)
    story = Story(books, operations=setup)

    agree(story, "5000.01", replace(OLD, amount=Decimal("5000.01"), tax_amount=Decimal("0.01")))

    parts = agreed(story)[1:]
    assert sorted(amount for _, amount, _ in parts) == [Decimal("1666.50"), Decimal("3333.51")]
    assert sum(tax for *_, tax in parts) == Decimal("0.01")
    story.deliver()
    story.holds()


@pytest.mark.parametrize(
    ("contracted", "milestones", "codes"),
    [
        ("5000", (OLD, NEW), ["ERR-A08"]),
        ("5000", (replace(OLD, amount=Decimal(0), tax_amount=Decimal(1)),), ["ERR-A09"]),
        ("5700.001", (OLD, replace(NEW, amount=Decimal("700.001"))), ["ERR-U23", "ERR-U23"]),
        ("5000", (OLD, replace(NEW, name="Cell accepted")), ["ERR-U23"]),
        ("5700", (OLD, replace(NEW, name="")), ["ERR-U23"]),
        ("5000", (replace(OLD, tax_amount=Decimal(-1)),), ["ERR-U23"]),
    ],
)
def test_what_does_not_add_up_changes_nothing(
    books: Books, contracted: str, milestones: tuple[AgreedMilestone, ...], codes: list[str]
) -> None:
    story = Story(books)
    before = agreed(story)

    with pytest.raises(Refused) as refused:
        agree(story, contracted, *milestones)

    assert sorted({*refused.value.codes}) == sorted({*codes})
    assert agreed(story) == before


def test_a_line_that_takes_none_and_one_on_a_proforma_are_left_alone(books: Books) -> None:
    story = Story(books)
    story.ready(contract_id=story.contract_id("FIXED"))
    story.draft("FIXED")

    for line, milestone, code in (
        (("TM", 1), NEW, "ERR-A09"),
        (("FIXED", 9), NEW, "ERR-B22"),
        (("FIXED", 1), replace(OLD, milestone_date=date(2026, 12, 1)), "ERR-A20"),
    ):
        with pytest.raises(Refused) as refused:
            agree(story, "5000", milestone, line=line)
        assert code in refused.value.codes, line

    # What is on the proforma stays, and what is new is taken beside it.
    agree(story, "5700", OLD, NEW)
    story.deliver()
    story.holds()
