"""A provider of sign-ins by OpenID Connect: where to send a browser, and who came back.

The authorization code flow with PKCE (RFC 7636), state and nonce, of OpenID Connect Core 1.0.
Nothing is remembered between sign-ins: the provider's description and its keys are read for each
one, so that a key it changed or withdrew counts at once (decision 0021). Signatures and claims are
checked by joserfc; only signatures of a private key are taken, so neither `none` nor a signature
made with the client's secret is ever one.

Before  the provider's description names the issuer that was configured.
After   the subject is one the provider vouched for: to this client, for this sign-in, just now.
Codes   ERR-U12 the answer is not to be trusted, U13 the provider does not answer.
"""

from __future__ import annotations

import base64
import hashlib
import threading
from collections.abc import Callable, Generator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final
from urllib.parse import quote, urlencode, urlsplit

import httpx
import msgspec
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet

from twofold.access.departures import Departure
from twofold.kernel.catalogue import refuse
from twofold.kernel.errors import Refused

UNTRUSTED: Final = "ERR-U12"
SILENT: Final = "ERR-U13"

# What providers sign with, by a key that only they have (OpenID Connect Core 15.1, RFC 8725 3.1).
ALGORITHMS: Final = ("RS256", "PS256", "ES256")
# How far the provider's clock may be from ours.
LEEWAY_SECONDS: Final = 60
_WAIT_SECONDS: Final = 5.0
# A provider that hangs must not hang the pages: so many sign-ins wait for it, no more.
_AT_ONCE: Final = threading.BoundedSemaphore(8)
_LOOPBACK: Final = frozenset({"127.0.0.1", "localhost", "::1"})
_BASIC: Final = "client_secret_basic"
_REASON_MAX: Final = 200


@dataclass(frozen=True, slots=True)
class Provider:
    """Where people sign in, and as which client we ask there. ``back`` is our address for answers.

    ``secret`` is asked anew for each sign-in, so that a new one needs no restart.
    """

    issuer: str
    client: str
    secret: Callable[[], str] = field(repr=False)
    back: str


class _Described(msgspec.Struct, frozen=True):
    """The provider as it describes itself (OpenID Connect Discovery 1.0)."""

    issuer: str
    authorization_endpoint: str
    token_endpoint: str
    jwks_uri: str
    token_endpoint_auth_methods_supported: tuple[str, ...] = (_BASIC,)


class _Answered(msgspec.Struct, frozen=True):
    """What the token endpoint answers; the access token is of no use here."""

    id_token: str


class _Declined(msgspec.Struct, frozen=True):
    error: str = "no reason"


class _Keys(msgspec.Struct, frozen=True):
    keys: list[dict[str, Any]]


def is_safe(address: str) -> bool:
    """Tell whether what is sent there is read there alone: TLS, or this very machine."""
    parts = urlsplit(address)
    return parts.scheme == "https" or (parts.scheme == "http" and parts.hostname in _LOOPBACK)


def where_to_sign_in(provider: Provider, departure: Departure) -> str:
    """Give the provider's address for a departure (ERR-U12, U13)."""
    with _asking(provider) as client:
        described = _describe(provider, client)
    digest = hashlib.sha256(departure.verifier.text.encode()).digest()
    asked = urlencode(
        {
            "response_type": "code",
            "scope": "openid",
            "client_id": provider.client,
            "redirect_uri": provider.back,
            "state": departure.state.text,
            "nonce": departure.nonce,
            "code_challenge": base64.urlsafe_b64encode(digest).rstrip(b"=").decode(),
            "code_challenge_method": "S256",
        }
    )
    address = described.authorization_endpoint
    return f"{address}{'&' if '?' in address else '?'}{asked}"


def who_came_back(provider: Provider, departure: Departure, *, code: str, at: datetime) -> str:
    """Give the subject for whom a code stands (ERR-U12, U13); the provider takes a code once."""
    with _asking(provider) as client:
        described = _describe(provider, client)
        token = _redeem(provider, described, client, code=code, verifier=departure.verifier.text)
        keys = _decoded(_got(client.get(described.jwks_uri)), _Keys)
    return _subject(provider, token, keys, nonce=departure.nonce, at=at)


@contextmanager
def _asking(provider: Provider) -> Generator[httpx.Client]:
    """Speak with the provider; what goes wrong between the machines is ERR-U13."""
    record = f"provider {provider.issuer}"
    if not _AT_ONCE.acquire(blocking=False):
        raise Refused(refuse(SILENT, record, reason="others are waiting for its answer already"))
    try:
        with httpx.Client(timeout=_WAIT_SECONDS, follow_redirects=False) as client:
            yield client
    except httpx.HTTPError as error:
        raise Refused(refuse(SILENT, record, reason=str(error)[:_REASON_MAX])) from error
    except msgspec.MsgspecError as error:
        reason = f"it answers, but not as a provider does: {error}"
        raise Refused(refuse(SILENT, record, reason=reason[:_REASON_MAX])) from error
    finally:
        _AT_ONCE.release()


def _describe(provider: Provider, client: httpx.Client) -> _Described:
    address = f"{provider.issuer.rstrip('/')}/.well-known/openid-configuration"
    described = _decoded(_got(client.get(address)), _Described)
    if described.issuer != provider.issuer:
        raise _untrusted(provider, f"it calls itself {described.issuer}")
    for endpoint in (
        described.authorization_endpoint, described.token_endpoint, described.jwks_uri
    ):  # fmt: skip
        if not is_safe(endpoint):
            raise _untrusted(provider, f"{endpoint} is not https")
    return described


def _redeem(
    provider: Provider, described: _Described, client: httpx.Client, *, code: str, verifier: str
) -> str:
    """Hand in the code, and the verifier that shows it was we who asked; give the ID token."""
    form = {
        "grant_type": "authorization_code",
        "code": code,
        "redirect_uri": provider.back,
        "code_verifier": verifier,
    }
    secret, login = provider.secret(), httpx.Auth()
    if _BASIC in described.token_endpoint_auth_methods_supported:
        # Both are encoded first (RFC 6749 2.3.1).
        login = httpx.BasicAuth(quote(provider.client, safe=""), quote(secret, safe=""))
    else:
        form |= {"client_id": provider.client, "client_secret": secret}
    answer = client.post(described.token_endpoint, data=form, auth=login)
    if answer.is_client_error:
        declined = _decoded(answer, _Declined)
        raise _untrusted(provider, f"it does not take the code: {declined.error}")
    return _decoded(_got(answer), _Answered).id_token


def _got(answer: httpx.Response) -> httpx.Response:
    """Let through an answer that is one: neither an error nor a way elsewhere."""
    if not answer.is_success:
        message = f"{answer.url.path} answers {answer.status_code}"
        raise httpx.HTTPStatusError(message, request=answer.request, response=answer)
    return answer


def _decoded(answer: httpx.Response, kind: type[Any]) -> Any:  # noqa: ANN401 - the kind asked for
    return msgspec.json.decode(answer.content, type=kind)


def _subject(provider: Provider, token: str, keys: _Keys, *, nonce: str, at: datetime) -> str:
    """Check an ID token (OpenID Connect Core 3.1.3.7), and give whom it is about."""
    registry = jwt.JWTClaimsRegistry(
        now=int(at.timestamp()),
        leeway=LEEWAY_SECONDS,
        iss={"essential": True, "value": provider.issuer},
        aud={"essential": True, "value": provider.client},
        nonce={"essential": True, "value": nonce},
        sub={"essential": True},
        exp={"essential": True},
        iat={"essential": True},
    )
    try:
        key_set = KeySet.import_key_set({"keys": keys.keys})
        claims = jwt.decode(token, key_set, algorithms=ALGORITHMS).claims
        registry.validate(claims)
    except (JoseError, ValueError, TypeError, KeyError) as error:
        raise _untrusted(provider, str(error)) from error
    # A token for several is ours only if it was issued to us.
    is_shared = claims["aud"] not in (provider.client, [provider.client])
    if claims.get("azp", "" if is_shared else provider.client) != provider.client:
        raise _untrusted(provider, "its token was issued to another client")
    return str(claims["sub"])


def _untrusted(provider: Provider, reason: str) -> Refused:
    return Refused(refuse(UNTRUSTED, f"provider {provider.issuer}", reason=reason[:_REASON_MAX]))
