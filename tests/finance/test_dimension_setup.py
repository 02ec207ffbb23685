"""Dimensions in the setup file: read, judged as a whole together with the book, applied."""

# ruff: noqa: E501 - a row of a table of cases stays on one line

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.finance.test_apply_setup import EXAMPLE
from tests.support.books import Books
from tests.support.clock import NOW
from twofold.finance.setup.apply import SetupResult, apply_setup
from twofold.finance.setup.dimension_records import (
    AccountStructure,
    AllowedValues,
    DefaultDimension,
    DimensionAttribute,
    DimensionRule,
)
from twofold.finance.setup.file import read_setup
from twofold.finance.setup.records import FinanceSetup
from twofold.kernel.errors import Refused

FILE = """
[[company]]
code = "USPM"
name = "US"
accounting_currency = "USD"
reporting_currency = "USD"
parameters = { posting_profile = "GEN", receivable_dimensions_may_change = true }

dimension_attributes = [
  { attribute = "Department", values = ["D10", "D20"] },
]
default_dimensions = [
  { project = "P-1", dimensions = { Department = "D10" } },
  { contract = "K-1", line = 2, dimensions = {} },
]
dimension_rules = [
  { contract_number = "K-1", priority = "contract_line" },
]

[[company.account_structures]]
structure = "Result"
account_from = "4000"
account_to = "6999"
required = ["Department"]
allowed = [{ attribute = "Department", values = ["D10"] }]
"""
DEPARTMENT = DimensionAttribute("Department", ("D10", "D20"))
RESULT = AccountStructure("Result", "4000", "6999", required=("Department",))


def with_dimensions(**values: object) -> FinanceSetup:
    first, *others = EXAMPLE.company
    given = {"dimension_attributes": (DEPARTMENT,), **values}
    return FinanceSetup((replace(first, **given), *others))


def apply(books: Books, setup: FinanceSetup) -> SetupResult:
    with books.finance.transaction() as transaction:
        return apply_setup(transaction, setup=setup, actor="ann", at=NOW)


def refused(books: Books, setup: FinanceSetup) -> list[tuple[str, str, str]]:
    with pytest.raises(Refused) as caught:
        apply(books, setup)
    return [(one.code, one.field, one.value) for one in caught.value.refusals]


def test_the_file_reads_like_the_records() -> None:
    (company,) = read_setup(FILE.encode(), file="f.toml").company

    assert company.dimension_attributes == (DEPARTMENT,)
    allowed = AllowedValues("Department", ("D10",))
    assert company.account_structures == (replace(RESULT, allowed=(allowed,)),)
    assert company.default_dimensions == (
        DefaultDimension(project="P-1", dimensions={"Department": "D10"}),
        DefaultDimension(contract="K-1", line=2, dimensions={}),
    )
    assert company.dimension_rules == (
        DimensionRule(contract_number="K-1", priority="contract_line"),
    )
    assert company.parameters.receivable_dimensions_may_change


def test_dimensions_are_a_table_of_texts() -> None:
    bad = FILE.replace('{ Department = "D10" } }', '{ Department = 1, Site = "" } }').replace(
        "dimensions = {} }", 'dimensions = "none" }'
    )

    with pytest.raises(Refused) as caught:
        read_setup(bad.encode(), file="f.toml")

    assert [(one.code, one.field, one.value) for one in caught.value.refusals] == [
        ("ERR-A30", "dimensions Department", "1"),
        ("ERR-A30", "dimensions Site", ""),
        ("ERR-A30", "dimensions", "none"),
    ]


def test_everything_is_written_and_again_nothing(books: Books) -> None:
    setup = with_dimensions(
        account_structures=(replace(RESULT, allowed=(AllowedValues("Department", ("D10",)),)),),
        default_dimensions=(
            DefaultDimension(project="P", dimensions={"Department": "D10"}),
            DefaultDimension(contract="K", dimensions={"Department": "D10"}),
            DefaultDimension(contract="K", line=2, dimensions={"Department": "D10"}),
            DefaultDimension(contract="K", payer="C", dimensions={}),
            DefaultDimension(customer="C", dimensions={"Department": "D20"}),
            DefaultDimension(resource="Bob", dimensions={"Department": "D20"}),
        ),
        dimension_rules=(
            DimensionRule(priority="project"),
            DimensionRule(priority="contract_line", project_number="P"),
        ),
    )

    apply(books, setup)

    books.then("""
        finance.account_structure
        structure  account_from  account_to  required      optional  allowed
        Result     4000          6999        {Department}  {}        {"Department":["D10"]}

        finance.default_dimension
        owner           number  detail  dimensions
        project         P       ''      {"Department":"D10"}
        contract        K       ''      {"Department":"D10"}
        contract_line   K       2       {"Department":"D10"}
        funding_source  K       C       {}
        customer        C       ''      {"Department":"D20"}
        resource        Bob     ''      {"Department":"D20"}

        finance.dimension_rule
        project_number  priority
        -               project
        P               contract_line
    """)
    assert apply(books, setup).written == 0


def test_values_stay_and_others_are_added(books: Books) -> None:
    apply(books, with_dimensions())
    apply(
        books, with_dimensions(dimension_attributes=(DimensionAttribute("Department", ("D30",)),))
    )

    books.then("""
        finance.dimension_value
        attribute   value
        Department  D10
        Department  D20
        Department  D30
    """)


def test_what_the_book_knows_may_be_named(books: Books) -> None:
    apply(books, with_dimensions(account_structures=(RESULT,)))
    other = replace(RESULT, structure="Balance", account_from="1000", account_to="3999")

    apply(books, with_dimensions(dimension_attributes=(), account_structures=(other,)))

    meets = replace(other, structure="Costs", account_from="6999", account_to="7999")
    assert refused(books, with_dimensions(account_structures=(meets,))) == [
        ("ERR-A33", "account_from", "6999")
    ]
    # A structure that moves does not meet itself.
    apply(books, with_dimensions(account_structures=(replace(RESULT, account_from="5000"),)))


@pytest.mark.parametrize(
    ("given", "problem"),
    [
        ({"account_structures": (replace(RESULT, account_to="3999"),)}, ("ERR-A33", "account_to", "3999")),
        (
            {"account_structures": (replace(RESULT, optional=("Department",)),)},
            ("ERR-A33", "optional", "Department"),
        ),
        ({"account_structures": (replace(RESULT, optional=("Site",)),)}, ("ERR-A31", "required", "Site")),
        (
            {"account_structures": (replace(RESULT, allowed=(AllowedValues("Department", ("X",)),)),)},
            ("ERR-A31", "allowed", "Department X"),
        ),
        (
            {"account_structures": (RESULT, replace(RESULT, structure="Same"))},
            ("ERR-A33", "account_from", "4000"),
        ),
        ({"account_structures": (RESULT, RESULT)}, ("ERR-A32", "structure", "Result")),
        (
            {"default_dimensions": (DefaultDimension(project="P", dimensions={"Department": "X"}),)},
            ("ERR-A31", "dimensions", "Department X"),
        ),
        (
            {"default_dimensions": (DefaultDimension(project="P", dimensions={"Site": "S"}),)},
            ("ERR-A31", "dimensions", "Site"),
        ),
        (
            {"default_dimensions": (DefaultDimension(project="P", resource="R", dimensions={}),)},
            ("ERR-A33", "dimensions", "project, resource"),
        ),
        (
            {"default_dimensions": (DefaultDimension(project="P", line=1, dimensions={}),)},
            ("ERR-A33", "dimensions", "project, line"),
        ),
        (
            {"default_dimensions": (DefaultDimension(dimensions={}),)},
            ("ERR-A33", "dimensions", ""),
        ),
        (
            {"dimension_rules": (DimensionRule(priority="project", profile="NONE"),)},
            ("ERR-A31", "profile", "NONE"),
        ),
        (
            {"dimension_rules": (DimensionRule(priority="project"), DimensionRule(priority="contract_line"))},
            ("ERR-A32", "profile, contract_number, project_number", ""),
        ),
    ],
)  # fmt: skip
def test_what_is_wrong_refuses_the_file(
    books: Books, given: dict[str, object], problem: tuple[str, str, str]
) -> None:
    assert refused(books, with_dimensions(**given)) == [problem]
    books.then("finance.dimension_value\nvalue")
