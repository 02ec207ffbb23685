"""Editing lines of a draft journal: billing tax groups and dimensions, and nothing else."""

from __future__ import annotations

import pytest

from tests.finance.company import SETUP, arrive, change, finance_of, run_import, run_journal
from tests.finance.dimensions import DIMENSIONS, entries, lines
from tests.support.books import Books
from tests.support.clock import NOW
from twofold.finance.journal.edit_lines import EditedLines, LineChange, edit_lines
from twofold.kernel.errors import Refused

P4 = "Dept P1, Line L1"
COST = "Dept P1, Line L1, Site S1"
PAYROLL = "Dept W1, Line L1, Site S1"


@pytest.fixture
def company(books: Books) -> Books:
    """Give a draft with a cost of Bob's, a sale, and a sale of another project."""
    books.given(SETUP)
    books.given(DIMENSIONS)
    arrive(books, """
        actual_id  transaction_type  resource_id  project_id  contract_id  contract_line_id
        1          cost              8            4           3            3
        2          unbilled_sales    8            4           3            3
        3          unbilled_sales    8            2           2            2
    """)  # fmt: skip
    run_import(books)
    return books


def edit(company: Books, change: LineChange, *actual_ids: int, journal_id: int = 1) -> EditedLines:
    with finance_of(company) as transaction:
        return edit_lines(
            transaction,
            company="USPM",
            journal_id=journal_id,
            change=change,
            actual_ids=actual_ids,
            actor="ann",
            at=NOW,
        )


def refused(company: Books, change: LineChange, *actual_ids: int, journal_id: int = 1) -> list[str]:
    with pytest.raises(Refused) as caught:
        edit(company, change, *actual_ids, journal_id=journal_id)
    return [one.code for one in caught.value.refusals]


def test_what_is_given_changes_and_the_rest_stays(company: Books) -> None:
    edited = edit(company, LineChange(dimensions={"Dept": "L1", "Line": ""}))

    assert edited == EditedLines("USPM-000041", 3, 0)
    assert lines(company) == [
        (1, "Dept L1, Site S1", PAYROLL),
        (2, "Dept L1", "Dept L1"),
        (3, "Dept L1", "Dept L1"),
    ]


def test_the_offset_of_costs_is_changed_by_itself(company: Books) -> None:
    edited = edit(company, LineChange(dimensions={"Dept": "L1"}, of_offset=True))

    assert edited.edited_count == 1
    assert lines(company)[:2] == [(1, COST, "Dept L1, Line L1, Site S1"), (2, P4, P4)]


def test_lines_lose_their_last_dimension(company: Books) -> None:
    edit(company, LineChange(dimensions={"Dept": "", "Line": ""}), 2)

    assert lines(company)[1] == (2, "", "")


def test_tax_groups_are_those_of_sales(company: Books) -> None:
    edited = edit(company, LineChange(tax_group="DOM", item_tax_group=""))

    assert edited.edited_count == 2
    company.then("""
        finance.journal_line
        actual_id  tax_group  item_tax_group
        1          -          -
        2          DOM        -
        3          DOM        -
    """)


def test_one_group_is_kept_while_the_other_changes(company: Books) -> None:
    edit(company, LineChange(item_tax_group="STATE"), 2)

    company.then("""
        finance.journal_line
        actual_id  tax_group  item_tax_group
        1          -          -
        2          STATEONLY  STATE
        3          STATEONLY  FULL
    """)


def test_what_was_edited_is_posted(company: Books) -> None:
    edit(company, LineChange(dimensions={"Site": "S2"}, tax_group="DOM"), 2)

    run_journal(company, 1)

    assert {row[3] for row in entries(company) if row[0] == "IJV-0002"} == {
        "Dept P1, Line L1, Site S2"
    }
    company.then("""
        finance.project_transaction
        actual_id  tax_group
        1          -
        2          DOM
        3          STATEONLY
    """)


def test_a_reversal_that_waits_follows_its_original(company: Books) -> None:
    arrive(company, "actual_id  amount\n4  -100", set_id=2)
    company.given("""
        finance.staged_connection
        company  transaction1_id  transaction1_role  transaction2_id  transaction2_role
        USPM     4                reversing          2                original
    """)
    run_import(company)

    assert refused(company, LineChange(dimensions={"Dept": "L1"}), 4) == ["ERR-J12"]
    edited = edit(company, LineChange(dimensions={"Dept": "L1"}, tax_group="DOM"), 2)

    assert edited == EditedLines("USPM-000041", 1, 1)
    assert lines(company)[1] == (2, "Dept L1, Line L1", "Dept L1, Line L1")
    assert lines(company)[3] == (4, "Dept L1, Line L1", "Dept L1, Line L1")
    # Left out where no lines are named: nothing to change by itself.
    assert edit(company, LineChange(dimensions={"Site": "S1"})).followed_count == 1
    assert lines(company)[3] == (4, "Dept L1, Line L1, Site S1", "Dept L1, Line L1, Site S1")


def test_everything_wrong_is_told_at_once(company: Books) -> None:
    before = lines(company)

    codes = refused(
        company,
        LineChange(
            dimensions={"Dept": "X", "Colour": "red", "Size": ""},
            tax_group="NONE",
            item_tax_group="NONE",
        ),
        1,
        2,
        99,
    )

    assert codes == ["ERR-J11", "ERR-J11", "ERR-J11", "ERR-J13", "ERR-J13", "ERR-J14", "ERR-J10"]
    assert lines(company) == before


def test_a_change_names_something(company: Books) -> None:
    assert refused(company, LineChange()) == ["ERR-J15"]


def test_a_group_without_codes_is_known_by_who_uses_it(company: Books) -> None:
    change(company, "UPDATE finance.customer_accounting SET tax_group = 'EXEMPT'")

    assert edit(company, LineChange(tax_group="EXEMPT"), 2).edited_count == 1


def test_dimensions_of_another_company_are_unknown(company: Books) -> None:
    company.given("""
        finance.dimension_value
        company  attribute  value
        OTHER    Dept       N1
    """)

    assert refused(company, LineChange(dimensions={"Dept": "N1"}), 2) == ["ERR-J11"]


def test_only_a_draft_is_edited(company: Books) -> None:
    run_journal(company, 1)

    assert refused(company, LineChange(dimensions={"Dept": "L1"})) == ["ERR-J09"]
    assert refused(company, LineChange(dimensions={"Dept": "L1"}), journal_id=99) == ["ERR-J09"]
