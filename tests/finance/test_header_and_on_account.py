"""Dimensions of a proposal's header, and the accounting of on-account transactions."""

# ruff: noqa: E501 - a row of a text table stays on one line

from __future__ import annotations

import pytest

from tests.finance.company import (
    SETUP,
    announce,
    arrive,
    bill,
    change,
    finance_of,
    run_import,
    run_journal,
    run_proposals,
)
from tests.finance.dimensions import DIMENSIONS, entries, header_dimensions, proposal_dimensions
from tests.support.books import Books
from tests.support.clock import NOW
from twofold.finance.proposals.edit_header_dimensions import (
    HeaderDimensions,
    edit_header_dimensions,
)
from twofold.finance.proposals.edit_on_account import OnAccountChange, edit_on_account
from twofold.finance.proposals.on_account_reads import OnAccountTransaction, list_on_account
from twofold.kernel.errors import Refused

P4 = "Dept P1, Line L1"


@pytest.fixture
def company(books: Books) -> Books:
    books.given(SETUP)
    books.given(DIMENSIONS)
    return books


@pytest.fixture
def ready(company: Books) -> Books:
    """Give proposal 7 with one line; its header may be given other dimensions."""
    arrive(company, "actual_id\n1")
    run_import(company)
    run_journal(company, 1)
    bill(company, 7, {101: 1})
    run_import(company)
    change(company, "UPDATE finance.parameter SET receivable_dimensions_may_change = true")
    return company


@pytest.fixture
def milestone(company: Books) -> Books:
    company.given("""
        finance.on_account_transaction
        company  milestone_id  contract_id  contract_line_id  customer_id  project_id  description  transaction_date  amount  currency  source_version
        USPM     9             3            100               2            4           Delivered    2026-08-27        5000    USD       1
    """)
    return company


def give_header(company: Books, proposal_id: int = 7, **dimensions: str) -> HeaderDimensions:
    with finance_of(company) as transaction:
        return edit_header_dimensions(
            transaction,
            company="USPM",
            proposal_id=proposal_id,
            dimensions=dimensions,
            actor="ann",
            at=NOW,
        )


def give(company: Books, milestone_id: int = 9, **given: object) -> None:
    with finance_of(company) as transaction:
        edit_on_account(
            transaction,
            company="USPM",
            milestone_id=milestone_id,
            change=OnAccountChange(**given),  # type: ignore[arg-type]
            actor="ada",
            at=NOW,
        )


def codes(company: Books, *given: object, **changed: object) -> list[str]:
    with pytest.raises(Refused) as caught:
        give(company, *given, **changed)  # type: ignore[arg-type]
    return [one.code for one in caught.value.refusals]


def header_codes(company: Books, proposal_id: int = 7, **dimensions: str) -> list[str]:
    with pytest.raises(Refused) as caught:
        give_header(company, proposal_id, **dimensions)
    return [one.code for one in caught.value.refusals]


def bill_milestone(company: Books) -> None:
    arrive(
        company,
        """
        actual_id  transaction_type  class      amount  milestone_id  proforma_id  contract_line_id
        201        billed_sales      milestone  5000    9             8            100
        """,
        kind="confirmation",
        set_id=8,
    )
    announce(company, 8, (201,), day="2026-11-02")
    run_import(company)


def test_the_header_goes_to_the_customer_balance_only(ready: Books) -> None:
    edited = give_header(ready, Dept="C1", Line="")

    assert edited == HeaderDimensions("PF-7", "Dept C1")
    run_proposals(ready, 7)
    found = {row[1]: row[3] for row in entries(ready) if row[0] == "CIV-0001"}
    assert found == {"1100": "Dept C1", "1300": P4, "2200": P4, "4100": P4, "4200": P4}


def test_a_header_is_given_dimensions_before_its_lines_too(ready: Books) -> None:
    announce(ready, 9, (109,), day="2026-11-02")

    give_header(ready, 9, Dept="C1")

    assert ("PF-9", "Dept C1") in header_dimensions(ready)


def test_importing_leaves_what_a_person_gave(ready: Books) -> None:
    announce(ready, 8, (), day="2026-11-02")
    arrive(ready, "actual_id\n2", set_id=2)
    run_import(ready)
    run_journal(ready, 2)
    change(ready, "DELETE FROM finance.proposal WHERE proposal_id = 8")
    bill(ready, 8, {102: 2})
    give_header(ready, 8, Site="S1")

    run_import(ready)

    assert header_dimensions(ready) == [("PF-7", P4), ("PF-8", "Site S1")]


def test_a_header_is_changed_only_where_the_company_allows_it(ready: Books) -> None:
    change(ready, "UPDATE finance.parameter SET receivable_dimensions_may_change = false")

    assert header_codes(ready, Dept="X") == ["ERR-F11", "ERR-J11"]
    assert header_codes(ready, 99, Dept="C1") == ["ERR-F09"]
    assert header_dimensions(ready) == [("PF-7", P4)]


def test_a_posted_header_stays(ready: Books) -> None:
    assert header_codes(ready) == ["ERR-J15"]
    run_proposals(ready, 7)

    assert header_codes(ready, Dept="C1") == ["ERR-F05"]


def test_an_on_account_line_takes_from_its_contract_line_first(milestone: Books) -> None:
    bill_milestone(milestone)

    assert proposal_dimensions(milestone) == [(201, "Dept L1, Line L1, Site S2")]
    run_proposals(milestone, 8)
    found = {row[1]: row[3] for row in entries(milestone)}
    assert found == dict.fromkeys(("1100", "2200", "4300"), "Dept L1, Line L1, Site S2")


def test_a_rule_may_put_the_project_first(milestone: Books) -> None:
    milestone.given("""
        finance.dimension_rule
        company  profile  contract_number  project_number  priority
        USPM     -        -                -               project
    """)
    bill_milestone(milestone)

    assert proposal_dimensions(milestone) == [(201, "Dept P1, Line L1, Site S2")]


def test_what_an_accountant_gives_comes_first(milestone: Books) -> None:
    give(milestone, tax_group="DOM", item_tax_group="FULL", dimensions={"Dept": "C1"})

    bill_milestone(milestone)

    assert proposal_dimensions(milestone) == [(201, "Dept C1")]
    milestone.then("""
        finance.proposal_line
        tax_group  item_tax_group  tax_amount
        DOM        FULL            625
    """)
    assert codes(milestone, tax_group="") == ["ERR-F03"]


def test_what_is_not_given_is_found_as_ever(milestone: Books) -> None:
    give(milestone, tax_group="")
    give(milestone, item_tax_group="FULL")
    (listed,) = _listed(milestone)
    assert (listed.tax_group, listed.item_tax_group, listed.dimensions) == ("", "FULL", None)
    assert (listed.state, listed.line_number, listed.changed_by) == ("open", 2, "ada")

    bill_milestone(milestone)

    assert proposal_dimensions(milestone) == [(201, "Dept L1, Line L1, Site S2")]
    milestone.then("""
        finance.proposal_line
        tax_group  item_tax_group  tax_amount
        -          FULL            0
    """)


def test_none_at_all_may_be_given(milestone: Books) -> None:
    give(milestone, dimensions={})
    assert [one.dimensions for one in _listed(milestone)] == [""]

    bill_milestone(milestone)

    assert proposal_dimensions(milestone) == [(201, "")]


def test_everything_wrong_is_told_at_once(milestone: Books) -> None:
    assert codes(milestone, 77, tax_group="X", item_tax_group="Y", dimensions={"Dept": "X"}) == [
        "ERR-J11",
        "ERR-J13",
        "ERR-J13",
        "ERR-F12",
    ]
    assert codes(milestone) == ["ERR-J15"]
    milestone.then("finance.on_account_accounting\nmilestone_id")


def _listed(company: Books) -> tuple[OnAccountTransaction, ...]:
    with company.finance.reader() as reader:
        return list_on_account(reader, company="USPM")
