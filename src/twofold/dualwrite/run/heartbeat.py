"""What an engine says of itself, every few seconds, in both books: that it lives, and who it is."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from twofold.database.connection import Book
from twofold.database.statement import SqlFile
from twofold.database.transaction import Reader
from twofold.dualwrite.sets.batch import FORMAT


@dataclass(frozen=True, slots=True)
class Heartbeat:
    """An engine: its name, where it runs, and the beginning of the names of its sessions."""

    name: str
    host: str
    pid: int

    @property
    def session(self) -> str:
        """The name by which the sessions of the engine begin."""
        return f"twofold/dualwrite/{self.name}"


@dataclass(frozen=True, slots=True)
class KnownEngine:
    """An engine as a book knows it; ``seconds_silent`` since it was last seen, by the server."""

    engine: str
    host: str
    pid: int
    format: int
    started_at: datetime
    seen_at: datetime
    seconds_silent: float


SQL: Final = SqlFile(__name__)
BEAT: Final = SQL.command("beat")
END: Final = SQL.command("end")
ENGINES: Final = SQL.query("engines", gives=KnownEngine)


def beat(book: Book, engine: Heartbeat) -> None:
    """Say in a book that the engine lives; rows of engines silent for a day are dropped."""
    with book.transaction() as transaction:
        transaction.run(BEAT, engine=engine.name, host=engine.host, pid=engine.pid, format=FORMAT)


def end_beat(book: Book, engine: Heartbeat) -> None:
    """Say that the engine has stopped by itself."""
    with book.transaction() as transaction:
        transaction.run(END, engine=engine.name)


def engines(reader: Reader) -> list[KnownEngine]:
    """Give the engines that a book has heard of, the one seen last first."""
    return reader.all(ENGINES)
