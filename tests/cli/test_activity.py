"""The activity log and the lag by command: who did what and why, and how late the bridge is."""

from __future__ import annotations

import pytest

from tests.cli.program import Program
from tests.support.books import Books

LEAF = "transaction_connections"


def test_who_did_what_and_why_is_listed(twofold: Program, books: Books) -> None:
    books.given("""
        operations:dualwrite.outbox
        company  set_id  kind      stream  version  actor  created_at
        USPM     7       approval  a       1        ann    2026-11-02T09:00:00Z

        operations:dualwrite.pending
        company  set_id  stream  version  maps         state    code     problem
        USPM     7       a       1        {customers}  stopped  ERR-D18  it did not fit
    """)
    twofold.ok("map", "pause", LEAF, "--reason", "quarter end", "--as", "amy")
    twofold.ok("sets", "dismiss", "7", "--reason", "sent by mail", "--as", "ben")
    twofold.ok("alert", "add", "lag", "--measure", "lag", "--threshold", "5", "--as", "cleo")

    done = twofold.ok("dualwrite", "log", "--people", "--json").json

    told = [(one["event"], one["actor"], one["map"], one["set_id"], one["detail"]) for one in done]
    assert ("map paused", "amy", LEAF, None, "quarter end") in told
    assert ("dismissed", "ben", None, 7, "sent by mail") in told
    assert ("alert added", "cleo", None, None, "lag: lag from 5 on, notify") in told
    assert [one["happened_at"] for one in done] == sorted(
        (one["happened_at"] for one in done), reverse=True
    )


@pytest.mark.parametrize(
    ("narrowed", "events"),
    [
        (("--map", LEAF, "--by", "amy"), ["map resumed", "map paused"]),
        (("--by", "amy", "--limit", "1"), ["map resumed"]),
        (("--company", "DEPM"), []),
        (("--by", "amy", "--within", "1s", "--company", "DEPM"), []),
    ],
)
def test_the_log_is_narrowed_down(
    twofold: Program, narrowed: tuple[str, ...], events: list[str]
) -> None:
    twofold.ok("map", "pause", LEAF, "--reason", "r", "--as", "amy")
    twofold.ok("map", "resume", LEAF, "--reason", "r", "--as", "amy")

    done = twofold.ok("dualwrite", "log", *narrowed, "--json").json

    assert [one["event"] for one in done] == events


def test_every_activation_is_listed_with_its_version(twofold: Program) -> None:
    twofold.ok("map", "list")

    done = twofold.ok("dualwrite", "log", "--map", LEAF, "--json").json

    assert [(one["event"], one["book"]) for one in done] == [("map activated", "operations")]
    assert done[0]["detail"].startswith("1.")


def test_lag_names_what_is_on_its_way_and_what_holds_it(twofold: Program, books: Books) -> None:
    books.given("""
        finance:dualwrite.outbox
        company  set_id  kind   stream  version  actor  created_at
        USPM     7       setup  setup   1        amy    2026-11-02T09:30:00Z

        finance:dualwrite.pending
        company  set_id  stream  version  state    maps                 code
        USPM     7       setup   1        stopped  {customer_invoices}  ERR-D18
    """)

    late = twofold.ok("dualwrite", "lag", "--json").json

    (of_map,) = late["maps"]
    assert (of_map["source"], of_map["lag"]["map"], of_map["lag"]["pending_count"]) == (
        "finance", "customer_invoices", 1,
    )  # fmt: skip
    (held,) = late["queue"]
    assert (held["held"]["reason"], held["held"]["code"]) == ("stopped", "ERR-D18")
    assert twofold.ok("dualwrite", "lag", "--company", "DEPM", "--json").json["maps"] == []
