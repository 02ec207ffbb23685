"""What a page is given: who asks, in which company and language, with which form."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final, Literal
from urllib.parse import urlencode

from twofold.access.openid import Provider
from twofold.access.roles import Permission
from twofold.access.secret import Secret
from twofold.access.sessions import Visitor
from twofold.journey.findings import Finding
from twofold.journey.system import System
from twofold.web.answers import Answer
from twofold.web.forms import FORM_BYTES_MAX, Given
from twofold.web.language import Speech


@dataclass(frozen=True, slots=True)
class Asked:
    """One request of somebody who is signed in.

    ``query`` and ``form`` give every value of a name, in order; ``path`` the parts of the address;
    ``provider`` is where people of the organisation sign in, None where there is none.
    """

    system: System
    examine: Callable[[], Sequence[Finding]]
    visitor: Visitor
    token: Secret
    company: str
    path: Mapping[str, str]
    query: Mapping[str, Sequence[str]]
    form: Mapping[str, Sequence[str]]
    speech: Speech
    now: datetime
    address: str
    agent: str
    url: str
    is_partial: bool
    file: Given | None = None
    provider: Provider | None = None

    def text(self, name: str) -> str:
        """Give one value of the query, trimmed; '' when it is not there."""
        return (*self.query.get(name, ()), "")[0].strip()

    def here(self, **changes: str) -> str:
        """Give the address that was asked for with other values in its query; '' leaves one out."""
        query = {name: list(values) for name, values in self.query.items() if name != "done"}
        query.update({name: [value] for name, value in changes.items()})
        kept = {name: [one for one in values if one] for name, values in query.items()}
        words = urlencode(kept, doseq=True)
        path = self.url.partition("?")[0]
        return f"{path}?{words}" if words else path

    def at(self, path: str) -> Asked:
        """Give the same request as if it had asked for the page at ``path``, without a query."""
        return replace(self, url=path, query={})

    @property
    def done(self) -> tuple[str, str]:
        """What the action before this page did, and how many of it; ('', '') for none."""
        what, _, count = self.text("done").partition(":")
        return what, count

    def back(self, done: str) -> str:
        """Give the address that a form came from, with what was ``done``; always one of ours."""
        to = inside(self.typed("to"))
        return f"{to}{'&' if '?' in to else '?'}{urlencode({'done': done})}"

    @property
    def kept(self) -> Mapping[str, str]:
        """What was typed, by name, for a form that is shown again."""
        return {name: self.typed(name) for name in self.form}

    def typed(self, name: str) -> str:
        """Give one value of the form, trimmed; '' when it is not there."""
        return (*self.form.get(name, ()), "")[0].strip()


def inside(to: str) -> str:
    """Give an address of ours: never another host's, whatever was sent."""
    return to if to.startswith("/") and not to.startswith(("//", "/\\")) else "/"


Handler = Callable[[Asked], Answer]


@dataclass(frozen=True, slots=True)
class Page:
    """An address, what answers it, and the permission it takes.

    The address of a page of a company begins with ``/{company}/``. A page one may not read is not
    there (404); an action one may not do is refused with the reason (403). ``bytes_max`` is how
    much a form of it may send; who may not send it is not read at all.
    """

    path: str
    answers: Handler
    permission: Permission | None
    method: Literal["GET", "POST"] = "GET"
    bytes_max: int = FORM_BYTES_MAX


PER_PAGE: Final = 50
"""Rows of one page of a list."""

AT_ONCE_MAX: Final = 2_000
"""Rows that a page changes or tries out while somebody waits; more of them are a job."""
