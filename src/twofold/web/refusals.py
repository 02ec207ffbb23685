"""What a refusal says to its reader: the meaning of its code in their language, and its own words.

Title, cause and remedy stand in the error catalogue, in English, and in `locale/codes`; a reason
that a process found for this very record is said as it found it.
"""

from __future__ import annotations

from dataclasses import dataclass

from twofold.kernel.catalogue import CATALOGUE
from twofold.kernel.errors import Refusal
from twofold.web.language import Speech


@dataclass(frozen=True, slots=True)
class Told:
    """A refusal as it is read. ``detail`` is English, '' where the title says it all."""

    title: str
    detail: str
    cause: str
    remedy: str

    @property
    def line(self) -> str:
        """Title, detail and remedy, for the cell of a list."""
        said = f"{self.title}: {self.detail}" if self.detail else self.title
        return f"{said}. {self.remedy}".replace("`", "")


def told(speech: Speech, refusal: Refusal) -> Told:
    """Say a refusal in the reader's language; a code that is not known any more says its reason."""
    meaning = CATALOGUE.get(refusal.code)
    if meaning is None:
        return Told(refusal.reason, "", "", refusal.remedy)
    return Told(
        title=speech.meant(meaning.title),
        detail="" if refusal.reason in {"", meaning.title} else refusal.reason,
        cause=speech.meant(meaning.cause),
        remedy=speech.meant(refusal.remedy or meaning.remedy),
    )
