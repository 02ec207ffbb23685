"""Sign in: a login and a password become a session, or nothing that tells which was wrong.

Before  the address has attempts left (a bucket of ten that refills one in half a minute).
After   admitted: a session exists, failures are forgotten. Declined: a failure is counted, and ten
        in a row lock the login for a quarter of an hour. Either way the event is recorded.
Next    sessions.py reads the session of each request.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from twofold.access.events import record_event
from twofold.access.secret import Secret
from twofold.database.statement import SqlFile
from twofold.database.transaction import Reader, Transaction

SESSION_HOURS: Final = 12
FAILURES_MAX: Final = 10
LOCKED_MINUTES: Final = 15
ATTEMPTS_MAX: Final = 10
REFILL_SECONDS: Final = 30


@dataclass(frozen=True, slots=True)
class Candidate:
    """Who a login names, and what to compare a password with."""

    person_id: int
    login: str
    name: str
    password_hash: str | None
    is_active: bool
    locked_until: datetime | None

    def may_enter(self, at: datetime) -> bool:
        """Tell whether the person may sign in at this moment at all."""
        return self.is_active and (self.locked_until is None or self.locked_until <= at)


@dataclass(frozen=True, slots=True)
class Rate:
    """How often something may be tried: so many at once, and one more after some seconds."""

    name: str
    most: int
    seconds: int


SIGN_INS: Final = Rate("", ATTEMPTS_MAX, REFILL_SECONDS)
# Leaving for the provider guesses nothing, and a whole office may have one address.
DEPARTURES: Final = Rate("openid", 60, 1)


@dataclass(frozen=True, slots=True)
class _Counted:
    is_allowed: bool


@dataclass(frozen=True, slots=True)
class _Failure:
    failure_count: int


SQL: Final = SqlFile(__name__)
TAKE_ATTEMPT: Final = SQL.query("take_attempt", gives=_Counted)
FIND: Final = SQL.query("find", gives=Candidate)
COUNT_FAILURE: Final = SQL.query("count_failure", gives=_Failure)
FORGET_FAILURES: Final = SQL.command("forget_failures")
OPEN_SESSION: Final = SQL.command("open_session")


def take_attempt(
    transaction: Transaction, *, address: str, at: datetime, rate: Rate = SIGN_INS
) -> bool:
    """Use up one attempt of an address; False when it has none left for now."""
    counted = transaction.one(
        TAKE_ATTEMPT,
        address=f"{rate.name} {address}".strip(),
        at=at,
        most=rate.most,
        seconds=rate.seconds,
    )
    return counted.is_allowed


def find_candidate(reader: Reader, *, login: str) -> Candidate | None:
    """Give the person of a login, written in any case."""
    found = reader.all(FIND, login=login.strip().lower())
    return found[0] if found else None


def admit(
    transaction: Transaction,
    candidate: Candidate,
    *,
    address: str,
    agent: str,
    at: datetime,
    by: str = "",
) -> Secret:
    """Open a session for a person who showed who they are, and give its token.

    ``by`` names the provider that vouched for them, where one did.
    """
    token = Secret.new()
    transaction.run(FORGET_FAILURES, person_id=candidate.person_id)
    transaction.run(
        OPEN_SESSION,
        token_hash=token.digest,
        person_id=candidate.person_id,
        at=at,
        ends_at=at + timedelta(hours=SESSION_HOURS),
        address=address,
        agent=agent[:200],
    )
    record_event(
        transaction,
        "signed_in",
        login=candidate.login,
        actor=candidate.login,
        at=at,
        address=address,
        detail=by,
    )
    return token


def decline_account(
    transaction: Transaction, *, candidate: Candidate | None, address: str, at: datetime, why: str
) -> None:
    """Remember that a sign-in at the provider led to nothing; it locks nobody."""
    login = candidate.login if candidate else ""
    record_event(
        transaction,
        "account_declined",
        login=login,
        actor=login,
        at=at,
        address=address,
        detail=why,
    )


def decline(
    transaction: Transaction, *, login: str, candidate: Candidate | None, address: str, at: datetime
) -> None:
    """Remember that a sign-in failed; the tenth in a row locks the login for a while."""
    if candidate is not None:
        failure = transaction.one(
            COUNT_FAILURE,
            person_id=candidate.person_id,
            most=FAILURES_MAX,
            locked_until=at + timedelta(minutes=LOCKED_MINUTES),
        )
        if failure.failure_count >= FAILURES_MAX:
            record_event(
                transaction,
                "locked",
                login=candidate.login,
                actor=candidate.login,
                at=at,
                address=address,
            )
    tried = login.strip().lower()[:100]
    record_event(transaction, "declined", login=tried, actor=tried, at=at, address=address)
