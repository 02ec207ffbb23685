"""Run ``twofold`` in this process, as its entry point does."""

from __future__ import annotations

import io
import json
import os
from collections.abc import Mapping
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import dataclass
from typing import Any, Final

from tests.support.server import BookPair, TestServer
from twofold.cli.app import run
from twofold.database.embedded import ADMIN

# What the environment of a developer may say must not reach the program under test.
_OURS: Final = ("TWOFOLD_HOME", "TWOFOLD_OPERATIONS_URL", "TWOFOLD_FINANCE_URL")


@dataclass(frozen=True, slots=True)
class Outcome:
    """How a command ended and what it printed."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:  # noqa: ANN401 - a document may be anything
        """What it printed, as one JSON document."""
        return json.loads(self.out)


@dataclass(frozen=True, slots=True)
class Program:
    """The program with an environment of its own."""

    environment: Mapping[str, str]

    def __call__(self, *arguments: str) -> Outcome:
        """Run one command."""
        before = {name: os.environ.pop(name, None) for name in {*_OURS, *self.environment}}
        os.environ.update(self.environment)
        out, err = io.StringIO(), io.StringIO()
        try:
            with redirect_stdout(out), redirect_stderr(err):
                code = run(arguments)
        finally:
            for name, value in before.items():
                os.environ.pop(name, None)
                if value is not None:
                    os.environ[name] = value
        return Outcome(code, out.getvalue(), err.getvalue())

    def ok(self, *arguments: str) -> Outcome:
        """Run one command that must end well."""
        outcome = self(*arguments)
        assert outcome.code == 0, f"{arguments}: {outcome.code}\n{outcome.out}\n{outcome.err}"
        return outcome


def urls_of(server: TestServer, pair: BookPair, login: str = ADMIN) -> dict[str, str]:
    """Name two databases as the settings do, with an administrator's login."""
    return {
        "TWOFOLD_OPERATIONS_URL": server.embedded.dsn_to(pair.operations, login),
        "TWOFOLD_FINANCE_URL": server.embedded.dsn_to(pair.finance, login),
    }
