"""Refusals in four languages: every code, nothing of what is typed is translated, pages show it."""

from __future__ import annotations

import re

import pytest
from babel.messages.pofile import read_po
from playwright.sync_api import Browser

from tests.architecture.sources import SOURCE
from tests.scenarios.support import Work
from tests.web.site import Site, barriers
from twofold.kernel.catalogue import CATALOGUE, refuse
from twofold.kernel.errors import Refusal
from twofold.web.language import LOCALES, Speech
from twofold.web.refusals import told

OTHERS = sorted(set(LOCALES) - {"en"})
# What is typed as it stands, in every language: commands, options, settings, keys of files.
TYPED = re.compile(r"`[^`]*`|(?<!`)--[a-z-]+|TWOFOLD_[A-Z_]+|\b[a-z]+_[a-z_]+\b")


def said(language: str) -> dict[str, str]:
    """Give what the words of a language say of codes; what is marked as unsure does not count."""
    with (SOURCE / "web" / "locale" / "codes" / f"{language}.po").open("rb") as file:
        catalog = read_po(file, locale=language)
    return {
        str(one.id): str(one.string) for one in catalog if one.id and one.string and not one.fuzzy
    }


@pytest.mark.parametrize("language", OTHERS)
def test_every_code_is_said_in_every_language(language: str) -> None:
    words = said(language)
    texts = {
        text: entry.code
        for entry in CATALOGUE.values()
        for text in (entry.title, entry.cause, entry.remedy)
    }

    assert {code for text, code in texts.items() if text not in words} == set()
    assert set(words) - set(texts) == set(), "words of codes that are no more"


@pytest.mark.parametrize("language", OTHERS)
def test_what_is_typed_is_the_same_in_every_language(language: str) -> None:
    changed = {
        english: (sorted(TYPED.findall(english)), sorted(TYPED.findall(text)))
        for english, text in said(language).items()
        if sorted(TYPED.findall(english)) != sorted(TYPED.findall(text))
    }

    assert changed == {}


def test_a_refusal_says_its_code_in_the_readers_language_and_its_own_words() -> None:
    plain = refuse("ERR-J01", "journal/J1")
    special = refuse("ERR-J01", "journal/J1", reason="October is on hold")

    assert told(Speech("es"), plain).title == "El período no está abierto"
    assert told(Speech("es"), plain).detail == ""
    assert told(Speech("es"), special).detail == "October is on hold"
    assert "`twofold ledger reopen`" in told(Speech("fr"), special).remedy
    assert told(Speech("en"), plain).title == CATALOGUE["ERR-J01"].title


def test_a_code_that_is_no_more_says_its_reason() -> None:
    old = Refusal("ERR-Z99", "thing/1", reason="as it was kept", remedy="ask")

    assert (told(Speech("pt"), old).title, told(Speech("pt"), old).remedy) == (
        "as it was kept",
        "ask",
    )


@pytest.mark.parametrize(
    ("language", "title", "remedy"),
    [
        ("en", "Something dated in the period is not posted", "Post what is named"),
        ("fr", "Une chose datée de la période", "Validez ce qui est nommé"),
        ("pt", "Algo datado do período não está lançado", "Lance o que é indicado"),
        ("es", "Algo fechado en el período no está registrado", "Registre lo que se nombra"),
    ],
)
def test_a_page_says_why_not_in_the_readers_language(
    site: Site, chromium: Browser, language: str, title: str, remedy: str
) -> None:
    # Given work of October that is not posted
    site.story.approve(Work("ARM", 8))
    site.story.deliver()
    site.story.import_()
    token = site.person("ada", "accountant")
    site.post(token, "/language", language=language, to="/")

    with site.page(chromium, token) as page:
        # When the month is to be closed
        page.goto("/USPM/periods")
        page.locator("select[name=day]").select_option("2026-10-01")
        page.locator("button[value=closed]").click()

        # Then the reasons are in the language of the reader, and read well by a machine
        alert = page.get_by_role("alert").inner_text()
        assert ("ERR-L03" in alert, title in alert, remedy in alert) == (True, True, True)
        assert barriers(page) == []
