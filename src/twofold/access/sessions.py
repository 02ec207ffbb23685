"""Sessions: who a request comes from, what they may do, and the end of it.

A session ends after two hours without a request, after twelve in any case, when its person signs
out, or when anyone who may revokes it. Roles are read with each request, never kept in the session.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from twofold.access.events import record_event
from twofold.access.roles import INSTALLATION, PERMISSIONS, Permission, Role, allows
from twofold.access.secret import Secret
from twofold.database.statement import SqlFile
from twofold.database.transaction import Reader, Transaction

IDLE_HOURS: Final = 2
# Being seen is written down this often at most.
SEEN_SECONDS: Final = 60


@dataclass(frozen=True, slots=True)
class _Session:
    person_id: int
    login: str
    name: str
    language: str
    must_change_password: bool
    seen_at: datetime
    companies: list[str]
    roles: list[Role]


@dataclass(frozen=True, slots=True)
class OpenSession:
    """A session somebody holds: where it began, and when it was used last."""

    key: str
    began_at: datetime
    seen_at: datetime
    address: str
    agent: str
    is_this: bool


@dataclass(frozen=True, slots=True)
class Visitor:
    """A person who is signed in, with the roles they have now."""

    person_id: int
    login: str
    name: str
    language: str
    must_change_password: bool
    seen_at: datetime | None
    roles: tuple[tuple[str, Role], ...]

    def may(self, permission: Permission, company: str = INSTALLATION) -> bool:
        """Tell whether a role in ``company``, or for the installation, allows it."""
        return allows(self.roles, permission, company)

    def companies(self, *permissions: Permission) -> tuple[str, ...]:
        """Name the companies in which any of the permissions is held."""
        return tuple(
            sorted(
                {
                    company
                    for company, role in self.roles
                    if company != INSTALLATION and PERMISSIONS[role] & set(permissions)
                }
            )
        )


SQL: Final = SqlFile(__name__)
FIND: Final = SQL.query("find", gives=_Session)
SEEN: Final = SQL.command("seen")
END: Final = SQL.command("end")
LIST: Final = SQL.query("list", gives=OpenSession)
END_ONE: Final = SQL.command("end_one")
END_ALL: Final = SQL.command("end_all")
END_SOME: Final = SQL.command("end_some")


def read_visitor(reader: Reader, token: Secret, *, at: datetime) -> Visitor | None:
    """Give who holds the token; None when the session has ended or the person is barred."""
    found = reader.all(FIND, token_hash=token.digest, at=at, idle=timedelta(hours=IDLE_HOURS))
    if not found:
        return None
    (one,) = found
    return Visitor(
        one.person_id,
        one.login,
        one.name,
        one.language,
        one.must_change_password,
        one.seen_at,
        tuple(zip(one.companies, one.roles, strict=True)),
    )


def is_seen_long_ago(visitor: Visitor, *, at: datetime) -> bool:
    """Tell whether it is time to write down that the session is alive."""
    return visitor.seen_at is not None and at - visitor.seen_at > timedelta(seconds=SEEN_SECONDS)


def mark_seen(transaction: Transaction, token: Secret, *, at: datetime) -> None:
    """Note that the session was used."""
    transaction.run(SEEN, token_hash=token.digest, at=at)


def end_session(transaction: Transaction, token: Secret) -> None:
    """Sign out: the token is worth nothing any more."""
    transaction.run(END, token_hash=token.digest)


def end_sessions(transaction: Transaction, *, person_id: int) -> int:
    """Revoke every session of a person; give how many there were."""
    return transaction.run(END_ALL, person_id=person_id)


def list_sessions(
    reader: Reader, *, person_id: int, token: Secret, at: datetime
) -> list[OpenSession]:
    """Give the sessions of a person that have not ended, the newest first.

    ``key`` names a session without being worth anything: part of the hash of its token.
    """
    return reader.all(
        LIST, person_id=person_id, token_hash=token.digest, at=at, idle=timedelta(hours=IDLE_HOURS)
    )


def end_one_session(transaction: Transaction, *, person_id: int, key: str) -> int:
    """Revoke a session of a person by its key; give 0 when it had ended before."""
    return transaction.run(END_ONE, person_id=person_id, key=key)


def revoke_sessions(
    transaction: Transaction,
    *,
    person_id: int,
    login: str,
    keys: Sequence[str] | None,
    actor: str,
    at: datetime,
) -> int:
    """End sessions of another person by their keys, or all of them; give how many there were.

    After   it stands in the history of people, if there was one.
    """
    if keys is None:
        ended = end_sessions(transaction, person_id=person_id)
    else:
        ended = transaction.run(END_SOME, person_id=person_id, keys=list(keys))
    if ended:
        detail = str(ended)
        record_event(transaction, "sessions_ended", login=login, actor=actor, at=at, detail=detail)
    return ended
