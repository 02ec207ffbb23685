"""Whole files: what is no export at all, broken rows, rejects, and the examples."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from openpyxl import Workbook

from tests.operations.entries.test_formats_trackers import (
    CLOCKIFY,
    HARVEST,
    TOGGL,
    TOGGL_ROW,
    csv_text,
)
from twofold.kernel.errors import Refusal, Refused
from twofold.operations.entries.formats.recognise import read_export
from twofold.operations.entries.formats.rejects import write_rejects

EXAMPLES = Path(__file__).parents[3] / "examples"


def refusal_of(path: Path) -> Refusal:
    with pytest.raises(Refused) as refused:
        read_export(path)
    (refusal,) = refused.value.refusals
    assert refusal.remedy
    return refusal


def toggl_file(path: Path, *changes: dict[str, str], encoding: str = "utf-8") -> Path:
    text = csv_text(TOGGL, [TOGGL_ROW | change for change in changes])
    path.write_text(text, encoding, newline="")
    return path


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (b"", "is empty"),
        (b" \r\n\r\n", "is empty"),
        (b"\xef\xbb\xbf\r\n", "has no header in its first line"),
        (bytes(range(256)) * 20, "is not a text file"),
        (b"\xd0\xcf\x11\xe0" + bytes(100), "is a workbook of Excel before 2007"),
        (b"PK\x03\x04" + b"x" * 100, "is not a whole workbook"),
        (csv_text(TOGGL, [TOGGL_ROW]).encode("utf-16-le"), "is not a text file"),
        (b"\xff\xfeU\x00s", "is not UTF-16 text"),
    ],
)
def test_what_is_no_export_is_refused_and_says_so(tmp_path: Path, content: bytes, why: str) -> None:
    path = tmp_path / "file.csv"
    path.write_bytes(content)

    refusal = refusal_of(path)

    assert refusal.code == "ERR-E01"
    assert why in refusal.reason


def test_a_file_that_is_not_there_is_refused(tmp_path: Path) -> None:
    assert "No such file" in refusal_of(tmp_path / "none.csv").reason
    assert "directory" in refusal_of(tmp_path).reason


def test_a_wrong_encoding_is_refused_with_its_line(tmp_path: Path) -> None:
    path = toggl_file(tmp_path / "t.csv", {}, {"Task": "Größe"}, encoding="latin-1")

    refusal = refusal_of(path)

    assert (refusal.code, refusal.record) == ("ERR-E01", "t.csv:3")
    assert "UTF-8" in refusal.reason


def test_a_wrong_byte_far_into_the_file_is_refused_too(tmp_path: Path) -> None:
    path = toggl_file(tmp_path / "t.csv", *[{}] * 3000)
    path.write_bytes(path.read_bytes() + b"\xff")

    assert refusal_of(path).record == "t.csv:3002"


@pytest.mark.parametrize("header", [TOGGL, CLOCKIFY, HARVEST])
def test_a_header_without_rows_is_refused(tmp_path: Path, header: list[str]) -> None:
    path = tmp_path / "t.csv"
    path.write_text(csv_text(header, []), "utf-8")

    assert refusal_of(path).reason == "has a header and no rows"


@pytest.mark.parametrize(
    ("header", "why"),
    [
        (TOGGL[:4] + TOGGL[5:], "is nearest to Toggl Track, detailed report, but misses Task"),
        ([*TOGGL, "Mood"], "is nearest to Toggl Track, detailed report, but has besides Mood"),
        ([*TOGGL, "Task"], "is nearest to Toggl Track, detailed report, but has besides Task"),
        (["Problem", *TOGGL], "but has besides Problem"),
        (
            ["user", *CLOCKIFY[:4], *CLOCKIFY[5:]],
            "is nearest to Clockify, detailed report, but misses User and has besides user",
        ),
        (HARVEST[1:], "is nearest to Harvest, detailed time report, but misses Date"),
        (["a", "b"], "is the header of no format that is known"),
    ],
)
def test_an_unknown_header_is_compared_with_the_nearest_format(
    tmp_path: Path, header: list[str], why: str
) -> None:
    path = tmp_path / "t.csv"
    path.write_text(",".join(header) + "\n" + "," * (len(header) - 1) + "\n", "utf-8")

    refusal = refusal_of(path)

    assert (refusal.code, refusal.record) == ("ERR-E02", "t.csv:1")
    assert why in refusal.reason


def test_a_workbook_of_a_tracker_is_to_be_exported_as_csv(tmp_path: Path) -> None:
    book = Workbook()
    assert book.active is not None
    book.active.append(TOGGL)
    book.save(tmp_path / "t.xlsx")

    assert "is a workbook of Toggl Track" in refusal_of(tmp_path / "t.xlsx").reason


GOOD = ",".join(TOGGL_ROW.values()) + ",,\r\n"


@pytest.mark.parametrize(
    ("bad", "why"),
    [
        ("a,b\r\n", "has 2 columns where the header has 14"),
        (GOOD.replace("\r\n", ",\r\n"), "has 15 columns where the header has 14"),
        (GOOD.replace("Cell layout", '"Cell "12" layout"'), "breaks the rules of quoting"),
        (GOOD.replace("Cell layout", "Cell\0layout"), "has a NUL character in it"),
        (GOOD.replace("Cell layout", "x" * 200_000), "breaks the rules of quoting: field larger"),
    ],
)
def test_a_broken_row_is_refused_and_the_next_is_read(tmp_path: Path, bad: str, why: str) -> None:
    path = tmp_path / "t.csv"
    head = csv_text(TOGGL, []) + GOOD * 2500
    path.write_text(head + bad + GOOD, "utf-8", newline="")

    export = read_export(path)

    assert [refusal.code for refusal in export.refusals] == ["ERR-E04"]
    assert export.refusals[0].record == "t.csv:2502"
    assert why in export.refusals[0].reason
    assert [row.line for row in export.rows][-1] == 2503


def test_a_quote_that_is_never_closed_says_what_it_swallowed(tmp_path: Path) -> None:
    path = tmp_path / "t.csv"
    path.write_text(
        csv_text(TOGGL, []) + GOOD + GOOD.replace("Cell", '"Cell', 1) + GOOD, "utf-8", newline=""
    )

    export = read_export(path)

    assert len(export.rows) == 1
    assert "never closed; 2 lines are lost" in export.refusals[0].reason


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_rejects_are_of_the_kind_of_their_source(tmp_path: Path, encoding: str) -> None:
    text = csv_text(TOGGL, [TOGGL_ROW, TOGGL_ROW | {"Duration": "ö"}], delimiter=";")
    source = tmp_path / "t.csv"
    source.write_text(text, encoding, newline="")
    export = read_export(source)

    count = write_rejects(export, tmp_path / "r.csv", refusals=export.refusals)

    header, row = list(
        csv.reader((tmp_path / "r.csv").read_text(encoding).splitlines(), delimiter=";")
    )
    assert count == 1
    assert header == [*TOGGL, "Problem"]
    assert row[:-1] == [*(TOGGL_ROW | {"Duration": "ö"}).values(), "", ""]
    assert row[-1].startswith("Duration 'ö' is not a duration HH:MM:SS: write it like 07:30:00")
    assert (tmp_path / "r.csv").read_bytes()[:2] == source.read_bytes()[:2]


def test_corrected_rejects_come_in_as_if_they_had_been_right_at_once(tmp_path: Path) -> None:
    day = {"Start time": "", "End time": ""}
    right = read_export(toggl_file(tmp_path / "right.csv", day, day | {"Duration": "02:00:00"}))
    wrong = read_export(toggl_file(tmp_path / "wrong.csv", day, day | {"Duration": "2 h"}))
    rejects = tmp_path / "rejects.csv"
    write_rejects(wrong, rejects, refusals=wrong.refusals)
    rejects.write_text(rejects.read_text("utf-8").replace("2 h", "02:00:00"), "utf-8")

    corrected = read_export(rejects)

    assert corrected.refusals == ()
    assert [row.import_key for row in (*wrong.rows, *corrected.rows)] == [
        row.import_key for row in right.rows
    ]


def test_rejects_of_rejects_have_one_problem_column(tmp_path: Path) -> None:
    first = read_export(toggl_file(tmp_path / "t.csv", {"Duration": "x"}, {"Duration": "y"}))
    write_rejects(first, tmp_path / "r1.csv", refusals=first.refusals)
    again = read_export(tmp_path / "r1.csv")
    write_rejects(again, tmp_path / "r2.csv", refusals=again.refusals)

    assert (tmp_path / "r2.csv").read_bytes() == (tmp_path / "r1.csv").read_bytes()


def test_a_deleted_problem_cell_does_not_break_its_row(tmp_path: Path) -> None:
    path = tmp_path / "r.csv"
    path.write_text(",".join([*TOGGL, "Problem"]) + "\r\n" + GOOD, "utf-8", newline="")

    export = read_export(path)

    assert (len(export.rows), export.refusals) == (1, ())


def test_only_the_problem_cell_may_be_missing(tmp_path: Path) -> None:
    path = tmp_path / "r.csv"
    short = GOOD.replace(",\r\n", "\r\n")
    path.write_text(",".join([*TOGGL, "Problem"]) + "\r\n" + short, "utf-8", newline="")

    export = read_export(path)

    assert [refusal.reason for refusal in export.refusals] == [
        "has 13 columns where the header has 15"
    ]


def test_rows_refused_elsewhere_are_written_with_all_their_problems(tmp_path: Path) -> None:
    export = read_export(toggl_file(tmp_path / "t.csv", {}, {}, {}))
    refusals = [
        Refusal("ERR-E99", "t.csv:3", "User", "Bob", "is not known", "add the person"),
        Refusal("ERR-E99", "t.csv:3", "Task", "Design", "is not known", "add the task"),
    ]

    assert write_rejects(export, tmp_path / "r.csv", refusals=refusals) == 1
    text = (tmp_path / "r.csv").read_text("utf-8")
    assert "User 'Bob' is not known: add the person; Task 'Design' is not known" in text


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=40)
@given(
    st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=30)
    | st.sampled_from(["=1+1", "+1", "-1", "@SUM(A1)", 'say "hi"', "a\r\nb", "\r", " x ", ","])
)
def test_rejected_text_is_written_exactly_as_it_came(tmp_path: Path, text: str) -> None:
    source = toggl_file(tmp_path / "t.csv", {"Description": text, "Duration": "x"})
    export = read_export(source)
    target = tmp_path / "r.csv"
    target.unlink(missing_ok=True)
    write_rejects(export, target, refusals=export.refusals)

    with target.open(encoding="utf-8", newline="") as written:
        assert list(csv.reader(written))[1][5] == text


def test_a_row_with_broken_quoting_is_written_whole(tmp_path: Path) -> None:
    bad = GOOD.replace("Cell layout", '"Cell "12" layout"')
    source = tmp_path / "t.csv"
    source.write_text(csv_text(TOGGL, []) + bad + "a,b\r\n" + "c," * 20 + "\r\n", "utf-8")
    export = read_export(source)

    assert write_rejects(export, tmp_path / "r.csv", refusals=export.refusals) == 3
    with (tmp_path / "r.csv").open(encoding="utf-8", newline="") as written:
        _, quoted, short, long = list(csv.reader(written))
    assert quoted[0] == bad.rstrip()
    assert len(quoted) == 15
    assert short[:3] == ["a", "b", ""]
    assert len(short) == 15
    assert long[:20] == ["c"] * 20


def test_nothing_is_written_over_and_nothing_from_a_changed_source(tmp_path: Path) -> None:
    source = toggl_file(tmp_path / "t.csv", {"Duration": "x"})
    export = read_export(source)

    with pytest.raises(Refused, match="is there already"):
        write_rejects(export, source, refusals=export.refusals)
    with pytest.raises(Refused, match="is not named like the source"):
        write_rejects(export, tmp_path / "r.xlsx", refusals=export.refusals)
    toggl_file(source, {}, {"Duration": "x"})
    with pytest.raises(Refused, match="has changed since it was read"):
        write_rejects(export, tmp_path / "r.csv", refusals=export.refusals)
    source.unlink()
    with pytest.raises(Refused, match="cannot be read"):
        write_rejects(export, tmp_path / "r.csv", refusals=export.refusals)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("file", "name", "date_format", "rows"),
    [
        ("toggl-october.csv", "toggl", "YYYY-MM-DD", 44),
        ("clockify-october.csv", "clockify", "MM/DD/YYYY", 42),
        ("harvest-october.csv", "harvest", "YYYY-MM-DD", 33),
        ("expenses.xlsx", "twofold", "YYYY-MM-DD", 24),
    ],
)
def test_the_examples_read_without_a_problem(
    file: str, name: str, date_format: str, rows: int
) -> None:
    export = read_export(EXAMPLES / file)

    assert (export.format, export.date_format, export.refusals) == (name, date_format, ())
    assert len(export.rows) == len({row.import_key for row in export.rows}) == rows
    assert all(row.on.weekday() < 5 and row.on.month == 10 for row in export.rows)


def test_the_example_with_mistakes_has_exactly_these() -> None:
    export = read_export(EXAMPLES / "toggl-with-mistakes.csv")

    assert [row.line for row in export.rows] == [2, 17]
    assert {refusal.record.partition(":")[0] for refusal in export.refusals} == {
        "toggl-with-mistakes.csv"
    }
    assert [
        (int(refusal.record.partition(":")[2]), refusal.code, refusal.field, refusal.value)
        for refusal in export.refusals
    ] == [
        (3, "ERR-E06", "Start date", "10/06/2026"),
        (4, "ERR-E06", "Start date", "2026-10-32"),
        (5, "ERR-E08", "Duration", "4:00"),
        (6, "ERR-E08", "Duration", "-01:00:00"),
        (7, "ERR-E08", "Duration", "00:00:00"),
        (8, "ERR-E08", "Duration", "25:00:00"),
        (9, "ERR-E09", "End time", "02:00:00"),
        (10, "ERR-E09", "Duration", "05:00:00"),
        (11, "ERR-E07", "Start time", "25:00:00"),
        (12, "ERR-E11", "Billable", "maybe"),
        (13, "ERR-E05", "Project", ""),
        (14, "ERR-E05", "User", ""),
        (15, "ERR-E04", "", ""),
        (16, "ERR-E05", "Start date", ""),
        (16, "ERR-E08", "Duration", "four"),
        (16, "ERR-E11", "Billable", "ja"),
        (18, "ERR-E04", "", ""),
    ]
