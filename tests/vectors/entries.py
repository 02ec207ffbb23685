"""Worked cases of entries: submitted, approved, cancelled, recalled; and their connections."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Final

from tests.scenarios.support import Story, Work
from tests.support.clock import NOW
from tests.vectors.case import (
    PROJECTS,
    TYPES,
    Case,
    actuals,
    compare,
    compare_actuals,
    shown,
    vector,
)
from twofold.operations.backlog.reads import list_backlog
from twofold.operations.entries.approve_recall import approve_recall
from twofold.operations.entries.change_approval import change_approval
from twofold.operations.entries.create_entry import NewEntry, create_entry
from twofold.operations.entries.recall import recall_entries
from twofold.operations.entries.request_recall import request_recall
from twofold.operations.entries.submit import submit_entries
from twofold.operations.proforma.revise import revise_proforma

DAY: Final = date(2026, 10, 5)


def create(story: Story, *, line: str, hours: object) -> int:
    """Record hours of the cast as a draft."""
    entry = NewEntry(
        cls="time",
        on=DAY,
        project_number=PROJECTS[line],
        quantity=Decimal(str(hours)),
        person="Bob Kozack",
        unit="hour",
    )
    with story.books.operations.transaction() as transaction:
        return create_entry(transaction, company=story.company, entry=entry, actor="bob", at=NOW)


def submit(story: Story, *, line: str, hours: object) -> int:
    """Record hours and submit them."""
    entry_id = create(story, line=line, hours=hours)
    with story.books.operations.transaction() as transaction:
        result = submit_entries(
            transaction, company=story.company, entry_ids=[entry_id], actor="bob", at=NOW
        )
    assert not result.refusals, result.refusals
    return entry_id


def approved(story: Story, *, line: str = "tm", hours: object, billable: object = None) -> int:
    """Submit hours and approve them, with the approver's word on what is billed."""
    entry_id = submit(story, line=line, hours=hours)
    if billable is not None:
        with story.books.operations.transaction() as transaction:
            change_approval(
                transaction,
                company=story.company,
                entry_id=entry_id,
                billable_quantity=Decimal(str(billable)),
                actor="ann",
                at=NOW,
            )
    story.approve_entries([entry_id])
    return entry_id


def approved_as_given(case: Case, story: Story) -> int:
    """Approve the hours behind the actuals a case starts from."""
    given = case.given["actuals"]
    entry_id = approved(story, hours=given[0]["qty"])
    compare_actuals(story, given)
    return entry_id


def state_of(story: Story, entry_id: int) -> str:
    """Give the state of an entry."""
    query = "SELECT state::text FROM operations.entry WHERE entry_id = %s"
    (found,) = story.in_operations(query, entry_id)
    return str(found["state"])


def journal_lines(story: Story) -> list[Mapping[str, object]]:
    """Give the priced journal lines in the shorthand of the data file."""
    found = story.in_operations(
        "SELECT transaction_type::text, quantity, amount FROM operations.journal_line"
    )
    short = {name: abbreviation for abbreviation, name in TYPES.items()}
    return [
        {"type": short[row["transaction_type"]], "qty": row["quantity"], "amount": row["amount"]}
        for row in found
    ]


@vector("TM-01")
def created(case: Case) -> None:
    # A recorded hour is a draft and nothing more.
    story = case.story()

    entry_id = create(story, line=case.given["contract_line"], hours=case.given["entry"]["hours"])

    assert state_of(story, entry_id) == case.given["entry"]["status"]
    compare_actuals(story, case.expect["actuals"])
    assert journal_lines(story) == []


@vector("TM-02")
@vector("FP-02")
def submitted(case: Case) -> None:
    # Submission prices journal lines; there are no actuals yet.
    story = case.story()

    submit(story, line=case.given["contract_line"], hours=case.given["entry"]["hours"])

    compare(journal_lines(story), case.expect["journal_lines"])
    compare_actuals(story, case.expect["actuals"])


@vector("TM-03")
def recalled(case: Case) -> None:
    # Recalled before approval, nothing is left of it.
    story = case.story()
    line, hours = case.given["contract_line"], case.given["entry"]["hours"]
    entry_id = submit(story, line=line, hours=hours)
    assert state_of(story, entry_id) == case.given["entry"]["status"]

    with story.books.operations.transaction() as transaction:
        recall_entries(
            transaction, company=story.company, entry_ids=[entry_id], actor="ann", at=NOW
        )

    compare_actuals(story, case.expect["actuals"])
    assert journal_lines(story) == []


@vector("TM-04")
@vector("TM-05")
@vector("TM-06")
@vector("FP-01")
def approval(case: Case) -> None:
    # Approval makes the cost, and what of it is billed.
    story = case.story()

    approved(
        story,
        line=case.given["contract_line"],
        hours=case.given["submitted"],
        billable=case.given.get("billable"),
    )

    compare_actuals(story, case.expect["actuals"])
    story.deliver()
    story.holds()


@vector("TM-07")
def approval_cancelled(case: Case) -> None:
    # A cancelled approval reverses every actual; the entry is submitted again.
    story = case.story()
    entry_id = approved_as_given(case, story)
    before = actuals(story)

    story.cancel([entry_id])

    assert state_of(story, entry_id) == case.expect["entry_status"]
    compare_actuals(story, case.expect["actuals"], before)
    story.deliver()
    story.holds()


@vector("TM-08")
def recall_approved(case: Case) -> None:
    # A granted recall reverses every actual; the entry is returned.
    story = case.story()
    entry_id = approved_as_given(case, story)
    before = actuals(story)

    with story.books.operations.transaction() as transaction:
        request_recall(
            transaction, company=story.company, entry_ids=[entry_id], actor="ann", at=NOW
        )
    with story.books.operations.transaction() as transaction:
        approve_recall(
            transaction, company=story.company, entry_ids=[entry_id], actor="approver", at=NOW
        )

    assert state_of(story, entry_id) == case.expect["entry_status"]
    compare_actuals(story, case.expect["actuals"], before)
    story.deliver()
    story.holds()


@vector("BL-03")
def reversed_rows_are_not_in_the_backlog(case: Case) -> None:
    # What was reversed, and its reversal, is not there to be billed.
    story = case.story()
    story.approve(Work("ARM", 1))
    story.cancel(story.approve(Work("ARM", 2)))

    with story.books.operations.reader() as reader:
        listed = {item.key for item in list_backlog(reader, company=story.company, limit=100)}

    sales = {
        shown(row)["adj"]: row["actual_id"] in listed
        for row in actuals(story)
        if row["transaction_type"] == "unbilled_sales"
    }
    assert [sales[adjusted] for adjusted in case.given["ubs_adj"]] == case.expect["visible"]


# ---- connections

ROLES: Final = {
    "unbilled_sales": "Unbilled Sales",
    "billed_sales": "Billed Sales",
    "cost": "Cost",
    "reversing": "Reversing",
    "original": "Original",
    "replacing": "Replacing",
}
KINDS: Final = {
    "journal_line": "msdyn_journalline",
    "actual": "msdyn_actual",
    "invoice_line_detail": "msdyn_invoicelinetransaction",
}
# The names the data file gives to records, and how each is found.
RECORDS: Final = """
    SELECT 'journal_line' AS kind, journal_line_id AS key,
        CASE transaction_type WHEN 'cost' THEN 'journal_line_cost' ELSE 'journal_line_sales' END
            AS name
    FROM operations.journal_line
    UNION ALL
    SELECT 'invoice_line_detail', proforma_detail_id,
        CASE WHEN corrects_id IS NULL THEN 'ild' ELSE 'correction_ild' END
    FROM operations.proforma_detail
    UNION ALL
    SELECT 'actual', actual_id,
        CASE
            WHEN transaction_type = 'cost' THEN 'cost'
            WHEN transaction_type = 'billed_sales' THEN 'bs'
            WHEN event = 'correction' THEN 'new_ubs' ELSE 'ubs'
        END
        || CASE WHEN reverses_id IS NULL THEN '' ELSE '_reversal' END
    FROM operations.actual
"""
CONNECTIONS: Final = """
    SELECT transaction1_id, transaction1_role, transaction1_type,
        transaction2_id, transaction2_role, transaction2_type
    FROM operations.transaction_connection
"""

Connection = tuple[tuple[str, str, str], tuple[str, str, str]]


def connections(story: Story) -> set[Connection]:
    """Give every connection with the names, roles and types of the data file."""
    names = {(row["kind"], row["key"]): row["name"] for row in story.in_operations(RECORDS)}

    def end(row: Mapping[str, object], side: int) -> tuple[str, str, str]:
        kind, role = str(row[f"transaction{side}_type"]), str(row[f"transaction{side}_role"])
        return names[kind, row[f"transaction{side}_id"]], ROLES[role], KINDS[kind]

    return {(end(row, 1), end(row, 2)) for row in story.in_operations(CONNECTIONS)}


@vector("TC-01")
def connected(case: Case) -> None:
    # Each event of an hour's life adds its connections, and no others.
    story = case.story()
    wanted: dict[str, set[Connection]] = {}
    for one in case.expect["connections"]:
        wanted.setdefault(one["event"], set()).add((tuple(one["t1"]), tuple(one["t2"])))

    entry_id = submit(story, line="tm", hours=8)
    known = connections(story)
    assert known == wanted["submission"]

    story.approve_entries([entry_id])
    assert connections(story) - known == wanted["approval"]
    known = connections(story)

    drafts = story.draft("TM")
    assert connections(story) - known == wanted["proforma_creation"]
    known = connections(story)

    story.confirm(drafts)
    assert connections(story) - known == wanted["confirmation"]
    known = connections(story)

    with story.books.operations.transaction() as transaction:
        draft = revise_proforma(
            transaction,
            company=story.company,
            proforma_id=drafts[0],
            actual_ids=None,
            actor="manager",
            at=NOW,
        )
    assert connections(story) - known == wanted["draft_correction"]
    known = connections(story)

    story.confirm([draft.proforma_id])
    assert connections(story) - known == wanted["correction_confirmed"]
