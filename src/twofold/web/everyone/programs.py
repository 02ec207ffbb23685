"""Programs that read lists by a personal access token (RFC 6750), and are told no in plain text.

A token reads what a list gives as a file, of any list its person may open at that moment. It posts
nothing, opens no page, and is no session: a cookie beside it counts for nothing.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, cast

from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response

from twofold.access.secret import Secret
from twofold.access.sessions import Visitor
from twofold.access.sign_in import Rate, take_attempt
from twofold.access.tokens import mark_used, read_bearer
from twofold.journey.system import System
from twofold.kernel.errors import Refusal
from twofold.web.answers import Answer, Shown
from twofold.web.listing import FILES

# A program asks in a loop; a list is read as a whole, so two in a second are many.
READS: Final = Rate("token", 60, 1)
# Tokens that are none: kept apart from sign-ins, or a forgotten timer would lock an office out.
GUESSES: Final = Rate("bearer", 10, 30)
_SCHEME: Final = "bearer "
_REALM: Final = 'Bearer realm="twofold"'
_FAULT: Final = 500


def token_of(request: Request) -> Secret | None:
    """Give the token a program shows; None where it shows none."""
    given = request.headers.get("authorization", "")
    if not given.lower().startswith(_SCHEME):
        return None
    return Secret(given[len(_SCHEME) :].strip())


def enter(system: System, request: Request, secret: Secret) -> Visitor | Response:
    """Give who asks, or the answer for a token that is worth nothing, or shown too often."""
    now, address = system.now(), request.client.host if request.client else ""
    with system.access.transaction() as transaction:
        bearer = read_bearer(transaction, secret, at=now)
        rate, who = (READS, secret.digest.hex()) if bearer else (GUESSES, address)
        is_allowed = take_attempt(transaction, address=who, at=now, rate=rate)
        if bearer and is_allowed and bearer.is_used_long_ago(now):
            mark_used(transaction, secret, at=now)
    if not is_allowed:
        answer = _said(429, "Too many requests. Wait, and ask less often.")
        answer.headers["retry-after"] = str(rate.seconds)
        return answer
    if bearer is None:
        words = "The token is none, has ended or was revoked, or its person may not enter."
        return _said(401, words, "invalid_token")
    return bearer.visitor


def why_not(request: Request) -> Response | None:
    """Refuse whatever is not the reading of a list as a file; None where it is."""
    kind = request.query_params.get("as", "").partition(":")[0]
    if request.method in {"GET", "HEAD"} and kind in FILES:
        return None
    words = "A token reads lists as files: the address of a list with as=csv, as=xlsx or as=json."
    return _said(403, words, "insufficient_scope")


def told(answer: Answer) -> Response:
    """Say in plain text what a page would have shown instead of a file."""
    shown = answer if isinstance(answer, Shown) else Shown("")
    refusals = cast("Sequence[Refusal]", shown.values.get("refusals", ()))  # of refused.html
    if shown.status > _FAULT:
        return _said(shown.status, "Something failed that is ours to repair. Try again later.")
    if refusals:
        words = "\n".join(f"{one.code} {one.record}: {one.reason}" for one in refusals)
        return _said(shown.status, words)
    return _said(404, "There is no such list for this token.")


def _said(status: int, words: str, error: str = "") -> Response:
    answer = PlainTextResponse(f"{words}\n", status_code=status)
    if error:
        answer.headers["www-authenticate"] = f'{_REALM}, error="{error}"'
    return answer
