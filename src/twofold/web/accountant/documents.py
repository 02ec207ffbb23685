"""Lists of documents that look alike: journals, proposals, invoices; and how they are posted."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

from twofold.finance.narrowing import Narrowing
from twofold.kernel.catalogue import refuse
from twofold.kernel.errors import Refused
from twofold.web.answers import Answer
from twofold.web.asked import Asked
from twofold.web.listing import Field, Listing, answer, day_of, key_of

FROM_TO: Final = (Field("from", "From", "date"), Field("to", "To", "date"))
NARROWED: Final = (Field("customer", "Customer"), *FROM_TO)
"""What lists of documents are narrowed by."""


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


def narrowing(asked: Asked) -> Narrowing:
    """Give what the query narrows a list of documents by."""
    return Narrowing(asked.text("customer"), day_of(asked, "from"), day_of(asked, "to"))


def selected(asked: Asked) -> tuple[int, ...]:
    """Give the keys of the documents that were ticked.

    Raises  Refused (ERR-U30): there is none, which is not to be taken for all of them.
    """
    keys = tuple(key for one in asked.form.get("pick", ()) if (key := key_of(one)))
    if not keys:
        raise Refused(refuse("ERR-U30", asked.url))
    return keys
