"""Search by any number, and the journey in the reader's language."""

from __future__ import annotations

import ast
import string
from collections.abc import Iterator

import pytest
from babel.messages.pofile import read_po
from playwright.sync_api import Browser

from tests.architecture.sources import SOURCE
from tests.scenarios.support import Work
from tests.web.site import Site, barriers
from tests.web.test_language import LOCALE, OTHERS

# What makes words of a journey, and which of its arguments they are.
SAYS = {"remark": 0, "said": 0, "Station": 1, "delivered": 0, "Wait": 0}


def said_in_journeys() -> set[str]:
    """Give the English of every station and remark that the program can make."""
    found = {"cancelled", "adjusted", "journal line posted", "journal line"}
    for path in (*SOURCE.glob("journey/*.py"), SOURCE / "web" / "everyone" / "journey.py"):
        for call in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(call, ast.Call) and isinstance(call.func, ast.Name):
                found |= set(_words(call, call.func.id))
    return {one for one in found if any(text.strip() for text in _parts(one)[0])}


def _words(call: ast.Call, name: str) -> Iterator[str]:
    """Give the words that a call says, if it says any."""
    said = [one.value for one in call.keywords if name == "replace" and one.arg == "name"]
    if name in SAYS:
        said += call.args[SAYS[name] :][:1]
    yield from (str(one.value) for one in said if isinstance(one, ast.Constant))


def _parts(words: str) -> tuple[list[str], set[str]]:
    parts = list(string.Formatter().parse(words))
    return [text for text, *_ in parts], {name for _, name, *_ in parts if name}


@pytest.mark.parametrize("language", OTHERS)
def test_a_journey_is_said_in_every_language(language: str) -> None:
    with (LOCALE / "journey" / f"{language}.po").open("rb") as file:
        catalog = read_po(file, locale=language)
    said = {str(one.id): str(one.string) for one in catalog if one.id and one.string}

    assert len(said_in_journeys()) > 50
    assert sorted(said_in_journeys() - set(said)) == []
    assert [one for one, other in said.items() if _parts(one)[1] != _parts(other)[1]] == []


@pytest.mark.parametrize(
    ("language", "station", "wait", "entry"),
    [
        ("en", "Proforma confirmed", "An accountant imports from staging.", "work of 5 Oct 2026"),
        (
            "fr",
            "Proforma confirmée",
            "Un comptable importe de la zone d\u2019attente.",
            "du 05/10/2026",
        ),
        ("pt", "Proforma confirmada", "Um contabilista importa da preparação.", "de 05/10/2026"),
        ("es", "Proforma confirmada", "Un contable importa de la preparación.", "del 05/10/2026"),
    ],
)
def test_a_journey_is_read_in_ones_language(
    site: Site, language: str, station: str, wait: str, entry: str
) -> None:
    site.story.approve(Work("ARM", 8))
    site.story.post_work()
    site.story.confirm(site.story.draft("TM"))
    token = site.person("pat", "project_manager")
    site.post(token, "/language", language=language, to="/")

    with site.client(token) as client:
        told = client.get("/journey?number=uspm-pf-000001").text

    assert station in told
    assert wait in told
    assert entry in told
    assert "manager" in told


def test_a_number_leads_to_what_it_means(site: Site, chromium: Browser) -> None:
    site.story.approve(Work("ARM", 8))
    site.story.post_work()
    site.story.draft("TM")
    manager = site.person("pat", "project_manager")
    accountant = site.person("ada", "accountant")
    admin = site.person("ines", "integration_admin")
    (journal,) = site.story.in_finance("SELECT number FROM finance.journal")

    with site.client(accountant) as client:
        # One meaning without a journey: its page
        moved = client.get(f"/journey?number={journal['number']}")
        assert moved.headers["location"] == f"/USPM/journals/{journal['number']}"
        # What is not there is told, with a way on
        unknown = client.get("/journey?number=NO-SUCH")
        assert (unknown.status_code, "ERR-B22" in unknown.text) == (404, True)
        # A page that is not for the reader is not offered
        assert "/USPM/contracts/TM" not in client.get("/journey?number=TM").text
    with site.client(admin) as client:
        assert "/integration/sets/operations/USPM/1" in client.get("/journey?number=set/1").text
        assert client.get("/journey?number=USPM-PF-000001").status_code == 404
    with site.page(chromium, manager) as page:
        # Several meanings: a list, from which one goes on
        page.goto("/")
        page.fill("#number", "tm")
        page.press("#number", "Enter")
        page.wait_for_url("**/journey?number=tm")
        assert page.locator("tbody tr").count() == 2
        assert page.locator(".downloads a").count() == 3
        assert barriers(page) == []
        page.click("text=USPM-PF-000001")
        page.locator(".journey .ahead").wait_for()
        assert "The project manager confirms USPM-PF-000001." in page.locator(".waits").inner_text()
        page.click("text=Go there")
        page.wait_for_url("**/USPM/proformas/USPM-PF-000001")
