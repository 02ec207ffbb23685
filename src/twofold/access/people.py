"""People: add them, give and take roles, set passwords, bar them.

Before  the login is free (add), or names a person.
After   the change is made and recorded; taking a role or barring ends nothing that was done, and
        every session of a barred person.
Codes   ERR-U01 login taken, U02 unknown, U03 weak password, U04 role refused.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from twofold.access.events import record_event
from twofold.access.passwords import hash_password
from twofold.access.roles import SIDE_OF, Role
from twofold.database.statement import SqlFile
from twofold.database.transaction import Reader, Transaction
from twofold.kernel.catalogue import refuse
from twofold.kernel.errors import Refused

TAKEN: Final = "ERR-U01"
NAMELESS: Final = "ERR-U29"
UNKNOWN: Final = "ERR-U02"
APART: Final = "ERR-U04"


@dataclass(frozen=True, slots=True)
class Person:
    """One person, with their roles as ``company:role``, those of the installation as ``role``."""

    person_id: int
    login: str
    name: str
    language: str
    is_active: bool
    roles: str


@dataclass(frozen=True, slots=True)
class Happened:
    """What was done by or with a person: signed in, declined, given a role, barred."""

    event_id: int
    happened_at: datetime
    kind: str
    login: str
    actor: str
    address: str
    detail: str


@dataclass(frozen=True, slots=True)
class _Key:
    person_id: int


@dataclass(frozen=True, slots=True)
class _Duty:
    side: str


SQL: Final = SqlFile(__name__)
ADD: Final = SQL.query("add", gives=_Key)
LIST: Final = SQL.query("list", gives=Person)
HISTORY: Final = SQL.query("history", gives=Happened)
SET_PASSWORD: Final = SQL.command("set_password")
TAKE_SIDE: Final = SQL.query("take_side", gives=_Duty)
GIVE_ROLE: Final = SQL.command("give_role")
TAKE_ROLE: Final = SQL.command("take_role")
LEAVE_SIDES: Final = SQL.command("leave_sides")
BAR: Final = SQL.command("bar")
SET_LANGUAGE: Final = SQL.command("set_language")


def list_people(reader: Reader) -> list[Person]:
    """Give everybody, by login."""
    return reader.all(LIST)


def list_history(
    reader: Reader, *, login: str | None, before_id: int | None, limit: int
) -> list[Happened]:
    """Give what happened before an event, or to now, newest first; of one person or of all."""
    return reader.all(HISTORY, login=login, before_id=before_id, rows_max=limit)


def add_person(
    transaction: Transaction,
    *,
    login: str,
    name: str,
    password: str | None,
    must_change: bool,
    actor: str,
    at: datetime,
) -> None:
    """Add a person without roles (ERR-U01, U03, U11).

    Without a password they need a sign-in link.
    """
    login = login.strip().lower()
    if len(login.split()) != 1 or not name.strip():
        field = "name" if login and not name.strip() else "login"
        raise Refused(refuse(NAMELESS, f"person {login}", field=field, value=login))
    kept = None if password is None else hash_password(password, login=login, name=name)
    added = transaction.all(
        ADD,
        login=login,
        name=name.strip(),
        password_hash=kept,
        must_change=must_change,
        actor=actor,
        at=at,
    )
    if not added:
        raise Refused(refuse(TAKEN, f"person {login}", field="login", value=login))
    record_event(transaction, "added", login=login, actor=actor, at=at)


def set_password(
    transaction: Transaction, person: Person, *, password: str, actor: str, at: datetime
) -> None:
    """Give a person another password (ERR-U03); their sessions are for the caller to end."""
    kept = hash_password(password, login=person.login, name=person.name)
    transaction.run(
        SET_PASSWORD,
        person_id=person.person_id,
        password_hash=kept,
        must_change=actor != person.login,
    )
    record_event(transaction, "password_set", login=person.login, actor=actor, at=at)


def give_role(
    transaction: Transaction, *, login: str, company: str, role: Role, actor: str, at: datetime
) -> None:
    """Give a role in a company; '' is the installation (ERR-U02, U04)."""
    person = person_of(transaction, login)
    record = f"person {person.login}"
    if person.login == actor:
        raise Refused(
            refuse(
                APART, record, field="role", value=role, reason="nobody gives a role to themselves"
            )
        )
    side = SIDE_OF[role]
    given = {"person_id": person.person_id, "company": company}
    duty = transaction.one(TAKE_SIDE, side=side, **given)
    if duty.side != side:
        reason = f"they work on the {duty.side} side there, and this role is of {side}"
        raise Refused(refuse(APART, record, field="role", value=role, reason=reason))
    transaction.run(
        GIVE_ROLE, role=role, side=side, login=person.login, actor=actor, at=at, **given
    )
    record_event(
        transaction,
        "role_given",
        login=person.login,
        actor=actor,
        at=at,
        detail=f"{company} {role}".strip(),
    )


def take_role(
    transaction: Transaction, *, login: str, company: str, role: Role, actor: str, at: datetime
) -> None:
    """Take a role away; with the last one of a company the person has left that side."""
    person = person_of(transaction, login)
    transaction.run(TAKE_ROLE, person_id=person.person_id, company=company, role=role)
    transaction.run(LEAVE_SIDES, person_id=person.person_id)
    record_event(
        transaction,
        "role_taken",
        login=person.login,
        actor=actor,
        at=at,
        detail=f"{company} {role}".strip(),
    )


def bar_person(
    transaction: Transaction, *, login: str, is_active: bool, actor: str, at: datetime
) -> None:
    """Bar a person from signing in, or let them in again."""
    person = person_of(transaction, login)
    transaction.run(BAR, person_id=person.person_id, is_active=is_active)
    record_event(
        transaction, "let_in" if is_active else "barred", login=person.login, actor=actor, at=at
    )


def set_language(transaction: Transaction, *, person_id: int, language: str) -> None:
    """Choose the language of a person's pages."""
    transaction.run(SET_LANGUAGE, person_id=person_id, language=language)


def person_of(reader: Reader, login: str) -> Person:
    """Give the person of a login (ERR-U02)."""
    login = login.strip().lower()
    for person in list_people(reader):
        if person.login == login:
            return person
    raise Refused(refuse(UNKNOWN, f"person {login}", field="login", value=login))
