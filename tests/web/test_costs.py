"""General journals and vendor invoices in the page: tried out, posted, and taken over."""

from __future__ import annotations

from collections.abc import Generator

import httpx
import pytest

from tests.scenarios.costs import INVOICE, JOURNAL, buying
from tests.scenarios.support import Story
from tests.support.books import Books
from tests.web.markup import read_markup
from tests.web.site import Site
from twofold.access.secret import Secret
from twofold.web.guard import form_token

CRANE = JOURNAL + "2026-10-05,ARM,100,6500,200,1,Crane\r\n"
TOOLS = INVOICE + "V-17,815,2026-10-05,ARM,105,1,,VENDOR,BOUGHT,material\r\n"


@pytest.fixture
def site(books: Books) -> Generator[Site]:
    """Give the pages of a company that buys from vendors; all holds afterwards."""
    story = Story(books, finance=buying())
    with Site.served(story) as site:
        yield site
    story.holds()


def give(
    site: Site, token: Secret, place: str, content: str, name: str = "costs.csv", **form: str
) -> httpx.Response:
    with site.client(token) as client:
        return client.post(
            f"/USPM/{place}",
            data={"token": form_token(token), **form},
            files={"file": (name, content.encode(), "text/csv")},
            headers={"sec-fetch-site": "same-origin"},
        )


def post(site: Site, token: Secret, preview: httpx.Response) -> None:
    """Press the button of a preview, and have the job done."""
    (form,) = (one for one in read_markup(preview.text).forms if one.action.endswith("/post"))
    fields = {name: value for name, value in form.fields if name != "token"}
    started = site.post(token, form.action, **fields)
    assert started.status_code == 303
    site.work()


def posted(story: Story) -> list[tuple[str, str, str]]:
    return [
        (row["kind"], str(row["amount"]), str(row["recoverable_tax_amount"]))
        for row in story.in_finance(
            "SELECT kind::text, amount, recoverable_tax_amount FROM finance.posted_cost"
            " ORDER BY posted_cost_id"
        )
    ]


def test_a_general_journal_is_tried_posted_and_taken_over(site: Site) -> None:
    ada, pat = site.person("ada", "accountant"), site.person("pat", "project_manager")

    # When it is given, nothing is posted, and the page says what would be
    preview = give(site, ada, "general-journals", CRANE)
    assert (preview.status_code, "Crane" in preview.text, posted(site.story)) == (200, True, [])
    # When it is posted as it was seen
    post(site, ada, preview)
    site.story.deliver()
    # Then it is in the list of who posted it, and waits for who bills it
    assert posted(site.story) == [("general_journal", "100.0000", "0.0000")]
    with site.client(ada) as client:
        shown = client.get("/USPM/general-journals?project=ARM&from=2026-10-05&to=2026-10-05")
        narrowed = [
            client.get(f"/USPM/general-journals?{query}").text
            for query in ("project=CELL", "from=2026-10-06", "to=2026-10-04")
        ]
        others = client.get("/USPM/vendor-invoices").text
    assert "Crane" in shown.text
    assert not any("Crane" in one for one in (*narrowed, others))
    with site.client(pat) as client:
        assert "GJV-" in client.get("/USPM/finance-costs?state=waiting").text

    taken = site.post(pat, "/USPM/finance-costs/take", to="/USPM/finance-costs")
    site.work()
    with site.client(pat) as client:
        waiting = client.get("/USPM/finance-costs?state=waiting").text
        every = client.get("/USPM/finance-costs").text
        job = client.get(taken.headers["location"]).text
    assert ("GJV-" in waiting, "GJV-" in every, "<strong>1</strong>" in job) == (False, True, True)
    # The same file once more is refused before anything is posted.
    again = give(site, ada, "general-journals", CRANE)
    assert (again.status_code, "ERR-J71" in again.text) == (422, True)
    site.story.deliver()


def test_a_vendor_invoice_is_posted_with_what_was_said_of_its_prices(site: Site) -> None:
    ada = site.person("ada", "accountant")

    preview = give(site, ada, "vendor-invoices", TOOLS, prices_include_tax="yes")
    post(site, ada, preview)

    # Tax of 5 percent was in the price of 105, and comes back.
    assert posted(site.story) == [("vendor_invoice", "100.0000", "5.0000")]
    site.story.deliver()


def test_every_bad_row_is_told_and_none_is_posted(site: Site) -> None:
    ada, olga = site.person("ada", "accountant"), site.person("olga", "auditor")
    rows = "2026-02-30,ARM,x,6500,,1,\r\n2026-10-05,,100,6500,,0,\r\n2026-10-05,ARM,1,6500,,1,\r\n"

    unreadable = give(site, ada, "general-journals", JOURNAL + rows)
    unknown = give(site, ada, "general-journals", CRANE.replace("ARM", "NONE"))

    assert (unreadable.status_code, unreadable.text.count("<strong>ERR-J70</strong>")) == (422, 4)
    assert (unknown.status_code, "ERR-J72" in unknown.text) == (422, True)
    assert give(site, olga, "general-journals", CRANE).status_code == 403
    assert posted(site.story) == []


def test_a_file_of_another_kind_is_turned_away(site: Site) -> None:
    ada = site.person("ada", "accountant")

    for place in ("general-journals", "vendor-invoices", "estimates/forecast", "payments", "setup"):
        answer = give(site, ada, place, CRANE, name="costs.exe", bank="1010")
        nothing = site.post(ada, f"/USPM/{place}", bank="1010")
        assert (place, answer.status_code, "ERR-U33" in answer.text) == (place, 422, True)
        assert (place, nothing.status_code, "ERR-U31" in nothing.text) == (place, 422, True)
