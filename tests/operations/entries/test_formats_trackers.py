"""Exports of Toggl Track, Clockify and Harvest: recognised by header, read row by row."""

from __future__ import annotations

import csv
import io
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from twofold.kernel.errors import Refused
from twofold.operations.entries.formats.fields import duration_text
from twofold.operations.entries.formats.recognise import read_export
from twofold.operations.entries.formats.records import Export

TOGGL = [
    "User",
    "Email",
    "Client",
    "Project",
    "Task",
    "Description",
    "Billable",
    "Start date",
    "Start time",
    "End date",
    "End time",
    "Duration",
    "Tags",
    "Amount (USD)",
]
CLOCKIFY = [
    "Project",
    "Client",
    "Description",
    "Task",
    "User",
    "Group",
    "Email",
    "Tags",
    "Billable",
    "Start Date",
    "Start Time",
    "End Date",
    "End Time",
    "Duration (h)",
    "Duration (decimal)",
    "Billable Rate (USD)",
    "Billable Amount (USD)",
]
HARVEST = [
    "Date",
    "Client",
    "Project",
    "Project Code",
    "Task",
    "Notes",
    "Hours",
    "Billable?",
    "Invoiced?",
    "First Name",
    "Last Name",
    "Roles",
    "Employee?",
    "Billable Rate",
    "Billable Amount",
    "Cost Rate",
    "Cost Amount",
    "Currency",
    "External Reference URL",
]

TOGGL_ROW = {
    "User": "Bob Kozack",
    "Email": "bob.kozack@example.com",
    "Client": "Adatum Corporation",
    "Project": "Arm Installation at Adatum",
    "Task": "Design",
    "Description": "Cell layout",
    "Billable": "Yes",
    "Start date": "2026-10-05",
    "Start time": "08:00:00",
    "End date": "2026-10-05",
    "End time": "15:30:00",
    "Duration": "07:30:00",
}
CLOCKIFY_ROW = {
    "Project": "Warehouse Rollout",
    "Client": "Northwind Traders",
    "User": "Amy Alberts",
    "Email": "amy.alberts@example.com",
    "Billable": "Yes",
    "Start Date": "10/13/2026",
    "Start Time": "11:00:00 PM",
    "End Date": "10/14/2026",
    "End Time": "02:15:27 AM",
    "Duration (h)": "03:15:27",
    "Duration (decimal)": "3.26",
}
HARVEST_ROW = {
    "Date": "2026-10-05",
    "Client": "Fourth Coffee",
    "Project": "Roastery Automation",
    "Task": "Analysis",
    "Notes": "Roasting profiles",
    "Hours": "6.25",
    "Billable?": "Yes",
    "Invoiced?": "No",
    "First Name": "Molly",
    "Last Name": "Clark",
    "Roles": "Consultant",
}
BASES = {"toggl": (TOGGL, TOGGL_ROW), "clockify": (CLOCKIFY, CLOCKIFY_ROW)}
BASES["harvest"] = (HARVEST, HARVEST_ROW)


def csv_text(header: list[str], rows: list[dict[str, str]], *, delimiter: str = ",") -> str:
    text = io.StringIO()
    writer = csv.DictWriter(text, header, restval="", delimiter=delimiter)
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue()


def export_of(
    folder: Path, kind: str, *changes: dict[str, str], date_format: str | None = None
) -> Export:
    """Read a file with the format's usual row, once per change of it."""
    header, row = BASES[kind]
    path = folder / f"{kind}.csv"
    path.write_text(csv_text(header, [row | change for change in changes]), "utf-8", newline="")
    return read_export(path, date_format=date_format)


def problems(export: Export) -> list[tuple[str, str, str]]:
    return [(refusal.code, refusal.field, refusal.value) for refusal in export.refusals]


def test_a_toggl_row_is_read_whole(tmp_path: Path) -> None:
    (row,) = export_of(tmp_path, "toggl", {}).rows

    assert (row.line, row.cls, row.on, row.quantity) == (
        2,
        "time",
        date(2026, 10, 5),
        Decimal("7.5"),
    )
    assert (row.person, row.person_email) == ("Bob Kozack", "bob.kozack@example.com")
    assert (row.client, row.project) == ("Adatum Corporation", "Arm Installation at Adatum")
    assert (row.task, row.description, row.role, row.unit) == ("Design", "Cell layout", "", "hour")
    assert (row.billable, row.unit_price, row.currency) == (True, None, "")


def test_a_clockify_row_past_midnight_counts_for_the_day_it_began(tmp_path: Path) -> None:
    (row,) = export_of(tmp_path, "clockify", {}).rows

    assert (row.on, row.quantity) == (date(2026, 10, 13), Decimal("3.2575"))


def test_a_harvest_row_is_read_whole(tmp_path: Path) -> None:
    (row,) = export_of(tmp_path, "harvest", {}).rows

    assert (row.person, row.person_email, row.role) == ("Molly Clark", "", "Consultant")
    assert (row.on, row.quantity) == (date(2026, 10, 5), Decimal("6.25"))
    assert row.description == "Roasting profiles"


def test_of_several_harvest_roles_none_is_picked(tmp_path: Path) -> None:
    (row,) = export_of(tmp_path, "harvest", {"Roles": "Consultant, Developer"}).rows

    assert row.role == ""


@pytest.mark.parametrize("amount", ["Amount (EUR)", "Amount ()", "Amount", None])
def test_toggls_amount_column_varies(tmp_path: Path, amount: str | None) -> None:
    header = TOGGL[:-1] + ([amount] if amount else [])
    path = tmp_path / "t.csv"
    path.write_text(csv_text(header, [TOGGL_ROW]), "utf-8")

    assert read_export(path).format == "toggl"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_encoding_delimiter_and_column_order_make_no_difference(
    tmp_path: Path, encoding: str, delimiter: str
) -> None:
    row = TOGGL_ROW | {"Description": "Größe, Form; Höhe\tλ"}
    plain = tmp_path / "plain.csv"
    plain.write_text(csv_text(TOGGL, [row]), "utf-8")
    other = tmp_path / "other.csv"
    other.write_text(csv_text(TOGGL[::-1], [row], delimiter=delimiter), encoding)

    assert read_export(other).rows == read_export(plain).rows


def test_a_row_is_known_by_the_line_it_begins_on(tmp_path: Path) -> None:
    export = export_of(
        tmp_path, "toggl", {"Description": "one\ntwo\r\nthree"}, {"Task": ""}, {"Duration": "x"}
    )

    assert [row.line for row in export.rows] == [2, 5]
    assert [refusal.record for refusal in export.refusals] == ["toggl.csv:6"]


def test_blank_lines_are_passed_over_and_counted(tmp_path: Path) -> None:
    path = tmp_path / "t.csv"
    text = csv_text(TOGGL, [TOGGL_ROW])
    path.write_text(text.replace("\r\n", "\r\n\r\n," + "," * 12 + "\r\n", 1), "utf-8", newline="")

    assert [row.line for row in read_export(path).rows] == [4]


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        ({"Start date": "05/10/2026"}, ("ERR-E06", "Start date", "05/10/2026")),
        ({"Start date": ""}, ("ERR-E05", "Start date", "")),
        ({"End date": "2026-10-32"}, ("ERR-E06", "End date", "2026-10-32")),
        ({"Start time": "25:00:00"}, ("ERR-E07", "Start time", "25:00:00")),
        ({"Duration": "7.5"}, ("ERR-E08", "Duration", "7.5")),
        ({"Duration": ""}, ("ERR-E05", "Duration", "")),
        ({"Duration": "07:30:01"}, ("ERR-E09", "Duration", "07:30:01")),
        ({"End time": "07:59:59"}, ("ERR-E09", "End time", "07:59:59")),
        ({"End date": "2026-10-04"}, ("ERR-E09", "End time", "15:30:00")),
        ({"Billable": "maybe"}, ("ERR-E11", "Billable", "maybe")),
        ({"Project": " "}, ("ERR-E05", "Project", "")),
        ({"User": "", "Email": ""}, ("ERR-E05", "User", "")),
    ],
)
def test_a_mistake_is_reported_with_field_and_value(
    tmp_path: Path, change: dict[str, str], problem: tuple[str, str, str]
) -> None:
    export = export_of(tmp_path, "toggl", {}, change)

    assert problems(export) == [problem]
    assert export.refusals[0].record == "toggl.csv:3"
    assert export.refusals[0].remedy
    assert len(export.rows) == 1


def test_all_mistakes_of_all_rows_are_reported_at_once(tmp_path: Path) -> None:
    export = export_of(
        tmp_path,
        "toggl",
        {"Start date": "x", "Duration": "y", "Billable": "z"},
        {"Project": ""},
    )

    assert [(refusal.record, refusal.field) for refusal in export.refusals] == [
        ("toggl.csv:2", "Start date"),
        ("toggl.csv:2", "Duration"),
        ("toggl.csv:2", "Billable"),
        ("toggl.csv:3", "Project"),
    ]


@pytest.mark.parametrize(
    "change",
    [
        {"Task": "", "Client": "", "Description": ""},
        {"User": ""},
        {"Email": ""},
        {"Start time": "", "End date": "", "End time": ""},
        {"End date": "2026-10-06", "End time": "01:00:00", "Duration": "17:00:00"},
        {"End date": "2026-10-06", "End time": "08:00:00", "Duration": "24:00:00"},
    ],
)
def test_what_a_tracker_may_leave_out_or_do_is_taken(
    tmp_path: Path, change: dict[str, str]
) -> None:
    export = export_of(tmp_path, "toggl", change)

    assert (len(export.rows), export.refusals) == (1, ())


def test_billable_is_yes_no_or_not_told(tmp_path: Path) -> None:
    rows = export_of(
        tmp_path, "toggl", {"Billable": "Yes"}, {"Billable": "No"}, {"Billable": ""}
    ).rows

    assert [row.billable for row in rows] == [True, False, None]


def test_times_without_seconds_agree_within_the_minute(tmp_path: Path) -> None:
    cut = {"Start Time": "11:00 PM", "End Time": "02:15 AM"}
    export = export_of(
        tmp_path,
        "clockify",
        cut | {"Duration (h)": "03:15:59", "Duration (decimal)": "3.27"},
        cut | {"Duration (h)": "03:16:00", "Duration (decimal)": "3.27"},
    )

    assert [row.line for row in export.rows] == [2]
    assert problems(export) == [("ERR-E09", "Duration (h)", "03:16:00")]


@pytest.mark.parametrize(
    "cut",
    [
        {"Start Time": "11:00 PM", "Duration (h)": "03:15:00", "Duration (decimal)": "3.25"},
        {"End Time": "02:15 AM"},
    ],
)
def test_one_time_without_seconds_is_enough_to_be_off(tmp_path: Path, cut: dict[str, str]) -> None:
    assert len(export_of(tmp_path, "clockify", cut).rows) == 1


@pytest.mark.parametrize(
    ("decimal", "agrees"),
    [
        *(("3.26", True), ("3.25", False), ("3.27", False), ("3.3", True), ("3,26", True)),
        *(("3.2575", True), ("3.2574", False), ("3.25749999", False), ("3", True), ("", True)),
    ],
)
def test_clockifys_two_durations_agree_within_rounding(
    tmp_path: Path, decimal: str, *, agrees: bool
) -> None:
    export = export_of(tmp_path, "clockify", {"Duration (decimal)": decimal})

    assert bool(export.rows) is agrees
    assert [refusal.field for refusal in export.refusals] == (
        [] if agrees else ["Duration (decimal)"]
    )


def test_a_half_rounds_either_way(tmp_path: Path) -> None:
    change = {"End Time": "11:00:18 PM", "End Date": "10/13/2026", "Duration (h)": "00:00:18"}
    export = export_of(
        tmp_path,
        "clockify",
        change | {"Duration (decimal)": "0.00"},
        change | {"Duration (decimal)": "0.01"},
    )

    assert [row.quantity for row in export.rows] == [Decimal("0.005")] * 2


@pytest.mark.parametrize("text", ["10/05/2026", "05.10.2026", "05-10-2026"])
def test_ambiguous_dates_are_asked_for(tmp_path: Path, text: str) -> None:
    change = {"Start Date": text, "End Date": "", "End Time": ""}

    with pytest.raises(Refused) as refused:
        export_of(tmp_path, "clockify", change)

    (refusal,) = refused.value.refusals
    assert refusal.code == "ERR-E03"
    assert (refusal.record, refusal.field, refusal.value) == ("clockify.csv:2", "Start Date", text)
    assert refusal.remedy.count("--date-format") == 2


def test_an_end_date_may_decide_the_format(tmp_path: Path) -> None:
    night = {"Start Date": "12/10/2026", "End Date": "13/10/2026"}

    assert export_of(tmp_path, "clockify", night).rows[0].on == date(2026, 10, 12)


def test_a_given_date_format_is_used_and_rows_that_do_not_fit_are_refused(tmp_path: Path) -> None:
    day = {"End Date": "", "End Time": ""}
    export = export_of(
        tmp_path,
        "clockify",
        day | {"Start Date": "05/10/2026"},
        day | {"Start Date": "10/13/2026"},
        date_format="DD/MM/YYYY",
    )

    assert [row.on for row in export.rows] == [date(2026, 10, 5)]
    assert problems(export) == [("ERR-E06", "Start Date", "10/13/2026")]
    assert export.date_format == "DD/MM/YYYY"


def test_a_date_format_can_be_given_for_toggl(tmp_path: Path) -> None:
    change = {"Start date": "05.10.2026", "End date": "05.10.2026"}
    export = export_of(tmp_path, "toggl", change, date_format="DD.MM.YYYY")

    assert export.rows[0].on == date(2026, 10, 5)


def test_an_invoiced_harvest_row_is_not_billed_again(tmp_path: Path) -> None:
    export = export_of(tmp_path, "harvest", {"Invoiced?": "Yes"}, {"Invoiced?": ""})

    assert problems(export) == [("ERR-E12", "Invoiced?", "Yes")]
    assert export.refusals[0].remedy == "remove the row, or set Invoiced? to No"
    assert [row.line for row in export.rows] == [3]


@pytest.mark.parametrize(
    ("hours", "problem"),
    [("-1", "ERR-E08"), ("0", "ERR-E08"), ("24.5", "ERR-E08"), ("1,500", "ERR-E10")],
)
def test_impossible_harvest_hours_are_refused(tmp_path: Path, hours: str, problem: str) -> None:
    assert problems(export_of(tmp_path, "harvest", {"Hours": hours})) == [(problem, "Hours", hours)]


def test_a_locale_of_harvest_with_decimal_commas_is_read(tmp_path: Path) -> None:
    (row,) = export_of(tmp_path, "harvest", {"Date": "26.10.2026", "Hours": "7,5"}).rows

    assert (row.on, row.quantity) == (date(2026, 10, 26), Decimal("7.5"))


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=40)
@given(st.text(max_size=40), st.integers(1, 86_400))
def test_any_description_and_duration_come_through(tmp_path: Path, text: str, seconds: int) -> None:
    text = text.replace("\0", "").encode("utf-8", "ignore").decode()
    clock = {"Start time": "", "End time": ""}
    change = clock | {"Description": text, "Duration": duration_text(seconds)}

    export = export_of(tmp_path, "toggl", change)

    assert [row.description for row in export.rows] == [text.strip()]
    assert round(export.rows[0].quantity * 3600) == seconds
