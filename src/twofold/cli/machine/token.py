"""Personal access tokens, by which programs read lists of the pages."""

from __future__ import annotations

from typing import Annotated

from cyclopts import App, Parameter

from twofold.access.people import person_of
from twofold.access.tokens import DAYS_MAX, list_tokens, make_token, revoke_token
from twofold.cli import printing
from twofold.cli.opening import opened
from twofold.cli.parameters import ActorName, AsJson, actor_name

app = App(name="token", help="Access tokens, by which programs read lists of the pages.")

Login = Annotated[str, Parameter(help="The login of a person.")]
Name = Annotated[str, Parameter(help="What the person calls the token.")]


@app.command
def new(
    login: Login,
    name: Name,
    /,
    *,
    days: Annotated[int, Parameter(help=f"How long it lasts, at most {DAYS_MAX} days.")] = 90,
    actor: ActorName = None,
) -> None:
    """Make a token; its text is printed once, on standard output."""
    with opened(alone="operations") as system, system.access.transaction() as transaction:
        secret = make_token(
            transaction,
            person_of(transaction, login),
            name=name,
            days=days,
            actor=actor_name(actor),
            at=system.now(),
        )
    printing.output().print(secret.text, markup=False, soft_wrap=True)


@app.command(name="list")
def list_all(login: Login, /, *, as_json: AsJson = False) -> None:
    """Show the tokens of a person, and when each was used last."""
    with opened(alone="operations") as system, system.access.reader() as reader:
        tokens = list_tokens(reader, person_id=person_of(reader, login).person_id)
    table = printing.table(
        ("Name", "Made", "Ends", "Used last"),
        [(one.name, one.created_at, one.ends_at, one.used_at) for one in tokens],
        title=f"Access tokens of {login}",
    )
    printing.show({"tokens": tokens}, table, as_json=as_json)


@app.command
def revoke(login: Login, name: Name, /, *, actor: ActorName = None) -> None:
    """Make a token worth nothing, from now on."""
    with opened(alone="operations") as system, system.access.transaction() as transaction:
        was_there = revoke_token(
            transaction,
            person_of(transaction, login),
            name=name,
            actor=actor_name(actor),
            at=system.now(),
        )
    printing.say(f"{'Revoked' if was_there else 'There is no token'}: {name}.")
