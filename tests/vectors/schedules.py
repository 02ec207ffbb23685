"""Worked cases of invoice schedules, chosen items, milestones by period and by progress."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any, Final

import pytest

from tests.scenarios.support import Row, Story, Work, operations_cast
from tests.support.clock import NOW, TODAY
from tests.vectors.case import CONTRACTS, Case, vector
from tests.vectors.entries import approved
from tests.vectors.splits import header_state, paid_by, part_states
from twofold.journey.add_to_invoice import Items, add_to_invoice
from twofold.journey.run_schedules import Outcome, run_schedules
from twofold.kernel.errors import Refused
from twofold.operations.backlog.mark_progress import NextInvoice, Progress, mark_progress
from twofold.operations.schedules.generate import generate_schedules
from twofold.operations.setup.records import (
    ContractLine,
    InvoiceFrequency,
    Milestone,
    OperationsSetup,
)

# The weekdays of the documented year, 2020, are those of this one.
YEAR: Final = 2026
STATES: Final = {"on_proforma": "inv_created", "posted": "inv_posted"}


def generate(story: Story) -> None:
    """Generate every schedule of the company."""
    with story.books.operations.transaction() as transaction:
        generated = generate_schedules(
            transaction, company=story.company, contract_ids=None, actor="manager", at=NOW
        )
    assert not generated.refusals


def run(story: Story, on: date) -> Outcome:
    """Run the job of a day."""
    return run_schedules(story.system, company=story.company, on=on, actor="job")


def schedules(story: Story) -> list[Row]:
    """Give all rows of schedules, with the numbers of their lines."""
    return story.in_operations(
        "SELECT line_number, run_date, cutoff_date, planned.state::text"
        " FROM operations.contract_line_schedule AS planned"
        " JOIN operations.contract_line USING (company, contract_line_id)"
        " ORDER BY line_number, run_date"
    )


def day_of(text: str) -> date:
    """Read a day of the calendar of a case."""
    return date.fromisoformat(f"{YEAR}-{text}")


def mondays(*occurrences: Any) -> InvoiceFrequency:  # noqa: ANN401 - of the record's field
    """Give a frequency of some Mondays of a month."""
    return InvoiceFrequency(
        company="USPM",
        name=" and ".join(occurrences),
        period="monthly",
        weekdays=(1,) * len(occurrences),
        occurrences=occurrences,
    )


def scheduled(setup: OperationsSetup, contract: str, **changes: Any) -> OperationsSetup:  # noqa: ANN401 - fields of ContractLine
    """Let the lines of a contract be invoiced every first Monday, to the end of the year."""
    frequency = mondays("first")
    scheduling = {
        "billing_start_date": day_of("10-01"),
        "invoice_frequency": frequency.name,
        **changes,
    }
    return replace(
        setup,
        invoice_frequencies=(frequency,),
        contracts=tuple(
            replace(one, requested_delivery_date=day_of("12-31")) for one in setup.contracts
        ),
        contract_lines=tuple(
            replace(one, **scheduling) if one.contract == contract else one
            for one in setup.contract_lines
        ),
    )


def adatum(given: Mapping[str, Any]) -> OperationsSetup:
    """Give the cast with the contract of the documented calendar instead of its time contract."""
    setup, contract, project = operations_cast(), CONTRACTS["tm"], "ARM"
    twice, monthly = mondays("first", "third"), mondays("first")

    def line(number: int, name: str, frequency: str | None, **more: Any) -> ContractLine:  # noqa: ANN401 - fields of the record
        return ContractLine(
            company="USPM",
            contract=contract,
            line_number=number,
            name=name,
            project=project,
            included_tasks="all",
            not_to_exceed=None,
            billing_start_date=day_of("10-01"),
            invoice_frequency=frequency,
            **more,
        )

    milestones = given["prototype"]["milestones"]
    total = Decimal(sum(one["amount"] for one in milestones))
    kept = tuple(one for one in setup.contract_lines if one.contract != contract)
    return replace(
        setup,
        invoice_frequencies=(twice, monthly),
        contracts=tuple(
            replace(one, requested_delivery_date=day_of("11-30")) for one in setup.contracts
        ),
        contract_lines=(
            *kept,
            line(
                1, "prototype", None, billing_method="fixed_price", classes=("material",),
                contracted_amount=total,
            ),
            line(
                2, "implementation", twice.name, billing_method="time_and_material",
                classes=("time",), contracted_amount=Decimal(0),
            ),
            line(
                3, "expenses", monthly.name, billing_method="time_and_material",
                classes=("expense",), contracted_amount=Decimal(0),
            ),
        ),
        milestones=(
            *setup.milestones,
            *(
                Milestone(
                    "USPM", contract, 1, f"Prototype {one['date']}", day_of(one["date"]),
                    Decimal(one["amount"]), Decimal(0), "ready",
                )
                for one in milestones
            ),
        ),
    )  # fmt: skip


@vector("AU-01")
def calendar(case: Case) -> None:
    # Each day's run makes one draft of what its lines are due for, up to their cutoff.
    lines = case.given["lines"]
    story = case.story(operations=adatum(lines))
    generate(story)
    found = schedules(story)
    for number, name in ((2, "implementation"), (3, "expenses")):
        assert [
            {"run": f"{row['run_date']:%m-%d}", "cutoff": f"{row['cutoff_date']:%m-%d}"}
            for row in found
            if row["line_number"] == number
        ] == lines[name]["runs"]
    for on in ("10-04", "10-05", "10-18", "10-19", "11-01"):
        story.approve(
            Work("ARM", on=day_of(on)),
            Work("ARM", 1, cls="expense", category="Travel", unit_price=10, on=day_of(on)),
        )
    story.ready()

    for on, expected in case.expect.items():
        drafts = run(story, day_of(on)).proformas

        assert len(drafts) == expected["proformas"], on
        assert sorted(content(story, [one.proforma_id for one in drafts])) == sorted(
            expected.get("content", [])
        )
    story.holds()


def content(story: Story, proforma_ids: Sequence[int]) -> list[str]:
    """Say what is on drafts: milestones with their amount, work with its last possible day."""
    details = story.in_operations(
        "SELECT class::text, amount, transaction_date FROM operations.proforma_detail"
        " WHERE proforma_id = ANY(%s)",
        list(proforma_ids),
    )
    milestones = [
        f"milestone {one['amount']:.0f}" for one in details if one["class"] == "milestone"
    ]
    work = {
        cls: max(one["transaction_date"] for one in details if one["class"] == cls)
        for cls in ("time", "expense")
        if any(one["class"] == cls for one in details)
    }
    return [*milestones, *(f"{cls} to {last:%m-%d}" for cls, last in work.items())]


@vector("AU-03")
def nothing_to_bill(case: Case) -> None:
    # A run that finds nothing makes nothing, and has run.
    story = case.story(operations=scheduled(operations_cast(), CONTRACTS["tm"]))
    generate(story)

    outcome = run(story, day_of("10-05"))

    assert len(outcome.proformas) == case.expect["proformas"]
    assert outcome.successful_count == case.given["lines_due"]


@vector("AU-04")
def cutoff(case: Case) -> None:
    # A run takes work up to the day before.
    story = case.story(operations=scheduled(operations_cast(), CONTRACTS["tm"]))
    generate(story)

    (found,) = (row for row in schedules(story) if row["run_date"] == case.given["run_date"])

    assert {"cutoff": found["cutoff_date"], "run_status": found["state"]} == case.expect


@vector("BL-01")
def add_to_draft(case: Case) -> None:
    # Chosen items go onto the one draft, onto the latest of several, else onto a new one.
    story = case.story()
    story.approve(*[Work("ARM")] * 6)
    story.ready()
    sales = [
        row["actual_id"]
        for row in story.in_operations(
            "SELECT actual_id FROM operations.backlog_item ORDER BY actual_id"
        )
    ]

    def add(*actual_ids: int, is_new: bool = False) -> tuple[list[str], list[str]]:
        added = add_to_invoice(
            story.system,
            company=story.company,
            items=Items(TODAY, actual_ids),
            is_new=is_new,
            actor="manager",
        )
        return [one.number for one in added.extended], [one.number for one in added.opened]

    targets: dict[str, bool] = {}
    _, (first,) = add(sales[0])
    targets["new_invoice_with_selected_items"] = on_draft(story, first) == 1
    targets["that_draft"] = add(sales[1]) == ([first], [])
    _, (second,) = add(sales[2], is_new=True)
    targets["most_recently_created_draft"] = add(sales[3]) == ([second], [])

    assert {name for name, is_so in targets.items() if is_so} == set(case.expect["targets"])
    assert (on_draft(story, first), on_draft(story, second)) == (2, 2)
    story.holds()


def on_draft(story: Story, number: str) -> int:
    """Count the items of a draft."""
    (found,) = story.in_operations(
        "SELECT detail_count FROM operations.proforma WHERE number = %s", number
    )
    count: int = found["detail_count"]
    return count


@vector("BL-02")
def failed_limit(case: Case) -> None:
    # What failed its limit cannot become ready.
    story = case.story()
    approved(story, hours=8)
    with story.books.owner_operations.raw() as connection:
        connection.execute(
            "UPDATE operations.backlog_item SET not_to_exceed = %s, exceeds = 'contract'",
            (case.given["ubs"]["nte"],),
        )

    marked = story.ready(contract_id=story.contract_id(CONTRACTS["tm"]))

    assert [one.code for one in marked.refusals] == [case.expect["error"]]


def by_progress(amount: object) -> OperationsSetup:
    """Give the cast with a fixed price of this amount that is billed by progress."""
    setup, contract, value = operations_cast(), CONTRACTS["fixed_price"], Decimal(str(amount))
    return replace(
        setup,
        contract_lines=tuple(
            replace(one, contracted_amount=value, schedule_type="progress")
            if one.contract == contract
            else one
            for one in setup.contract_lines
        ),
        milestones=tuple(
            replace(one, amount=value) if one.contract == contract else one
            for one in setup.milestones
        ),
    )


def parts(story: Story) -> list[Row]:
    """Give the parts of the milestone that is billed by progress."""
    return story.in_operations(
        "SELECT milestone_id, amount, milestone.state::text AS status FROM operations.milestone"
        " JOIN operations.contract USING (company, contract_id) WHERE number = %s ORDER BY part",
        CONTRACTS["fixed_price"],
    )


def say(story: Story, **invoice: Decimal) -> Progress:
    """Say how much of the milestone comes next."""
    with story.books.operations.transaction() as transaction:
        return mark_progress(
            transaction,
            company=story.company,
            milestone_id=parts(story)[0]["milestone_id"],
            invoice=NextInvoice(**invoice),
            actor="manager",
            at=NOW,
        )


@vector("MS-05")
def divided(case: Case) -> None:
    # What comes next is ready, what remains is not.
    story = case.story(operations=by_progress(case.given["header_amount"]))

    progress = say(story, percent=Decimal(case.given["next_percent"]))

    assert progress.next_amount == case.expect["next_amount"]
    assert [
        {"amount": part["amount"], "status": part["status"]} for part in parts(story)
    ] == case.expect["children"]
    story.deliver()
    story.holds()


@vector("MS-03")
def progressed(case: Case) -> None:
    # A milestone goes on part by part, until all of it is invoiced.
    story = case.story(operations=by_progress(1000))
    found: dict[str, list[object]] = {"next_status": [], "header": []}
    children: list[list[str]] = []

    def look() -> None:
        (whole,) = story.in_operations(
            "SELECT next_state, whole.state FROM operations.milestone_progress AS whole"
            " JOIN operations.contract USING (company, contract_id) WHERE number = %s",
            CONTRACTS["fixed_price"],
        )
        found["next_status"].append(STATES.get(whole["next_state"], whole["next_state"]))
        found["header"].append(whole["state"])
        states = [str(part["status"]) for part in parts(story)]
        children.append([STATES.get(one, one) for one in states])

    look()
    say(story, percent=Decimal(20))
    look()
    # What remains shows beside each of the first steps; the case lists what the step is about.
    drafts = [one.proforma_id for one in story.create(CONTRACTS["fixed_price"]).proformas]
    look()
    story.confirm(drafts)
    look()
    say(story, amount=Decimal(800))
    story.confirm(one.proforma_id for one in story.create(CONTRACTS["fixed_price"]).proformas)
    look()

    assert found["next_status"] == case.expect["next_status"]
    assert found["header"] == case.expect["header"]
    for seen, expected in zip(children, case.expect["children"], strict=True):
        assert set(expected) <= set(seen) <= {*expected, "not_ready"}
    story.holds()


@vector("MS-04")
def progressed_by_several(case: Case) -> None:
    # Each customer is invoiced its share of what comes next, on a proforma of its own. The first
    # two steps show the next invoice; what remains of it stands beside it, as in MS-05.
    setup = paid_by(by_progress(1000), CONTRACTS["fixed_price"], {"A": 60, "B": 40})
    story = case.story(operations=setup)
    headers: list[str] = []
    children: list[set[str]] = []

    def look() -> None:
        headers.append(header_state(story))
        children.append(part_states(story))

    def drafts() -> list[int]:
        opened = story.create(CONTRACTS["fixed_price"]).proformas
        assert len(opened) == case.given["customers"]
        return [one.proforma_id for one in opened]

    look()
    say(story, percent=Decimal(20))
    look()
    first, second = drafts()
    look()
    story.confirm([first])
    look()
    story.confirm([second])
    look()
    say(story, amount=Decimal(800))
    story.confirm(drafts())
    look()

    assert headers == case.expect["header"]
    for seen, expected in zip(children, case.expect["children"], strict=True):
        assert set(expected) <= seen <= {*expected, "not_ready"}
    amounts = story.in_operations(
        "SELECT account, array_agg(amount ORDER BY part) AS amounts FROM operations.milestone"
        " JOIN operations.contract USING (company, contract_id)"
        " JOIN operations.customer ON customer.company = milestone.company"
        " AND customer.customer_id = milestone.customer_id"
        " WHERE number = %s GROUP BY account ORDER BY min(amount) DESC",
        CONTRACTS["fixed_price"],
    )
    assert [row["amounts"] for row in amounts] == [[120, 480], [80, 320]]
    story.deliver()
    story.holds()


@vector("MS-07")
def periodic(case: Case) -> None:
    # A fixed price is divided into equal parts, of which the last takes the remainder.
    setup, contract = operations_cast(), CONTRACTS["fixed_price"]
    setup = scheduled(
        replace(
            setup, milestones=tuple(one for one in setup.milestones if one.contract != contract)
        ),
        contract,
        contracted_amount=Decimal(case.given["contracted"]),
        estimated_tax_amount=Decimal(case.given["estimated_tax"]),
    )
    story = case.story(operations=setup)

    generate(story)

    found = story.in_operations(
        "SELECT amount, tax_amount FROM operations.milestone"
        " JOIN operations.contract USING (company, contract_id)"
        " WHERE number = %s ORDER BY milestone_date",
        contract,
    )
    assert len(found) == case.given["milestones"]
    assert [row["amount"] for row in found] == [Decimal(str(one)) for one in case.expect["amounts"]]
    assert [row["tax_amount"] for row in found] == [
        Decimal(str(one)) for one in case.expect["taxes"]
    ]
    assert sum(row["amount"] for row in found) == case.expect["sum"]
    story.deliver()
    story.holds()


@vector("MS-08")
def uneven(case: Case) -> None:
    # Milestones add up to what was contracted.
    setup, contract = operations_cast(), CONTRACTS["fixed_price"]
    (like,) = (one for one in setup.milestones if one.contract == contract)
    setup = replace(
        setup,
        contract_lines=tuple(
            replace(one, contracted_amount=Decimal(case.given["contracted"]))
            if one.contract == contract
            else one
            for one in setup.contract_lines
        ),
        milestones=tuple(
            replace(like, name=f"Part {place}", amount=Decimal(amount))
            for place, amount in enumerate(case.given["milestones"], start=1)
        ),
    )

    with pytest.raises(Refused) as refused:
        case.story(operations=setup)

    assert case.expect["error"] in refused.value.codes
