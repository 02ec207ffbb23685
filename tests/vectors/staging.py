"""Worked cases of import from staging: journal lines, the readiness gate, defaults."""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from typing import Any, Final

from tests.scenarios.support import Row, Story, Work, finance_cast
from tests.support.clock import NOW, TODAY
from tests.vectors.case import CONTRACTS, Case, compare, vector
from twofold.finance.journal.reads import JournalLine, journal_lines, list_journals
from twofold.finance.proposals.reads import Proposal, list_proposals, show_proposal
from twofold.finance.setup.records import (
    ExchangeRate,
    FinanceSetup,
    FiscalYear,
    FixedRateAgreement,
    ItemAccounting,
)
from twofold.finance.staging.import_from_staging import import_from_staging

POUNDS: Final = "POUNDS"


def setup(**changes: Any) -> FinanceSetup:  # noqa: ANN401 - fields of the record
    """Give the cast's finance setup with something changed in the company."""
    return FinanceSetup((replace(finance_cast().company[0], **changes),))


def lines(story: Story) -> tuple[JournalLine, ...]:
    """Give every journal line of the company."""
    with story.books.finance.reader() as reader:
        journals = list_journals(reader, company=story.company, limit=1000)
        return tuple(
            line
            for journal in journals
            for line in journal_lines(
                reader, company=story.company, journal_id=journal.journal_id, limit=1000
            )
        )


def proposal(story: Story) -> Proposal:
    """Give the one proposal of the company."""
    with story.books.finance.reader() as reader:
        (listed,) = list_proposals(reader, company=story.company)
        found = show_proposal(reader, company=story.company, number=listed.number)
    assert found is not None
    return found


def imported_sale(story: Story) -> JournalLine:
    """Deliver and import; give the one line of an unbilled sale."""
    story.deliver()
    story.import_()
    (sale,) = (line for line in lines(story) if line.transaction_type == "unbilled_sales")
    return sale


def agreement(rate: object) -> tuple[FixedRateAgreement, ...]:
    """Give an agreement for the contract in pounds."""
    return (FixedRateAgreement(POUNDS, "GBP", Decimal(str(rate))),)


@vector("FX-02")
def lines_of_a_contract_in_pounds(case: Case) -> None:
    # The cost line uses the company's currency, the sales line the agreement of the contract.
    given = case.given
    story = case.story(
        cost=given["cost_rate"],
        bill=given["price"],
        finance=setup(fixed_rate_agreements=agreement(given["agreement_rate"])),
    )
    month, day = map(int, given["date"].split("-"))
    story.approve(
        Work(
            "ROLLOUT",
            given["hours"],
            on=date(TODAY.year, month, day),
            person=given["resource"],
        )
    )

    story.deliver()
    story.import_()

    found = [
        {
            # What operations approves is used; what finance purchased comes another way.
            "document_type": "usage",
            "hours": line.quantity,
            "cost": line.amount if line.transaction_type == "cost" else 0,
            "sales": line.amount if line.transaction_type == "unbilled_sales" else 0,
            "sales_currency": line.currency,
            "price_exchange_rate": line.exchange_rate,
        }
        for line in lines(story)
    ]
    compare(found, case.expect["lines"])
    story.holds()


@vector("FX-04")
def proposal_line_in_pounds(case: Case) -> None:
    # The proposal bills hours and price of the contract, in its currency.
    hours, price, currency = case.given["billed"].replace(" hours at", "").split()
    story = case.story(bill=price)
    story.approve(Work("ROLLOUT", Decimal(hours)))
    story.post_work()

    story.confirm(story.draft(POUNDS))
    story.import_()

    found = [
        {
            "qty": line.quantity,
            "price": line.price,
            "amount": line.amount,
            "currency": line.currency,
        }
        for line in proposal(story).lines
    ]
    compare(found, case.expect["proposal_lines"])
    assert {line["currency"] for line in found} == {currency}
    story.holds()


@vector("FX-06")
def company_rate(case: Case) -> None:
    # Without an agreement the company's rate applies.
    assert case.given["agreement"] is None
    rate = ExchangeRate("GBP", date(2026, 1, 1), Decimal(str(case.given["company_rate"])))
    story = case.story(finance=setup(exchange_rates=(rate,), fixed_rate_agreements=()))
    story.approve(Work("ROLLOUT", 4))

    sale = imported_sale(story)

    assert sale.exchange_rate == case.expect["price_exchange_rate"]


@vector("FX-08")
def missing_rate(case: Case) -> None:
    # A missing exchange rate holds back its row only, and says so.
    missing = {one["currency"] for one in case.given["rows"] if one.get("rate") == "missing"}
    rates = tuple(
        one for one in finance_cast().company[0].exchange_rates if one.currency not in missing
    )
    story = case.story(finance=setup(exchange_rates=rates))
    # An hour of this contract is exactly that: its sale in pounds, its cost in dollars.
    story.approve(Work("ROLLOUT"))

    story.deliver()
    run = story.import_()

    assert run.line_count == case.expect["lines_created"]
    assert [refusal.code for refusal in run.refusals] == case.expect["log"]
    story.holds()


@vector("IM-02")
@vector("IM-04")
def readiness(case: Case) -> None:
    # A proposal has all its lines once every sale it bills is posted, and none before.
    story = case.story()
    posted: list[bool] = case.given["related_ubs_posted"]
    assert len(posted) == case.given["billed_sales"]
    story.approve(*[Work("ARM")] * posted.count(True))
    story.post_work()
    if False in posted:
        story.approve(*[Work("ARM")] * posted.count(False))
        story.deliver()
        story.import_()

    story.confirm(story.draft(CONTRACTS["tm"]))
    run = story.import_()

    found = proposal(story)
    assert len(found.lines) == case.expect["proposal_lines"]
    if "error" in case.expect:
        assert {refusal.code for refusal in run.refusals} == {case.expect["error"]}
        assert {problem.code for problem in found.problems} == {case.expect["error"]}
        assert found.summary.total_amount == Decimal(str(case.expect["amount"]))
    else:
        (processed,) = story.in_finance(
            "SELECT count(*) AS row_count FROM finance.staged_actual"
            " JOIN finance.proposal_line USING (company, actual_id)"
        )
        assert processed["row_count"] == case.expect["staging_processed"]
    story.holds()


def last_day(month: str) -> date:
    """Give the last day of a month such as 2026-10."""
    year, number = map(int, month.split("-"))
    return date(year, number, monthrange(year, number)[1])


@vector("IM-05")
def closed_period(case: Case) -> None:
    # The accounting date moves to the next open period; the date of the work stays.
    given = case.given
    closed_through = max(map(last_day, given["closed"]))
    assert closed_through + timedelta(1) == last_day(given["open"][0]).replace(day=1)
    finance = finance_cast().company[0]
    story = case.story(
        finance=setup(
            fiscal_years=(FiscalYear(date(2026, 1, 1), closed_through),),
            parameters=replace(
                finance.parameters, moves_accounting_date_to_open_period=given["auto_set"]
            ),
        )
    )
    story.approve(Work("ARM", on=given["accounting_date"]))

    sale = imported_sale(story)

    assert sale.accounting_date == case.expect["accounting_date"]
    assert sale.transaction_date == case.expect["project_date"]


class Undone(Exception):
    """Rolls a transaction back."""


def journals_made(story: Story, limit: int | None) -> int:
    """Import under a limit of lines per journal, count the journals, and undo it."""
    story.change_finance(
        parameters=replace(story.company_setup.parameters, journal_lines_max=limit)
    )
    made = 0
    with suppress(Undone), story.books.finance.transaction() as transaction:
        run = import_from_staging(
            transaction, company=story.company, actor="accountant", at=NOW, on=TODAY
        )
        made = len(run.journals)
        raise Undone
    return made


@vector("IM-08")
def journal_limit(case: Case) -> None:
    # A journal takes any number of lines unless the parameter sets a limit.
    story = case.story()
    off, limit = case.given["limit_parameter"]
    # The data file says «off», which is no to a reader of YAML.
    assert off is False
    unlimited: list[int] = []
    limited: list[int] = []
    for month, line_count in enumerate(case.given["lines"], start=8):
        story.approve(*[Work("Internal, to profit and loss", on=date(2026, month, 3))] * line_count)
        story.deliver()
        unlimited.append(journals_made(story, None))
        limited.append(journals_made(story, limit))
        story.import_()

    assert unlimited == case.expect["journals_when_off"]
    assert limited == case.expect[f"journals_when_{limit}"]


@vector("IM-10")
def categories(case: Case) -> None:
    # The category of the work, else the parameter's, else the row is held.
    story = case.story()
    work: Mapping[str, Work] = {
        "category set and exists": Work("ARM", cls="expense", category="Travel", unit_price=1),
        "category empty": Work("ARM"),
        # The company has no expense category for gifts.
        "category set but absent in company": Work(
            "ARM", cls="expense", category="Gift", unit_price=1
        ),
    }
    entry_ids = story.approve(*(work[name] for name in case.given["cases"]))

    story.deliver()
    run = story.import_()

    defaults = {one.class_: one.category_number for one in story.company_setup.category_defaults}
    source = {"TRAVEL": "project category", defaults["time"]: "parameter default"}
    cost = costs_of(story, entry_ids)
    chosen = {line.actual_id: source[line.category_number] for line in lines(story)}
    held = {int(one.record.removeprefix("actual/")): one.code for one in run.refusals}
    assert [{**chosen, **held}[key] for key in cost] == case.expect["result"]


def costs_of(story: Story, entry_ids: tuple[int, ...]) -> list[int]:
    """Give the cost actual of each entry."""
    found: list[Row] = story.in_operations(
        "SELECT entry_id, actual_id FROM operations.actual WHERE transaction_type = 'cost'"
    )
    by_entry = {row["entry_id"]: row["actual_id"] for row in found}
    return [by_entry[key] for key in entry_ids]


@vector("IM-12")
def item_tax_groups(case: Case) -> None:
    # Where the item sales tax group of each class comes from.
    company = finance_cast().company[0]
    story = case.story(finance=setup(items=(ItemAccounting("P-100", "PRODUCT"),)))
    part = Work("ARM", cls="material", category="Servo motor", unit_price=1)
    work: Mapping[str, tuple[Work, str]] = {
        "time": (Work("ARM"), "category"),
        "expense": (Work("ARM", cls="expense", category="Travel", unit_price=1), "category"),
        "fee": (Work("ARM", cls="fee", category="Licence fee"), "category"),
        "material_item_method": (part, "item"),
        "material_category_method": (part, "category"),
    }
    groups = {
        "PRODUCT": "released_product",
        company.parameters.milestone_item_tax_group: "parameter_fixed_price_milestone",
        **{one.item_tax_group: "project_category" for one in company.project_categories},
    }
    found: list[str] = []
    for name in case.given["classes"]:
        if name == "milestone":
            story.confirm(story.draft("FIXED"))
            story.import_()
            (line,) = proposal(story).lines
            found.append(groups[line.item_tax_group])
            continue
        one, method = work[name]
        parameters = replace(story.company_setup.parameters, item_tax_group_method=method)
        story.change_finance(parameters=parameters)
        story.approve(one)
        story.deliver()
        if one.cls == "material":
            name_the_product(story, "P-100")
        made = import_newest(story)
        found.append(groups[made.item_tax_group])

    assert found == case.expect["source"]


def name_the_product(story: Story, product_number: str) -> None:
    """Give staged materials their product: operations does not record it yet."""
    with story.books.owner_finance.raw() as connection:
        connection.execute(
            "UPDATE finance.staged_actual SET product_number = %s WHERE class = 'material'",
            [product_number],
        )


def import_newest(story: Story) -> JournalLine:
    """Import, and give the newest line of an unbilled sale."""
    story.import_()
    sales = [line for line in lines(story) if line.transaction_type == "unbilled_sales"]
    return max(sales, key=lambda line: line.actual_id)
