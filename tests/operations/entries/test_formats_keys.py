"""Import keys: importing again adds nothing, and no two pieces of work are taken for one."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.operations.entries.test_formats_trackers import export_of
from twofold.operations.entries.formats.records import Export


def keys(export: Export) -> list[bytes]:
    return [row.import_key for row in export.rows]


def test_equal_rows_of_one_file_are_two_and_come_back_as_the_same_two(tmp_path: Path) -> None:
    once = keys(export_of(tmp_path, "toggl", {}, {}, {"Task": "Installation"}))
    longer = keys(export_of(tmp_path, "toggl", {"Task": "Installation"}, {}, {"Task": "x"}, {}))

    assert len(set(once)) == 3
    assert all(len(key) == 32 for key in once)
    assert set(once) < set(longer)
    assert once == keys(export_of(tmp_path, "toggl", {}, {}, {"Task": "Installation"}))


@pytest.mark.parametrize(
    "change",
    [
        {"Start date": "2026-10-06", "End date": "2026-10-06"},
        {"Start time": "08:00:01", "End time": "15:30:01"},
        {"Duration": "07:29:59", "End time": "15:29:59"},
        {"Email": "amy.alberts@example.com"},
        {"Client": "Contoso Ltd"},
        {"Project": "Robot Cell Retrofit"},
        {"Task": "Designs"},
        {"Description": "Cell layouts"},
        {"Billable": "No"},
        {"Client": "Adatum CorporationA", "Project": "rm Installation at Adatum"},
    ],
)
def test_different_work_has_a_different_key(tmp_path: Path, change: dict[str, str]) -> None:
    assert keys(export_of(tmp_path, "toggl", change)) != keys(export_of(tmp_path, "toggl", {}))


@pytest.mark.parametrize(
    "change",
    [
        {"Date": "2026-10-06"},
        {"Hours": "6.5"},
        {"First Name": "Mollie"},
        {"Notes": "Roasting profile"},
        {"Billable?": "No"},
        {"External Reference URL": "https://example.com/7"},
    ],
)
def test_different_work_of_harvest_has_a_different_key(
    tmp_path: Path, change: dict[str, str]
) -> None:
    plain = keys(export_of(tmp_path, "harvest", {}))

    assert keys(export_of(tmp_path, "harvest", change)) != plain


@pytest.mark.parametrize(
    "change",
    [
        {"Tags": "on site"},
        {"Amount (USD)": "99.00"},
        {"Task": " Design "},
        {"User": "Bob K."},
        {"Email": "Bob.Kozack@example.com"},
    ],
)
def test_what_does_not_identify_work_does_not_change_its_key(
    tmp_path: Path, change: dict[str, str]
) -> None:
    assert keys(export_of(tmp_path, "toggl", change)) == keys(export_of(tmp_path, "toggl", {}))


def test_a_key_does_not_depend_on_how_dates_and_clocks_are_written(tmp_path: Path) -> None:
    european = {"Start Date": "13.10.2026", "End Date": "14.10.2026"}
    european |= {"Start Time": "23:00:00", "End Time": "02:15:27", "Duration (decimal)": "3,3"}

    assert keys(export_of(tmp_path, "clockify", european)) == keys(
        export_of(tmp_path, "clockify", {})
    )
