"""The main pages at the width of a phone, a tablet and a desk, light and dark: nothing sticks out.

With TWOFOLD_PICTURES naming a folder, pictures of them are written into it.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Final

import pytest
from playwright.sync_api import Browser, Page

from tests.scenarios.support import Story, Work
from tests.support.books import Books
from tests.web.midmonth import look_after_it, open_books, work_a_month
from tests.web.site import Site

WIDTHS: Final = (390, 820, 1280)
# Who opens it, where, and what its picture is called.
PAGES: Final = (
    ("pat", "/", "home"),
    ("pat", "/USPM/backlog", "backlog"),
    ("pat", "/USPM/backlog/ages", "ages"),
    ("pat", "/USPM/backlog/limits", "limits"),
    ("pat", "/USPM/proformas", "proformas"),
    ("pat", "/USPM/proformas/USPM-PF-000001", "proforma"),
    ("ada", "/USPM/inbox", "inbox"),
    ("ada", "/USPM/journals/J0003", "journal"),
    ("ada", "/USPM/proposals", "proposals"),
    ("ada", "/USPM/proposals/USPM-PF-000003", "proposal"),
    ("ada", "/USPM/ledger", "trial-balance"),
    ("ada", "/journey?number=USPM-PF-000001", "journey"),
    ("ines", "/integration/maps", "dual-write"),
)
FOLDER: Final = os.environ.get("TWOFOLD_PICTURES", "")


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_nothing_sticks_out(books: Books, chromium: Browser, scheme: str) -> None:
    story = open_books(books)
    work_a_month(story)
    reach_a_limit(story)
    with Site.served(story) as site:
        look_after_it(site)
        tokens = {
            "pat": site.person("pat", "project_manager"),
            "ada": site.person("ada", "accountant"),
            "ines": site.person("ines", "integration_admin"),
        }
        wide: list[str] = []
        for login, path, name in PAGES:
            with site.page(chromium, tokens[login], color_scheme=scheme) as page:
                wide += sticking_out(page, path, f"{name}-{{}}-{scheme}.png")
    assert wide == []


def reach_a_limit(story: Story) -> None:
    """Give a contract a limit that the next work does not fit into."""
    with story.books.owner_operations.raw() as connection:
        connection.execute(
            "UPDATE operations.contract SET not_to_exceed = 6000 WHERE number = 'TM'"
        )
    story.approve(Work("Arm Installation at Adatum", 20))


def sticking_out(page: Page, path: str, picture: str) -> list[str]:
    """Open a page at each width; give those at which it is wider than the window."""
    wide: list[str] = []
    for width in WIDTHS:
        page.set_viewport_size({"width": width, "height": 800})
        page.goto(path)
        if page.evaluate("document.documentElement.scrollWidth > innerWidth"):
            wide.append(f"{path} at {width}")
        if FOLDER:
            page.screenshot(path=Path(FOLDER) / picture.format(width))
    return wide
