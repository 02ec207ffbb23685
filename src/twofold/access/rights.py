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


def may(reader: Reader, *, login: str, permission: Permission, company: str) -> bool:
    """Tell whether a person who is not barred holds a role that allows it in the company."""
    grants = reader.all(ROLES_OF, login=login)
    return allows([(one.company, one.role) for one in grants], permission, company)
