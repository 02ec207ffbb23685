"""Files that people give to jobs: kept beside the queue, where workers of any machine find them.

Before  who uploads may ask for the job that reads the file; its size was bounded.
After   the file is kept for a month, and read as often as a job or its page needs it.
Codes   ERR-U22 it is not kept any more.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from twofold.database.statement import SqlFile
from twofold.database.transaction import Reader, Transaction
from twofold.kernel.catalogue import refuse
from twofold.kernel.errors import Refused

GONE: Final = "ERR-U22"
KEPT_FOR: Final = timedelta(days=30)


@dataclass(frozen=True, slots=True)
class _Key:
    upload_id: int


@dataclass(frozen=True, slots=True)
class Upload:
    """A file as it was given; ``file`` is its name, without a folder."""

    file: str
    content: bytes


SQL: Final = SqlFile(__name__)
FORGET_OLD: Final = SQL.command("forget_old")
KEEP: Final = SQL.query("keep", gives=_Key)
READ: Final = SQL.query("read", gives=Upload)


def keep_upload(
    transaction: Transaction, *, company: str, file: str, content: bytes, actor: str
) -> int:
    """Keep a file and give its key; files that are a month old go, of whichever company."""
    transaction.run(FORGET_OLD, kept_for=KEPT_FOR)
    return transaction.one(KEEP, company=company, file=file, content=content, actor=actor).upload_id


def read_upload(reader: Reader, *, company: str, upload_id: int) -> Upload:
    """Give a file that was kept (ERR-U22)."""
    found = reader.first(READ, company=company, upload_id=upload_id)
    if found is None:
        raise Refused(refuse(GONE, f"upload/{upload_id}"))
    return found
