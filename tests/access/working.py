"""Words to work with people in tests."""

from __future__ import annotations

from tests.support.clock import NOW
from twofold.access.sign_in import decline, find_candidate
from twofold.database.transaction import Transaction


def fail(transaction: Transaction, login: str, *, times: int) -> None:
    """Let sign-ins of a person fail."""
    candidate = find_candidate(transaction, login=login)
    for _ in range(times):
        decline(transaction, login=login, candidate=candidate, address="192.0.2.1", at=NOW)
