"""What reading an exported file gives: its rows, its problems, and where it came from.

The import key is what makes importing twice harmless. It is a digest of the format, of what
identifies the row, and of the row's number among equal rows of the file. A second import of
the file, or of a longer one that holds the same rows, gives the same keys; two equal rows in
one file, which are two pieces of work, give two.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from hashlib import sha256
from pathlib import Path
from typing import Literal

from twofold.kernel.errors import Refusal

EntryClass = Literal["time", "expense", "material", "fee"]
FormatName = Literal["toggl", "clockify", "harvest", "twofold"]


@dataclass(frozen=True, slots=True)
class ExportRow:
    """One good row. ``quantity`` is hours for time and units for the other classes.

    ``line`` is the first physical line of the row in its file, counted from 1. Texts that the
    file does not give are empty; ``billable`` is None where the file does not say.
    """

    line: int
    cls: EntryClass
    on: date
    person: str
    person_email: str
    client: str
    project: str
    task: str
    role: str
    category: str
    quantity: Decimal
    unit_price: Decimal | None
    currency: str
    unit: str
    description: str
    external_description: str
    billable: bool | None
    import_key: bytes
    product: str = ""


@dataclass(frozen=True, slots=True)
class Export:
    """One file, read. ``source`` and ``digest`` are there to write its rejects file."""

    format: FormatName
    file: str
    rows: tuple[ExportRow, ...]
    refusals: tuple[Refusal, ...]
    date_format: str
    source: Path
    digest: bytes


class ImportKeys:
    """Gives each row of one file its import key, and tells equal rows apart by counting them."""

    __slots__ = ("_counts", "_format", "_references")

    def __init__(self, format_name: FormatName) -> None:
        self._format = format_name
        self._counts: dict[bytes, int] = {}
        self._references: set[str] = set()

    def of(self, *content: str) -> bytes:
        """Key of the next row with this identifying content."""
        first = self._digest(content, 1)
        count = self._counts.get(first, 0) + 1
        self._counts[first] = count
        return first if count == 1 else self._digest(content, count)

    def of_reference(self, reference: str) -> bytes:
        """Key of the row that carries this reference: the reference is its whole identity."""
        return self._digest(("reference", reference), 1)

    def first_use(self, reference: str) -> bool:
        """Whether no earlier row of the file, good or bad, carries this reference."""
        known = len(self._references)
        self._references.add(reference)
        return len(self._references) > known

    def _digest(self, content: tuple[str, ...], occurrence: int) -> bytes:
        # JSON, because joining with a separator would let two different rows look the same.
        return sha256(json.dumps((self._format, content, occurrence)).encode()).digest()
