"""The journey of an invoice: at every moment it says who is next, and each station who was there.

One story goes from the entry to the correction of its invoice; the states beside the path have
stories of their own. Searching finds each of the numbers that were made on the way.
"""

from __future__ import annotations

import pytest

from tests.scenarios.support import Story, Work
from tests.support.clock import NOW
from twofold.dualwrite.sets.choice import Choice
from twofold.dualwrite.sets.dismiss import dismiss_sets
from twofold.journey.find import find
from twofold.journey.stations import Journey
from twofold.journey.trace import trace
from twofold.kernel.errors import Refused


def follow(story: Story, number: str) -> Journey:
    (journey,) = trace(story.system, number=number, companies=("USPM",))
    return journey


def wait_of(story: Story, number: str) -> tuple[str, str] | None:
    """Give the station that comes next, and who sees to it."""
    wait = follow(story, number).waits_for
    return wait and (wait.station, str(wait.words))


def sale_of(story: Story) -> str:
    (found,) = story.in_operations(
        "SELECT min(actual_id) AS key FROM operations.actual"
        " WHERE transaction_type = 'unbilled_sales'"
    )
    return f"actual/{found['key']}"


def meanings(story: Story, number: str) -> list[tuple[str, str]]:
    found = find(story.system, number=number, companies=("USPM",))
    return [(one.kind, one.number) for one in found]


def test_work_tells_at_every_moment_who_is_next(story: Story) -> None:
    story.approve(Work("ARM", 8))
    sale = sale_of(story)
    told = [wait_of(story, sale)]
    for step in (story.deliver, story.import_, story.post_journals, story.deliver, story.ready):
        step()
        told.append(wait_of(story, sale))

    (row,) = story.in_finance("SELECT number FROM finance.journal")
    assert told == [
        ("change set applied", "Dual-write takes the change set to the other book."),
        ("import from staging", "An accountant imports from staging."),
        ("journal posted", f"An accountant posts the journal {row['number']}."),
        ("written back", "Dual-write takes voucher and amount back to operations."),
        ("ready to invoice", "The project manager marks it as ready to invoice."),
        ("proforma created", "The project manager creates a proforma invoice."),
    ]


def test_an_invoice_tells_at_every_moment_who_is_next(story: Story) -> None:
    story.approve(Work("ARM", 8))
    sale = sale_of(story)
    story.post_work()
    (key,) = story.draft("TM")
    number = "USPM-PF-000001"

    # The number of the work and that of the proforma tell the same
    told = [wait_of(story, number)]
    assert wait_of(story, sale) == told[0]
    for step in (
        lambda: story.confirm([key]),
        story.import_,
        lambda: story.post_proposals([key]),
        story.deliver,
    ):
        step()
        told.append(wait_of(story, number))
    assert told == [
        ("proforma confirmed", f"The project manager confirms {number}."),
        ("proposal lines", "An accountant imports from staging."),
        ("customer invoice posted", f"An accountant posts the proposal {number}."),
        ("written back", "Dual-write takes invoice, voucher and tax back to operations."),
        None,
    ]

    # Every station was reached then, and says when and by whom
    for one in (sale, number):
        stations = follow(story, one).stations
        assert [stop.name for stop in stations if not (stop.reached and stop.at)] == []
        assert {stop.name for stop in stations if not stop.actor} <= {"proposal lines"}

    # And a correction is one more, which is waited for while it is a draft
    draft = story.revise(key)
    (row,) = story.in_operations(
        "SELECT number FROM operations.proforma WHERE proforma_id = %s", draft
    )
    words = f"The project manager confirms the correction {row['number']}."
    assert wait_of(story, number) == ("corrected", words)
    story.confirm([draft])
    last = follow(story, number).stations[-1]
    assert (last.name, last.reached, last.actor) == ("corrected", True, "manager")
    assert wait_of(story, number) is None
    first = follow(story, row["number"]).stations[0]
    assert (first.name, first.actor, first.note) == ("corrections", "manager", f"of {number}")


def test_a_cancelled_approval_says_who_cancelled_it(story: Story) -> None:
    entries = story.approve(Work("ARM", 8))
    sale = sale_of(story)
    story.post_work()
    story.cancel(entries)
    journey = follow(story, sale)

    last = journey.stations[-1]
    assert (last.name, last.actor, last.note) == ("cancelled", "approver", "cancellation")
    assert journey.waits_for is None


def test_a_set_that_was_given_up_says_why(story: Story) -> None:
    story.approve(Work("ARM", 8))
    sale = sale_of(story)
    dismiss_sets(story.system.forward, choice=Choice(), reason="sent by mistake", actor="ines")
    wait = follow(story, sale).waits_for

    assert wait is not None
    assert str(wait.words).endswith("was given up: sent by mistake.")


def test_work_that_is_held_back_says_why(story: Story) -> None:
    story.approve(Work("ARM", 8))
    sale = sale_of(story)
    story.deliver()
    with story.books.owner_finance.raw() as connection:
        connection.execute(
            "INSERT INTO finance.held_actual (company, actual_id, code, field, value, held_since)"
            " VALUES ('USPM', %s, 'ERR-I04', 'currency', 'GBP', %s)",
            (int(sale.removeprefix("actual/")), NOW),
        )
    wait = follow(story, sale).waits_for

    assert wait is not None
    assert str(wait.words) == "It is held back in staging; an accountant sees to the reason."
    assert [one.code for one in wait.problems] == ["ERR-I04"]
    with story.books.owner_finance.raw() as connection:
        connection.execute("DELETE FROM finance.held_actual")


def test_a_proposal_that_needs_approval_says_whose(story: Story) -> None:
    story.approve(Work("ARM", 8))
    story.post_work()
    (made,) = story.draft("TM")
    story.confirm([made])
    story.import_()
    with story.books.owner_finance.raw() as connection:
        connection.execute("UPDATE finance.parameter SET proposals_need_approval = true")
    number = "USPM-PF-000001"
    said: list[str] = []
    for review in ("draft", "submitted", "approved"):
        with story.books.owner_finance.raw() as connection:
            connection.execute("UPDATE finance.proposal SET review = %s", (review,))
        wait = follow(story, number).waits_for
        said.append(str(wait.words) if wait else "")
    with story.books.owner_finance.raw() as connection:
        connection.execute("UPDATE finance.proposal SET review = 'draft'")

    assert said == [
        f"An accountant submits {number} for approval.",
        f"A billing approver decides about {number}.",
        f"An accountant posts the proposal {number}.",
    ]


def test_every_number_is_found(story: Story) -> None:
    (entry,) = story.approve(Work("ARM", 8))
    sale = sale_of(story)
    story.post_work()
    (made,) = story.draft("TM")
    (invoice,) = story.invoice([made])
    number = "USPM-PF-000001"
    row = story.in_finance("SELECT number FROM finance.journal")[0]
    posted = story.in_finance("SELECT min(voucher) AS voucher FROM finance.project_transaction")[0]
    (contract,) = story.in_operations(
        "SELECT customer.account FROM operations.contract"
        " JOIN operations.customer USING (company, customer_id) WHERE contract.number = 'TM'"
    )

    found = {
        "proforma": meanings(story, number.lower()),
        "invoice": meanings(story, invoice.invoice_number),
        "voucher": meanings(story, invoice.voucher),
        "journal": meanings(story, row["number"]),
        "journal voucher": meanings(story, posted["voucher"]),
        "contract": meanings(story, "TM"),
        "customer": meanings(story, contract["account"])[:1],
        "actual": meanings(story, sale),
        "entry": meanings(story, f"entry {entry}"),
        "set": meanings(story, "set/1"),
    }

    assert found == {
        "proforma": [("proforma", number)],
        "invoice": [("proforma", number)],
        "voucher": [("customer_invoice", invoice.invoice_number)],
        "journal": [("journal", row["number"])],
        "journal voucher": [("voucher", posted["voucher"])],
        "contract": [("contract", "TM"), ("proforma", number)],
        "customer": [("customer", contract["account"])],
        "actual": [("actual", sale)],
        "entry": [("entry", f"entry/{entry}")],
        "set": [("change_set", "set/1")] * 2,
    }
    assert {kind for kind, _ in meanings(story, "1")} >= {"entry", "change_set"}
    entry_follows = find(story.system, number=f"entry/{entry}", companies=("USPM",))[0].follow
    assert entry_follows == sale
    for nothing in ("NO-SUCH", "9" * 30, "actual/x", "set/999999", ""):
        with pytest.raises(Refused, match="ERR-B22"):
            find(story.system, number=nothing, companies=("USPM",))
    with pytest.raises(Refused, match="ERR-B22"):
        find(story.system, number=number, companies=("DEPM",))
