"""Access tokens at the command line."""

from __future__ import annotations

from tests.cli.program import Program


def test_a_token_is_made_shown_and_revoked(twofold: Program) -> None:
    twofold.ok("person", "add", "kim", "Kim Ode", "--no-password", "--as", "ada")
    made = twofold.ok("person", "token", "new", "kim", "report", "--days", "7")
    again = twofold("person", "token", "new", "kim", "report")
    long = twofold("person", "token", "new", "kim", "other", "--days", "367")
    shown = twofold.ok("person", "token", "list", "kim", "--json")
    gone = twofold.ok("person", "token", "revoke", "kim", "report")
    after = twofold.ok("person", "token", "revoke", "kim", "report")

    text = made.out.strip()
    assert text.startswith("twofold_")
    assert text not in shown.out
    assert [one["name"] for one in shown.json["tokens"]] == ["report"]
    assert (again.code, "ERR-U17" in again.err) == (1, True)
    assert (long.code, "ERR-U18" in long.err) == (1, True)
    assert ("Revoked" in gone.err, "There is no token" in after.err) == (True, True)
