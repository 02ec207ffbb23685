"""Stories with people who may ask for jobs; every invariant holds when they end."""

from __future__ import annotations

from collections.abc import Generator

import pytest

from tests.jobs.queue import Queue
from tests.scenarios.support import Story
from tests.support.books import Books


@pytest.fixture
def queue(books: Books) -> Generator[Queue]:
    """Give the queue beside a story: pat bills, ada keeps the accounts, ian integrates."""
    queue = Queue(Story(books))
    queue.person("pat", "project_manager", "USPM")
    queue.person("ada", "accountant", "USPM")
    queue.person("ian", "integration_admin", "")
    yield queue
    queue.story.holds()
