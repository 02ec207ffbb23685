"""Correction journals and contracts that change: nothing is lost and nothing counts twice."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import date
from decimal import Decimal
from functools import partial
from pathlib import Path
from typing import Final

import pytest

from tests.concurrency.waiting import sessions_waiting_for_a_lock, wait_until
from tests.scenarios.support import Story, Work, operations_cast
from tests.support.clock import NOW, TODAY
from tests.vectors.journals import HOUR, SALE, make, save
from twofold.kernel.errors import Refused
from twofold.operations.contracts.close import Lost, complete_contract, lose_contract
from twofold.operations.contracts.confirm import confirm_contract
from twofold.operations.contracts.evaluation import Evaluated
from twofold.operations.contracts.re_evaluate import re_evaluate_contract
from twofold.operations.entries.change_approval import change_approval
from twofold.operations.entries.readjustment import Readjusted
from twofold.operations.journals.cancel_journal_actuals import cancel_journal_actuals
from twofold.operations.journals.confirm_correction import confirm_correction
from twofold.operations.journals.discard_correction import discard_correction
from twofold.operations.journals.journal_file import read_journal_lines
from twofold.operations.journals.open_correction import NewValues, open_correction
from twofold.operations.proforma.create import create_proformas
from twofold.operations.proforma.revise import revise_proforma

WORK: Final = (Work("ARM", 8), Work("ARM", cls="expense", category="Travel", unit_price=50))
NOVEMBER: Final = date(2026, 10, 20)


def open_journal(story: Story, entries: Sequence[int], **values: object) -> int:
    """Open a correction journal and give its key."""
    with story.books.operations.transaction() as transaction:
        return open_correction(
            transaction,
            company=story.company,
            entry_ids=entries,
            values=NewValues(**values),  # pyright: ignore[reportArgumentType] - fields of it
            description="Wrong project",
            actor="manager",
            at=NOW,
        ).journal_id


def confirm_journal(story: Story, journal_id: int) -> Readjusted:
    """Confirm a correction journal."""
    with story.books.operations.transaction() as transaction:
        return confirm_correction(
            transaction, company=story.company, journal_id=journal_id, actor="manager", at=NOW
        )


def discard_journal(story: Story, journal_id: int) -> None:
    """Discard a correction journal."""
    with story.books.operations.transaction() as transaction:
        discard_correction(
            transaction, company=story.company, journal_id=journal_id, actor="manager", at=NOW
        )


def correct(story: Story, entries: Sequence[int], **values: object) -> Readjusted:
    """Open a correction journal and confirm it."""
    return confirm_journal(story, open_journal(story, entries, **values))


def current(story: Story) -> list[tuple[object, ...]]:
    """Add up what stands: neither reversals nor what they reverse."""
    found = story.in_operations(
        "SELECT project.number, actual.transaction_type::text AS type, actual.class::text,"
        " actual.billing_type::text AS billing, sum(actual.quantity) AS quantity,"
        " sum(actual.amount) AS amount FROM operations.actual"
        " JOIN operations.project USING (company, project_id)"
        " WHERE actual.reverses_id IS NULL AND NOT EXISTS ("
        " SELECT FROM operations.actual AS reversal"
        " WHERE reversal.company = actual.company AND reversal.reverses_id = actual.actual_id)"
        " GROUP BY project.number, actual.transaction_type, actual.class, actual.billing_type"
        " ORDER BY project.number, actual.transaction_type, actual.class, actual.billing_type"
    )
    return [tuple(row.values()) for row in found]


def statuses(story: Story) -> list[tuple[object, object]]:
    """Give the adjustment and billing status of every actual, in order."""
    found = story.in_operations(
        "SELECT adjustment_status, billing_status FROM operations.actual_status ORDER BY actual_id"
    )
    return [(row["adjustment_status"], row["billing_status"]) for row in found]


def backlog(story: Story) -> list[str]:
    """Give the states of the backlog's items."""
    found = story.in_operations(
        "SELECT state::text FROM operations.backlog_item ORDER BY actual_id"
    )
    return [row["state"] for row in found]


def test_corrected_work_counts_on_its_new_project_and_is_billed_there(story: Story) -> None:
    entries = story.approve(*WORK)
    story.post_work()
    corrected = correct(story, entries, project_number="UPGRADE")

    story.post_work()

    # UPGRADE covers time by time and material, and expenses at a fixed price.
    assert current(story) == [
        ("UPGRADE", "cost", "time", "chargeable", 8, 800),
        ("UPGRADE", "cost", "expense", "chargeable", 1, 50),
        ("UPGRADE", "unbilled_sales", "time", "chargeable", 8, 1600),
    ]
    assert corrected.entry_count == 2
    assert story.ledger() == {
        "cost": 850, "payroll_allocation": -800, "expense_offset": -50,
        "wip_sales_value": 1600, "accrued_revenue": -1600,
    }  # fmt: skip
    (sale,) = story.in_operations("SELECT actual_id FROM operations.backlog_item")
    story.ready(actual_ids=(sale["actual_id"],))
    (invoice,) = story.invoice(one.proforma_id for one in story.create("MIXED").proformas)
    assert invoice.net_amount == 1600
    story.holds()


def test_open_the_actuals_are_in_process_and_nobody_bills_them(story: Story) -> None:
    entries = story.approve(Work("ARM", 8))
    story.ready()
    open_journal(story, entries, role="Trainee")

    marked = story.ready()
    with pytest.raises(Refused) as refused:
        story.create("TM")

    assert statuses(story) == [("in_process", None), ("in_process", "ready_to_invoice")]
    assert backlog(story) == ["in_process"]
    assert marked.item_count == 0
    assert refused.value.codes == ("ERR-B05",)
    story.deliver()
    story.holds()


def test_discarded_everything_is_as_it_was(story: Story) -> None:
    entries = story.approve(Work("ARM", 8), Work("ARM", 2))
    story.ready()
    before = (statuses(story), backlog(story), current(story))
    journal_id = open_journal(story, entries, role="Trainee")

    discard_journal(story, journal_id)

    assert (statuses(story), backlog(story), current(story)) == before
    with pytest.raises(Refused) as refused:
        confirm_journal(story, journal_id)
    assert refused.value.codes == ("ERR-B54",)
    story.deliver()
    story.holds()


def test_confirmed_originals_are_adjusted_and_reversals_unadjustable(story: Story) -> None:
    entries = story.approve(Work("ARM", 8))

    correct(story, entries, on=NOVEMBER, role="Trainee")

    assert statuses(story) == [
        ("adjusted", "canceled"), ("adjusted", "canceled"),
        ("unadjustable", "canceled"), ("unadjustable", "canceled"),
        (None, None), (None, "unbilled_sales_created"),
    ]  # fmt: skip
    # A trainee is not chargeable.
    assert current(story) == [
        ("ARM", "cost", "time", "non_chargeable", 8, 320),
        ("ARM", "unbilled_sales", "time", "non_chargeable", 8, 640),
    ]
    story.post_work()
    story.holds()


def test_the_approvers_word_survives_a_correction(story: Story) -> None:
    (entry_id,) = story.record(Work("ARM", 8))
    with story.books.operations.transaction() as transaction:
        change_approval(
            transaction,
            company=story.company,
            entry_id=entry_id,
            billable_quantity=Decimal(6),
            actor="ann",
            at=NOW,
        )
    story.approve_entries([entry_id])

    correct(story, [entry_id], project_number="UPGRADE")

    assert current(story) == [
        ("UPGRADE", "cost", "time", "chargeable", 8, 800),
        ("UPGRADE", "unbilled_sales", "time", "non_chargeable", 2, 400),
        ("UPGRADE", "unbilled_sales", "time", "chargeable", 6, 1200),
    ]
    story.post_work()
    story.holds()


def revised_in_full(story: Story, proforma_id: int) -> None:
    """Credit a confirmed proforma in full."""
    with story.books.operations.transaction() as transaction:
        draft = revise_proforma(
            transaction,
            company=story.company,
            proforma_id=proforma_id,
            actual_ids=None,
            actor="manager",
            at=NOW,
        )
    story.confirm([draft.proforma_id])
    story.post_work()


def test_credited_in_full_work_is_corrected_and_cancelled_again(story: Story) -> None:
    entries = story.approve(Work("ARM", 8))
    story.post_work()
    drafts = story.draft("TM")
    story.invoice(drafts)
    with pytest.raises(Refused) as refused:
        open_journal(story, entries, role="Trainee")
    assert refused.value.codes == ("ERR-B20",)
    revised_in_full(story, drafts[0])

    correct(story, entries, project_number="UPGRADE")
    story.post_work()

    assert current(story)[-2:] == [
        ("UPGRADE", "cost", "time", "chargeable", 8, 800),
        ("UPGRADE", "unbilled_sales", "time", "chargeable", 8, 1600),
    ]
    assert story.cancel(entries).refusals == ()
    story.post_work()
    story.holds()


DRAFTED: Final = replace(
    operations_cast(),
    contracts=tuple(
        replace(one, state="draft") if one.number == "TM" else one
        for one in operations_cast().contracts
    ),
)


def confirmed(story: Story, number: str = "TM") -> Evaluated:
    with story.books.operations.transaction() as transaction:
        return confirm_contract(
            transaction, company=story.company, number=number, actor="manager", at=NOW
        )


def re_evaluated(story: Story, number: str = "TM") -> Evaluated:
    with story.books.operations.transaction() as transaction:
        return re_evaluate_contract(
            transaction, company=story.company, number=number, actor="manager", at=NOW
        )


def lost(story: Story, number: str = "TM") -> Lost:
    with story.books.operations.transaction() as transaction:
        return lose_contract(
            transaction, company=story.company, number=number, actor="manager", at=NOW
        )


@pytest.mark.parametrize("is_drafted", [False, True])
def test_a_lost_contract_takes_back_what_is_on_no_proforma(
    story: Story, *, is_drafted: bool
) -> None:
    story.approve(*WORK)
    story.post_work()
    if is_drafted:
        story.draft("TM")
    sales = 0 if is_drafted else 2

    result = lost(story)
    wip = story.ledger().get("wip_sales_value", 0)

    assert (result.reversal_count, result.project_count) == (sales, 1)
    story.post_work()
    assert len(backlog(story)) == 2 - sales
    assert wip == 1650
    assert story.ledger().get("wip_sales_value", 0) == (1650 if is_drafted else 0)
    assert story.ledger()["cost"] == 850
    story.holds()
    with pytest.raises(Refused) as refused:
        lost(story)
    assert refused.value.codes == ("ERR-A50",)
    # The same setup file does not open it again.
    story.set_up_operations(story.operations)
    (contract,) = story.in_operations(
        "SELECT contract.state::text, project.state::text AS project_state"
        " FROM operations.contract JOIN operations.project USING (company, contract_id)"
        " WHERE contract.number = 'TM'"
    )
    assert contract == {"state": "closed", "project_state": "completed"}


def test_a_line_that_covers_less_is_re_evaluated(story: Story) -> None:
    story.approve(*WORK)
    story.post_work()
    lines = tuple(
        replace(one, classes=("time",)) if one.contract == "TM" else one
        for one in story.operations.contract_lines
    )
    assert re_evaluated(story).made is None
    story.set_up_operations(replace(story.operations, contract_lines=lines))

    result = re_evaluated(story)

    assert result.made is not None
    assert result.made.entry_count == 1
    assert current(story) == [
        ("ARM", "cost", "time", "chargeable", 8, 800),
        ("ARM", "cost", "expense", "not_available", 1, 50),
        ("ARM", "unbilled_sales", "time", "chargeable", 8, 1600),
    ]
    assert re_evaluated(story).made is None
    story.post_work()
    story.holds()


def refused_codes(act: Callable[[], object]) -> tuple[str, ...]:
    """Give the codes with which something is refused."""
    with pytest.raises(Refused) as refused:
        act()
    return tuple(refused.value.codes)


def test_what_a_correction_cannot_do_is_told(story: Story, tmp_path: Path) -> None:
    first, second = story.approve(Work("ARM", 8), Work("ARM", 2))
    journal_id = open_journal(story, [first], role="Trainee")

    assert refused_codes(lambda: open_journal(story, [first], person="Julia Funderburk")) == (
        "ERR-B50",
    )
    assert [one.code for one in story.cancel([first]).refusals] == ["ERR-B50"]
    assert refused_codes(lambda: lost(story)) == ("ERR-B50",)
    assert refused_codes(lambda: open_journal(story, [second], project_number="ARM")) == (
        "ERR-B51",
    )
    assert "ERR-B52" in refused_codes(lambda: open_journal(story, [second], task="Design"))
    assert refused_codes(lambda: confirm_journal(story, journal_id + 1)) == ("ERR-B53",)
    assert refused_codes(lambda: complete(story)) == ("ERR-A51",)
    (tmp_path / "lines.csv").write_text("Type,Class\ncost,time\n", encoding="utf-8")
    assert refused_codes(lambda: read_journal_lines(tmp_path / "lines.csv")) == ("ERR-B57",)
    stranger = replace(SALE, customer="NORTHWIND")
    assert refused_codes(lambda: save(story, stranger)) == ("ERR-B56",)
    story.deliver()


def complete(story: Story) -> None:
    with story.books.operations.transaction() as transaction:
        complete_contract(transaction, company=story.company, number="TM", actor="manager", at=NOW)


def test_actuals_of_a_journal_are_cancelled_once(story: Story) -> None:
    make(story, HOUR, SALE)
    found = story.in_operations("SELECT actual_id FROM operations.actual ORDER BY actual_id")
    keys = [row["actual_id"] for row in found]

    def cancel() -> None:
        with story.books.operations.transaction() as transaction:
            cancel_journal_actuals(
                transaction, company=story.company, actual_ids=keys, actor="manager", at=NOW
            )

    cancel()

    assert refused_codes(cancel) == ("ERR-B58", "ERR-B58")
    assert current(story) == []
    story.post_work()
    assert story.ledger() == {}


@pytest.mark.parametrize("journal_first", [False, True])
def test_a_draft_and_a_journal_want_one_sale_and_one_is_told(
    story: Story, *, journal_first: bool
) -> None:
    entries = story.approve(Work("ARM", 8))
    story.ready()
    journal = partial(open_journal, story, entries, role="Trainee")
    draft = partial(story.create, "TM")
    winner, loser = (journal, draft) if journal_first else (draft, journal)
    with ThreadPoolExecutor(1) as other, story.books.operations.transaction() as transaction:
        if journal_first:
            open_correction(
                transaction, company=story.company, entry_ids=entries,
                values=NewValues(role="Trainee"), description="", actor="manager", at=NOW,
            )  # fmt: skip
        else:
            create_proformas(
                transaction, company=story.company, contract_ids=(story.contract_id("TM"),),
                cutoff=TODAY, actor="manager", at=NOW,
            )  # fmt: skip
        told = other.submit(refused_codes, loser)
        wait_until(lambda: sessions_waiting_for_a_lock(story.books) > 0 or told.done())
    assert winner is not loser
    assert told.result() == (("ERR-B05",) if journal_first else ("ERR-B20",))
    story.deliver()
