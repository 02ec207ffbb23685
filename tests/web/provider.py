"""Providers of sign-ins for tests: one that somebody else wrote, and one that can be made to lie.

The first is a process of its own and holds to the standard; the second answers over HTTP as well,
and says in its tokens whatever a test wants, signed by whichever key.
"""

from __future__ import annotations

import base64
import hashlib
import json
import socket
import subprocess
import sys
import threading
from collections.abc import Generator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, Final
from urllib.parse import parse_qs, unquote, urlsplit

import httpx
import uvicorn
from joserfc import jwt
from joserfc.jwk import ECKey, OctKey, RSAKey
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from tests.support.clock import NOW
from twofold.access.openid import Provider
from twofold.web.everyone.openid import BACK

CLIENT: Final = "twofold"
SECRET: Final = "a secret: with % and /"  # noqa: S105 - of a client of tests
OURS: Final = ECKey.generate_key("P-256", {"kid": "one"})
NEXT: Final = ECKey.generate_key("P-256", {"kid": "two"})
# Says it is the provider's, and is not.
FORGED: Final = ECKey.generate_key("P-256", {"kid": "one"})
RSA: Final = RSAKey.generate_key(2048, {"kid": "rsa"})


@contextmanager
def real_provider(*subjects: str) -> Generator[str]:
    """Start the provider that somebody else wrote, with its accounts; give its issuer."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    users = [part for one in subjects for part in ("--user", one)]
    program = [sys.executable, "-m", "oidc_provider_mock", "--port", str(port), *users]
    with subprocess.Popen(program, stderr=subprocess.PIPE, text=True) as process:
        assert process.stderr
        for line in process.stderr:
            if "running on" in line:
                break
        # Nobody reads on: what it says must not fill the pipe and stop it.
        drain = threading.Thread(target=process.stderr.read)
        drain.start()
        try:
            yield f"http://127.0.0.1:{port}"
        finally:
            process.terminate()
            drain.join()


@dataclass(slots=True)
class Liar:
    """A provider that says what a test wants; it is honest until told otherwise."""

    issuer: str
    calls_itself: str = ""
    claims: dict[str, Any] = field(default_factory=dict[str, Any])
    without: tuple[str, ...] = ()
    key: Any = field(default_factory=lambda: OURS)
    header: dict[str, str] = field(default_factory=lambda: {"alg": "ES256", "kid": "one"})
    published: tuple[Any, ...] = (OURS,)
    token: str | None = None
    methods: tuple[str, ...] = ("client_secret_basic",)
    status: int = 200
    asked: list[Mapping[str, str]] = field(default_factory=list[Mapping[str, str]])
    codes: set[str] = field(default_factory=set[str])

    def provider(self, origin: str) -> Provider:
        """Give it as the pages know it."""
        return Provider(self.issuer, CLIENT, lambda: SECRET, f"{origin}{BACK}")

    def signed(self, request: Mapping[str, str], **others: Any) -> str:  # noqa: ANN401 - claims
        """Make the ID token for what was asked."""
        now = int(NOW.timestamp())
        claims: dict[str, Any] = {
            "iss": self.issuer,
            "sub": "pat-at-work",
            "aud": CLIENT,
            "exp": now + 300,
            "iat": now,
            "nonce": request["nonce"],
            **self.claims,
            **others,
        }
        for name in self.without:
            del claims[name]
        if self.header["alg"] == "none":
            return ".".join((_part(self.header), _part(claims), ""))
        return jwt.encode(self.header, claims, self.key, algorithms=[self.header["alg"]])

    def describe(self, _: Request) -> Response:
        """Answer as OpenID Connect Discovery says."""
        return JSONResponse(
            {
                "issuer": self.calls_itself or self.issuer,
                "authorization_endpoint": f"{self.issuer}/authorize",
                "token_endpoint": f"{self.issuer}/token",
                "jwks_uri": f"{self.issuer}/keys",
                "token_endpoint_auth_methods_supported": self.methods,
            },
            status_code=self.status,
        )

    def keys(self, _: Request) -> Response:
        """Publish the public keys, and one of a kind that nobody knows."""
        keys = [one.as_dict(private=False) for one in self.published]
        return JSONResponse({"keys": [{"kty": "of-tomorrow", "kid": "x"}, *keys]})

    async def redeem(self, request: Request) -> Response:
        """Take a code once, from the client it was for, with the verifier that fits."""
        form = {
            name: values[0] for name, values in parse_qs((await request.body()).decode()).items()
        }
        asked = self.asked[-1]
        code = form["code"]
        digest = hashlib.sha256(form["code_verifier"].encode()).digest()
        is_good = (
            code in self.codes
            and self._knows(request, form)
            and form["redirect_uri"] == asked["redirect_uri"]
            and base64.urlsafe_b64encode(digest).rstrip(b"=").decode() == asked["code_challenge"]
        )
        if not is_good:
            return JSONResponse({"error": "invalid_grant"}, status_code=400)
        self.codes.remove(code)
        token = self.signed(asked) if self.token is None else self.token
        return JSONResponse({"access_token": "x", "token_type": "Bearer", "id_token": token})

    def _knows(self, request: Request, form: Mapping[str, str]) -> bool:
        if self.methods == ("client_secret_post",):
            return (form["client_id"], form["client_secret"]) == (CLIENT, SECRET)
        basic = base64.b64decode(request.headers["authorization"].partition(" ")[2]).decode()
        return tuple(unquote(part) for part in basic.split(":", 1)) == (CLIENT, SECRET)

    def comes_back(self, address: str, code: str = "good") -> str:
        """Take note of where a browser was sent; give our address with the answer to it."""
        asked = {name: values[0] for name, values in parse_qs(urlsplit(address).query).items()}
        self.asked.append(asked)
        self.codes.add(code)
        query = httpx.QueryParams({"code": code, "state": asked["state"], "iss": self.issuer})
        return f"{urlsplit(asked['redirect_uri']).path}?{query}"


@contextmanager
def lying_provider() -> Generator[Liar]:
    """Serve a provider that says what a test wants, until the block ends."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        liar = Liar(f"http://127.0.0.1:{listener.getsockname()[1]}")
        app = Starlette(
            routes=[
                Route("/.well-known/openid-configuration", liar.describe),
                Route("/keys", liar.keys),
                Route("/token", liar.redeem, methods=["POST"]),
            ]
        )
        server = uvicorn.Server(uvicorn.Config(app, log_level="warning", lifespan="off"))
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]})
        thread.start()
        try:
            yield liar
        finally:
            server.should_exit = True
            thread.join()


def signed_with_the_secret(liar: Liar, nonce: str) -> str:
    """Sign a token with the secret of the client, which more than the provider know."""
    header = {"alg": "HS256"}
    key = OctKey.import_key(SECRET)
    before = liar.header, liar.key
    liar.header, liar.key = header, key
    token = liar.signed({"nonce": nonce})
    liar.header, liar.key = before
    return token


def _part(value: Mapping[str, Any]) -> str:
    return base64.urlsafe_b64encode(json.dumps(value).encode()).rstrip(b"=").decode()
