"""Passwords: what is good enough, and how they are kept (NIST SP 800-63B-4, RFC 9106).

A password is 15 to 128 characters of any kind; nothing is asked of its composition, it never
expires, and one that is easily guessed is refused, the person's own name and login included.
"""

from __future__ import annotations

import secrets
import threading
import unicodedata
from typing import Final

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from zxcvbn import zxcvbn

from twofold.kernel.catalogue import refuse
from twofold.kernel.errors import Refused

WEAK: Final = "ERR-U03"

LENGTH_MIN: Final = 15
LENGTH_MAX: Final = 128
# Of five grades 0 to 4: fewer than ten million guesses are refused.
GRADE_MIN: Final = 3

_HASHER: Final = PasswordHasher()
# Each check takes 64 MiB: two at once leave the machine to the others.
_AT_ONCE: Final = threading.BoundedSemaphore(2)
# Compared with when nobody has the login, so that the answer takes as long.
_NOBODY: Final = _HASHER.hash(secrets.token_urlsafe())


def hash_password(password: str, *, login: str, name: str) -> str:
    """Give the Argon2id hash of a good password (ERR-U03)."""
    text = unicodedata.normalize("NFC", password)
    reason = _weakness(text, login=login, name=name)
    if reason:
        raise Refused(refuse(WEAK, f"person {login}", field="password", reason=reason))
    with _AT_ONCE:
        return _HASHER.hash(text)


def is_password(given: str, kept: str | None) -> bool:
    """Tell whether ``given`` is the password kept; without one it never is, and takes as long."""
    try:
        with _AT_ONCE:
            _HASHER.verify(kept or _NOBODY, unicodedata.normalize("NFC", given))
    except (VerificationError, InvalidHashError):
        return False
    return kept is not None


def generated_password() -> str:
    """Make a password for a first sign-in."""
    return secrets.token_urlsafe(15)


def _weakness(text: str, *, login: str, name: str) -> str:
    if len(text) < LENGTH_MIN:
        return f"it has {len(text)} characters, and {LENGTH_MIN} are asked for"
    if len(text) > LENGTH_MAX:
        return f"it has {len(text)} characters, and {LENGTH_MAX} are the most"
    found = zxcvbn(text, user_inputs=[login, name, *name.split(), "twofold"])
    if found["score"] < GRADE_MIN:
        warning = found["feedback"]["warning"] or "it is easily guessed"
        return f"it is too easily guessed: {warning}"
    return ""
