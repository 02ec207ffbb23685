"""Editing a proposal: tax groups, dates, terms; deleting its lines; having it reviewed."""

# ruff: noqa: E501 - a row of a text table stays on one line

from __future__ import annotations

from contextlib import suppress
from datetime import date
from decimal import Decimal
from threading import Thread

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.finance.company import (
    SETUP,
    announce,
    arrive,
    bill,
    change,
    credit,
    finance_of,
    run_import,
    run_journal,
    run_proposals,
)
from tests.finance.review import holds, somebody_waits
from tests.support.books import Books
from tests.support.clock import NOW
from twofold.finance.posting.post import post_proposals
from twofold.finance.proposals.changes import ChangedProposal
from twofold.finance.proposals.delete_lines import delete_lines
from twofold.finance.proposals.edit_header import HeaderChange, edit_header
from twofold.finance.proposals.edit_taxes import edit_taxes
from twofold.finance.proposals.line_taxes import TaxGroups
from twofold.finance.proposals.reads import show_proposal
from twofold.finance.proposals.review import Decision, Step, review_proposal
from twofold.kernel.errors import Refused


@pytest.fixture
def company(books: Books) -> Books:
    books.given(SETUP)
    return books


@pytest.fixture
def billed(company: Books) -> Books:
    """Two hours in GBP on proposal 7, taxed 12.5 %; a milestone of 5000 USD on proposal 9."""
    arrive(company, """
        actual_id  amount  currency  project_id  contract_id  contract_line_id  customer_id  category_id
        1          1000    GBP       1           1            1                 1            1
        2          0.20    GBP       1           1            1                 1            2
    """)  # fmt: skip
    run_import(company)
    run_journal(company, 1)
    bill(company, 7, {101: 1, 102: 2})
    arrive(company, """
        actual_id  transaction_type  class      amount  milestone_id  proforma_id  contract_line_id
        201        billed_sales      milestone  5000    9             9            100
    """, set_id=9, kind="confirmation")  # fmt: skip
    announce(company, 9, (201,), day="2026-11-02")
    company.given("""
        finance.on_account_transaction
        company  milestone_id  contract_id  contract_line_id  customer_id  project_id  description  transaction_date  amount  currency  source_version
        USPM     9             3            100               2            4           Delivered    2026-08-27        5000    USD       1
    """)
    run_import(company)
    return company


def retax(
    books: Books, proposal_id: int = 7, *, revision: int | None = None, **groups: object
) -> ChangedProposal:
    with finance_of(books) as transaction:
        return edit_taxes(
            transaction, company="USPM", proposal_id=proposal_id, revision=revision,
            groups=TaxGroups(**groups), actor="cleo", at=NOW,  # pyright: ignore[reportArgumentType]
        )  # fmt: skip


def redate(
    books: Books, proposal_id: int = 7, *, revision: int | None = None, **values: object
) -> ChangedProposal:
    with finance_of(books) as transaction:
        return edit_header(
            transaction, company="USPM", proposal_id=proposal_id, revision=revision,
            change=HeaderChange(**values), actor="cleo", at=NOW,  # pyright: ignore[reportArgumentType]
        )  # fmt: skip


def empty(books: Books, proposal_id: int = 7, *, revision: int | None = None) -> ChangedProposal:
    with finance_of(books) as transaction:
        return delete_lines(
            transaction,
            company="USPM",
            proposal_id=proposal_id,
            revision=revision,
            actor="cleo",
            at=NOW,
        )


def review(books: Books, step: Step, *, proposal_id: int = 7, note: str = "") -> ChangedProposal:
    with finance_of(books) as transaction:
        return review_proposal(
            transaction, company="USPM", proposal_id=proposal_id, revision=None,
            decision=Decision(step, note), actor="dora", at=NOW,
        )  # fmt: skip


def codes(refused: pytest.ExceptionInfo[Refused]) -> list[tuple[str, str, str]]:
    return [(one.code, one.field, one.value) for one in refused.value.refusals]


LINES = """
    finance.proposal_line
    actual_id  tax_group  item_tax_group  amount  tax_amount
    101        {0}
    102        {1}
    201        {2}

    finance.proposal
    number  net_amount  tax_amount  total_amount  revision
    PF-7    1000.20     {3}
    PF-9    5000        {4}
"""


def test_one_line_gets_other_tax_groups_and_the_tax_that_follows(billed: Books) -> None:
    changed = retax(billed, actual_ids=(101,), tax_group="STATEONLY", revision=1)

    assert (changed.revision, changed.tax_amount, changed.total_amount) == (
        2,
        Decimal("100.03"),
        Decimal("1100.23"),
    )
    billed.then(LINES.format(
        "STATEONLY  FULL  1000  100", "DOM  FULL  0.20  0.03", "STATEONLY  STATE  5000  500",
        "100.03  1100.23  2", "500  5500  1",
    ))  # fmt: skip
    (invoice,) = run_proposals(billed, 7)
    assert invoice.tax_amount == Decimal("100.03")
    holds(billed)


def test_all_lines_get_an_item_group_and_their_tax_goes_when_the_groups_go(billed: Books) -> None:
    retax(billed, item_tax_group="STATE")
    billed.then(LINES.format(
        "DOM  STATE  1000  100", "DOM  STATE  0.20  0.02", "STATEONLY  STATE  5000  500",
        "100.02  1100.22  2", "500  5500  1",
    ))  # fmt: skip

    retax(billed, tax_group="", item_tax_group="")

    billed.then(LINES.format(
        "-  -  1000  0", "-  -  0.20  0", "STATEONLY  STATE  5000  500",
        "0  1000.20  3", "500  5500  1",
    ))  # fmt: skip
    (invoice,) = run_proposals(billed, 7)
    assert (invoice.tax_amount, invoice.total_amount) == (0, Decimal("1000.20"))
    holds(billed)


def test_a_line_on_account_takes_other_groups_too(billed: Books) -> None:
    retax(billed, 9, class_="milestone", tax_group="DOM", item_tax_group="FULL")

    (invoice,) = run_proposals(billed, 9)

    assert invoice.tax_amount == 625
    holds(billed)


def test_a_credit_with_other_groups_is_taxed_on_the_day_of_its_original(billed: Books) -> None:
    run_proposals(billed, 7)
    credit(billed, 8, {111: 101, 112: 102}, {3: 101, 4: 102}, day="2026-11-23")
    for journal in run_import(billed).journals:
        run_journal(billed, journal.journal_id)
    run_import(billed)
    # As it was posted: 12.5 % of 1000; from the 20th on STATE would be 12 %.
    changed = retax(billed, 8, actual_ids=(111,), tax_group="STATEONLY")
    assert changed.tax_amount == Decimal("-100.03")

    (invoice,) = run_proposals(billed, 8)

    assert invoice.tax_amount == Decimal("-100.03")


def test_everything_that_speaks_against_new_groups_is_told_at_once(billed: Books) -> None:
    with pytest.raises(Refused) as unknown:
        retax(billed, tax_group="NO", item_tax_group="NEITHER", actual_ids=(101, 103))
    with pytest.raises(Refused) as other_class:
        retax(billed, tax_group="DOM", class_="expense")
    with pytest.raises(Refused) as no_rate:
        retax(billed, tax_group="OLDONLY", item_tax_group="OLD")

    assert codes(unknown) == [
        ("ERR-F16", "item_tax_group", "NEITHER"),
        ("ERR-F16", "tax_group", "NO"),
        ("ERR-F20", "actual_id", "103"),
    ]
    assert codes(other_class) == [("ERR-F20", "class", "expense")]
    assert codes(no_rate) == [("ERR-F10", "tax_code", "OLD 2026-11-02")]
    billed.then(LINES.format(
        "DOM  FULL  1000  125", "DOM  FULL  0.20  0.03", "STATEONLY  STATE  5000  500",
        "125.03  1125.23  1", "500  5500  1",
    ))  # fmt: skip


def test_another_invoice_date_is_another_due_date_and_drops_the_one_set_by_hand(
    billed: Books,
) -> None:
    by_hand = redate(billed, due_date=date(2026, 12, 24))
    same_day = redate(billed, invoice_date=date(2026, 11, 2))
    later = redate(billed, invoice_date=date(2026, 11, 20))
    both = redate(billed, invoice_date=date(2026, 11, 3), due_date=date(2026, 11, 3))
    terms = redate(billed, cleared=("due_date",))

    assert (by_hand.due_date, by_hand.due_date_is_manual) == (date(2026, 12, 24), True)
    assert (same_day.due_date, same_day.due_date_is_manual) == (date(2026, 12, 24), True)
    assert (later.due_date, later.due_date_is_manual) == (date(2026, 12, 4), False)
    assert (both.due_date, both.due_date_is_manual) == (date(2026, 11, 3), True)
    assert (terms.due_date, terms.due_date_is_manual) == (date(2026, 11, 17), False)
    # From the 20th on STATE is 12 %.
    assert (later.tax_amount, terms.tax_amount) == (Decimal("145.03"), Decimal("125.03"))
    billed.then("""
        finance.proposal_event
        proposal_id  act            actor  note
        7            header_edited  cleo   due date 2026-11-16 to 2026-12-24
        7            header_edited  cleo   ''
        7            header_edited  cleo   invoice date 2026-11-02 to 2026-11-20, due date 2026-12-24 to 2026-12-04
        7            header_edited  cleo   invoice date 2026-11-20 to 2026-11-03, due date 2026-12-04 to 2026-11-03
        7            header_edited  cleo   due date 2026-11-03 to 2026-11-17
    """)
    holds(billed)


def test_posting_on_another_day_drops_the_due_date_set_by_hand_and_on_the_same_day_keeps_it(
    billed: Books,
) -> None:
    redate(billed, due_date=date(2026, 12, 24))
    redate(billed, 9, due_date=date(2026, 12, 24))

    with finance_of(billed) as transaction:
        (later,) = post_proposals(
            transaction, company="USPM", proposal_ids=(7,), actor="ada", at=NOW,
            invoice_date=date(2026, 11, 20),
        )  # fmt: skip
    with finance_of(billed) as transaction:
        (same,) = post_proposals(
            transaction, company="USPM", proposal_ids=(9,), actor="ada", at=NOW,
            invoice_date=date(2026, 11, 2),
        )  # fmt: skip

    assert (later.due_date, same.due_date) == (date(2026, 12, 4), date(2026, 12, 24))
    holds(billed)


def test_chosen_terms_decide_the_due_date_and_come_back_when_they_are_cleared(
    billed: Books,
) -> None:
    change(billed, "INSERT INTO finance.payment_terms VALUES ('USPM', 'M', 'current_month', 0, 0)")

    chosen = redate(billed, payment_terms="M")
    cleared = redate(billed, cleared=("payment_terms",))

    assert (chosen.payment_terms, chosen.due_date) == ("M", date(2026, 11, 30))
    assert (cleared.payment_terms, cleared.due_date) == ("D14", date(2026, 11, 16))


def test_a_header_refuses_a_closed_period_unknown_terms_and_a_due_date_before_its_own(
    billed: Books,
) -> None:
    with pytest.raises(Refused) as wrong:
        redate(billed, invoice_date=date(2026, 9, 30), due_date=date(2026, 9, 29))
    with pytest.raises(Refused) as terms:
        redate(billed, payment_terms="D99")

    assert codes(wrong) == [
        ("ERR-F08", "invoice_date", "2026-09-30"),
        ("ERR-F17", "due_date", "2026-09-29"),
    ]
    assert codes(terms) == [("ERR-A10", "payment_terms", "D99")]
    billed.then("""
        finance.proposal
        number  invoice_date  due_date    revision
        PF-7    2026-11-02    2026-11-16  1
        PF-9    2026-11-02    2026-11-02  1
    """)


def test_what_is_posted_or_closed_or_unknown_is_not_edited(billed: Books) -> None:
    announce(billed, 10, (), day="2026-11-02")
    announce(billed, 11, (999,), day="2026-11-02")
    run_import(billed)
    run_proposals(billed, 7)

    for edit in (retax, redate, empty):
        found: list[str] = []
        for proposal_id in (7, 10, 8):
            with pytest.raises(Refused) as refused:
                edit(billed, proposal_id)
            found += refused.value.codes
        assert found == ["ERR-F05", "ERR-F18", "ERR-F09"]
    for edit in (retax, empty):
        with pytest.raises(Refused) as without_lines:
            edit(billed, 11)
        assert without_lines.value.codes == ("ERR-F02",)
    billed.then("""
        finance.proposal_event
        proposal_id  act              actor
        10           nothing_to_bill  ada
    """)
    holds(billed)


def test_of_two_who_edit_at_once_one_wins_and_the_other_is_told_who(billed: Books) -> None:
    told: list[Refused] = []

    def late() -> None:
        try:
            redate(billed, due_date=date(2026, 12, 1), revision=1)
        except Refused as refused:
            told.append(refused)

    other = Thread(target=late)
    with finance_of(billed) as transaction:
        edit_taxes(
            transaction, company="USPM", proposal_id=7, revision=1,
            groups=TaxGroups(tax_group="STATEONLY"), actor="cleo", at=NOW,
        )  # fmt: skip
        other.start()
        somebody_waits(billed)
    other.join()

    ((refusal,),) = [one.refusals for one in told]
    assert (refusal.code, refusal.reason) == ("ERR-F15", f"cleo changed it at {NOW:%Y-%m-%d %H:%M}")
    holds(billed)


def test_who_edits_what_is_being_posted_is_told_so(billed: Books) -> None:
    told: list[Refused] = []

    def late() -> None:
        try:
            retax(billed, tax_group="STATEONLY")
        except Refused as refused:
            told.append(refused)

    other = Thread(target=late)
    with finance_of(billed) as transaction:
        post_proposals(
            transaction, company="USPM", proposal_ids=(7,), actor="ada", at=NOW, invoice_date=None
        )
        other.start()
        somebody_waits(billed)
    other.join()

    assert [one.codes for one in told] == [("ERR-F05",)]
    holds(billed)


def test_deleted_lines_come_back_with_the_next_import_and_what_was_corrected_shows(
    billed: Books,
) -> None:
    redate(billed, due_date=date(2026, 12, 24))
    retax(billed, tax_group="STATEONLY")

    emptied = empty(billed, revision=3)

    assert (emptied.state, emptied.line_count, emptied.total_amount) == ("header_only", 0, 0)
    billed.then("""
        finance.transaction_status
        actual_id  state
        1          posted
        2          posted
    """)
    holds(billed)
    # What posting the journal found out is corrected meanwhile.
    change(
        billed,
        "UPDATE finance.project_transaction SET item_tax_group = 'STATE' WHERE actual_id = 1",
    )
    run_import(billed)
    billed.then("""
        finance.proposal_line
        actual_id  tax_group  item_tax_group  tax_amount
        101        DOM        STATE           100
        102        DOM        FULL            0.03
        201        STATEONLY  STATE           500
    """)
    (invoice,) = run_proposals(billed, 7)
    assert (invoice.due_date, invoice.total_amount) == (date(2026, 12, 24), Decimal("1100.23"))
    holds(billed)


def test_a_milestone_whose_line_is_deleted_is_open_again(billed: Books) -> None:
    empty(billed, 9)

    billed.then("""
        finance.on_account_status
        milestone_id  state
        9             open
    """)
    run_import(billed)
    billed.then("""
        finance.on_account_status
        milestone_id  state
        9             invoice_proposal
    """)


@given(steps=st.lists(st.sampled_from(["delete 7", "delete 9", "import"]), max_size=8))
@settings(
    max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
def test_however_often_lines_are_deleted_and_imported_they_are_the_same(
    billed: Books, steps: list[str]
) -> None:
    before = contents(billed)

    for step in steps:
        # What has no lines cannot be emptied.
        with suppress(Refused):
            run_import(billed) if step == "import" else empty(billed, int(step[-1]))
    run_import(billed)

    assert contents(billed) == before
    holds(billed)


def contents(books: Books) -> list[object]:
    with books.auditor_finance.reader() as reader:
        shown = [
            show_proposal(reader, company="USPM", number=number) for number in ("PF-7", "PF-9")
        ]
    found = [one for one in shown if one is not None]
    assert len(found) == 2
    return [
        (one.lines, one.totals, one.summary.due_date, one.summary.total_amount) for one in found
    ]


def test_a_single_line_is_not_the_finance_books_to_add_and_no_header_to_delete(
    billed: Books,
) -> None:
    with billed.owner_finance.raw() as connection:
        rows = connection.execute(
            """
            SELECT privilege_type FROM information_schema.table_privileges
            WHERE grantee = 'twofold_finance' AND table_schema = 'finance' AND table_name = 'proposal'
            UNION ALL
            SELECT privilege_type || ' ' || column_name FROM information_schema.column_privileges
            WHERE grantee = 'twofold_finance' AND table_name = 'proposal_line' AND privilege_type = 'UPDATE'
            ORDER BY 1
            """
        ).fetchall()

    assert [one for (one,) in rows] == [
        "SELECT", "UPDATE item_tax_group", "UPDATE tax_amount", "UPDATE tax_group",
    ]  # fmt: skip


# ---- review


def test_where_approval_is_needed_only_what_is_approved_is_posted(billed: Books) -> None:
    change(billed, "UPDATE finance.parameter SET proposals_need_approval = true")

    steps: tuple[tuple[Step, str], ...] = (
        ("submit", "submitted"),
        ("request_change", "change_requested"),
        ("submit", "submitted"),
        ("reject", "rejected"),
        ("reset", "draft"),
        ("submit", "submitted"),
    )
    for step, state in steps:
        with pytest.raises(Refused) as refused:
            run_proposals(billed, 7, 9)
        assert refused.value.codes == ("ERR-F04", "ERR-F04")
        assert review(billed, step, note=f"because {step}").review == state
    review(billed, "approve")
    (invoice,) = run_proposals(billed, 7)

    assert invoice.proposal_number == "PF-7"
    with billed.auditor_finance.reader() as reader:
        shown = show_proposal(reader, company="USPM", number="PF-7")
    assert shown is not None
    assert [(one.act, one.note) for one in shown.events][-2:] == [
        ("submitted", "because submit"),
        ("approved", ""),
    ]
    holds(billed)


def test_what_is_under_review_does_not_change_but_after_a_change_was_requested(
    billed: Books,
) -> None:
    change(billed, "UPDATE finance.parameter SET proposals_need_approval = true")
    review(billed, "submit")

    for edit in (retax, redate, empty):
        with pytest.raises(Refused) as refused:
            edit(billed, 7)
        assert codes(refused) == [("ERR-F19", "review", "submitted")]
    review(billed, "request_change")
    redate(billed, due_date=date(2026, 12, 24))
    review(billed, "submit")
    review(billed, "approve")
    with pytest.raises(Refused) as approved:
        empty(billed)
    assert codes(approved) == [("ERR-F19", "review", "approved")]
    review(billed, "reset")
    empty(billed)
    with pytest.raises(Refused) as without_lines:
        review(billed, "submit")
    assert without_lines.value.codes == ("ERR-F02",)
    holds(billed)


def test_a_step_that_does_not_lead_on_is_refused(billed: Books) -> None:
    with pytest.raises(Refused) as not_in_use:
        review(billed, "submit")
    change(billed, "UPDATE finance.parameter SET proposals_need_approval = true")
    steps: tuple[Step, ...] = ("approve", "reject", "request_change", "reset")
    for step in steps:
        with pytest.raises(Refused) as refused:
            review(billed, step)
        assert codes(refused) == [("ERR-F21", "review", "draft")]
    review(billed, "submit")
    with pytest.raises(Refused) as twice:
        review(billed, "submit")

    assert not_in_use.value.codes == ("ERR-F23",)
    assert codes(twice) == [("ERR-F21", "review", "submitted")]
