"""Lists: page after page by keys, the same rows as files, and nothing that becomes a formula."""

from __future__ import annotations

import csv
import io
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any, Final

import httpx
from hypothesis import given
from hypothesis import strategies as st
from openpyxl import load_workbook

from tests.architecture.sources import SOURCE
from tests.scenarios.support import Work
from tests.web.site import Site
from twofold.web.export import csv_file, xlsx_file
from twofold.web.language import Speech
from twofold.web.listing import SORTED_MAX, Column, Listing, Slice, answer, key_of, whole

ROWS = (
    ("Text", "Day", "Moment", "Amount", "Count"),
    (
        "=1+1",
        date(2026, 11, 2),
        datetime(2026, 11, 2, 8, 5, tzinfo=UTC),
        Decimal("-1234.50"),
        3,
    ),
    ("a \x07bell", date(2026, 11, 3), None, Decimal("0.0001"), 0),
)


def rows_of(content: bytes) -> list[list[Any]]:
    book = load_workbook(io.BytesIO(content), read_only=True)
    return [[cell.value for cell in row] for sheet in book for row in sheet.iter_rows()]


def test_a_workbook_has_days_and_figures_and_no_formula() -> None:
    rows = rows_of(b"".join(xlsx_file(ROWS, title="Journal [1/2]: all")))

    assert rows == [
        list(ROWS[0]),
        ["=1+1", datetime(2026, 11, 2), datetime(2026, 11, 2, 8, 5), -1234.5, 3],  # noqa: DTZ001 - workbooks know no zones
        ["a  bell", datetime(2026, 11, 3), None, 0.0001, 0],  # noqa: DTZ001 - as above
    ]


def test_a_csv_file_is_for_programs_and_starts_no_formula() -> None:
    content = b"".join(csv_file(ROWS)).decode("utf-8-sig")

    assert list(csv.reader(io.StringIO(content)))[1:] == [
        ["'=1+1", "2026-11-02", "2026-11-02T08:05:00+00:00", "-1234.50", "3"],
        ["a \x07bell", "2026-11-03", "", "0.0001", "0"],
    ]


@given(st.lists(st.lists(st.text(), min_size=2, max_size=2), max_size=20))
def test_whatever_is_typed_is_read_back(rows: list[list[str]]) -> None:
    content = b"".join(csv_file([["a", "b"], *rows])).decode("utf-8-sig")

    read = list(csv.reader(io.StringIO(content, newline="")))
    assert [len(row) for row in read] == [2] * (len(rows) + 1)
    assert [[one.removeprefix("'") for one in row] for row in read[1:]] == [
        [one.removeprefix("'") for one in row] for row in rows
    ]


@given(st.text())
def test_a_place_that_is_none_begins_at_the_beginning(typed: str) -> None:
    key = key_of(typed, -1)

    assert key == -1 or abs(key) < 2**63


def test_a_list_goes_on_where_it_ended(site: Site) -> None:
    # Given more items than a page shows: hours, and the milestones of the contract
    site.story.approve(*(Work("ARM", 1) for _ in range(60)))
    token = site.person("pat", "project_manager")

    with site.client(token) as client:
        first = client.get("/USPM/backlog")
        file = client.get("/USPM/backlog?as=csv:")
        book = client.get("/USPM/backlog?as=xlsx:")
        seen = picks(first) | picks(client.get(following(first)))

    # Then two pages show each item once, and the files have them all
    assert (len(picks(first)), len(seen)) == (50, 64)
    assert len(file.text.splitlines()) == 65
    assert len(rows_of(book.content)) == 65
    assert "attachment" in file.headers["content-disposition"]
    assert file.headers["content-type"].startswith("text/csv")


def test_totals_are_ordered_by_their_headings(site: Site) -> None:
    site.story.approve(Work("ARM", 1))
    token = site.person("pat", "project_manager")

    with site.client(token) as client:
        ascending = client.get("/USPM/backlog?sort_totals=contract").text
        unknown = client.get("/USPM/backlog?sort_totals=nonsense&after=%27&up_to=soon")

    assert 'aria-sort="ascending"' in ascending
    assert "sort_totals=-contract" in ascending
    assert (unknown.status_code, "aria-sort" in unknown.text) == (200, False)


def picks(page: httpx.Response) -> set[str]:
    return {part.split('"')[0] for part in page.text.split('name="pick" value="')[1:]}


def following(page: httpx.Response) -> str:
    before, _, _ = page.text.partition('" rel="next"')
    return before.rpartition('href="')[2].replace("&amp;", "&")


def test_any_column_is_ordered_where_the_filters_leave_few_rows(site: Site) -> None:
    # Given hours of many quantities, more than a page shows
    site.story.approve(*(Work("ARM", 1 + number * 7 % 61) for number in range(60)))
    token = site.person("pat", "project_manager")

    with site.client(token) as client:
        first = client.get("/USPM/backlog/time-and-material?sort=-quantity")
        second = client.get(following(first))
        file = client.get("/USPM/backlog/time-and-material?sort=-quantity&as=csv:")

    # Then the pages and the file go down from the largest, and the heading says so
    assert 'aria-sort="descending"' in first.text
    shown = quantities(first) + quantities(second)
    assert (len(shown), shown) == (60, sorted(shown, reverse=True))
    rows = list(csv.DictReader(io.StringIO(file.content.decode("utf-8-sig"))))
    assert [int(Decimal(row["Quantity"])) for row in rows] == shown


def test_many_rows_stay_in_the_order_of_their_list() -> None:
    # Given one row more than is put in order
    asked: Any = AskedFor(sort="-number")
    rows = range(SORTED_MAX + 1)
    read: list[int] = []

    def page(wanted: Slice) -> range:
        first = key_of(wanted.after, -1) + 1
        read.append(wanted.limit)
        return rows[first : first + wanted.limit]

    listing: Listing[int] = Listing(
        title="Numbers", columns=(Column("Number", lambda one: one, "quantity"),), page=page,
        place=str,
    )  # fmt: skip
    shown: Any = answer(asked, "x.html", listing)
    table = shown.values["tables"][""]

    # Then nothing is in order, it is said, and no more than that was read
    assert (table.is_unsorted, table.heads[0].order) == (True, "")
    assert [row.cells[0].text for row in table.rows[:2]] == ["0", "1"]
    assert max(read) == SORTED_MAX + 1

    # And one row fewer is
    rows = range(SORTED_MAX)
    shown = answer(asked, "x.html", listing)
    table = shown.values["tables"][""]
    assert (table.is_unsorted, table.heads[0].order) == (False, "descending")
    assert [row.cells[0].text for row in table.rows[:2]] == ["999", "998"]


@given(st.lists(st.one_of(st.none(), st.integers(0, 9), st.text(max_size=2)), max_size=60))
def test_an_order_loses_no_row_and_ends_with_those_that_say_nothing(values: list[Any]) -> None:
    rows = list(enumerate(values))
    column: Column[tuple[int, Any]] = Column("Value", lambda one: one[1], sort="value")

    up = whole(rows, (column,))(Slice("", 100, "value"))
    down = whole(rows, (column,))(Slice("", 100, "-value"))

    assert sorted(up) == sorted(down) == rows
    silent = values.count(None)
    assert [one[1] for one in (*up, *down)].count(None) == 2 * silent
    assert all(one[1] is None for one in [*up[len(up) - silent :], *down[len(down) - silent :]])


class AskedFor:
    """A request as a list sees it."""

    company = "USPM"
    speech = Speech("en")

    def __init__(self, **query: str) -> None:
        self.query = query
        self.form: dict[str, list[str]] = {}

    def text(self, name: str) -> str:
        """Give a value of the query."""
        return self.query.get(name, "")

    def here(self, **changes: str) -> str:
        """Give an address."""
        return f"/?{self.query | changes}"


def quantities(page: httpx.Response) -> list[int]:
    parts = page.text.split('data-title="Quantity" class="figure"><span>')[1:]
    return [int(part.split("<")[0]) for part in parts]


# Tables that people type into, or that show what is not written yet: their rows are no list.
TYPED: Final = frozenset(
    {"draft.html", "draft_preview.html", "milestones.html", "parts.html", "payment_file.html"}
)


def test_every_table_is_given_as_a_file() -> None:
    templates = SOURCE / "web" / "templates"
    drawn = {path.name for path in templates.glob("*.html") if "<table" in path.read_text("utf-8")}

    assert drawn - TYPED == {"listing.html"}
    table = (templates / "listing.html").read_text("utf-8")
    links = [f'href="{{{{ table.{kind} }}}}"' for kind in ("csv", "xlsx", "json")]
    assert [one for one in links if one not in table] == []
