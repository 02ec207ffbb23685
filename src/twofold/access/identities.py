"""Accounts of the provider that stand for people: linked beforehand, by hand.

An account is known by issuer and subject, never by an address of e-mail: those are given away,
given anew and, at many providers, typed in by their owners (decision 0021).

Before  an administrator knows whose account it is; it is free (link), or is the person's (unlink).
After   linked: whoever signs in with it at the provider is that person here. Unlinked: nobody is,
        and the person's sessions have ended, for nobody can tell which of them it opened.
Codes   ERR-U15 the account is linked already.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from twofold.access.events import record_event
from twofold.access.people import Person
from twofold.access.sessions import end_sessions
from twofold.access.sign_in import Candidate
from twofold.database.statement import SqlFile
from twofold.database.transaction import Reader, Transaction
from twofold.kernel.catalogue import refuse
from twofold.kernel.errors import Refused

LINKED: Final = "ERR-U15"


@dataclass(frozen=True, slots=True)
class Identity:
    """An account of a provider: who vouches, and for whom; and who linked it."""

    issuer: str
    subject: str
    linked_by: str
    linked_at: datetime


@dataclass(frozen=True, slots=True)
class _Key:
    person_id: int


SQL: Final = SqlFile(__name__)
LIST: Final = SQL.query("list", gives=Identity)
FIND: Final = SQL.query("find", gives=Candidate)
LINK: Final = SQL.query("link", gives=_Key)
UNLINK: Final = SQL.command("unlink")


def list_identities(reader: Reader, *, person_id: int) -> list[Identity]:
    """Give the accounts of a person."""
    return reader.all(LIST, person_id=person_id)


def find_by_identity(reader: Reader, *, issuer: str, subject: str) -> Candidate | None:
    """Give the person for whom an account stands, barred or not; None for nobody."""
    return reader.first(FIND, issuer=issuer, subject=subject)


def link_identity(
    transaction: Transaction, person: Person, *, issuer: str, subject: str, actor: str, at: datetime
) -> None:
    """Let an account stand for a person (ERR-U15)."""
    linked = transaction.all(
        LINK, person_id=person.person_id, issuer=issuer, subject=subject, actor=actor, at=at
    )
    if not linked:
        record = f"account {subject} of {issuer}"
        raise Refused(refuse(LINKED, record, field="subject", value=subject))
    record_event(
        transaction,
        "identity_linked",
        login=person.login,
        actor=actor,
        at=at,
        detail=f"{issuer} {subject}",
    )


def unlink_identity(
    transaction: Transaction, person: Person, *, issuer: str, subject: str, actor: str, at: datetime
) -> bool:
    """Let it stand for them no longer; False where it did not."""
    if not transaction.run(UNLINK, person_id=person.person_id, issuer=issuer, subject=subject):
        return False
    end_sessions(transaction, person_id=person.person_id)
    record_event(
        transaction,
        "identity_unlinked",
        login=person.login,
        actor=actor,
        at=at,
        detail=f"{issuer} {subject}",
    )
    return True
