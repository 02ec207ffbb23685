"""Import: what the names of a file mean, what is wrong with them, and importing twice."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from hashlib import sha256
from pathlib import Path
from typing import Any, Literal

import pytest

from tests.operations.billing import broken, rows
from tests.operations.entries.working import approve, plant_work
from tests.support.books import Books
from tests.support.clock import NOW
from twofold.kernel.catalogue import refuse
from twofold.kernel.errors import Refusal, Refused
from twofold.operations.entries.formats.records import Export, ExportRow
from twofold.operations.entries.import_entries import ImportResult, import_entries


@pytest.fixture
def work(books: Books) -> Books:
    return plant_work(books)


def row(line: int, **given: Any) -> ExportRow:  # noqa: ANN401 - fields of the record
    """Give a row of Bob's for Adatum, except for what is given."""
    values: dict[str, Any] = {
        "line": line,
        "cls": "time",
        "on": date(2026, 10, 5),
        "person": "Bob Kozack",
        "person_email": "",
        "client": "Adatum",
        "project": "Arm",
        "task": "",
        "role": "",
        "category": "",
        "quantity": Decimal(8),
        "unit_price": None,
        "currency": "",
        "unit": "hour",
        "description": "",
        "external_description": "",
        "billable": None,
        "import_key": sha256(str(line).encode()).digest(),
        **given,
    }
    return ExportRow(**values)


def export(*rows: ExportRow, refusals: tuple[Refusal, ...] = ()) -> Export:
    return Export("toggl", "week.csv", rows, refusals, "YYYY-MM-DD", Path("week.csv"), b"")


def bring(
    books: Books,
    given: Export,
    on_bad_row: Literal["refuse_file", "leave_out"] = "refuse_file",
) -> ImportResult:
    with books.operations.transaction() as transaction:
        return import_entries(transaction, export=given, actor="bob", at=NOW, on_bad_row=on_bad_row)


def test_a_row_becomes_a_submitted_entry(work: Books) -> None:
    result = bring(work, export(row(2, task="design", description="Plan", billable=False), row(3)))

    assert (result.added, result.already_there, result.refusals) == (2, 0, ())
    work.then("""
        operations.entry
        company  entry_id  class  transaction_date  project_id  task_id  resource_id  role_id  quantity  unit  description  billing_type    state
        USPM     1         time   2026-10-05        1           1        1            1        8         hour  Plan         non_chargeable  submitted
        USPM     2         time   2026-10-05        1           -        1            1        8         hour  -            -               submitted

        operations.journal_line
        entry_id  transaction_type  billing_type    amount
        1         cost              non_chargeable  800
        1         unbilled_sales    non_chargeable  1600
        2         cost              chargeable      800
        2         unbilled_sales    chargeable      1600

        operations.imported_line
        company  entry_id  file      line
        USPM     1         week.csv  2
        USPM     2         week.csv  3
    """)  # noqa: E501
    assert not broken(work)
    assert approve(work).entry_count == 2


@pytest.mark.parametrize(
    "given",
    [
        {"person": "bob  KOZACK", "client": "  adatum ", "project": "ARM"},
        {"person": "", "person_email": "Bob@Example.com"},
        {"person": "Robert", "person_email": "bob@example.com"},
        {"client": "C-1", "project": "p-1"},
        {"client": "", "project": "Cell"},
        {"person": "Amy Alberts", "person_email": "amy@elsewhere.example"},
    ],
)
def test_names_are_found_however_they_are_written(work: Books, given: dict[str, Any]) -> None:
    assert bring(work, export(row(2, **given))).added == 1


@pytest.mark.parametrize(
    ("given", "problems"),
    [
        ({"project": "Moon"}, ["ERR-E16 Project Moon"]),
        ({"client": "Contoso"}, ["ERR-E17 Client Contoso"]),
        ({"client": ""}, ["ERR-E18 Project Arm"]),
        ({"person": "Nobody"}, ["ERR-E19 Person Nobody"]),
        ({"person": "", "person_email": "x@example.com"}, ["ERR-E19 Email x@example.com"]),
        ({"person_email": "other@example.com"}, ["ERR-E19 Person Bob Kozack"]),
        ({"task": "Paint"}, ["ERR-E20 Task Paint"]),
        ({"role": "Wizard"}, ["ERR-E21 Role Wizard"]),
        ({"person": "Molly Clark"}, ["ERR-E22 Role "]),
        ({"category": "Parties"}, ["ERR-E23 Category Parties"]),
        ({"project": "Old"}, ["ERR-E24 Project "]),
        (
            {"cls": "material", "category": "Servo motor", "product": "Moon"},
            ["ERR-E31 Product Moon"],
        ),
        (
            {"cls": "expense", "category": "Travel", "unit_price": Decimal(1), "currency": "XXX"},
            ["ERR-E26 Currency XXX"],
        ),
        (
            {"project": "Moon", "person": "Nobody", "role": "Wizard", "category": "Parties"},
            [
                "ERR-E16 Project Moon",
                "ERR-E19 Person Nobody",
                "ERR-E21 Role Wizard",
                "ERR-E23 Category Parties",
            ],
        ),
    ],
)
def test_a_name_that_means_nothing_or_too_much_is_refused(
    work: Books, given: dict[str, Any], problems: list[str]
) -> None:
    with pytest.raises(Refused) as refused:
        bring(work, export(row(2), row(3, **given)))

    assert [f"{one.code} {one.field} {one.value}" for one in refused.value.refusals] == problems
    assert {one.record for one in refused.value.refusals} == {"week.csv:3"}
    assert all(one.remedy for one in refused.value.refusals)
    work.then("""
        operations.entry
        entry_id

        operations.imported_line
        line
    """)


def test_two_people_of_one_name_are_told_apart_by_e_mail(work: Books) -> None:
    work.given("""
        operations.resource
        company  resource_id  name         email             role_id  organizational_unit_id  change_set_id
        USPM     9            BOB KOZACK   bob2@example.com  1        1                       1
    """)  # noqa: E501

    result = bring(
        work, export(row(2), row(3, person_email="bob2@example.com")), on_bad_row="leave_out"
    )

    assert [(one.code, one.record) for one in result.refusals] == [("ERR-E18", "week.csv:2")]
    assert rows(work, "SELECT resource_id FROM operations.entry") == [(9,)]


def test_the_client_tells_two_companies_apart(work: Books) -> None:
    result = bring(work, export(row(2), row(3, client="Coffee")))

    assert [(one.company, one.entry_count) for one in result.companies] == [
        ("GBPM", 1),
        ("USPM", 1),
    ]
    assert [one.unpriced_count for one in result.companies] == [1, 0]
    assert not broken(work)


def test_all_problems_come_at_once_and_in_file_order(work: Books) -> None:
    read = refuse("ERR-E08", "week.csv:3", field="Duration", value="-1")
    given = export(row(2, project="Moon"), row(4), row(5, project="Old"), refusals=(read,))

    with pytest.raises(Refused) as refused:
        bring(work, given)

    assert [(one.record, one.code) for one in refused.value.refusals] == [
        ("week.csv:2", "ERR-E16"),
        ("week.csv:3", "ERR-E08"),
        ("week.csv:5", "ERR-E24"),
    ]


def test_the_good_rows_come_in_when_bad_ones_are_left_out(work: Books) -> None:
    given = export(row(2, project="Moon"), row(3), row(4, project="Old"))

    first = bring(work, given, on_bad_row="leave_out")
    again = bring(work, given, on_bad_row="leave_out")

    assert (first.added, first.already_there, len(first.refusals)) == (1, 0, 2)
    assert (again.added, again.already_there, len(again.refusals)) == (0, 1, 2)
    assert not broken(work)


def test_importing_twice_adds_nothing_even_after_the_project_was_completed(work: Books) -> None:
    bring(work, export(row(2), row(3)))
    with work.owner_operations.raw() as connection:
        connection.execute("UPDATE operations.project SET state = 'completed'")

    again = bring(work, export(row(2), row(3)))

    assert (again.added, again.already_there, again.refusals) == (0, 2, ())
    assert rows(work, "SELECT count(*) FROM operations.entry") == [(2,)]


def test_a_longer_file_adds_only_what_is_new(work: Books) -> None:
    bring(work, export(row(2)))

    assert bring(work, export(row(2), row(3))).added == 1


def test_a_file_without_rows_brings_nothing(work: Books) -> None:
    assert bring(work, export()).added == 0


def test_a_file_of_only_bad_rows_is_refused_with_them(work: Books) -> None:
    read = refuse("ERR-E08", "week.csv:3", field="Duration", value="-1")

    with pytest.raises(Refused):
        bring(work, export(refusals=(read,)))


def test_material_names_its_product_by_number_or_name(work: Books) -> None:
    work.given("""
        operations.product
        product_id  number  name
        1           M-1     Servo
        2           M-2     Bolt
        3           M-3     bolt

        operations.product_price
        company  price_list_id  product_id  unit  method    price
        USPM     1              1           box   per_unit  30
    """)
    part = {"cls": "material", "category": "Servo motor", "unit": "box"}

    result = bring(
        work,
        export(
            row(2, **part, product="m-1"),
            row(3, **part, product=" SERVO"),
            row(4, **part, product="Bolt"),
            row(5, **part),
        ),
        on_bad_row="leave_out",
    )

    assert [(one.code, one.value) for one in result.refusals] == [("ERR-E18", "Bolt")]
    work.then("""
        operations.entry
        entry_id  product_id  unit
        1         1           box
        2         1           box
        4         -           box

        operations.journal_line
        entry_id  transaction_type  price
        1         cost              30
        2         cost              30
        4         cost              340
    """)
