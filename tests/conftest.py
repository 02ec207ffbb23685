"""Fixtures of all tests: the run's server, and a fresh pair of books per test."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Generator
from pathlib import Path
from typing import Final

import pytest
from hypothesis import HealthCheck, settings

from tests.faults import report
from tests.support.books import Books
from tests.support.server import TestServer
from tests.vectors.report import pytest_terminal_summary

__all__ = ["pytest_terminal_summary"]

# Two shared cores make time a poor measure of a test.
settings.register_profile("default", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("default")

# Workers of a run find its server here; the run that made it deletes it.
_HOME: Final = "TWOFOLD_TEST_HOME"


def pytest_configure(config: pytest.Config) -> None:
    config.pluginmanager.register(report)
    if not hasattr(config, "workerinput"):
        home = Path(tempfile.mkdtemp(prefix="twofold-test-", dir="/tmp"))
        home.chmod(0o711)
        os.environ[_HOME] = str(home)


def pytest_unconfigure(config: pytest.Config) -> None:
    home = os.environ.get(_HOME)
    if home and not hasattr(config, "workerinput"):
        TestServer(Path(home)).erase()
        del os.environ[_HOME]


@pytest.fixture(scope="session")
def server() -> Generator[TestServer]:
    """Give the server of this run, with migrated templates."""
    server = TestServer(Path(os.environ[_HOME]))
    server.start()
    yield server
    server.close()


@pytest.fixture(scope="session")
def kept_books() -> Generator[list[Books]]:
    """Keep the books of this process while their databases are used again."""
    kept: list[Books] = []
    yield kept
    for books in kept:
        books.close()


@pytest.fixture
def books(server: TestServer, kept_books: list[Books]) -> Generator[Books]:
    """Give two books as new ones are; what a test commits is gone after it."""
    with server.clean_pair() as pair:
        if not kept_books or kept_books[0].pair != pair:
            for books in kept_books:
                books.close()
            kept_books[:] = [Books(server, pair)]
        yield kept_books[0]
        kept_books[0].forget()


@pytest.fixture
def short_path() -> Generator[Path]:
    """Give a directory with a short name that a service user can pass through, for own servers."""
    path = Path(tempfile.mkdtemp(prefix="tf-", dir="/tmp"))
    path.chmod(0o711)
    yield path
    shutil.rmtree(path, ignore_errors=True)
