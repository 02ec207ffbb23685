"""Worked cases of who pays what: chargeable components, overlap, splits, milestones in parts."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import Any, Final

import pytest

from tests.scenarios.support import CAST, Story, operations_cast
from tests.support.clock import NOW, TODAY
from tests.vectors.case import Case, actuals, vector
from tests.vectors.entries import approved
from twofold.kernel.errors import Refused
from twofold.operations.backlog.mark import mark_ready
from twofold.operations.backlog.selection import Selection
from twofold.operations.entries.create_entry import NewEntry, create_entry
from twofold.operations.entries.submit import submit_entries
from twofold.operations.setup.records import (
    ContractCustomer,
    ContractLine,
    Customer,
    EntryClass,
    LineBillingType,
    LineComponent,
    LineCustomer,
    OperationsSetup,
    Task,
)
from twofold.operations.setup.shares import even_percents

CLASSES: Final[dict[str, EntryClass]] = {
    "T": "time", "E": "expense", "M": "material", "F": "fee",
}  # fmt: skip
BILLING: Final[dict[str, LineBillingType]] = {"ch": "chargeable", "nch": "non_chargeable"}
ACCOUNTS: Final = {"A": "ADATUM", "B": "CONTOSO", "C": "FOURTH"}


def with_customers(setup: OperationsSetup) -> OperationsSetup:
    """Give the setup with the customers that the cases call B and C."""
    (first, *_) = setup.customers
    others = (
        Customer(first.company, "CONTOSO", "Contoso Ltd", "USD", "D30"),
        Customer(first.company, "FOURTH", "Fourth Coffee", "USD", "D30"),
    )
    return replace(setup, customers=(*setup.customers, *others))


def paid_by(
    setup: OperationsSetup, contract: str, split: Mapping[str, object], rounding: str = "A"
) -> OperationsSetup:
    """Give the setup with a contract paid by these customers."""
    payers = tuple(
        ContractCustomer(
            company="USPM",
            contract=contract,
            account=ACCOUNTS[name],
            split_percent=Decimal(str(percent)),
            is_rounding=name == rounding,
            not_to_exceed=None,
            bill_to_name=None,
            payment_terms=None,
        )
        for name, percent in split.items()
    )
    return replace(with_customers(setup), contract_customers=payers)


def refusals(case: Case, setup: OperationsSetup) -> set[str]:
    """Give the codes that a setup is refused with."""
    with pytest.raises(Refused) as refused:
        case.story(operations=setup)
    return set(refused.value.codes)


def percents(story: Story, contract: str) -> dict[str, Decimal]:
    """Give the shares of a contract by the names of the cases."""
    found = story.in_operations(
        "SELECT account, split_percent FROM operations.contract_customer AS payer"
        " JOIN operations.customer USING (company, customer_id)"
        " JOIN operations.contract USING (company, contract_id) WHERE contract.number = %s",
        contract,
    )
    names = {account: name for name, account in ACCOUNTS.items()}
    return {names[row["account"]]: row["split_percent"] for row in found}


# ---- what a line bills


def line_of(setup: OperationsSetup, contract: str) -> ContractLine:
    """Give the first line of a contract."""
    return next(one for one in setup.contract_lines if one.contract == contract)


def with_components(row: Mapping[str, str]) -> OperationsSetup:
    """Give the cast's setup with the arm's line as a row of the matrix says."""
    setup = operations_cast()
    line = line_of(setup, "TM")
    classes = tuple(one for one in CLASSES.values() if one == "fee" or row[one] == "y")

    def component(column: str, name: str) -> tuple[LineComponent, ...]:
        if row[column] == "x":
            return ()
        place = (line.company, line.contract, line.line_number)
        return (LineComponent(*place, name, BILLING[row[column]]),)

    is_selected = row["tasks"] == "selected"
    changed = replace(line, classes=classes, included_tasks="selected" if is_selected else "all")
    return replace(
        setup,
        tasks=(*setup.tasks, Task(line.company, "ARM", "Build", "1")),
        contract_lines=tuple(changed if one is line else one for one in setup.contract_lines),
        line_tasks=component("task", "Build"),
        line_roles=component("role", "Field Engineer"),
        line_categories=component("category", "Travel"),
    )


def billing_types(story: Story) -> dict[str, str]:
    """Submit one entry of each class on the task; give how each is billed."""
    entries = {
        "time": {"unit": "hour"},
        "expense": {"category": "Travel", "unit_price": Decimal(10), "currency": "USD"},
        "material": {"category": "Servo motor", "unit_price": Decimal(10), "currency": "USD"},
    }
    found: dict[str, str] = {}
    with story.books.operations.transaction() as transaction:
        for cls, given in entries.items():
            values: dict[str, Any] = {
                "cls": cls,
                "on": TODAY,
                "project_number": "ARM",
                "person": "Bob Kozack",
                "task": "Build",
                "quantity": Decimal(1),
                **given,
            }
            entry_id = create_entry(
                transaction, company="USPM", entry=NewEntry(**values), actor="bob", at=NOW
            )
            submit_entries(transaction, company="USPM", entry_ids=[entry_id], actor="bob", at=NOW)
    for row in story.in_operations(
        "SELECT class::text, approval.billing_type::text FROM operations.approval"
        " JOIN operations.entry USING (company, entry_id)"
    ):
        found[row["class"]] = row["billing_type"]
    return found


@vector("CH-01")
def chargeability(case: Case) -> None:
    # What a line says of its tasks, roles and categories decides what is chargeable.
    legend = case.given["legend"]
    story = case.story()
    for values in case.expect["rows"]:
        row = dict(zip(case.given["columns"], values, strict=True))
        with story.books.owner_operations.raw() as connection:
            connection.execute("DELETE FROM operations.approval")
        story.set_up_operations(with_components(row))

        found = billing_types(story)

        assert found == {
            cls: legend[row[f"out_{cls}"]] for cls in ("time", "expense", "material")
        }, row


@vector("CL-01")
def overlap(case: Case) -> None:
    # Two lines of a contract bill the same work only where their tasks differ.
    setup = operations_cast()
    line = line_of(setup, "TM")
    others = tuple(one for one in setup.contract_lines if one is not line)
    tasks = tuple(Task("USPM", "ARM", name, name) for name in ("Build", "Test"))
    story = case.story()

    def is_valid(first: Iterable[str], second: Iterable[str], names: tuple[str, str]) -> bool:
        lines: list[ContractLine] = []
        line_tasks: list[LineComponent] = []
        for number, (what, letters) in enumerate((first, second), start=1):
            classes = tuple(CLASSES[letter] for letter in letters)
            included = "selected" if what == "selected" else "all"
            lines.append(
                replace(line, line_number=number, classes=classes, included_tasks=included)
            )
            if what == "selected":
                name = names[number - 1]
                line_tasks.append(LineComponent("USPM", "TM", number, name, "chargeable"))
        changed = replace(
            setup,
            tasks=tasks,
            contract_lines=(*others, *lines),
            line_tasks=tuple(line_tasks),
        )
        try:
            story.set_up_operations(changed)
        except Refused as refused:
            assert set(refused.codes) == {"ERR-A07"}  # noqa: PT017 - the other way out is success
            return False
        return True

    for tasks1, classes1, tasks2, classes2, valid in case.expect["rows"]:
        first, second = (tasks1, classes1), (tasks2, classes2)
        if valid == "true_if_disjoint":
            assert not is_valid(first, second, ("Build", "Build"))
            assert is_valid(first, second, ("Build", "Test"))
        else:
            assert is_valid(first, second, ("Build", "Test")) == valid


# ---- shares


@vector("SB-01")
def split_hours(case: Case) -> None:
    # Approved hours are sold to each customer by its share.
    given = case.given
    setup = paid_by(operations_cast(), "TM", given["split"], given["rounding"])
    story = case.story(operations=setup, bill=given["price"])

    approved(story, hours=given["qty"])

    names = {account: name for name, account in ACCOUNTS.items()}
    found = story.in_operations(
        "SELECT account, quantity, amount FROM operations.actual"
        " JOIN operations.customer USING (company, customer_id) ORDER BY actual_id"
    )
    assert [
        {"customer": names[row["account"]], "qty": row["quantity"], "amount": row["amount"]}
        for row in found
    ] == [{**one, "qty": Decimal(str(one["qty"]))} for one in case.expect["ubs"]]
    assert sum(row["amount"] for row in found) == case.expect["sum_amount"]
    assert len([row for row in actuals(story) if row["transaction_type"] == "cost"]) == 1
    story.holds()


@vector("SB-02")
def even(case: Case) -> None:
    # An even split is even to two decimals; one customer takes the rest.
    names = case.given["customers"]

    shares = even_percents(len(names), rounding=names.index(case.given["rounding"]))

    found = dict(zip(names, shares, strict=True))
    assert found == {name: Decimal(str(one)) for name, one in case.expect["percent"].items()}
    assert sum(shares) == case.expect["sum"]
    story = case.story(operations=paid_by(operations_cast(), "TM", found, "A"))
    assert percents(story, "TM") == found


@vector("SB-04")
def line_customer(case: Case) -> None:
    # A customer that only a line names comes onto the contract with nothing to pay.
    setup = paid_by(operations_cast(), "TM", case.given["contract_customers"])
    payer = LineCustomer(
        "USPM", "TM", 1, "CONTOSO", Decimal(100), is_rounding=True, not_to_exceed=None
    )

    story = case.story(operations=replace(setup, line_customers=(payer,)))

    assert percents(story, "TM") == case.expect["contract_customers"]
    story.holds()


@vector("SB-05")
def uneven(case: Case) -> None:
    # Shares that do not add up to 100 are refused.
    setup = paid_by(operations_cast(), "TM", case.given["split"])

    assert refusals(case, setup) == {case.expect["error"]}


@vector("SB-06")
def primary_left_out(case: Case) -> None:
    # The contract's own customer cannot be left out of its list: in the file, as people write it.
    assert case.given["primary"] == "A"
    text = (CAST / "operations.toml").read_text(encoding="utf-8")
    payer = '\n[[company.contract.payer]]\naccount = "NORTHWIND"\npercent = 100\n'
    line = "\n[[company.contract.line]]"
    assert line in text
    with NamedTemporaryFile("w", suffix=".toml", encoding="utf-8") as file:
        file.write(text.replace(line, payer + line, 1))
        file.flush()

        with pytest.raises(Refused) as refused:
            operations_cast(Path(file.name))

    assert list(refused.value.codes) == [case.expect["error"]]


# ---- milestones in parts

PARTS: Final = """
    SELECT milestone_id, account, amount, milestone.state::text FROM operations.milestone
    JOIN operations.customer USING (company, customer_id)
    JOIN operations.contract USING (company, contract_id)
    WHERE contract.number = 'FIXED' ORDER BY account
"""
HEADER: Final = """
    SELECT header.state::text FROM operations.milestone_header AS header
    JOIN operations.contract USING (company, contract_id) WHERE contract.number = 'FIXED'
"""
STATES: Final = {"on_proforma": "inv_created", "posted": "inv_posted"}


def header_state(story: Story) -> str:
    """Give the state of the one milestone of the fixed price."""
    (found,) = story.in_operations(HEADER)
    return str(found["state"])


def part_states(story: Story) -> set[str]:
    """Give the states its parts are in."""
    states = {str(row["state"]) for row in story.in_operations(PARTS)}
    return {STATES.get(state, state) for state in states}


def shared_price(case: Case) -> Story:
    """Give a story with a fixed price that two customers pay, 60 and 40 percent."""
    return case.story(operations=paid_by(operations_cast(), "FIXED", {"A": 60, "B": 40}))


def mark(story: Story, milestone_id: int) -> None:
    """Mark one part as ready."""
    with story.books.operations.transaction() as transaction:
        mark_ready(
            transaction,
            company="USPM",
            selection=Selection(milestone_ids=(milestone_id,)),
            actor="ann",
            at=NOW,
        )


@vector("MS-02")
def parts(case: Case) -> None:
    # The parts of a milestone are billed each on its own; the header tells how far they are.
    story = shared_price(case)
    headers, children = [header_state(story)], [part_states(story)]

    def look() -> None:
        headers.append(header_state(story))
        children.append(part_states(story))

    story.ready()
    look()
    first, second = (one.proforma_id for one in story.create("FIXED").proformas)
    look()
    story.confirm([first])
    look()
    story.confirm([second])
    look()

    assert headers == case.expect["header"]
    assert children == [set(states) for states in case.expect["children"]]
    story.holds()


@vector("SB-08")
def parts_one_by_one(case: Case) -> None:
    # A part can be ready, and billed, while the other is not.
    story = shared_price(case)
    adatum, contoso = story.in_operations(PARTS)
    assert adatum["amount"] + contoso["amount"] == case.given["milestone"]
    assert {"A": adatum["amount"], "B": contoso["amount"]} == case.expect["children"]
    path = [header_state(story)]

    for part in (adatum, contoso):
        mark(story, part["milestone_id"])
        path.append(header_state(story))
        story.confirm(one.proforma_id for one in story.create("FIXED").proformas)
        path.append(header_state(story))

    assert path == case.expect["header_path"]
    story.holds()
