"""Which sets on their way a query means: the same words for listing, trying again, giving up.

The conditions themselves stand in one place, the function ``dualwrite.chosen_sets``.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta


@dataclass(frozen=True, slots=True)
class Choice:
    """Sets on their way that meet every condition given; None asks for none.

    ``states`` are waiting, parked and stopped. ``maps`` are maps that carry rows of the set, any
    of them. ``older_than`` is how long a set is on its way, by the clock of the book's server.
    """

    company: str | None = None
    set_ids: tuple[int, ...] | None = None
    states: tuple[str, ...] | None = None
    codes: tuple[str, ...] | None = None
    maps: tuple[str, ...] | None = None
    streams: tuple[str, ...] | None = None
    older_than: timedelta | None = None

    def given(self) -> Mapping[str, object]:
        """Give the conditions as the parameters that statements over chosen sets ask for."""
        return {
            "company": self.company,
            "set_ids": _listed(self.set_ids),
            "states": _listed(self.states),
            "codes": _listed(self.codes),
            "maps": _listed(self.maps),
            "streams": _listed(self.streams),
            "older_than": self.older_than,
        }


def _listed(values: tuple[object, ...] | None) -> list[object] | None:
    return None if values is None else list(values)
