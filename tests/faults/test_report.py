"""No row of the fault matrix is forgotten: each is tested, or stands there with a reason."""

from __future__ import annotations

from tests.faults.report import crash_points, marked, not_built, rows, write


def test_every_row_is_tested_or_says_why_not() -> None:
    known, tested, reasons = {row.number for row in rows()}, set(marked()), set(not_built())

    assert known - tested - reasons == set()


def test_a_row_is_not_both_tested_and_not_built() -> None:
    assert set(marked()) & set(not_built()) == set()


def test_marks_and_reasons_name_rows_of_the_matrix() -> None:
    known = {row.number for row in rows()}

    assert (set(marked()) | set(not_built())) - known == set()


def test_the_page_shows_every_row_and_how_it_ended() -> None:
    page = write({"F001", "CP01/engine"}, {"F002", "CP02/server"})

    assert "1 rows pass, 1 fail" in page
    assert all(f"| {row.number} |" in page for row in rows())
    assert "| passes |" in page
    assert "| heals |" in page
    assert page.count("**fails**") == 2


def test_the_page_shows_every_crash_point_of_the_protocol() -> None:
    assert [name for name, _, _ in crash_points()] == [f"CP{n:02}" for n in range(1, 31)]
