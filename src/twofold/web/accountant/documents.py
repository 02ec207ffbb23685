"""Lists of documents that look alike: journals, proposals, invoices; and how they are posted."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from twofold.kernel.catalogue import refuse
from twofold.kernel.errors import Refused
from twofold.web.answers import Answer
from twofold.web.asked import Asked
from twofold.web.listing import Listing, answer, key_of


@dataclass(frozen=True, slots=True)
class Posting:
    """How documents of a list are posted: ``job`` takes all that can be, ``selected`` the ticked.

    ``words`` name the button for all; in English.
    """

    job: str
    words: str
    selected: str


def documents(asked: Asked, listing: Listing[Any], posting: Posting | None = None) -> Answer:
    """Show a list of documents; without ``posting`` there is nothing to choose."""
    return answer(asked, "documents.html", listing, posting=posting)


def selected(asked: Asked) -> tuple[int, ...]:
    """Give the keys of the documents that were ticked.

    Raises  Refused (ERR-U30): there is none, which is not to be taken for all of them.
    """
    keys = tuple(key for one in asked.form.get("pick", ()) if (key := key_of(one)))
    if not keys:
        raise Refused(refuse("ERR-U30", asked.url))
    return keys
