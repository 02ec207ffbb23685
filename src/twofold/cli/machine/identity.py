"""Accounts of the provider that stand for people, and the provider itself."""

from __future__ import annotations

from typing import Annotated

from cyclopts import App, Parameter

from twofold.access.departures import new_departure
from twofold.access.identities import link_identity, list_identities, unlink_identity
from twofold.access.openid import Provider, is_safe, where_to_sign_in
from twofold.access.people import person_of
from twofold.cli import printing
from twofold.cli.machine.standing import ADDRESS
from twofold.cli.opening import opened, settings
from twofold.cli.parameters import ActorName, AsJson, Misused, actor_name
from twofold.kernel.errors import Fault
from twofold.settings import Settings
from twofold.web.everyone.openid import BACK

app = App(name="identity", help="Accounts of the OpenID Connect provider that stand for people.")

Login = Annotated[str, Parameter(help="The login of a person.")]
Subject = Annotated[str, Parameter(help="The subject of the account, as the provider names it.")]
Issuer = Annotated[
    str | None,
    Parameter(help="The provider, as it calls itself; left out: TWOFOLD_OPENID_ISSUER."),
]


def provider_of(given: Settings, *, origin: str) -> Provider | None:
    """Give the provider of the settings, None for none; half of one is a mistake."""
    has_secret = bool(given.openid_secret or given.openid_secret_file)
    if not (given.openid_issuer or given.openid_client or has_secret):
        return None
    if not (given.openid_issuer and given.openid_client and has_secret):
        raise Misused(
            "sign-in by OpenID Connect needs TWOFOLD_OPENID_ISSUER, TWOFOLD_OPENID_CLIENT, and "
            "TWOFOLD_OPENID_SECRET or TWOFOLD_OPENID_SECRET_FILE: set all three, or none"
        )
    for address in (given.openid_issuer, origin):
        if not is_safe(address):
            raise Misused(f"sign-in by OpenID Connect needs https: {address} is not")
    return Provider(
        issuer=given.openid_issuer,
        client=given.openid_client,
        secret=lambda: _secret(given),
        back=f"{origin.rstrip('/')}{BACK}",
    )


@app.command(name="list")
def list_all(login: Login, /, *, as_json: AsJson = False) -> None:
    """Show the accounts of a person."""
    with opened(alone="operations") as system, system.access.reader() as reader:
        identities = list_identities(reader, person_id=person_of(reader, login).person_id)
    table = printing.table(
        ("Issuer", "Subject", "Linked by", "Linked at"),
        [(one.issuer, one.subject, one.linked_by, str(one.linked_at)) for one in identities],
        title=f"Accounts of {login}",
    )
    printing.show({"identities": identities}, table, as_json=as_json)


@app.command
def link(
    login: Login, subject: Subject, /, *, issuer: Issuer = None, actor: ActorName = None
) -> None:
    """Let an account of the provider stand for a person, from their next sign-in on."""
    with opened(alone="operations") as system, system.access.transaction() as transaction:
        link_identity(
            transaction,
            person_of(transaction, login),
            issuer=_issuer(issuer),
            subject=_named(subject),
            actor=actor_name(actor),
            at=system.now(),
        )
    printing.say(f"Linked: {subject} of {_issuer(issuer)} is {login}.")


@app.command
def unlink(
    login: Login, subject: Subject, /, *, issuer: Issuer = None, actor: ActorName = None
) -> None:
    """Let it stand for them no longer; their sessions end."""
    with opened(alone="operations") as system, system.access.transaction() as transaction:
        was_linked = unlink_identity(
            transaction,
            person_of(transaction, login),
            issuer=_issuer(issuer),
            subject=subject,
            actor=actor_name(actor),
            at=system.now(),
        )
    printing.say(f"{'Unlinked' if was_linked else 'Was not linked'}: {subject}.")


@app.command
def check(
    *,
    url: Annotated[str, Parameter(help="How users reach the pages.")] = ADDRESS,
) -> None:
    """Ask the provider to describe itself, as a sign-in does first."""
    provider = provider_of(settings(), origin=url)
    if provider is None:
        raise Misused("no provider is configured: set TWOFOLD_OPENID_ISSUER")
    provider.secret()
    address = where_to_sign_in(provider, new_departure(leads_to="/"))
    printing.say(f"{provider.issuer} answers. It must know this address of ours: {provider.back}")
    printing.say(f"People are sent to {address.partition('?')[0]}")


def _issuer(given: str | None) -> str:
    issuer = given or settings().openid_issuer
    if not issuer:
        raise Misused("no provider is configured: add --issuer")
    return issuer


def _named(subject: str) -> str:
    if not subject.strip():
        raise Misused("the subject is empty")
    return subject.strip()


def _secret(given: Settings) -> str:
    if given.openid_secret_file is None:
        return given.openid_secret or ""
    try:
        return given.openid_secret_file.read_text(encoding="utf-8").strip()
    except OSError as error:
        raise Fault(f"TWOFOLD_OPENID_SECRET_FILE: {error.strerror}") from error
