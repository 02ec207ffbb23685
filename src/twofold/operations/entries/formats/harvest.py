"""Harvest's detailed time report as CSV.

Harvest has hours, not start and end, and no address of the person. What Harvest has invoiced
already is refused: billing the same hour from two systems is the mistake that costs most.
"""

from __future__ import annotations

from typing import Final

from twofold.operations.entries.formats.cells import RowCells
from twofold.operations.entries.formats.dates import DateReader
from twofold.operations.entries.formats.fields import Problem, decimal_text, read_choice, read_hours
from twofold.operations.entries.formats.layout import Layout
from twofold.operations.entries.formats.records import ExportRow, ImportKeys

ALREADY_INVOICED: Final = "ERR-E12"


def read_harvest_row(
    cells: RowCells, line: int, dates: DateReader, keys: ImportKeys
) -> ExportRow | None:
    """Read one time entry of Harvest; None after a problem, which ``cells`` then has."""
    on = cells.needed("Date", dates)
    hours = cells.needed("Hours", read_hours)
    billable = cells.given("Billable?", read_choice)
    _check_not_invoiced(cells)
    first_name, last_name = cells.needed_text("First Name"), cells.text("Last Name")
    project = cells.needed_text("Project")
    if cells.troubles:
        return None

    assert on is not None, line
    assert hours is not None, line
    person = f"{first_name} {last_name}".strip()
    client, task, notes = cells.text("Client"), cells.text("Task"), cells.text("Notes")
    return ExportRow(
        line=line,
        cls="time",
        on=on,
        person=person,
        person_email="",
        client=client,
        project=project,
        task=task,
        role=_only_role(cells.text("Roles")),
        category="",
        quantity=hours,
        unit_price=None,
        currency="",
        unit="hour",
        description=notes,
        external_description="",
        billable=billable,
        import_key=keys.of(
            on.isoformat(),
            decimal_text(hours),
            person,
            client,
            project,
            task,
            notes,
            str(billable),
            cells.text("External Reference URL"),
        ),
    )


def _check_not_invoiced(cells: RowCells) -> None:
    if cells.given("Invoiced?", read_choice):
        cells.refuse(
            "Invoiced?",
            Problem(
                ALREADY_INVOICED,
                "is already invoiced in Harvest",
                "remove the row, or set Invoiced? to No",
            ),
        )


def _only_role(roles: str) -> str:
    """Role of the person, if Harvest lists one: of several, none can be picked for them."""
    return "" if "," in roles else roles


HARVEST: Final = Layout(
    name="harvest",
    title="Harvest, detailed time report",
    needed=(
        "Date",
        "Client",
        "Project",
        "Task",
        "Notes",
        "Hours",
        "Billable?",
        "Invoiced?",
        "First Name",
        "Last Name",
    ),
    optional=(
        "Project Code",
        "Hours Rounded",
        "Approved?",
        "Employee Id",
        "Department",
        "Roles",
        "Employee?",
        "Billable Rate",
        "Billable Amount",
        "Cost Rate",
        "Cost Amount",
        "Currency",
        "External Reference URL",
    ),
    optional_pattern=None,
    date_columns=("Date",),
    date_format=None,
    read_row=read_harvest_row,
)
