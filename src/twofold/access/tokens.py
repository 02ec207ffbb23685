"""Personal access tokens: a program reads lists in a person's name, and nothing else.

Before  a person, or somebody who may use the command line, asks for one.
After   made: its text is told once, and worth something until its day; what it may read is what
        the person may at that moment. Revoked: it is worth nothing any more.
Codes   ERR-U17 the name is taken or none, U18 it would last too long.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from twofold.access.events import record_event
from twofold.access.people import Person
from twofold.access.rights import roles_of
from twofold.access.secret import Secret
from twofold.access.sessions import Visitor
from twofold.database.statement import SqlFile
from twofold.database.transaction import Reader, Transaction
from twofold.kernel.catalogue import refuse
from twofold.kernel.errors import Refused

NAME: Final = "ERR-U17"
LASTS: Final = "ERR-U18"
DAYS_MAX: Final = 366
_NAME_MAX: Final = 100
# Programs that look for lost secrets know ours by it.
_MARK: Final = "twofold_"
# Being used is written down this often at most.
_USED_SECONDS: Final = 60


@dataclass(frozen=True, slots=True)
class Token:
    """A token as its person sees it: everything but its text."""

    name: str
    created_at: datetime
    ends_at: datetime
    used_at: datetime | None


@dataclass(frozen=True, slots=True)
class _Holder:
    person_id: int
    login: str
    name: str
    language: str
    used_at: datetime | None


@dataclass(frozen=True, slots=True)
class _Key:
    person_id: int


@dataclass(frozen=True, slots=True)
class Bearer:
    """Whose token a program holds, with the roles they have now, and when it was used last."""

    visitor: Visitor
    used_at: datetime | None

    def is_used_long_ago(self, at: datetime) -> bool:
        """Tell whether it is time to write down that the token was used."""
        return self.used_at is None or at - self.used_at > timedelta(seconds=_USED_SECONDS)


SQL: Final = SqlFile(__name__)
MAKE: Final = SQL.query("make", gives=_Key)
LIST: Final = SQL.query("list", gives=Token)
FIND: Final = SQL.query("find", gives=_Holder)
USE: Final = SQL.command("use")
REVOKE: Final = SQL.command("revoke")


def make_token(
    transaction: Transaction, person: Person, *, name: str, days: int, actor: str, at: datetime
) -> Secret:
    """Make a token for some days, and give its text (ERR-U17, U18)."""
    name, record = name.strip(), f"person {person.login}"
    if not 0 < days <= DAYS_MAX:
        reason = f"a token lasts 1 to {DAYS_MAX} days"
        raise Refused(refuse(LASTS, record, field="days", value=str(days), reason=reason))
    if not name or len(name) > _NAME_MAX or not name.isprintable():
        reason = f"a name has 1 to {_NAME_MAX} characters"
        raise Refused(refuse(NAME, record, field="name", value=name[:_NAME_MAX], reason=reason))
    secret = Secret(f"{_MARK}{Secret.new().text}")
    made = transaction.all(
        MAKE,
        token_hash=secret.digest,
        person_id=person.person_id,
        name=name,
        at=at,
        ends_at=at + timedelta(days=days),
    )
    if not made:
        raise Refused(refuse(NAME, record, field="name", value=name))
    record_event(transaction, "token_made", login=person.login, actor=actor, at=at, detail=name)
    return secret


def list_tokens(reader: Reader, *, person_id: int) -> list[Token]:
    """Give the tokens of a person, those that have ended as well, the newest first."""
    return reader.all(LIST, person_id=person_id)


def revoke_token(
    transaction: Transaction, person: Person, *, name: str, actor: str, at: datetime
) -> bool:
    """Make a token worth nothing; False where there is none of the name."""
    if not transaction.run(REVOKE, person_id=person.person_id, name=name):
        return False
    record_event(transaction, "token_revoked", login=person.login, actor=actor, at=at, detail=name)
    return True


def read_bearer(reader: Reader, secret: Secret, *, at: datetime) -> Bearer | None:
    """Give whose token it is; None when it ended or was revoked, or its person may not enter."""
    holder = reader.first(FIND, token_hash=secret.digest, at=at)
    if holder is None:
        return None
    visitor = Visitor(
        holder.person_id,
        holder.login,
        holder.name,
        holder.language,
        must_change_password=False,
        seen_at=None,
        roles=roles_of(reader, login=holder.login),
    )
    return Bearer(visitor, holder.used_at)


def mark_used(transaction: Transaction, secret: Secret, *, at: datetime) -> None:
    """Note that the token was used."""
    transaction.run(USE, token_hash=secret.digest, at=at)
