"""The pages of one test: a server on a port of its own, people who sign in, and browsers."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable, Generator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any, Final

import httpx
import uvicorn
from playwright.sync_api import Browser, ConsoleMessage, Page

from tests.scenarios.support import Story
from tests.support.clock import NOW
from twofold.access.openid import Provider
from twofold.access.passwords import hash_password
from twofold.access.people import SET_PASSWORD, add_person, give_role
from twofold.access.roles import SIDE_OF, Role
from twofold.access.secret import Secret
from twofold.access.sign_in import admit, find_candidate
from twofold.journey.findings import Finding
from twofold.web.app import build
from twofold.web.guard import form_token
from twofold.worker.worker import Worker

AXE: Final = Path(__file__).with_name("axe.min.js")
PASSWORD: Final = "heron basket violet 88"  # noqa: S105 - of people of tests
# Rules of WCAG 2.2 at levels A and AA.
TAGS: Final = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]


@cache
def kept_password() -> str:
    """Give the hash of the password of all people: making one is dear on purpose."""
    return hash_password(PASSWORD, login="pat", name="Pat")


@dataclass(slots=True)
class Site:
    """Pages over the books of a story."""

    story: Story
    origin: str
    logins: set[str] = field(default_factory=set[str])
    # What the page of health finds.
    found: list[Finding] = field(default_factory=list[Finding])

    @staticmethod
    @contextmanager
    def served(
        story: Story,
        *,
        origin: str = "",
        provider: Callable[[str], Provider | None] = lambda _: None,
        now: Callable[[], datetime] = lambda: NOW,
    ) -> Generator[Site]:
        """Serve the pages until the block ends; the server's thread has ended then.

        ``origin`` is how users reach them, where a proxy stands in between; ``provider`` is given
        the address of the pages, and names where people may sign in.
        """
        with socket.create_server(("127.0.0.1", 0)) as listener:
            here = f"http://127.0.0.1:{listener.getsockname()[1]}"
            found: list[Finding] = []
            config = uvicorn.Config(
                build(
                    replace(story.system, now=now),
                    origin=origin or here,
                    examine=lambda: found,
                    provider=provider(here),
                ),
                log_level="warning",
                lifespan="off",
            )
            server = uvicorn.Server(config)
            thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]})
            thread.start()
            try:
                yield Site(story, here, found=found)
            finally:
                server.should_exit = True
                thread.join()

    def person(self, login: str, *roles: Role, company: str = "USPM") -> Secret:
        """Add a person with roles, once, and give the token of a session of theirs."""
        access = self.story.books.access
        with access.transaction() as transaction:
            if is_new := login not in self.logins:
                add_person(
                    transaction,
                    login=login,
                    name=login.capitalize(),
                    password=None,
                    must_change=False,
                    actor="admin",
                    at=NOW,
                )
            for role in roles:
                is_wide = SIDE_OF[role] in {"integration", "administration"}
                scope = "" if is_wide else company
                give_role(transaction, login=login, company=scope, role=role, actor="admin", at=NOW)
            candidate = find_candidate(transaction, login=login)
            assert candidate
            if is_new:
                person_id, kept = candidate.person_id, kept_password()
                transaction.run(
                    SET_PASSWORD, person_id=person_id, password_hash=kept, must_change=False
                )
            self.logins.add(login)
            return admit(transaction, candidate, address="127.0.0.1", agent="test", at=NOW)

    def client(self, token: Secret | None = None) -> httpx.Client:
        """Give a client without a browser, that follows no redirects, signed in by ``token``."""
        cookies = {"twofold": token.text} if token else {}
        return httpx.Client(base_url=self.origin, cookies=cookies, timeout=30)

    def post(self, token: Secret, path: str, **form: str | list[str]) -> httpx.Response:
        """Send a form as a page of ours would."""
        with self.client(token) as client:
            return client.post(
                path,
                data={"token": form_token(token), **form},
                headers={"sec-fetch-site": "same-origin"},
            )

    def work(self) -> None:
        """Do the jobs that people asked for, until there is none."""
        worker = Worker(self.story.system)
        while worker.work_once():
            pass

    @contextmanager
    def page(
        self,
        chromium: Browser,
        token: Secret | None = None,
        **options: Any,  # noqa: ANN401 - options of a browser's context
    ) -> Generator[Page]:
        """Open a page in a browser of its own; what its console complains of fails the test."""
        context = chromium.new_context(base_url=self.origin, **options)
        context.set_default_timeout(20_000)
        if token:
            context.add_cookies([{"name": "twofold", "value": token.text, "url": self.origin}])
        page = context.new_page()
        complaints: list[str] = []
        page.on(
            "console",
            lambda message: (
                complaints.append(message.text) if is_complaint(message, self.origin) else None
            ),
        )
        page.on("pageerror", lambda error: complaints.append(str(error)))
        try:
            yield page
        finally:
            context.close()
        assert complaints == []


def is_complaint(message: ConsoleMessage, origin: str) -> bool:
    """Tell whether the browser complains of us; a refused request is the page's own answer."""
    is_elsewhere = message.location.get("url", "").startswith("http")
    is_ours = message.location.get("url", "").startswith(origin) or not is_elsewhere
    refused = ("status of 403", "status of 422")
    return message.type == "error" and is_ours and not any(one in message.text for one in refused)


def barriers(page: Page) -> list[str]:
    """Give what axe finds wrong with the page as it stands, for WCAG 2.2 AA."""
    page.evaluate(AXE.read_text(encoding="utf-8"))
    found = page.evaluate("tags => axe.run(document, {runOnly: {type: 'tag', values: tags}})", TAGS)
    return [
        f"{violation['id']}: {node['html']} {node['failureSummary']}"
        for violation in found["violations"]
        for node in violation["nodes"]
    ]
