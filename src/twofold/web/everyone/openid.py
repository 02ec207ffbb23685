"""Sign in at the provider of the organisation (OpenID Connect), and come back.

It begins with a link, not with a form: a form that ends elsewhere is what the pages' own policy
(form-action) forbids, and shall.
"""

from __future__ import annotations

from typing import Final

from starlette.exceptions import HTTPException

from twofold.access.departures import begin_departure, finish_departure, new_departure
from twofold.access.identities import find_by_identity
from twofold.access.openid import Provider, where_to_sign_in, who_came_back
from twofold.access.secret import Secret
from twofold.access.sign_in import DEPARTURES, admit, decline_account, take_attempt
from twofold.kernel.catalogue import refuse
from twofold.kernel.errors import Refusal, Refused
from twofold.web.answers import Answer, Moved, Shown
from twofold.web.asked import Asked, Page, inside

BACK: Final = "/sign-in/openid/back"
UNKNOWN: Final = "ERR-U14"
BARRED: Final = "ERR-U16"
DECLINED: Final = "ERR-U12"
_STATUS: Final = {
    "ERR-U11": 400,
    DECLINED: 401,
    "ERR-U13": 503,
    UNKNOWN: 403,
    BARRED: 403,
}


def _leave(asked: Asked) -> Answer:
    """Send the browser to the provider; what it must bring back is in its cookie from now on."""
    provider, to = _provider(asked), inside(asked.text("to"))
    if asked.visitor.login:
        return Moved(to)
    access, departure = asked.system.access, new_departure(leads_to=to)
    with access.transaction() as transaction:
        is_allowed = take_attempt(transaction, address=asked.address, at=asked.now, rate=DEPARTURES)
    if not is_allowed:
        values = {"login": "", "to": to, "why": "too_often"}
        return Shown("sign_in.html", values, status=429)
    try:
        address = where_to_sign_in(provider, departure)
    except Refused as refused:
        return _not_signed_in(refused.refusals[0])
    with access.transaction() as transaction:
        begin_departure(transaction, departure, at=asked.now)
    return Moved(address, cookie=departure.token.text)


def _come_back(asked: Asked) -> Answer:
    """Open a session for whom the provider vouches, if that account is a person's here."""
    provider, access = _provider(asked), asked.system.access
    try:
        with access.transaction() as transaction:
            departure = finish_departure(
                transaction, token=asked.token, state=Secret(asked.text("state")), at=asked.now
            )
        # The departure is used up before anybody else is asked: a second answer finds none.
        _assert_is_answer(asked, provider)
        subject = who_came_back(provider, departure, code=asked.text("code"), at=asked.now)
    except Refused as refused:
        return _declined(asked, refused.refusals[0])
    return _entered(asked, provider, subject, departure.leads_to)


def _entered(asked: Asked, provider: Provider, subject: str, to: str) -> Answer:
    access, record = asked.system.access, f"account {subject} of {provider.issuer}"
    with access.transaction() as transaction:
        candidate = find_by_identity(transaction, issuer=provider.issuer, subject=subject)
        # A lock after wrong passwords is no matter here: no password was tried.
        if candidate and candidate.is_active:
            token = admit(
                transaction,
                candidate,
                address=asked.address,
                agent=asked.agent,
                at=asked.now,
                by=provider.issuer,
            )
            return Moved(to, cookie=token.text)
        decline_account(
            transaction, candidate=candidate, address=asked.address, at=asked.now, why=record
        )
    if candidate:
        return _not_signed_in(refuse(BARRED, record))
    values = {"code": UNKNOWN, "issuer": provider.issuer, "subject": subject}
    return Shown("unknown_account.html", values, status=_STATUS[UNKNOWN])


def _assert_is_answer(asked: Asked, provider: Provider) -> None:
    """Pass on what the provider declined, and an answer of another one (RFC 9207)."""
    record = f"provider {provider.issuer}"
    if asked.text("error") or not asked.text("code"):
        reason = f"it did not sign you in: {asked.text('error')[:100] or 'no code'}"
        raise Refused(refuse(DECLINED, record, reason=reason))
    if asked.text("iss") not in {"", provider.issuer}:
        raise Refused(refuse(DECLINED, record, reason="the answer is of another provider"))


def _declined(asked: Asked, refusal: Refusal) -> Answer:
    with asked.system.access.transaction() as transaction:
        decline_account(
            transaction,
            candidate=None,
            address=asked.address,
            at=asked.now,
            why=f"{refusal.code} {refusal.reason}",
        )
    return _not_signed_in(refusal)


def _not_signed_in(refusal: Refusal) -> Answer:
    values = {"refusals": (refusal,), "back": "/sign-in"}
    return Shown("refused.html", values, status=_STATUS[refusal.code])


def _provider(asked: Asked) -> Provider:
    if asked.provider is None:
        raise HTTPException(404)
    return asked.provider


PAGES: Final = (
    Page("/sign-in/openid", _leave, None),
    Page(BACK, _come_back, None),
)
