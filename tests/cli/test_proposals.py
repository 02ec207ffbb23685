"""Reviewing, previewing, printing and posting proposals from the command line."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.architecture.sources import ROOT
from tests.cli.program import Program

EXAMPLES = ROOT / "examples"


@pytest.fixture
def ready(twofold: Program) -> Program:
    """Give the program with proposals that are ready."""
    twofold.ok("setup", "finance", str(EXAMPLES / "finance.toml"))
    twofold.ok("deliver")
    twofold.ok("setup", "operations", str(EXAMPLES / "operations.toml"))
    twofold.ok("import", str(EXAMPLES / "toggl-october.csv"))
    twofold.ok("entries", "approve")
    twofold.ok("deliver")
    twofold.ok("backlog", "ready", "--up-to", "2026-10-31")
    twofold.ok("proforma", "create", "--on", "2026-10-31")
    twofold.ok("proforma", "confirm", "--all", "--on", "2026-11-02")
    twofold("finance", "import-from-staging")
    twofold.ok("journal", "post", "--all")
    twofold("finance", "import-from-staging")
    return twofold


def proposals(program: Program) -> list[Any]:
    found = program.ok("proposal", "list", "--state", "ready", "--json").json
    return [one["proposal"] for one in found]


def show(program: Program, number: str) -> Any:  # noqa: ANN401 - a document
    return program.ok("proposal", "show", number, "--json").json["proposal"]


def edit(program: Program, number: str) -> None:
    """Edit, and be refused."""
    line = str(show(program, number)["lines"][0]["actual_id"])

    edited = program.ok("proposal", "edit", number, "--due-date", "2026-12-24", "--revision", "1")
    late = program("proposal", "edit", number, "--due-date", "2026-12-25", "--revision", "1")
    nothing = program("proposal", "edit", number)
    both = program("proposal", "edit", number, "--due-date", "2026-12-25", "--clear", "due_date")
    untaxed = program.ok("proposal", "taxes", number, line, "--tax-group", "", "--json").json
    neither = program("proposal", "taxes", number, "--tax-group", "X")
    unknown = program("proposal", "taxes", number, "--all", "--tax-group", "X")

    assert "2026-12-24" in edited.out
    assert (late.code, "ERR-F15" in late.err) == (1, True)
    assert (nothing.code, both.code, neither.code) == (2, 2, 2)
    assert untaxed["proposal"]["revision"] == 3
    assert (unknown.code, "ERR-F16" in unknown.err) == (1, True)


def empty(program: Program, number: str) -> None:
    """Delete the lines, and import them again."""
    emptied = program.ok("proposal", "delete-lines", number, "--json").json["proposal"]
    without = program("proposal", "post", number)
    program.ok("finance", "import-from-staging")

    assert (emptied["state"], emptied["line_count"]) == ("header_only", 0)
    assert (without.code, "ERR-F02" in without.err) == (1, True)


def lay_out(program: Program, number: str) -> None:
    """Have each class summed up, and be refused."""
    classes = [one["class_"] for one in show(program, number)["totals"]]

    program.ok("proposal", "format", number, *(f"{one}:summary" for one in classes))
    wrong = program("proposal", "format", number, "hours")
    twice = program("proposal", "format", number, "time", "time")

    assert wrong.code == 2
    assert (twice.code, "ERR-F24" in twice.err) == (1, True)


def test_a_proposal_is_edited_emptied_laid_out_previewed_printed_and_posted(
    ready: Program, tmp_path: Path
) -> None:
    number = str(proposals(ready)[0]["number"])
    edit(ready, number)
    empty(ready, number)
    lay_out(ready, number)

    preview = ready.ok("proposal", "preview", number, "--invoice-date", "2026-11-05", "--json").json
    seen = ready.ok("proposal", "preview", number)
    sample = ready.ok("proposal", "print", number).out
    state = show(ready, number)["summary"]
    posted = ready.ok("proposal", "post", number, "--on", "2026-11-05", "--json").json
    (_, invoice), *_ = posted["invoices"]
    page = tmp_path / "invoice.html"
    ready.ok("invoice", "print", invoice["invoice_number"], "--output", str(page))

    assert (state["state"], state["due_date"]) == ("ready", "2026-12-24")
    shown = preview["preview"]["summary"]
    asked = ("invoice_number", "voucher", "due_date", "net_amount", "tax_amount", "total_amount")
    assert [shown[one] for one in asked] == [invoice[one] for one in asked]
    assert invoice["due_date"] != "2026-12-24"
    assert "Voucher, not posted" in seen.out
    assert f"<h1>Pro forma invoice {number}</h1>" in sample
    text = page.read_text(encoding="utf-8")
    assert f"<h1>Invoice {invoice['invoice_number']}</h1>" in text
    assert ("Summary" in text, "PRO FORMA" in text) == (True, False)
    ready.ok("deliver")
    ready.ok("verify")


def test_a_batch_posts_what_a_query_finds_with_several_workers(ready: Program) -> None:
    found = proposals(ready)
    one = found[0]["customer_account"]

    none = ready.ok("proposal", "post", "--up-to", "2026-10-01", "--json").json
    some = ready.ok("proposal", "post", "--customer", one, "--json").json
    neither = ready("proposal", "post")
    both = ready("proposal", "post", "PF", "--all")
    rest = ready.ok("proposal", "post", "--all", "--workers", "3", "--json").json
    again = ready.ok("proposal", "post", "--all", "--json").json
    named = ready("proposal", "post", str(found[0]["number"]))

    assert none["invoices"] == again["invoices"] == []
    assert len(some["invoices"]) == sum(each["customer_account"] == one for each in found)
    assert len(some["invoices"]) + len(rest["invoices"]) == len(found)
    assert (neither.code, both.code) == (2, 2)
    assert (named.code, "ERR-F05" in named.err) == (1, True)
    ready.ok("deliver")
    ready.ok("verify")


def test_where_approval_is_needed_a_batch_passes_by_what_is_not_approved(
    ready: Program, tmp_path: Path
) -> None:
    setup = (EXAMPLES / "finance.toml").read_text(encoding="utf-8")
    file = tmp_path / "finance.toml"
    file.write_text(
        setup.replace(
            'voucher_per = "line"', 'voucher_per = "line"\nproposals_need_approval = true'
        )
    )
    ready.ok("setup", "finance", str(file))
    number = str(proposals(ready)[0]["number"])

    nothing = ready.ok("proposal", "post", "--all", "--json").json
    refused = ready("proposal", "post", number)
    ready.ok("proposal", "preview", number)
    ready.ok("proposal", "review", number, "submit", "--note", "please")
    locked = ready("proposal", "delete-lines", number)
    ready.ok("proposal", "review", number, "request-change", "--note", "due too early")
    ready.ok("proposal", "edit", number, "--due-date", "2026-12-24")
    ready.ok("proposal", "review", number, "submit")
    ready.ok("proposal", "review", number, "approve")
    wrong = ready("proposal", "review", number, "approve")
    done = ready.ok("proposal", "post", "--all", "--json").json
    shown = ready.ok("proposal", "show", number)

    assert (nothing["invoices"], nothing["refusals"]) == ([], [])
    assert (refused.code, "ERR-F04" in refused.err) == (1, True)
    assert (locked.code, "ERR-F19" in locked.err) == (1, True)
    assert (wrong.code, "ERR-F21" in wrong.err) == (1, True)
    assert [one["proposal_number"] for _, one in done["invoices"]] == [number]
    assert "due too early" in shown.out
    ready.ok("deliver")
    ready.ok("verify")
