"""Templates: one environment, the words and formats of the reader in each of them."""

from __future__ import annotations

import hashlib
from functools import cache, partial
from importlib import resources
from typing import Final

from jinja2 import Environment, PackageLoader, StrictUndefined, select_autoescape
from markupsafe import Markup

from twofold.web.language import NAMES, Speech, translations
from twofold.web.refusals import told

_PACKAGE: Final = "twofold.web"


@cache
def asset(name: str) -> str:
    """Give the address of a static file, which changes when the file does."""
    content = resources.files(_PACKAGE).joinpath("static", name).read_bytes()
    return f"/static/{hashlib.sha256(content).hexdigest()[:12]}/{name}"


def commands(text: str) -> Markup:
    """Show what stands between back-quotes as something to type."""
    parts = text.split("`")
    return Markup("").join(
        Markup("<code>{}</code>").format(part) if place % 2 else part
        for place, part in enumerate(parts)
    )


@cache
def _environment(language: str) -> Environment:
    environment = Environment(
        loader=PackageLoader(_PACKAGE),
        autoescape=select_autoescape(default=True, default_for_string=True),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        extensions=["jinja2.ext.i18n"],
    )
    environment.install_gettext_translations(translations(language), newstyle=True)  # pyright: ignore[reportAttributeAccessIssue, reportUnknownMemberType] - added by the extension
    speech = Speech(language)
    environment.filters.update(
        number=speech.number,
        money=speech.money,
        day=speech.day,
        moment=speech.moment,
        said=speech.words,
        meant=speech.meant,
        commands=commands,
    )
    words: dict[str, object] = {
        "asset": asset,
        "languages": NAMES,
        "language": language,
        "told": partial(told, speech),
    }
    for name, value in words.items():
        environment.globals[name] = value  # pyright: ignore[reportArgumentType] - any value will do
    return environment


def render(template: str, language: str, values: dict[str, object]) -> str:
    """Render a template for a reader of ``language``; a value that is not given is a fault."""
    return _environment(language).get_template(template).render(values)
