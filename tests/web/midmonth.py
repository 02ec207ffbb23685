"""Two companies in the middle of a month: something of everything that the pages show."""

from __future__ import annotations

from typing import Final

from tests.scenarios.support import Story, Work
from tests.scenarios.test_companies import OTHER, both_finance, both_operations
from tests.support.books import Books
from tests.web.site import Site
from twofold.worker.worker import Worker

COMPANIES: Final = ("USPM", OTHER)


def open_books(books: Books) -> Story:
    """Set up two companies that have the same numbers of everything."""
    return Story(books, operations=both_operations(), finance=both_finance())


def work_a_month(story: Story) -> None:
    """Leave documents of every kind and state in both companies."""
    for company in COMPANIES:
        here = story.in_company(company)
        ending = "" if company == "USPM" else f" {OTHER}"
        arm, upgrade = f"Arm Installation at Adatum{ending}", f"Line Upgrade{ending}"

        # An invoice that is posted, another one whose correction is a draft.
        here.approve(Work(arm, 8, description="Align the arm"), Work(upgrade, 5))
        here.post_work()
        (first, *_) = here.draft("TM")
        here.invoice([first])
        here.revise(first)

        # A proposal that is ready, one that only has a header, and a draft in preparation.
        here.approve(Work(arm, 3, description="Grease"))
        here.post_work()
        here.confirm(here.draft("TM"))
        here.import_()
        here.approve(Work(arm, 2))
        here.confirm(here.draft("TM"))
        here.approve(Work(arm, 4), Work(arm, 1))
        here.draft("TM")

        # Journals to post, work in the backlog, work on its way, work that waits for a decision.
        here.approve(Work(arm, 6))
        here.deliver()
        here.import_()
        here.approve(Work(arm, 7))
        here.record(Work(arm, 9), Work(arm, 10))


def look_after_it(site: Site) -> None:
    """Leave what an integration admin looks at: a comparison that differs, a rule, a job."""
    story = site.story
    ines = site.person("ines", "integration_admin")
    with story.books.owner_finance.raw() as connection:
        connection.execute("UPDATE finance.resource SET name = 'Zoe' WHERE name = 'Bob Kozack'")
    site.post(ines, "/integration/reconciliation", map="resources", company="")
    Worker(story.system).work_once()
    with story.books.owner_finance.raw() as connection:
        connection.execute("UPDATE finance.resource SET name = 'Bob Kozack' WHERE name = 'Zoe'")
    site.post(
        ines, "/integration/alerts", alert="queue", measure="queue", threshold="9999",
        within="", action="tell", map="", code="", company="",
    )  # fmt: skip
