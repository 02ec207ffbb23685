"""The pages on a real server, and a real browser that opens them."""

from __future__ import annotations

import shutil
from collections.abc import Generator

import pytest
from playwright.sync_api import Browser, sync_playwright

from tests.scenarios.support import Story
from tests.support.books import Books
from tests.web.site import Site

# What a browser needs to run in a container as root, and to leave the network alone.
ARGUMENTS = (
    "--no-sandbox",
    "--disable-gpu",
    # Containers have little shared memory.
    "--disable-dev-shm-usage",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark what opens a browser (decision 0023)."""
    for item in items:
        if "chromium" in getattr(item, "fixturenames", ()):
            item.add_marker("browser")


@pytest.fixture
def site(books: Books) -> Generator[Site]:
    """Give the pages, served over the books of a story; every invariant holds afterwards."""
    story = Story(books)
    with Site.served(story) as site:
        yield site
    story.holds()


@pytest.fixture(scope="session")
def chromium() -> Generator[Browser]:
    """Give Debian's Chromium, one for all tests of a process."""
    path = shutil.which("chromium")
    assert path, "The tests of the pages need Chromium: apt-get install --yes chromium"
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=list(ARGUMENTS))
        yield browser
        browser.close()
