"""People and their roles: what is refused, and what the database refuses whoever asks."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier

import pytest

from tests.support.books import Books
from tests.support.clock import NOW
from twofold.access.links import make_link, use_link, whose_link
from twofold.access.passwords import is_password
from twofold.access.people import (
    add_person,
    bar_person,
    give_role,
    list_people,
    person_of,
    set_password,
    take_role,
)
from twofold.access.roles import ROLES, SIDE_OF, Role
from twofold.access.secret import Secret
from twofold.access.sessions import read_visitor
from twofold.access.sign_in import admit, find_candidate
from twofold.database.transaction import ConstraintBroken
from twofold.kernel.errors import Fault, Refused

GRANT = b"INSERT INTO access.role_grant VALUES (1, "
GOOD = "heron basket violet 88"


def add(books: Books, login: str, password: str = GOOD) -> None:
    with books.access.transaction() as transaction:
        add_person(
            transaction,
            login=login,
            name=login.title(),
            password=password,
            must_change=False,
            actor="admin",
            at=NOW,
        )


def give(books: Books, login: str, role: Role, company: str = "USPM", actor: str = "admin") -> None:
    with books.access.transaction() as transaction:
        give_role(transaction, login=login, company=company, role=role, actor=actor, at=NOW)


def roles(books: Books, login: str) -> str:
    with books.access.reader() as reader:
        return person_of(reader, login).roles


def test_a_login_is_used_once_however_it_is_written(books: Books) -> None:
    add(books, "pat")

    with pytest.raises(Refused) as refused:
        add(books, " PAT ")

    assert refused.value.codes == ("ERR-U01",)


def test_nobody_is_given_a_role_by_mistake(books: Books) -> None:
    with pytest.raises(Refused) as refused:
        give(books, "nobody", "accountant")

    assert refused.value.codes == ("ERR-U02",)


@pytest.mark.parametrize(
    "password",
    [
        "heron basket v",
        "x" * 129,
        "passwordpassword",
        "aaaaaaaaaaaaaaaaaaaa",
        "pat pat pat pat pat",
        "123456789012345",
    ],
)
def test_a_weak_password_is_refused(books: Books, password: str) -> None:
    with pytest.raises(Refused) as refused:
        add(books, "pat", password)

    assert refused.value.codes == ("ERR-U03",)
    with books.access.reader() as reader:
        assert list_people(reader) == []


@pytest.mark.parametrize("password", ["heron basket vi", "pão de açúcar às 5"])
def test_a_password_is_anything_that_nobody_guesses(books: Books, password: str) -> None:
    add(books, "pat", password)

    with books.access.reader() as reader:
        candidate = find_candidate(reader, login="Pat")
    assert candidate
    assert is_password(password, candidate.password_hash)
    assert not is_password(password + " ", candidate.password_hash)
    assert password not in str(candidate)


def test_whoever_bills_does_not_keep_the_accounts(books: Books) -> None:
    add(books, "pat")
    give(books, "pat", "project_manager")
    give(books, "pat", "approver")

    with pytest.raises(Refused) as refused:
        give(books, "pat", "accountant")
    give(books, "pat", "accountant", company="FRPM")

    assert refused.value.codes == ("ERR-U04",)
    assert roles(books, "pat") == "FRPM:accountant, USPM:approver, USPM:project_manager"


def test_a_side_is_left_with_its_last_role(books: Books) -> None:
    add(books, "pat")
    give(books, "pat", "project_manager")

    with books.access.transaction() as transaction:
        take_role(
            transaction,
            login="pat",
            company="USPM",
            role="project_manager",
            actor="admin",
            at=NOW,
        )
    give(books, "pat", "accountant")

    assert roles(books, "pat") == "USPM:accountant"


def test_nobody_gives_a_role_to_themselves(books: Books) -> None:
    add(books, "admin")

    with pytest.raises(Refused) as refused:
        give(books, "admin", "auditor")

    assert refused.value.codes == ("ERR-U04",)


@pytest.mark.parametrize(
    "statement",
    [
        # On another side than the person's, and under a false side.
        GRANT + b"'USPM', 'accountant', 'finance', 'pat', 'x', now())",
        GRANT + b"'USPM', 'accountant', 'operations', 'pat', 'x', now())",
        # By themselves.
        GRANT + b"'USPM', 'approver', 'operations', 'pat', 'pat', now())",
        # For the installation, which has no project managers.
        GRANT + b"'', 'approver', 'operations', 'pat', 'x', now())",
        b"UPDATE access.duty SET side = 'finance'",
        b"UPDATE access.event SET actor = 'somebody else'",
        b"DELETE FROM access.event",
        b"SELECT FROM operations.actual",
    ],
)
def test_the_database_keeps_apart_what_the_program_forgets(books: Books, statement: bytes) -> None:
    with books.owner_operations.raw() as connection:
        connection.execute("ALTER TABLE access.person ALTER person_id RESTART WITH 1")
    add(books, "pat")
    give(books, "pat", "project_manager")

    with pytest.raises((Fault, ConstraintBroken)), books.access.raw() as connection:
        connection.execute(statement)


def test_roles_and_sides_are_told_alike_by_program_and_database(books: Books) -> None:
    with books.owner_operations.raw() as connection:
        found = connection.execute(
            "SELECT role::text, access.side_of(role)::text"
            " FROM unnest(enum_range(null::access.role)) AS role"
        ).fetchall()

    assert dict(found) == SIDE_OF
    assert [role for role, _ in found] == list(ROLES)


def test_barring_ends_every_session(books: Books) -> None:
    add(books, "pat")
    with books.access.transaction() as transaction:
        candidate = find_candidate(transaction, login="pat")
        assert candidate
        token = admit(transaction, candidate, address="", agent="", at=NOW)
    with books.access.transaction() as transaction:
        bar_person(transaction, login="pat", is_active=False, actor="admin", at=NOW)

    with books.access.reader() as reader:
        assert read_visitor(reader, token, at=NOW) is None
        again = find_candidate(reader, login="pat")
    assert again
    assert not again.may_enter(NOW)


def test_a_password_set_by_another_is_to_be_changed(books: Books) -> None:
    add(books, "pat")
    with books.access.transaction() as transaction:
        person = person_of(transaction, "pat")
        set_password(transaction, person, password=GOOD[::-1], actor="admin", at=NOW)
        candidate = find_candidate(transaction, login="pat")
        assert candidate
        token = admit(transaction, candidate, address="", agent="", at=NOW)
        visitor = read_visitor(transaction, token, at=NOW)

    assert visitor
    assert visitor.must_change_password


def link(books: Books, login: str) -> Secret:
    with books.access.transaction() as transaction:
        person = person_of(transaction, login)
        return make_link(
            transaction, person_id=person.person_id, login=login, actor="admin", at=NOW
        )


def enter(books: Books, secret: Secret, *, minutes: int = 0) -> str:
    """Use a link some minutes later; give who it signs in, or the code of its refusal."""
    try:
        with books.access.transaction() as transaction:
            return use_link(transaction, secret, at=NOW + timedelta(minutes=minutes)).login
    except Refused as refused:
        return refused.codes[0]


def look(books: Books, secret: Secret, *, minutes: int = 0) -> str:
    """Look whose link it is, without using it."""
    try:
        with books.access.reader() as reader:
            return whose_link(reader, secret, at=NOW + timedelta(minutes=minutes)).login
    except Refused as refused:
        return refused.codes[0]


def test_a_link_signs_in_once_and_the_newest_counts(books: Books) -> None:
    add(books, "pat")

    older, newer = link(books, "pat"), link(books, "pat")

    assert (look(books, older), enter(books, older)) == ("ERR-U06", "ERR-U06")
    assert (look(books, newer), enter(books, newer)) == ("pat", "pat")
    assert (look(books, newer), enter(books, newer)) == ("ERR-U06", "ERR-U06")
    assert enter(books, Secret("guessed")) == "ERR-U06"


@pytest.mark.parametrize(("minutes", "found"), [(59, "pat"), (60, "ERR-U06")])
def test_a_link_is_worth_an_hour(books: Books, minutes: int, found: str) -> None:
    add(books, "pat")

    secret = link(books, "pat")

    assert look(books, secret, minutes=minutes) == found
    assert enter(books, secret, minutes=minutes) == found


def test_the_link_of_a_barred_person_is_worth_nothing(books: Books) -> None:
    add(books, "pat")
    secret = link(books, "pat")
    with books.access.transaction() as transaction:
        bar_person(transaction, login="pat", is_active=False, actor="admin", at=NOW)

    assert (look(books, secret), enter(books, secret)) == ("ERR-U06", "ERR-U06")


def test_two_who_show_one_link_at_once_are_one(books: Books) -> None:
    add(books, "pat")
    secret = link(books, "pat")
    both = Barrier(2)

    def race(secret: Secret) -> str:
        both.wait()
        return enter(books, secret)

    with ThreadPoolExecutor(2) as pool:
        found = sorted(pool.map(race, [secret, secret]))

    assert found == ["ERR-U06", "pat"]


def test_who_has_no_password_signs_in_with_none(books: Books) -> None:
    with books.access.transaction() as transaction:
        add_person(
            transaction,
            login="pat",
            name="Pat",
            password=None,
            must_change=False,
            actor="admin",
            at=NOW,
        )
        candidate = find_candidate(transaction, login="pat")

    assert candidate
    assert not is_password("", candidate.password_hash)
