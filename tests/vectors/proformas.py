"""Worked cases of proformas: created, confirmed, and shown as posted."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from decimal import Decimal
from typing import Any, Final

import pytest

from tests.scenarios.costs import lending
from tests.scenarios.support import Story, Work, operations_cast
from tests.support.clock import NOW, TODAY
from tests.vectors.case import CONTRACTS, Case, actuals, compare, compare_actuals, shown, vector
from tests.vectors.entries import approved
from twofold.journey.confirm import confirm_in_bulk
from twofold.kernel.errors import Refused
from twofold.operations.proforma.add_details import NewDetail, add_details
from twofold.operations.proforma.bulk_confirmation import begin, schedule
from twofold.operations.proforma.drafts import DraftTotals
from twofold.operations.proforma.edit_details import DetailChange, edit_details
from twofold.operations.proforma.edit_header import HeaderChange, edit_header
from twofold.operations.proforma.reads import ShownProforma, list_proformas, show_proforma
from twofold.operations.proforma.remove_details import remove_details
from twofold.operations.proforma.revise import revise_proforma
from twofold.operations.setup.records import OperationsSetup

MILESTONE_STATES: Final = {"on_proforma": "inv_created", "posted": "inv_posted"}


def sale_of(story: Story) -> Mapping[str, object]:
    """Give the one unbilled sale that is no reversal, in the shorthand of the data file."""
    (found,) = (
        row
        for row in actuals(story)
        if row["transaction_type"] == "unbilled_sales" and row["reverses_id"] is None
    )
    return shown(found)


def milestone_state(story: Story, contract: str) -> str:
    """Give the state of a contract's milestone in the shorthand of the data file."""
    (found,) = story.in_operations(
        "SELECT milestone.state::text FROM operations.milestone"
        " JOIN operations.contract USING (company, contract_id) WHERE contract.number = %s",
        contract,
    )
    return MILESTONE_STATES[found["state"]]


def with_milestones_of(amount: object) -> OperationsSetup:
    """Give the cast's setup with every fixed price, and its one milestone, of this amount."""
    setup, value = operations_cast(), Decimal(str(amount))
    fixed = {"FIXED", "PERCENT"}
    return replace(
        setup,
        contract_lines=tuple(
            replace(one, contracted_amount=value) if one.contract in fixed else one
            for one in setup.contract_lines
        ),
        milestones=tuple(
            replace(one, amount=value) if one.contract in fixed else one for one in setup.milestones
        ),
    )


def proformas(story: Story) -> list[ShownProforma]:
    """Give all proformas as people see them."""
    with story.books.operations.reader() as reader:
        listed = list_proformas(reader, company=story.company, limit=100)
        found = [show_proforma(reader, company=story.company, number=one.number) for one in listed]
    return [one for one in found if one is not None]


@vector("TM-11")
def created(case: Case) -> None:
    # A draft takes what is ready and makes no actuals.
    story = case.story()
    approved(story, hours=case.given["ubs"]["qty"])
    story.ready()
    before = actuals(story)
    assert case.given["ubs"].items() <= sale_of(story).items()

    story.create(CONTRACTS["tm"])

    assert len(actuals(story)) - len(before) == case.expect["new_actuals"]
    assert sale_of(story)["billing"] == case.expect["ubs_billing"]


@vector("TM-12")
def confirmed(case: Case) -> None:
    # Confirming bills the sale and reverses it; finance does not get the reversal.
    story = case.story()
    approved(story, hours=case.given["ubs"]["qty"])
    drafts = story.draft(CONTRACTS["tm"])
    before = actuals(story)
    assert case.given["ubs"].items() <= sale_of(story).items()

    story.confirm(drafts)

    compare_actuals(story, case.expect["actuals"], before)
    story.holds()


def edit(story: Story, proforma_id: int, **new: Any) -> DraftTotals:  # noqa: ANN401 - values of a change
    """Give every detail of a draft these values."""
    with story.books.operations.transaction() as transaction:
        return edit_details(
            transaction,
            company=story.company,
            proforma_id=proforma_id,
            revision=None,
            changes=(DetailChange(**new),),
            actor="manager",
            at=NOW,
        )


def revise(story: Story, proforma_id: int) -> DraftTotals:
    """Open a draft that credits all of a confirmed proforma."""
    with story.books.operations.transaction() as transaction:
        return revise_proforma(
            transaction,
            company=story.company,
            proforma_id=proforma_id,
            actual_ids=None,
            actor="manager",
            at=NOW,
        )


@vector("TM-13")
def decreased(case: Case) -> None:
    # Less than approved is billed: the sale is adjusted, the remainder is billed without charge.
    story = case.story()
    approved(story, hours=case.given["ubs"]["qty"])
    drafts = story.draft(CONTRACTS["tm"])
    before = actuals(story)
    totals = edit(story, drafts[0], quantity=Decimal(case.given["ild"]["qty"]))

    story.confirm(drafts)

    compare_actuals(story, case.expect["actuals"], before)
    assert totals.detail_amount == case.expect["invoice_chargeable_total"]
    checks = case.expect["checks"]
    sales = [row for row in actuals(story) if row["transaction_type"] == "unbilled_sales"]
    bills = [row for row in actuals(story) if row["transaction_type"] == "billed_sales"]
    assert sum(row["quantity"] for row in sales) == checks["sum_ubs_qty"]
    assert sum(row["quantity"] for row in bills) == checks["sum_bs_qty"]
    synced = sum(row["quantity"] for row in sales if not row["skip_sync"])
    assert synced == checks["fin_synced_ubs_qty"]
    story.holds()


@vector("TM-23")
def manual(case: Case) -> None:
    # Work that was never entered is sold and billed when the draft is confirmed.
    given = case.given["manual_ild"]
    story = case.story()
    approved(story, hours=1)
    (draft,) = story.draft(CONTRACTS["tm"])
    (backed,) = story.in_operations("SELECT proforma_detail_id FROM operations.proforma_detail")
    with story.books.operations.transaction() as transaction:
        add_details(
            transaction,
            company=story.company,
            proforma_id=draft,
            revision=None,
            details=(
                NewDetail(
                    line_number=1,
                    transaction_class=given["class"],
                    transaction_date=TODAY,
                    quantity=Decimal(given["qty"]),
                    unit="hour",
                    price=Decimal(given["price"]),
                ),
            ),
            actor="manager",
            at=NOW,
        )
        remove_details(
            transaction,
            company=story.company,
            proforma_id=draft,
            revision=None,
            detail_ids=[backed["proforma_detail_id"]],
            actor="manager",
            at=NOW,
        )
    before = actuals(story)

    story.confirm([draft])

    known = {row["actual_id"] for row in before}
    made = [row for row in actuals(story) if row["actual_id"] not in known]
    compare([shown(row, before) for row in made], case.expect["actuals"])
    story.holds()


def corrected(case: Case) -> Story:
    """Give a story in which eight billed hours were corrected as the case says."""
    story = case.story()
    approved(story, hours=8)
    drafts = story.draft(CONTRACTS["tm"])
    story.confirm(drafts)
    before = actuals(story)
    draft = revise(story, drafts[0])
    totals = edit(story, draft.proforma_id, quantity=Decimal(case.given["corrective_ild"]["qty"]))

    story.confirm([draft.proforma_id])

    # What was there before the correction and is not in the case stayed as it was.
    touched = [row for row in actuals(story) if row not in before]
    compare([shown(row, before) for row in touched], case.expect["actuals"])
    if "invoice_total_before_tax" in case.expect:
        assert totals.detail_amount == case.expect["invoice_total_before_tax"]
    bills = [row for row in actuals(story) if row["transaction_type"] == "billed_sales"]
    checks = case.expect["checks"]
    assert sum(row["amount"] for row in bills) == checks["sum_bs_amount"]
    (open_work,) = story.in_operations("SELECT sum(amount) AS amount FROM operations.backlog_item")
    assert open_work["amount"] == checks["open_ubs_amount"]
    story.holds()
    return story


@vector("TM-15")
def credited_in_part(case: Case) -> None:
    # Less is right: the bill is reversed, six hours are billed, two are open and chargeable.
    corrected(case)


@vector("TM-17")
def credited_in_full(case: Case) -> None:
    # Nothing is right: the bill is reversed, and its work is open again.
    corrected(case)


@vector("TM-18")
def draft_correction(case: Case) -> None:
    # A correction begins as a full credit.
    story = case.story()
    approved(story, hours=case.given["confirmed_ild"]["qty"])
    drafts = story.draft(CONTRACTS["tm"])
    story.confirm(drafts)

    draft = revise(story, drafts[0])

    (found,) = story.in_operations(
        "SELECT quantity, previous_amount, corrects_id IS NOT NULL AS correction,"
        " has_corrections, state::text AS status"
        " FROM operations.proforma_detail JOIN operations.proforma USING (company, proforma_id)"
        " WHERE proforma_id = %s",
        draft.proforma_id,
    )
    ild, header = case.expect["ild"], case.expect["header"]
    assert (found["quantity"], found["previous_amount"]) == (ild["qty"], ild["previous_amount"])
    assert found["correction"] == ild["correction"]
    assert {key: found[key] for key in header} == header


@vector("FP-07")
def milestone_credited_in_part(case: Case) -> None:
    # A milestone is credited whole or not at all.
    amount = case.given["bs"]["amount"]
    story = case.story(operations=with_milestones_of(amount))
    drafts = story.draft(CONTRACTS["fixed_price"])
    story.confirm(drafts)
    draft = revise(story, drafts[0])
    part = Decimal(case.given["corrective_amount"]) / Decimal(amount)

    with pytest.raises(Refused) as refused:
        edit(story, draft.proforma_id, quantity=part)

    assert refused.value.codes == (case.expect["error"],)


@vector("FP-05")
def milestone_confirmed(case: Case) -> None:
    # A milestone becomes a billed sale; the cost of the work stays as it is.
    given = case.given["milestone"]
    story = case.story(operations=with_milestones_of(given["amount"]))
    (cost,) = (one for one in case.expect["actuals"] if one["type"] == "C")
    approved(story, line="fixed_price", hours=cost["qty"])
    drafts = story.draft(CONTRACTS["fixed_price"])
    before = actuals(story)
    assert milestone_state(story, CONTRACTS["fixed_price"]) == given["status"]

    story.confirm(drafts)

    compare_actuals(story, case.expect["actuals"], before)
    assert milestone_state(story, CONTRACTS["fixed_price"]) == case.expect["milestone_status"]
    story.holds()


@vector("AD-01")
def accounting_date(case: Case) -> None:
    # The header's accounting date decides, else the day of confirmation; work keeps its day.
    story = case.story()
    found: list[object] = []
    for header_date in case.given["header_accounting_date"]:
        story.approve(Work("ARM", on=case.given["transaction_date"]))
        (draft,) = story.draft(CONTRACTS["tm"])
        with story.books.operations.transaction() as transaction:
            edit_header(
                transaction,
                company=story.company,
                proforma_id=draft,
                revision=None,
                change=HeaderChange(accounting_date=header_date),
                actor="manager",
                at=NOW,
            )
        story.confirm([draft], on=case.given["confirm_date"])
        bill = next(
            row for row in reversed(actuals(story)) if row["transaction_type"] == "billed_sales"
        )
        found.append(bill["accounting_date"])

    assert found == case.expect["bs_accounting_date"]
    days = {row["transaction_date"] for row in actuals(story)}
    assert (days == {case.given["transaction_date"]}) == case.expect["transaction_date_unchanged"]


# Which actual the data file means: its type, whether it reverses another, whose hours it has.
SKIPPED_ROWS: Final[Mapping[str, tuple[str, bool, int]]] = {
    "intercompany cost": ("cost", False, 10),
    "negative UBS from confirmation": ("unbilled_sales", True, -8),
    "ordinary cost": ("cost", False, 8),
    "UBS": ("unbilled_sales", False, 8),
    "BS": ("billed_sales", False, 8),
}


@vector("IM-13")
def skipped(case: Case) -> None:
    # What invoicing reverses is never sent, nor is the cost of whom another company lends.
    operations, finance = lending()
    story = case.story(operations=operations, finance=finance)
    story.approve(Work("ARM", 8), Work("ARM", 10, person="Molly Clark"))

    story.confirm(story.draft(CONTRACTS["tm"]))

    found = {
        (row["transaction_type"], row["reverses_id"] is not None, row["quantity"]): row["skip_sync"]
        for row in actuals(story)
    }
    wanted = dict(zip(case.given["rows"], case.expect["skip_sync"], strict=True))
    assert {name: found[SKIPPED_ROWS[name]] for name in wanted} == wanted
    story.holds()


@vector("IM-17")
def any_number_of_lines(case: Case) -> None:
    # Live confirmation takes an invoice of any length, whole.
    story = case.story()
    allowed: list[bool] = []
    for row_count in case.given["rows"]:
        story.approve(*[Work("ARM")] * row_count)
        story.deliver()
        confirmation = story.confirm(story.draft(CONTRACTS["tm"]))
        (header,) = confirmation.proformas
        delivery = confirmation.delivery
        assert header.billed_count == row_count
        allowed.append(delivery is not None and delivery.applied == 1 and not delivery.problems)

    assert allowed == case.expect["allowed"]
    story.holds()


@vector("MI-01")
def mirrored(case: Case) -> None:
    # Operations shows the posted invoice on its proforma.
    story = case.story()
    story.approve(Work("ARM", 8))
    story.post_work()
    (invoice,) = story.invoice(story.draft(CONTRACTS["tm"]))

    (proforma,) = proformas(story)

    found: dict[str, Any] = {
        "customer_invoice_number": proforma.invoice_number,
        "customer_invoice_date": proforma.invoice_date,
        "project_invoice_status": proforma.state,
        "invoice_level_tax": proforma.invoice_tax_amount,
    }
    wanted = dict(field.partition("=")[::2] for field in case.expect["ops_fields"])
    assert found.keys() == wanted.keys()
    assert {name: found[name] for name, value in wanted.items() if value} == {
        name: value for name, value in wanted.items() if value
    }
    assert tuple(found.values()) == (
        invoice.invoice_number,
        invoice.invoice_date,
        found["project_invoice_status"],
        invoice.tax_amount,
    )
    story.holds()


@vector("BL-05")
def bulk(case: Case) -> None:
    # One run with what it is told in between: the status goes its way, the proforma stays a draft.
    story = case.story()
    story.approve(Work("ARM", 8), Work("UPGRADE", 2))
    chosen, never = story.draft("TM", "MIXED")
    path: list[str | None] = []

    def look() -> None:
        with story.books.auditor_operations.reader() as reader:
            listed = list_proformas(reader, company=story.company, limit=2)
        states = {one.proforma_id: (one.state, one.bulk_state) for one in listed}
        assert states[never] == ("draft", None)
        path.append(states[chosen][1])
        if path[-1] != "complete":
            assert states[chosen][0] == case.expect["project_status_while_running"]

    with story.books.operations.transaction() as transaction:
        schedule(
            transaction,
            company=story.company,
            proforma_ids=(chosen,),
            actor="manager",
            at=NOW,
        )
    look()
    with story.books.operations.transaction() as transaction:
        begin(transaction, company=story.company, proforma_ids=(chosen,))
    look()
    confirm_in_bulk(
        story.system, company=story.company, proforma_ids=(chosen,), actor="manager", on=TODAY
    )
    look()

    *under_way, ended = case.expect["bulk_status_path"]
    assert path[:-1] == under_way
    assert path[-1] in ended.split("_or_")
    assert case.expect["max_selection"] is None
    story.holds()
