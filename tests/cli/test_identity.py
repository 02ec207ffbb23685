"""Accounts of a provider at the command line, and what half a configuration says."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.cli.program import Program
from tests.web.provider import CLIENT, SECRET, lying_provider
from twofold.cli.machine.identity import provider_of
from twofold.cli.parameters import Misused
from twofold.settings import from_environment

ISSUER = "https://login.example.com"


def test_an_account_is_linked_shown_and_taken_away(twofold: Program) -> None:
    twofold.ok("person", "add", "kim", "Kim Ode", "--no-password", "--as", "ada")
    linked = twofold.ok("person", "identity", "link", "kim", "k-1", "--issuer", ISSUER)
    again = twofold("person", "identity", "link", "kim", "k-1", "--issuer", ISSUER)
    shown = twofold.ok("person", "identity", "list", "kim", "--json").json["identities"]
    gone = twofold.ok("person", "identity", "unlink", "kim", "k-1", "--issuer", ISSUER)
    after = twofold.ok("person", "identity", "unlink", "kim", "k-1", "--issuer", ISSUER)

    assert "k-1" in linked.err
    assert (again.code, "ERR-U15" in again.err) == (1, True)
    assert [(one["issuer"], one["subject"]) for one in shown] == [(ISSUER, "k-1")]
    assert ("Unlinked" in gone.err, "Was not linked" in after.err) == (True, True)


def test_the_provider_is_asked_as_the_settings_say(twofold: Program, tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    secret.write_text(f"{SECRET}\n", encoding="utf-8")
    with lying_provider() as liar:
        asking = Program(
            {
                **twofold.environment,
                "TWOFOLD_OPENID_ISSUER": liar.issuer,
                "TWOFOLD_OPENID_CLIENT": CLIENT,
                "TWOFOLD_OPENID_SECRET_FILE": str(secret),
            }
        )
        found = asking.ok("person", "identity", "check", "--url", "https://books.example.com")
        secret.unlink()
        lost = asking("person", "identity", "check")
        liar.status = 500
        secret.touch()
        down = asking("person", "identity", "check")

    assert "https://books.example.com/sign-in/openid/back" in found.err
    assert SECRET not in found.err + found.out
    assert (lost.code, "TWOFOLD_OPENID_SECRET_FILE" in lost.err) == (3, True)
    assert (down.code, "ERR-U13" in down.err) == (1, True)


@pytest.mark.parametrize(
    ("issuer", "client", "secret", "origin"),
    [
        (ISSUER, "x", "", "https://books.example.com"),
        (ISSUER, "", "x", "https://books.example.com"),
        ("", "x", "x", "https://books.example.com"),
        ("http://login.example.com", "x", "x", "https://books.example.com"),
        (ISSUER, "x", "x", "http://books.example.com"),
    ],
)
def test_half_a_provider_is_a_mistake(issuer: str, client: str, secret: str, origin: str) -> None:
    given = from_environment(
        {
            "TWOFOLD_OPENID_ISSUER": issuer,
            "TWOFOLD_OPENID_CLIENT": client,
            "TWOFOLD_OPENID_SECRET": secret,
        }
    )

    with pytest.raises(Misused):
        provider_of(given, origin=origin)
    assert provider_of(from_environment({}), origin=origin) is None
