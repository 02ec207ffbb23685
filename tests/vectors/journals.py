"""Worked cases of journals and of contracts that change."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Final

import pytest

from tests.scenarios.support import Story, operations_cast
from tests.support.clock import NOW
from tests.vectors.case import CONTRACTS, PROJECTS, Case, actuals, compare_actuals, vector
from tests.vectors.entries import approved
from twofold.kernel.errors import Refused
from twofold.operations.contracts.confirm import confirm_contract
from twofold.operations.journals.confirm_entry_journal import confirm_entry_journal
from twofold.operations.journals.journal_line import (
    NewJournalLine,
    TransactionClass,
    TransactionType,
)
from twofold.operations.journals.write_entry_journal import write_entry_journal

ALL_TYPES: Final[dict[str, TransactionType]] = {
    "C": "cost",
    "UBS": "unbilled_sales",
    "BS": "billed_sales",
    "IOS": "interorganizational_sales",
    "RUC": "resourcing_unit_cost",
}
DAY: Final = date(2026, 10, 5)
HOUR: Final = NewJournalLine(
    transaction_type="cost",
    cls="time",
    work_on=DAY,
    project=PROJECTS["tm"],
    quantity=Decimal(8),
    person="Bob Kozack",
)
SALE: Final = replace(HOUR, transaction_type="unbilled_sales", customer="ADATUM")


def save(story: Story, *lines: NewJournalLine) -> int:
    """Write an entry journal and give its key."""
    with story.books.operations.transaction() as transaction:
        return write_entry_journal(
            transaction,
            company=story.company,
            lines=lines,
            description="Found in the drawer",
            actor="manager",
            at=NOW,
        )


def make(story: Story, *lines: NewJournalLine) -> None:
    """Write an entry journal and confirm it."""
    journal_id = save(story, *lines)
    with story.books.operations.transaction() as transaction:
        confirm_entry_journal(
            transaction, company=story.company, journal_id=journal_id, actor="manager", at=NOW
        )


def codes_of(story: Story, line: NewJournalLine) -> set[str]:
    """Save a line, and give the codes that speak against it."""
    try:
        save(story, line)
    except Refused as refused:
        codes = set(refused.codes)
        assert codes <= {"ERR-B02", "ERR-B55"}
        return codes
    return set()


@vector("JR-01")
def classes_of_journal_lines(case: Case) -> None:
    # What the matrix leaves out is refused by it; what it allows is refused by nothing but B55.
    story = case.story()
    classes: list[TransactionClass] = case.given["classes"]

    allowed: dict[str, dict[str, list[str]]] = {}
    for method in case.expect:
        line = replace(HOUR, project=PROJECTS[method], person=None)
        allowed[method] = {
            short: [
                cls
                for cls in classes
                if "ERR-B02" not in codes_of(story, replace(line, transaction_type=kind, cls=cls))
            ]
            for short, kind in ALL_TYPES.items()
        }

    assert allowed == case.expect


@vector("JR-02")
def sales_without_a_customer(case: Case) -> None:
    # An unbilled sale that nobody pays never gets onto a proforma.
    story = case.story()
    make(story, replace(SALE, customer=case.given["journal_line"]["contract_line_customer"]))

    marked = story.ready(contract_id=story.contract_id(CONTRACTS["tm"]))
    with pytest.raises(Refused) as refused:
        story.create(CONTRACTS["tm"])

    assert [refusal.code for refusal in marked.refusals] == ["ERR-B04"]
    assert refused.value.codes == ("ERR-B05",)
    found = story.in_operations("SELECT FROM operations.proforma_detail")
    assert bool(found) == case.expect["on_proforma"]
    story.deliver()
    story.holds()


def connections(story: Story) -> list[str]:
    """Give the connections between actuals, in the shorthand of the data file."""
    short = {
        ("billed_sales", "unbilled_sales"): "bs-ubs",
        ("reversing", "original"): "reversal-original",
    }
    found = story.in_operations(
        "SELECT transaction1_role, transaction2_role FROM operations.transaction_connection"
        " WHERE transaction1_type = 'actual' ORDER BY transaction1_id"
    )
    return [short[row["transaction1_role"], row["transaction2_role"]] for row in found]


def origins(story: Story) -> Counter[tuple[str, int]]:
    """Count the origins of every transaction."""
    found = story.in_operations(
        "SELECT transaction_type, transaction_id FROM operations.transaction_origin"
    )
    return Counter((row["transaction_type"], row["transaction_id"]) for row in found)


@vector("TC-02")
def journals_connect_nothing(case: Case) -> None:
    # What a journal made has neither connection nor origin; billed, it has those of any bill.
    story = case.story()
    lines = {"C": HOUR, "UBS": SALE}
    make(story, *(lines[one["type"]] for one in case.given["entry_journal"]))

    assert len(connections(story)) == case.expect["connections_after_journal"]
    assert sum(origins(story).values()) == case.expect["origins_after_journal"]
    story.post_work()
    story.invoice(story.draft(CONTRACTS["tm"]))
    assert sorted(connections(story)) == case.expect["connections_after_confirm"]
    story.holds()


@vector("TM-10")
@vector("FP-04")
def contract_confirmed(case: Case) -> None:
    # A confirmed contract takes every actual back and makes it anew.
    method = "fixed_price" if case.id.startswith("FP") else "tm"
    cast = operations_cast()
    number = CONTRACTS[method]
    drafted = tuple(
        replace(one, state="draft") if one.number == number else one for one in cast.contracts
    )
    story = case.story(operations=replace(cast, contracts=drafted))
    approved(story, line=method, hours=8)
    compare_actuals(story, case.given.get("actuals", [{"type": "C", "qty": 8, "amount": 800}]))
    before = actuals(story)

    with story.books.operations.transaction() as transaction:
        confirm_contract(transaction, company=story.company, number=number, actor="manager", at=NOW)

    compare_actuals(story, case.expect["actuals"], before)
    story.post_work()
    story.holds()


@vector("PS-01")
def presales_won(case: Case) -> None:
    # Work done before there was a contract costs; the contract that is won sells it too.
    cast = operations_cast()
    contract, project = CONTRACTS["tm"], PROJECTS["tm"]
    drafted = replace(
        cast,
        contracts=tuple(
            replace(one, state="draft") if one.number == contract else one for one in cast.contracts
        ),
    )
    before_the_contract = replace(
        drafted,
        projects=tuple(
            replace(one, contract=None) if one.number == project else one for one in cast.projects
        ),
    )
    story = case.story(operations=before_the_contract)
    approved(story, hours=8)
    compare_actuals(story, case.given["actuals"])
    before = actuals(story)
    story.set_up_operations(drafted)

    with story.books.operations.transaction() as transaction:
        confirm_contract(
            transaction, company=story.company, number=contract, actor="manager", at=NOW
        )

    compare_actuals(story, case.expect["actuals"], before)
    story.post_work()
    story.holds()
