"""Sign-ins under way at the provider: begun in one browser, and finished there, once.

Before  somebody who is not signed in asks to sign in at the provider, or comes back from there.
After   begun: the browser is given a token for its cookie, and a state that the provider gives
        back. Finished: the departure is gone, whoever raced for it, and only a browser that held
        both has it; what the provider says is for openid.py to check.
Codes   ERR-U11 no such departure (any more).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final

from twofold.access.secret import Secret
from twofold.database.statement import SqlFile
from twofold.database.transaction import Transaction
from twofold.kernel.catalogue import refuse
from twofold.kernel.errors import Refused

DEPARTURE_MINUTES: Final = 10
NOT_BEGUN: Final = "ERR-U11"


@dataclass(frozen=True, slots=True)
class Departure:
    """What is known of a sign-in under way: what its answer must fit, and where it leads to."""

    token: Secret
    state: Secret
    nonce: str
    verifier: Secret
    leads_to: str


@dataclass(frozen=True, slots=True)
class _Found:
    nonce: str
    verifier: str = field(repr=False)
    leads_to: str


SQL: Final = SqlFile(__name__)
BEGIN: Final = SQL.command("begin")
FINISH: Final = SQL.query("finish", gives=_Found)


def new_departure(*, leads_to: str) -> Departure:
    """Draw the secrets of a sign-in."""
    return Departure(Secret.new(), Secret.new(), Secret.new().text, Secret.new(), leads_to)


def begin_departure(transaction: Transaction, departure: Departure, *, at: datetime) -> None:
    """Keep a departure for ten minutes."""
    transaction.run(
        BEGIN,
        token_hash=departure.token.digest,
        state_hash=departure.state.digest,
        nonce=departure.nonce,
        verifier=departure.verifier.text,
        leads_to=departure.leads_to,
        at=at,
        ends_at=at + timedelta(minutes=DEPARTURE_MINUTES),
    )


def finish_departure(
    transaction: Transaction, *, token: Secret, state: Secret, at: datetime
) -> Departure:
    """Take a departure out of use (ERR-U11); of two at once one gets it."""
    found = transaction.all(FINISH, token_hash=token.digest, state_hash=state.digest, at=at)
    if not found:
        raise Refused(refuse(NOT_BEGUN, "sign-in"))
    (one,) = found
    return Departure(token, state, one.nonce, Secret(one.verifier), one.leads_to)
