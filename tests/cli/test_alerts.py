"""Alert rules by command: added, listed, checked, tested, removed."""

from __future__ import annotations

from pathlib import Path

from tests.cli.program import Program
from tests.dualwrite.listening import listening, writing_to
from tests.support.books import Books

QUEUED = """
    finance:dualwrite.outbox
    company  set_id  kind   stream  version  actor  created_at
    USPM     7       setup  setup   1        amy    2026-11-02T09:30:00Z

    finance:dualwrite.pending
    company  set_id  stream  version  state    maps
    USPM     7       setup   1        stopped  {customer_invoices}
"""


def test_a_rule_fires_is_told_and_goes(twofold: Program, books: Books, tmp_path: Path) -> None:
    watched = Program(
        {**twofold.environment, "TWOFOLD_ALERT_COMMAND": writing_to(tmp_path / "mail")}
    )
    watched.ok(
        "alert", "add", "queue", "--measure", "queue", "--threshold", "1",
        "--action", "halt", "--map", "customer_invoices", "--as", "amy",
    )  # fmt: skip
    (rule,) = watched.ok("alert", "list", "--json").json
    assert (rule["alert"], rule["made_by"], rule["firing_since"]) == ("queue", "amy", None)
    books.given(QUEUED)

    first, second = watched("alert", "check", "--json"), watched("alert", "check", "--json")

    assert (first.code, second.code) == (1, 1)
    assert (first.json["done"]["fired"], second.json["done"]["fired"]) == (["queue"], [])
    text = "queue: 1 change sets on their way, map customer_invoices (threshold 1)."
    assert (tmp_path / "mail").read_text(encoding="utf-8") == f"{text} The map is halted.\n"
    (told,) = watched.ok("alert", "history", "--name", "queue", "--json").json
    assert (told["channel"], told["attempts"]) == ("command", 1)
    assert told["sent_at"]
    assert "halted" in watched.ok("map", "states").out

    watched.ok("alert", "remove", "queue")
    assert "none" in watched.ok("alert", "list").out
    assert watched("alert", "remove", "queue").code == 1
    assert watched("alert", "check").code == 0


def test_a_test_message_reaches_every_channel(twofold: Program, tmp_path: Path) -> None:
    with listening() as hook:
        program = Program(
            {
                **twofold.environment,
                "TWOFOLD_ALERT_WEBHOOK": hook.url,
                "TWOFOLD_ALERT_COMMAND": writing_to(tmp_path / "mail"),
            }
        )
        sent = program.ok("alert", "test", "--json")
        hook.answers = 500
        failed = program("alert", "test")

    assert sent.json == {"told": ["webhook", "command"]}
    assert hook.posted[0]["text"] == "twofold: this is a test; nothing is wrong."
    assert failed.code == 1
    assert "the web hook answered 500" in failed.err
    assert "s3cret" not in failed.err + failed.out


def test_nobody_to_tell_is_said(twofold: Program) -> None:
    outcome = twofold("alert", "test")

    assert outcome.code == 1
    assert "ERR-D29" in outcome.err


def test_an_unsafe_address_is_refused_and_not_repeated(twofold: Program) -> None:
    unsafe = {"TWOFOLD_ALERT_WEBHOOK": "http://example.org/s3cret"}

    outcome = Program({**twofold.environment, **unsafe})("alert", "test")

    assert outcome.code == 1
    assert "ERR-D29" in outcome.err
    assert "s3cret" not in outcome.err


def test_a_rule_without_sense_is_refused(twofold: Program) -> None:
    outcome = twofold("alert", "add", "r", "--measure", "errors", "--threshold", "1")

    assert outcome.code == 1
    assert "ERR-D28" in outcome.err
