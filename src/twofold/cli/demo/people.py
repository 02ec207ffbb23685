"""The people of the example companies, each with one side of the work; none has a password."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from twofold.access.people import add_person, give_role, list_people
from twofold.access.roles import INSTALLATION, SIDE_OF, Role
from twofold.cli.companies import chosen_companies
from twofold.journey.system import System


@dataclass(frozen=True, slots=True)
class Sample:
    """One of the people, and what they do."""

    login: str
    name: str
    role: Role


PEOPLE: Final = (
    Sample("paula", "Paula Marsh", "project_manager"),
    Sample("anton", "Anton Weber", "accountant"),
    Sample("ines", "Inês Duarte", "integration_admin"),
    Sample("olga", "Olga Lind", "auditor"),
    Sample("adam", "Adam Bourne", "administrator"),
)


def add_people(system: System, *, actor: str) -> int:
    """Add those that are not there, with their roles in every company; give how many."""
    companies = chosen_companies(system, None)
    with system.access.transaction() as transaction:
        known = {person.login for person in list_people(transaction)}
        missing = [person for person in PEOPLE if person.login not in known]
        for person in missing:
            add_person(
                transaction,
                login=person.login,
                name=person.name,
                password=None,
                must_change=False,
                actor=actor,
                at=system.now(),
            )
            is_wide = SIDE_OF[person.role] in {"integration", "administration"}
            for company in (INSTALLATION,) if is_wide else companies:
                give_role(
                    transaction,
                    login=person.login,
                    company=company,
                    role=person.role,
                    actor=actor,
                    at=system.now(),
                )
    return len(missing)
