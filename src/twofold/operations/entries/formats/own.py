"""Twofold's own file, CSV or XLSX: time, expenses, materials and fees in one table.

The header is::

    Class,Date,Person,Email,Client,Project,Task,Role,Category,Quantity,Unit,Unit price,
    Currency,Billable,Description,External description,Reference

Class        time, expense, material or fee; it decides which other columns are needed
Date         YYYY-MM-DD; in XLSX also a cell that holds a date
Person       full name; Email, where given, says the same without doubt. Time and expenses
             need one of the two
Client       may be empty where the project's name is enough
Project      always needed; Task may be empty
Role         time only; empty is the person's usual role
Category     needed for all but time, where it may be empty
Quantity     hours for time (more than 0, at most 24), units for the others
Unit         hour for time; for the others as agreed, ``each`` if empty
Unit price   what one unit cost; never for time, which is priced by role
Currency     of the unit price, three letters; needed with it
Billable     Yes, No, or empty to let the contract decide
Description  for the project; External description is for the customer's invoice
Reference    your own number of the row, used once per file; where given it is the row's
             identity, so that a row with a known reference is never imported again. The
             column may be left out
"""

from __future__ import annotations

import csv
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Final, NamedTuple

from twofold.kernel.errors import Refusal, Refused
from twofold.operations.entries.formats.cells import RowCells
from twofold.operations.entries.formats.dates import ISO, DateReader
from twofold.operations.entries.formats.fields import (
    CHOICE_INVALID,
    Problem,
    decimal_text,
    empty_problem,
    read_choice,
    read_currency,
    read_hours,
    read_price,
    read_quantity,
)
from twofold.operations.entries.formats.layout import Layout
from twofold.operations.entries.formats.records import EntryClass, ExportRow, ImportKeys
from twofold.operations.entries.formats.workbook import CellValue, write_workbook

REFERENCE_REPEATED: Final = "ERR-E13"
TEMPLATE_NOT_WRITTEN: Final = "ERR-E14"
FIELD_MISPLACED: Final = "ERR-E15"

OWN_HEADER: Final = (
    "Class",
    "Date",
    "Person",
    "Email",
    "Client",
    "Project",
    "Task",
    "Role",
    "Category",
    "Quantity",
    "Unit",
    "Unit price",
    "Currency",
    "Billable",
    "Description",
    "External description",
    "Reference",
    "Product",
)

_CLASSES: Final[dict[str, EntryClass]] = {
    "time": "time",
    "expense": "expense",
    "material": "material",
    "fee": "fee",
}


_PLACE: Final = ("Bob Kozack", "bob.kozack@example.com", "Adatum Corporation")
_PROJECT: Final = "Arm Installation at Adatum"
_EXAMPLES: Final[dict[EntryClass, tuple[str, ...]]] = {
    "time": (
        *("time", "2026-10-05", *_PLACE, _PROJECT, "Installation", "Field Engineer", ""),
        *("7.5", "hour", "", "", "Yes", "Mounted the arm", "Installation of the arm", "", ""),
    ),
    "expense": (
        *("expense", "2026-10-05", *_PLACE, _PROJECT, "", "", "Travel"),
        *("1", "each", "182.40", "USD", "Yes", "Train to the site", "Travel", "TRIP-1", ""),
    ),
    "material": (
        *("material", "2026-10-06", "", "", "Adatum Corporation", _PROJECT, "Installation", ""),
        *(
            "Servo motor",
            "2",
            "each",
            "310.00",
            "USD",
            "Yes",
            "Spare motors",
            "Servo motor",
            "",
            "",
        ),
    ),
    "fee": (
        *("fee", "2026-10-31", "", "", "Adatum Corporation", _PROJECT, "", "", "Licence fee"),
        *("1", "each", "450.00", "USD", "Yes", "Controller licence", "Licence fee", "", ""),
    ),
}


class _Measure(NamedTuple):
    """How much of what, and what one of it cost."""

    quantity: Decimal | None
    unit: str
    unit_price: Decimal | None
    currency: str


class _Names(NamedTuple):
    """Who and for what, as the file names them."""

    person: str
    email: str
    client: str
    project: str
    task: str
    role: str
    category: str
    product: str


def read_own_row(
    cells: RowCells, line: int, dates: DateReader, keys: ImportKeys
) -> ExportRow | None:
    """Read one row of Twofold's own format; None after a problem, which ``cells`` then has."""
    cls = cells.needed("Class", _read_class)
    on = cells.needed("Date", dates)
    # Without a class the row is read as far as its columns mean the same to all.
    measure = _read_measure(cells, cls) if cls else None
    names = _read_names(cells, cls)
    billable = cells.given("Billable", read_choice)
    reference = cells.text("Reference")
    if reference and not keys.first_use(reference):
        cells.refuse("Reference", _repeated_problem())
    if cells.troubles:
        return None

    assert cls is not None, line
    assert on is not None, line
    assert measure is not None, line
    assert measure.quantity is not None, line
    texts = (cells.text("Description"), cells.text("External description"))
    content = (cls, on.isoformat(), *names[:-1], *_measure_texts(measure), str(billable), *texts)
    if names.product:
        # At the end and only if given: files from before there was a product keep their keys.
        content = (*content, names.product)
    return ExportRow(
        line=line,
        cls=cls,
        on=on,
        person=names.person,
        person_email=names.email,
        client=names.client,
        project=names.project,
        task=names.task,
        role=names.role,
        category=names.category,
        quantity=measure.quantity,
        unit_price=measure.unit_price,
        currency=measure.currency,
        unit=measure.unit,
        description=texts[0],
        external_description=texts[1],
        billable=billable,
        import_key=keys.of_reference(reference) if reference else keys.of(*content),
        product=names.product,
    )


def _read_class(text: str) -> EntryClass | Problem:
    cls = _CLASSES.get(text.lower())
    if cls is None:
        return Problem(
            CHOICE_INVALID, "is not a class of entries", "write time, expense, material or fee"
        )
    return cls


def _read_measure(cells: RowCells, cls: EntryClass) -> _Measure:
    if cls == "time":
        if cells.text("Unit price"):
            cells.refuse("Unit price", _misplaced_problem("time is priced by its role"))
        cells.given("Unit", _read_hour)
        return _Measure(cells.needed("Quantity", read_hours), "hour", None, "")
    unit_price = cells.given("Unit price", read_price)
    currency = cells.given("Currency", read_currency)
    if unit_price is not None and not cells.text("Currency"):
        cells.refuse("Currency", empty_problem())
    quantity = cells.needed("Quantity", read_quantity)
    return _Measure(quantity, cells.text("Unit") or "each", unit_price, currency or "")


def _read_names(cells: RowCells, cls: EntryClass | None) -> _Names:
    person, email = cells.text("Person"), cells.text("Email")
    if cls in {"time", "expense"} and not person and not email:
        cells.refuse("Person", empty_problem())
    role, category = cells.text("Role"), cells.text("Category")
    if cls not in {"time", None}:
        if role:
            cells.refuse("Role", _misplaced_problem("only time is done in a role"))
        if not category:
            cells.refuse("Category", empty_problem())
    product = cells.text("Product")
    if product and cls not in {"material", None}:
        cells.refuse("Product", _misplaced_problem("only material is a product"))
    project = cells.needed_text("Project")
    client, task = cells.text("Client"), cells.text("Task")
    return _Names(person, email, client, project, task, role, category, product)


def _read_hour(text: str) -> str | Problem:
    if text.lower() == "hour":
        return "hour"
    return Problem(CHOICE_INVALID, "is not the unit of time", "write hour, or leave it empty")


def _measure_texts(measure: _Measure) -> tuple[str, ...]:
    """Measure for the import key: numbers in one form, however they are written."""
    numbers = (measure.quantity, measure.unit_price)
    written = ("" if number is None else decimal_text(number) for number in numbers)
    return (*written, measure.unit, measure.currency)


def _misplaced_problem(reason: str) -> Problem:
    return Problem(FIELD_MISPLACED, f"does not belong here: {reason}", "clear the cell")


def _repeated_problem() -> Problem:
    return Problem(
        REFERENCE_REPEATED,
        "is the reference of an earlier row of this file too",
        "give each row its own reference, or none",
    )


def write_template(path: Path, kind: EntryClass) -> None:
    """Write a file with the header and one example row of a class; ``.csv`` or ``.xlsx``.

    After  ``path`` is a new file that reads without a problem, once the example is replaced.
    """
    if path.exists():
        raise _not_written(path, "is there already", "give a new file name")
    example = dict(zip(OWN_HEADER, _EXAMPLES[kind], strict=True))
    match path.suffix.lower():
        case ".csv":
            with path.open("x", encoding="utf-8-sig", newline="") as target:
                csv.writer(target).writerows((OWN_HEADER, example.values()))
        case ".xlsx":
            cells: dict[str, CellValue] = {
                **example,
                "Date": date.fromisoformat(example["Date"]),
                "Quantity": Decimal(example["Quantity"]),
                "Unit price": Decimal(example["Unit price"]) if example["Unit price"] else None,
            }
            write_workbook(path, (OWN_HEADER, cells.values()))
        case _:
            raise _not_written(path, "is neither CSV nor XLSX", "end the name in .csv or .xlsx")


def _not_written(path: Path, reason: str, remedy: str) -> Refused:
    return Refused(
        Refusal(code=TEMPLATE_NOT_WRITTEN, record=path.name, reason=reason, remedy=remedy)
    )


OWN: Final = Layout(
    name="twofold",
    title="Twofold",
    needed=OWN_HEADER[:-2],
    optional=OWN_HEADER[-2:],
    optional_pattern=None,
    date_columns=("Date",),
    date_format=ISO,
    read_row=read_own_row,
)
