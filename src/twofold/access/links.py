"""Sign-in links: one sign-in without a password, for a first day or a forgotten one.

Before  somebody who may use the command line asks for the link of a person, or shows one.
After   made: older links of the person are worth nothing. Used: the link is gone, whoever raced
        for it, and its person is known; a session is for sign_in.py to open.
Codes   ERR-U02 unknown login, U06 no such link (any more).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from twofold.access.events import record_event
from twofold.access.secret import Secret
from twofold.database.statement import SqlFile
from twofold.database.transaction import Reader, Transaction
from twofold.kernel.catalogue import refuse
from twofold.kernel.errors import Refused

LINK_MINUTES: Final = 60
NO_LINK: Final = "ERR-U06"


@dataclass(frozen=True, slots=True)
class Linked:
    """Whose link it is."""

    login: str
    name: str


SQL: Final = SqlFile(__name__)
DROP_OLDER: Final = SQL.command("drop_older")
MAKE: Final = SQL.command("make")
FIND: Final = SQL.query("find", gives=Linked)
USE: Final = SQL.query("use", gives=Linked)


def make_link(
    transaction: Transaction, *, person_id: int, login: str, actor: str, at: datetime
) -> Secret:
    """Make the one link of a person that is worth something, for an hour."""
    secret = Secret.new()
    transaction.run(DROP_OLDER, person_id=person_id)
    transaction.run(
        MAKE,
        secret_hash=secret.digest,
        person_id=person_id,
        actor=actor,
        at=at,
        ends_at=at + timedelta(minutes=LINK_MINUTES),
    )
    record_event(transaction, "link_made", login=login, actor=actor, at=at)
    return secret


def whose_link(reader: Reader, secret: Secret, *, at: datetime) -> Linked:
    """Tell whose link it is (ERR-U06); looking does not use it."""
    return _only(reader.all(FIND, secret_hash=secret.digest, at=at))


def use_link(transaction: Transaction, secret: Secret, *, at: datetime) -> Linked:
    """Take the link out of use (ERR-U06); of two at once one gets it."""
    return _only(transaction.all(USE, secret_hash=secret.digest, at=at))


def _only(found: list[Linked]) -> Linked:
    if not found:
        raise Refused(refuse(NO_LINK, "sign-in link"))
    return found[0]
