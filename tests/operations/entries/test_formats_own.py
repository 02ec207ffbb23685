"""Twofold's own format, CSV and XLSX: four classes in one table, templates, and references."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterable
from datetime import date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any, get_args
from zipfile import ZipFile

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from openpyxl import Workbook, load_workbook

from twofold.kernel.errors import Refused
from twofold.operations.entries.formats.own import OWN_HEADER, write_template
from twofold.operations.entries.formats.recognise import read_export
from twofold.operations.entries.formats.records import EntryClass, Export
from twofold.operations.entries.formats.rejects import write_rejects

TIME = {"Class": "time", "Date": "2026-10-05", "Person": "Bob Kozack", "Project": "Rollout"}
TIME |= {"Quantity": "7.5"}
EXPENSE = TIME | {"Class": "expense", "Category": "Hotel", "Quantity": "2"}
EXPENSE |= {"Unit price": "129.00", "Currency": "USD"}
CLASSES = get_args(EntryClass)


def csv_file(path: Path, *rows: dict[str, str]) -> Path:
    with path.open("w", encoding="utf-8", newline="") as target:
        writer = csv.DictWriter(target, OWN_HEADER, restval="")
        writer.writeheader()
        writer.writerows(rows)
    return path


def xlsx_file(path: Path, *rows: dict[str, Any], header: Iterable[str] = OWN_HEADER) -> Path:
    book = Workbook()
    sheet = book.active
    assert sheet is not None
    columns = list(header)
    sheet.append(columns)
    for row in rows:
        sheet.append([row.get(column) for column in columns])
    book.create_sheet("Notes").append(["not looked at"])
    book.save(path)
    return path


def problems(export: Export) -> list[tuple[str, str, str]]:
    return [(refusal.code, refusal.field, refusal.value) for refusal in export.refusals]


def read(folder: Path, *rows: dict[str, str]) -> Export:
    return read_export(csv_file(folder / "own.csv", *rows))


def test_the_four_classes_are_read(tmp_path: Path) -> None:
    rows = read(
        tmp_path,
        TIME | {"Role": "Developer", "Billable": "No", "External description": "Setup"},
        EXPENSE,
        EXPENSE | {"Class": "material", "Person": "", "Unit": "piece"},
        EXPENSE | {"Class": "fee", "Person": "", "Unit price": "", "Currency": ""},
    ).rows

    assert [row.cls for row in rows] == ["time", "expense", "material", "fee"]
    assert [row.unit for row in rows] == ["hour", "each", "piece", "each"]
    assert [row.unit_price for row in rows] == [None, Decimal(129), Decimal(129), None]
    assert [row.currency for row in rows] == ["", "USD", "USD", ""]
    assert (rows[0].role, rows[0].billable, rows[1].billable) == ("Developer", False, None)
    assert rows[0].external_description == "Setup"


@pytest.mark.parametrize(
    ("row", "problem"),
    [
        (TIME | {"Class": "travel"}, ("ERR-E11", "Class", "travel")),
        (TIME | {"Class": ""}, ("ERR-E05", "Class", "")),
        (TIME | {"Date": "05/10/2026"}, ("ERR-E06", "Date", "05/10/2026")),
        (TIME | {"Person": ""}, ("ERR-E05", "Person", "")),
        (TIME | {"Project": ""}, ("ERR-E05", "Project", "")),
        (TIME | {"Quantity": ""}, ("ERR-E05", "Quantity", "")),
        (TIME | {"Quantity": "25"}, ("ERR-E08", "Quantity", "25")),
        (TIME | {"Unit": "day"}, ("ERR-E11", "Unit", "day")),
        (TIME | {"Unit price": "95"}, ("ERR-E15", "Unit price", "95")),
        (EXPENSE | {"Person": ""}, ("ERR-E05", "Person", "")),
        (EXPENSE | {"Role": "Developer"}, ("ERR-E15", "Role", "Developer")),
        (EXPENSE | {"Category": ""}, ("ERR-E05", "Category", "")),
        (EXPENSE | {"Quantity": "0"}, ("ERR-E10", "Quantity", "0")),
        (EXPENSE | {"Unit price": "1,290"}, ("ERR-E10", "Unit price", "1,290")),
        (EXPENSE | {"Currency": ""}, ("ERR-E05", "Currency", "")),
        (EXPENSE | {"Currency": "Euro"}, ("ERR-E11", "Currency", "Euro")),
        (EXPENSE | {"Billable": "x"}, ("ERR-E11", "Billable", "x")),
        (EXPENSE | {"Product": "M-1"}, ("ERR-E15", "Product", "M-1")),
        (TIME | {"Product": "M-1"}, ("ERR-E15", "Product", "M-1")),
    ],
)
def test_each_class_has_its_rules(
    tmp_path: Path, row: dict[str, str], problem: tuple[str, str, str]
) -> None:
    export = read(tmp_path, row, TIME)

    assert problems(export) == [problem]
    assert [row.line for row in export.rows] == [3]


def test_a_product_is_material_s_and_part_of_what_a_row_is(tmp_path: Path) -> None:
    part = EXPENSE | {"Class": "material", "Unit": "box"}

    first, second = read(tmp_path, part, part | {"Product": "M-1"}).rows

    assert (first.product, second.product) == ("", "M-1")
    assert first.import_key != second.import_key


def test_a_file_from_before_products_is_recognised_still(tmp_path: Path) -> None:
    with (tmp_path / "old.csv").open("w", encoding="utf-8", newline="") as target:
        writer = csv.DictWriter(target, OWN_HEADER[:-1], restval="")
        writer.writeheader()
        writer.writerow(EXPENSE)

    (old,) = read_export(tmp_path / "old.csv").rows

    assert old.import_key == read(tmp_path, EXPENSE).rows[0].import_key


def test_an_expense_of_many_units_is_no_long_day(tmp_path: Path) -> None:
    assert read(tmp_path, EXPENSE | {"Quantity": "250"}).rows[0].quantity == 250


def test_csv_dates_are_iso_only(tmp_path: Path) -> None:
    path = csv_file(tmp_path / "own.csv", TIME)

    assert read_export(path, date_format="YYYY-MM-DD").rows
    with pytest.raises(Refused, match="leave out --date-format"):
        read_export(path, date_format="DD/MM/YYYY")


def test_the_reference_is_the_whole_identity(tmp_path: Path) -> None:
    (first,) = read(tmp_path, TIME | {"Reference": "R-1"}).rows
    (edited,) = read(tmp_path, TIME | {"Reference": "R-1", "Quantity": "8"}).rows
    (other,) = read(tmp_path, TIME | {"Reference": "R-2"}).rows
    (unnamed,) = read(tmp_path, TIME).rows

    assert first.import_key == edited.import_key
    assert len({first.import_key, other.import_key, unnamed.import_key}) == 3


def test_a_reference_is_used_once_even_by_a_bad_row(tmp_path: Path) -> None:
    export = read(
        tmp_path,
        TIME | {"Reference": "R-1", "Quantity": "x"},
        TIME | {"Reference": "R-1"},
        TIME | {"Reference": "R-2"},
    )

    assert problems(export) == [("ERR-E10", "Quantity", "x"), ("ERR-E13", "Reference", "R-1")]
    assert [row.line for row in export.rows] == [4]


def test_the_reference_column_may_be_left_out(tmp_path: Path) -> None:
    path = xlsx_file(tmp_path / "own.xlsx", TIME, header=OWN_HEADER[:-1])

    assert len(read_export(path).rows) == 1


def test_equal_numbers_are_equal_rows(tmp_path: Path) -> None:
    first, second = read(tmp_path, EXPENSE, EXPENSE | {"Unit price": "129"}).rows
    (again,) = read(tmp_path, EXPENSE | {"Unit price": "129.0", "Quantity": "2.00"}).rows

    assert first.import_key != second.import_key
    assert again.import_key == first.import_key


def test_real_cells_read_as_the_same_text_does(tmp_path: Path) -> None:
    texts = csv_file(
        tmp_path / "own.csv",
        EXPENSE | {"Billable": "Yes", "Unit price": "0.3"},
        EXPENSE | {"Date": "2026-10-06"},
    )
    cells = xlsx_file(
        tmp_path / "own.xlsx",
        EXPENSE
        | {"Date": datetime(2026, 10, 5), "Quantity": 2, "Unit price": 0.1 + 0.2}  # noqa: DTZ001 - of a cell
        | {"Billable": True},
        EXPENSE | {"Date": date(2026, 10, 6), "Unit price": 129.0},
    )

    assert read_export(cells).rows == read_export(texts).rows


def test_a_date_cell_with_a_time_of_day_is_no_date(tmp_path: Path) -> None:
    moment = datetime(2026, 10, 5, 8, 30)  # noqa: DTZ001 - a cell has no time zone
    path = xlsx_file(tmp_path / "own.xlsx", TIME | {"Date": moment})

    assert problems(read_export(path)) == [("ERR-E06", "Date", "2026-10-05T08:30:00")]


def test_text_dates_in_workbooks_are_iso_only(tmp_path: Path) -> None:
    path = xlsx_file(tmp_path / "own.xlsx", TIME, TIME | {"Date": "05.10.2026"})

    assert problems(read_export(path)) == [("ERR-E06", "Date", "05.10.2026")]


def test_a_formula_that_was_never_calculated_is_not_an_empty_cell(tmp_path: Path) -> None:
    path = xlsx_file(tmp_path / "own.xlsx", TIME, TIME | {"Description": "=A2"})

    export = read_export(path)

    assert [row.line for row in export.rows] == [2]
    assert problems(export) == [("ERR-E04", "Description", "=A2")]
    assert "never calculated" in export.refusals[0].reason


def test_the_error_of_a_formula_is_not_a_text(tmp_path: Path) -> None:
    path = xlsx_file(tmp_path / "own.xlsx", TIME | {"Task": "#N/A", "Quantity": "#DIV/0!"})

    assert problems(read_export(path)) == [
        ("ERR-E04", "Task", "#N/A"),
        ("ERR-E04", "Quantity", "#DIV/0!"),
    ]


def test_blank_rows_and_cells_beyond_the_header(tmp_path: Path) -> None:
    path = xlsx_file(
        tmp_path / "own.xlsx", {}, TIME, TIME | {"Note": "x"}, header=(*OWN_HEADER, "Note")
    )
    book = load_workbook(path)
    book.worksheets[0].cell(1, len(OWN_HEADER) + 1).value = None
    book.save(path)

    export = read_export(path)

    assert [row.line for row in export.rows] == [3]
    assert [refusal.record for refusal in export.refusals] == ["own.xlsx:4"]
    assert export.refusals[0].reason == "has cells to the right of the header"


def test_a_workbook_that_tells_a_wrong_size_is_read_whole(tmp_path: Path) -> None:
    path, wrong = xlsx_file(tmp_path / "own.xlsx", TIME, TIME), tmp_path / "wrong.xlsx"
    with ZipFile(path) as source, ZipFile(wrong, "w") as target:
        for name in source.namelist():
            content = re.sub(
                rb'<dimension ref="[^"]+"', b'<dimension ref="A1:B2"', source.read(name)
            )
            target.writestr(name, content)

    assert len(read_export(wrong).rows) == 2


def test_an_empty_workbook_is_refused(tmp_path: Path) -> None:
    Workbook().save(tmp_path / "own.xlsx")

    with pytest.raises(Refused, match="has no header in the first row"):
        read_export(tmp_path / "own.xlsx")


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@SUM(A1)", "plain"])
def test_rejected_workbook_rows_are_the_same_cells_and_never_formulas(
    tmp_path: Path, text: str
) -> None:
    source = xlsx_file(tmp_path / "own.xlsx", TIME, {})
    book = load_workbook(source)
    day = datetime(2026, 10, 5)  # noqa: DTZ001 - a cell has no time zone
    values = ["expense", day, None, None, None, "Rollout", text, None, "Hotel", 2, None, 1.5]
    for column, value in enumerate(values, start=1):
        cell: Any = book.worksheets[0].cell(3, column, value)
        if value == text:
            cell.data_type = "s"
    book.save(source)
    export = read_export(source)
    assert problems(export) == [("ERR-E05", "Currency", ""), ("ERR-E05", "Person", "")]

    assert write_rejects(export, tmp_path / "r.xlsx", refusals=export.refusals) == 1

    sheet = load_workbook(tmp_path / "r.xlsx").worksheets[0]
    header, row = list(sheet.iter_rows())
    assert [cell.value for cell in header] == [*OWN_HEADER, "Problem"]
    assert [cell.value for cell in row[: len(values)]] == values
    assert row[6].data_type == "s"
    assert row[-1].value == "Currency is empty: fill it in; Person is empty: fill it in"
    assert problems(read_export(tmp_path / "r.xlsx")) == problems(export)


@pytest.mark.parametrize("kind", CLASSES)
@pytest.mark.parametrize("ending", [".csv", ".xlsx"])
def test_a_template_reads_without_a_problem(tmp_path: Path, kind: EntryClass, ending: str) -> None:
    path = tmp_path / f"template{ending}"

    write_template(path, kind)

    export = read_export(path)
    assert export.refusals == ()
    assert [row.cls for row in export.rows] == [kind]
    with pytest.raises(Refused, match="is there already"):
        write_template(path, kind)


def test_both_templates_say_the_same(tmp_path: Path) -> None:
    write_template(tmp_path / "t.csv", "expense")
    write_template(tmp_path / "t.xlsx", "expense")

    assert read_export(tmp_path / "t.csv").rows == read_export(tmp_path / "t.xlsx").rows


def test_a_template_is_csv_or_xlsx(tmp_path: Path) -> None:
    with pytest.raises(Refused, match="is neither CSV nor XLSX"):
        write_template(tmp_path / "t.ods", "time")
    assert list(tmp_path.iterdir()) == []


NAMES = st.text(st.characters(min_codepoint=33, max_codepoint=0x2FFF, categories=["L", "P", "N"]))


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=40)
@given(
    quantity=st.decimals("0.0001", 99_999, places=4),
    price=st.decimals(0, 99_999, places=4),
    days=st.integers(0, 3000),
    description=NAMES,
)
def test_what_is_written_is_what_is_read_in_both_kinds(
    tmp_path: Path, quantity: Decimal, price: Decimal, days: int, description: str
) -> None:
    on = date(2020, 1, 1) + timedelta(days=days)
    row = EXPENSE | {"Description": f"x{description}"}
    numbers = {"Date": on, "Quantity": float(quantity), "Unit price": float(price)}
    texts = {"Date": on.isoformat(), "Quantity": str(quantity), "Unit price": f"{price:f}"}

    (from_text,) = read_export(csv_file(tmp_path / "own.csv", row | texts)).rows
    (from_cells,) = read_export(xlsx_file(tmp_path / "own.xlsx", row | numbers)).rows

    assert (from_text.on, from_text.quantity, from_text.unit_price) == (on, quantity, price)
    assert from_text.description == f"x{description}"
    assert from_cells == from_text
