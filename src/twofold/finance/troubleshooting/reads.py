"""What pages and commands may ask of the troubleshooting log."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from twofold.database.statement import SqlFile
from twofold.database.transaction import Reader
from twofold.kernel.catalogue import refuse
from twofold.kernel.errors import Refusal


@dataclass(frozen=True, slots=True)
class Message:
    """What one record waits for. ``about`` says in words which record it is."""

    source: str
    reference: str
    code: str
    field: str
    value: str
    row_count: int
    about: str
    logged_at: datetime

    @property
    def refusal(self) -> Refusal:
        """The message with its reason and remedy."""
        return refuse(self.code, self.reference, field=self.field, value=self.value)


SQL: Final = SqlFile(__name__)
LIST_MESSAGES: Final = SQL.query("list_messages", gives=Message)


def list_messages(
    reader: Reader, *, company: str, source: str | None = None, limit: int = 100
) -> tuple[Message, ...]:
    """Give the newest messages of a company, of one source if named."""
    return tuple(reader.all(LIST_MESSAGES, company=company, source=source, rows_max=limit))
