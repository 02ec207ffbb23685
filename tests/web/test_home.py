"""The first page says what waits for whoever opens it, and leads there."""

from __future__ import annotations

import re
from datetime import date

from tests.scenarios.support import Work
from tests.support.clock import TODAY
from tests.web.site import Site
from twofold.access.roles import Role
from twofold.operations.waiting import Waiting, read_waiting

CARD = re.compile(
    r'<a class="card ?(\w*)" href="([^"]+)"><span class="amount">([^<]+)</span>'
    r' <span class="what">([^<]+)</span>'
)


def waiting(site: Site, role: Role) -> dict[str, tuple[str, str]]:
    """Give what a role reads on the first page: by name, how many and how it looks."""
    with site.client(site.person(role.replace("_", "."), role)) as client:
        page = client.get("/").text
        for _, to, *_ in (found := CARD.findall(page)):
            assert client.get(to).status_code == 200, to
    return {name: (number, look) for look, _, number, name in found}


def test_each_role_is_told_what_waits_for_it(site: Site) -> None:
    # Given two days to bill, another that waits for a decision, a draft and a proforma in finance
    story = site.story
    story.approve(Work("ARM", 8))
    story.confirm(story.draft("TM"))
    story.approve(Work("ARM", 5), Work("ARM", 3))
    story.record(Work("ARM", 2))
    story.draft("FIXED")

    assert waiting(site, "project_manager") == {
        "Work to bill": ("2", "waits"),
        "Milestones due": ("0", ""),
        "Over a limit": ("0", ""),
        "Drafts to confirm": ("1", "waits"),
        "Not invoiced yet": ("1", "waits"),
        "To approve": ("1", "waits"),
    }
    assert waiting(site, "accountant")["Arrived, not imported"][1] == "waits"
    assert waiting(site, "integration_admin")["On their way"][1] == "waits"
    assert waiting(site, "administrator") == {"People without a role": ("0", "")}
    assert waiting(site, "team_member") == {}
    assert set(waiting(site, "auditor")) > set(waiting(site, "accountant"))


def test_the_first_page_says_that_nothing_waits(site: Site) -> None:
    with site.client(site.person("tom", "team_member")) as client:
        assert "Nothing waits for you." in client.get("/").text
    with site.client(site.person("nina")) as client:
        assert "You have no role yet" in client.get("/").text


def test_no_more_is_counted_than_is_worth_it(site: Site) -> None:
    site.story.approve(*[Work("ARM", 1)] * 4)

    def read(company: str, day: date) -> Waiting:
        with site.story.books.auditor_operations.reader() as reader:
            return read_waiting(reader, company=company, day=day, count_max=3)

    assert read("USPM", TODAY).work_count == 3
    assert read("NONE", TODAY) == Waiting(0, 0, 0, 0, 0, 0)
    # The milestones of the setup are late on their days, not before.
    in_autumn = [read("USPM", date(2026, 10, day)) for day in (9, 10, 14, 15)]
    assert [one.late_count for one in in_autumn] == [0, 1, 1, 3]
