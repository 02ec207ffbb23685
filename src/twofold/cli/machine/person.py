"""People who sign in to the pages: add them, give and take roles."""

from __future__ import annotations

from typing import Annotated

from cyclopts import App, Parameter

from twofold.access.links import make_link
from twofold.access.passwords import generated_password
from twofold.access.people import (
    add_person,
    bar_person,
    give_role,
    list_people,
    person_of,
    set_password,
    take_role,
)
from twofold.access.roles import INSTALLATION, SIDE_OF, Role
from twofold.access.sessions import end_sessions, revoke_sessions
from twofold.cli import printing
from twofold.cli.machine import identity, token
from twofold.cli.machine.standing import ADDRESS
from twofold.cli.opening import opened
from twofold.cli.parameters import ActorName, AsJson, Company, Misused, actor_name

app = App(name="person", help="People who sign in to the pages, and their roles.")

app.command(identity.app)
app.command(token.app)

Login = Annotated[str, Parameter(help="The login of a person.")]


@app.command(name="list")
def list_all(*, as_json: AsJson = False) -> None:
    """Show everybody, with their roles."""
    with opened(alone="operations") as system, system.access.reader() as reader:
        people = list_people(reader)
    table = printing.table(
        ("Login", "Name", "Roles", "May sign in"),
        [(one.login, one.name, one.roles, "yes" if one.is_active else "no") for one in people],
        title="People",
    )
    printing.show({"people": people}, table, as_json=as_json)


@app.command
def add(
    login: Login,
    name: str,
    /,
    *,
    first: Annotated[
        bool,
        Parameter(
            name="--password",
            negative="--no-password",
            help="Without one they sign in by a link, or at the provider.",
        ),
    ] = True,
    actor: ActorName = None,
) -> None:
    """Add a person; the password for their first sign-in is shown once."""
    password = generated_password() if first else None
    with opened(alone="operations") as system, system.access.transaction() as transaction:
        add_person(
            transaction,
            login=login,
            name=name,
            password=password,
            must_change=first,
            actor=actor_name(actor),
            at=system.now(),
        )
    shown = f" First password, to be changed at once: {password}" if first else ""
    printing.say(f"Added: {login}.{shown}")


@app.command
def password(login: Login, /, *, actor: ActorName = None) -> None:
    """Give a person a new first password, shown once; their sessions end."""
    new = generated_password()
    with opened(alone="operations") as system, system.access.transaction() as transaction:
        person = person_of(transaction, login)
        set_password(transaction, person, password=new, actor=actor_name(actor), at=system.now())
        ended = end_sessions(transaction, person_id=person.person_id)
    printing.say(
        f"First password of {login}, to be changed at once: {new} ({ended} sessions ended)"
    )


@app.command
def sign_out(login: Login, /, *, actor: ActorName = None) -> None:
    """End every session of a person; whoever holds one signs in again."""
    with opened(alone="operations") as system, system.access.transaction() as transaction:
        person = person_of(transaction, login)
        ended = revoke_sessions(
            transaction,
            person_id=person.person_id,
            login=person.login,
            keys=None,
            actor=actor_name(actor),
            at=system.now(),
        )
    printing.say(f"Sessions ended: {ended}.")


@app.command
def link(
    login: Login,
    /,
    *,
    url: Annotated[str, Parameter(help="How users reach the pages.")] = ADDRESS,
    actor: ActorName = None,
) -> None:
    """Make a link that signs a person in once, within the hour, without a password."""
    with opened(alone="operations") as system, system.access.transaction() as transaction:
        person = person_of(transaction, login)
        secret = make_link(
            transaction,
            person_id=person.person_id,
            login=person.login,
            actor=actor_name(actor),
            at=system.now(),
        )
    printing.output().print(f"{url.rstrip('/')}/enter/{secret.text}", markup=False, soft_wrap=True)


@app.command
def give(login: Login, role: Role, /, *, company: Company = None, actor: ActorName = None) -> None:
    """Give a role in a company; integration_admin and administrator are of the installation."""
    scope = _scope(role, company)
    with opened(alone="operations") as system, system.access.transaction() as transaction:
        give_role(
            transaction,
            login=login,
            company=scope,
            role=role,
            actor=actor_name(actor),
            at=system.now(),
        )
    printing.say(f"Given: {login} is {role}{f' in {scope}' if scope else ''}.")


@app.command
def take(login: Login, role: Role, /, *, company: Company = None, actor: ActorName = None) -> None:
    """Take a role away."""
    scope = _scope(role, company)
    with opened(alone="operations") as system, system.access.transaction() as transaction:
        take_role(
            transaction,
            login=login,
            company=scope,
            role=role,
            actor=actor_name(actor),
            at=system.now(),
        )
    printing.say(f"Taken: {login} is no longer {role}{f' in {scope}' if scope else ''}.")


@app.command
def bar(login: Login, /, *, actor: ActorName = None) -> None:
    """Bar a person from signing in; their sessions end now."""
    _bar(login, actor, is_active=False)
    printing.say(f"Barred: {login}.")


@app.command
def admit(login: Login, /, *, actor: ActorName = None) -> None:
    """Let a barred person sign in again."""
    _bar(login, actor, is_active=True)
    printing.say(f"Admitted: {login}.")


def _bar(login: str, actor: str | None, *, is_active: bool) -> None:
    with opened(alone="operations") as system, system.access.transaction() as transaction:
        bar_person(
            transaction,
            login=login,
            is_active=is_active,
            actor=actor_name(actor),
            at=system.now(),
        )


def _scope(role: Role, company: str | None) -> str:
    is_installation = SIDE_OF[role] in {"integration", "administration"}
    if is_installation and company is not None:
        raise Misused(f"{role} is a role of the whole installation: leave --company out")
    if not is_installation and company is None:
        raise Misused(f"{role} is a role in a company: add --company")
    return company or INSTALLATION
