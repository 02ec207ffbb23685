"""What a person may do now, asked by their login: for work that is done in their name later."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from twofold.access.roles import Permission, Role, allows
from twofold.database.statement import SqlFile
from twofold.database.transaction import Reader


@dataclass(frozen=True, slots=True)
class _Grant:
    company: str
    role: Role


SQL: Final = SqlFile(__name__)
ROLES_OF: Final = SQL.query("roles_of", gives=_Grant)


def roles_of(reader: Reader, *, login: str) -> tuple[tuple[str, Role], ...]:
    """Give the roles of a person who is not barred, each with its company; '' is all of them."""
    return tuple((one.company, one.role) for one in reader.all(ROLES_OF, login=login))


def may(reader: Reader, *, login: str, permission: Permission, company: str) -> bool:
    """Tell whether a person who is not barred holds a role that allows it in the company."""
    return allows(roles_of(reader, login=login), permission, company)
