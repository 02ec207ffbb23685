"""People, for administrators: who signs in, their roles, links and sessions, and what happened."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Final

from starlette.exceptions import HTTPException

from twofold.access.identities import link_identity, list_identities, unlink_identity
from twofold.access.links import make_link
from twofold.access.people import (
    Happened,
    Person,
    add_person,
    bar_person,
    give_role,
    list_history,
    list_people,
    person_of,
    take_role,
)
from twofold.access.roles import INSTALLATION, ROLES, SIDE_OF, Role
from twofold.access.sessions import revoke_sessions
from twofold.database.transaction import Transaction
from twofold.kernel.errors import Refusal, Refused
from twofold.operations.setup.guards import known_companies
from twofold.web.answers import Answer, Moved, Shown
from twofold.web.asked import Asked, Page
from twofold.web.everyone import sessions
from twofold.web.listing import Column, Listing, Slice, answer, key_of, whole

_ROLE_OF: Final[dict[str, Role]] = {role: role for role in ROLES}
_EVENTS: Final[tuple[Column[Happened], ...]] = (
    Column("When", lambda one: one.happened_at, "moment"),
    Column("What", lambda one: one.kind, "term"),
    Column("Login", lambda one: one.login, to=lambda one: one.login and f"/people/{one.login}"),
    Column("By", lambda one: one.actor),
    Column("Address", lambda one: one.address),
    Column("Detail", lambda one: one.detail),
)


def _list(asked: Asked) -> Answer:
    """Show everybody, and what happened last."""
    _assert_may_read(asked)
    return _people(asked, ())


def _people(asked: Asked, refusals: Sequence[Refusal]) -> Answer:
    with asked.system.access.reader() as reader:
        people = list_people(reader)
    columns: tuple[Column[Person], ...] = (
        Column("Login", lambda one: one.login, to=lambda one: f"/people/{one.login}"),
        Column("Name", lambda one: one.name),
        Column("Roles", lambda one: one.roles),
        Column("Status", lambda one: "active" if one.is_active else "barred", "status"),
    )
    listing: Listing[Person] = Listing(
        title="People",
        columns=columns,
        page=whole(people, columns),
        place=lambda one: one.login,
        per_page=max(len(people), 1),
        total=len(people),
    )
    typed = {name: asked.typed(name) for name in ("login", "name")}
    page = answer(
        asked,
        "people.html",
        listing,
        _history(asked, None),
        refusals=refusals,
        typed=typed,
        may_act=asked.visitor.may("administer"),
    )
    return _refused(page, refusals)


def _show(asked: Asked) -> Answer:
    """Show one person: roles, and what happened."""
    _assert_may_read(asked)
    return _person(asked)


def _person(asked: Asked, refusals: Sequence[Refusal] = (), link: str = "") -> Answer:
    person = _found(asked)
    with asked.system.auditor_operations.reader() as reader:
        companies = sorted(known_companies(reader))
    with asked.system.access.reader() as reader:
        identities = list_identities(reader, person_id=person.person_id)
    page = answer(
        asked,
        "person.html",
        _history(asked, person.login),
        sessions.sessions_of(asked, person.person_id, "Open sessions", key="sessions"),
        person=person,
        roles=[one for one in person.roles.split(", ") if one],
        identities=identities,
        all_roles=ROLES,
        all_companies=companies,
        refusals=refusals,
        link=link,
        may_act=asked.visitor.may("administer"),
    )
    return _refused(page, refusals)


def _refused(page: Answer, refusals: Sequence[Refusal]) -> Answer:
    if refusals and isinstance(page, Shown):
        return Shown(page.template, page.values, status=422)
    return page


def _history(asked: Asked, login: str | None) -> Listing[Happened]:
    def page(wanted: Slice) -> Sequence[Happened]:
        with asked.system.access.reader() as reader:
            return list_history(
                reader, login=login, before_id=key_of(wanted.after) or None, limit=wanted.limit
            )

    return Listing(
        key="history",
        title="What happened",
        columns=_EVENTS,
        page=page,
        place=lambda one: str(one.event_id),
    )


def _add(asked: Asked) -> Answer:
    """Add a person who signs in by a link first; what was typed stays when it is refused."""
    login = asked.typed("login").lower()
    try:
        with asked.system.access.transaction() as transaction:
            add_person(
                transaction,
                login=login,
                name=asked.typed("name"),
                password=None,
                must_change=False,
                actor=asked.visitor.login,
                at=asked.now,
            )
    except Refused as refused:
        return _people(asked, refused.refusals)
    return Moved(f"/people/{login}")


def _give(asked: Asked) -> Answer:
    """Give a role in a company, or in all of the installation."""
    role = _role(asked)
    return _done(
        asked,
        lambda transaction, person: give_role(
            transaction,
            login=person.login,
            company=INSTALLATION if _is_wide(role) else asked.typed("company"),
            role=role,
            actor=asked.visitor.login,
            at=asked.now,
        ),
    )


def _take(asked: Asked) -> Answer:
    """Take a role away."""
    company, _, name = asked.typed("role").rpartition(":")
    role = _ROLE_OF.get(name)
    if role is None:
        raise HTTPException(404)
    return _done(
        asked,
        lambda transaction, person: take_role(
            transaction,
            login=person.login,
            company=company,
            role=role,
            actor=asked.visitor.login,
            at=asked.now,
        ),
    )


def _bar(asked: Asked) -> Answer:
    """Bar a person, whose sessions end now, or let them in again."""
    return _done(
        asked,
        lambda transaction, person: bar_person(
            transaction,
            login=person.login,
            is_active=asked.typed("do") == "admit",
            actor=asked.visitor.login,
            at=asked.now,
        ),
    )


def _end_sessions(asked: Asked) -> Answer:
    """End the sessions that are ticked, or all; whoever holds one signs in again."""
    person = _found(asked)
    with asked.system.access.transaction() as transaction:
        ended = revoke_sessions(
            transaction,
            person_id=person.person_id,
            login=person.login,
            keys=None if asked.typed("do") == "all" else asked.form.get("pick", ()),
            actor=asked.visitor.login,
            at=asked.now,
        )
    return Moved(f"/people/{person.login}?done=ended:{ended}")


def _make_link(asked: Asked) -> Answer:
    """Make a sign-in link; it is shown this once."""
    person = _found(asked)
    with asked.system.access.transaction() as transaction:
        secret = make_link(
            transaction,
            person_id=person.person_id,
            login=person.login,
            actor=asked.visitor.login,
            at=asked.now,
        )
    return _person(asked, link=f"/enter/{secret.text}")


def _link_account(asked: Asked) -> Answer:
    """Let an account of the provider stand for the person."""
    provider = asked.provider
    if provider is None or not asked.typed("subject"):
        raise HTTPException(404)
    return _done(
        asked,
        lambda transaction, person: link_identity(
            transaction,
            person,
            issuer=provider.issuer,
            subject=asked.typed("subject"),
            actor=asked.visitor.login,
            at=asked.now,
        ),
    )


def _unlink_account(asked: Asked) -> Answer:
    """Let it stand for them no longer; their sessions end."""

    def unlink(transaction: Transaction, person: Person) -> None:
        unlink_identity(
            transaction,
            person,
            issuer=asked.typed("issuer"),
            subject=asked.typed("subject"),
            actor=asked.visitor.login,
            at=asked.now,
        )

    return _done(asked, unlink)


def _done(asked: Asked, change: Callable[[Transaction, Person], None]) -> Answer:
    person = _found(asked)
    try:
        with asked.system.access.transaction() as transaction:
            change(transaction, person)
    except Refused as refused:
        return _person(asked, refused.refusals)
    return Moved(f"/people/{person.login}?done=saved:1")


def _assert_may_read(asked: Asked) -> None:
    """Let auditors of any company in as well; HTTPException 404 for others."""
    if not asked.visitor.may("read_access") and not asked.visitor.companies("read_access"):
        raise HTTPException(404)


def _found(asked: Asked) -> Person:
    try:
        with asked.system.access.reader() as reader:
            return person_of(reader, asked.path["login"])
    except Refused:
        raise HTTPException(404) from None


def _role(asked: Asked) -> Role:
    role = _ROLE_OF.get(asked.typed("role"))
    if role is None:
        raise HTTPException(404)
    return role


def _is_wide(role: Role) -> bool:
    return SIDE_OF[role] in {"integration", "administration"}


PAGES: Final = (
    Page("/people", _list, None),
    Page("/people", _add, "administer", "POST"),
    Page("/people/{login}", _show, None),
    Page("/people/{login}/give", _give, "administer", "POST"),
    Page("/people/{login}/take", _take, "administer", "POST"),
    Page("/people/{login}/bar", _bar, "administer", "POST"),
    Page("/people/{login}/link", _make_link, "administer", "POST"),
    Page("/people/{login}/link-account", _link_account, "administer", "POST"),
    Page("/people/{login}/unlink-account", _unlink_account, "administer", "POST"),
    Page("/people/{login}/end-sessions", _end_sessions, "administer", "POST"),
    *sessions.PAGES,
)
