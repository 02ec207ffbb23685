"""Commands of the operations book: corrections, journals, contracts, schedules, chosen items."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.architecture.sources import ROOT
from tests.cli.program import Program

EXAMPLES = ROOT / "examples"

# The example with a line that is invoiced every last day of the month, and a price by progress.
CHANGES = (
    (
        "[[company.contract]]\n",
        """[[company.invoice_frequency]]
name = "Monthly"
period = "monthly"

[[company.invoice_frequency.run]]
day = 31

[[company.contract]]
requested_delivery_date = 2026-12-31
""",
    ),
    (
        'name = "Arm installation, time and material"\n',
        """name = "Arm installation, time and material"
billing_start_date = 2026-10-01
invoice_frequency = "Monthly"
""",
    ),
    ("contracted_amount = 17000\n", 'contracted_amount = 17000\nschedule_type = "progress"\n'),
)


@pytest.fixture
def books(twofold: Program, tmp_path: Path) -> Program:
    """Give the program with a month of approved hours."""
    text = (EXAMPLES / "operations.toml").read_text(encoding="utf-8")
    start = text.index('code = "USPM"')
    head, text = text[:start], text[start:]
    for old, new in CHANGES:
        assert old in text
        text = text.replace(old, new, 1)
    file = tmp_path / "operations.toml"
    file.write_text(head + text, encoding="utf-8")
    twofold.ok("setup", "finance", str(EXAMPLES / "finance.toml"))
    twofold.ok("deliver")
    twofold.ok("setup", "operations", str(file))
    twofold.ok("import", str(EXAMPLES / "toggl-october.csv"))
    twofold.ok("entries", "approve")
    return twofold


def entries(program: Program, project: str) -> list[Any]:
    listed = program.ok("entries", "list", "--state", "approved", "--limit", "1000", "--json").json
    found = [one["entry"] for one in listed["entries"]]
    return [one for one in found if one["project_number"] == project]


def items(program: Program, contract: str) -> list[Any]:
    listed = program.ok("backlog", "list", "--items", "--contract", contract, "--json").json
    return [one["item"] for one in listed]


def test_entries_are_corrected_or_left(books: Program) -> None:
    key = str(entries(books, "US-P-001")[0]["entry_id"])
    of = ("--company", "USPM")

    opened = books.ok("correction", "new", key, "--on", "2026-10-30", *of)
    again = books("correction", "new", key, "--on", "2026-10-29", *of)
    books.ok("correction", "discard", "1", *of)
    books.ok("correction", "new", key, "--on", "2026-10-30", *of)
    seen = books.ok("correction", "preview", "2", *of)
    made = books.ok("correction", "confirm", "2", *of)
    late = books("correction", "discard", "2", *of)

    assert "1 entry with 2 actuals" in opened.err
    assert (again.code, "ERR-B50" in again.err) == (1, True)
    assert "It would write" in seen.out
    assert "Corrected" in made.out
    assert late.code == 1
    listed = books.ok("correction", "list", "--json").json["journals"]
    assert [one["state"] for one in listed] == ["confirmed", "discarded"]
    assert books("correction", "new", *of).code == 2
    books.ok("verify")


def test_an_entry_journal_becomes_actuals_that_can_be_cancelled(
    books: Program, tmp_path: Path
) -> None:
    file = tmp_path / "journal.csv"
    file.write_text(
        "Type,Class,Date,Project,Quantity,Role,Person,Customer\n"
        "unbilled_sales,time,2026-10-30,US-P-001,2,Field Engineer,Bob Kozack,US-001\n",
        encoding="utf-8",
    )
    of = ("--company", "USPM")

    written = books.ok("entry-journal", "new", str(file), *of)
    seen = books.ok("entry-journal", "preview", "1", *of, "--json").json
    before = {one["key"] for one in items(books, "US-C-001")}
    books.ok("entry-journal", "confirm", "1", *of)
    (sale,) = [one for one in items(books, "US-C-001") if one["key"] not in before]
    cancelled = books.ok("entry-journal", "cancel-actuals", str(sale["key"]), *of)
    again = books("entry-journal", "cancel-actuals", str(sale["key"]), *of)

    assert "1 line." in written.err
    assert [one["actual_count"] for one in seen] == [1]
    assert "1 actual." in cancelled.err
    assert again.code == 1
    assert {one["key"] for one in items(books, "US-C-001")} == before
    (listed,) = books.ok("entry-journal", "list", "--json").json["journals"]
    assert (listed["state"], listed["row_count"]) == ("confirmed", 1)
    assert books("entry-journal", "cancel-actuals", *of).code == 2
    books.ok("verify")


def test_a_contract_is_held_resumed_and_judged_anew(books: Program) -> None:
    held = books.ok("contract", "hold", "US-C-001")
    twice = books("contract", "hold", "US-C-001")
    resumed = books.ok("contract", "resume", "US-C-001")
    nothing = books.ok("contract", "re-evaluate", "US-C-001", "--preview")
    unbilled = books("contract", "close", "US-C-001", "--completed")

    assert "On hold" in held.err
    assert twice.code == 1
    assert "Active" in resumed.err
    assert "0 entries would be made anew; 0 stay as they are" in nothing.err
    assert unbilled.code == 1
    assert books("contract", "close", "US-C-001").code == 2
    assert "Lost: contract US-C-001" in books.ok("contract", "close", "US-C-001", "--lost").err
    states = {
        one["number"]: one["state"]
        for one in books.ok("contract", "list", "--json").json["contracts"]
    }
    assert states["US-C-001"] == "closed"
    assert books("contract", "hold", "NOWHERE").code == 1
    books.ok("verify")


def test_a_schedule_is_generated_run_and_retried(books: Program) -> None:
    generated = books.ok("schedule", "generate", "--contract", "US-C-001", "--json").json
    books.ok("backlog", "ready", "--contract", "US-C-001")
    early = books.ok("proforma", "run", "--on", "2026-10-30", "--json").json
    due = books.ok("proforma", "run", "--on", "2026-10-31", "--json").json
    listed = books.ok("schedule", "list", "--contract", "US-C-001", "--json").json
    retried = books.ok("schedule", "retry", "--contract", "US-C-001", "--json").json

    assert [one["generated"]["added_count"] for one in generated] == [3]
    assert sum(one["run"]["successful_count"] for one in early) == 0
    assert sum(one["run"]["successful_count"] for one in due) == 1
    assert [one["run"]["state"] for one in listed] == ["successful", "not_run", "not_run"]
    assert [one["due_again"] for one in retried] == [0]
    assert books("schedule", "list", "--contract", "NOWHERE").code == 1
    books.ok("verify")


def test_chosen_items_go_onto_a_draft(books: Program) -> None:
    of = ("--company", "USPM")
    first, second, *_ = [str(one["key"]) for one in items(books, "US-C-001")]
    books.ok("backlog", "ready", "--actual", first, "--actual", second, *of)

    new = books.ok("backlog", "invoice", "--actual", first, *of, "--json").json["added"]
    more = books.ok("backlog", "invoice", "--actual", second, *of, "--json").json["added"]
    again = books("backlog", "invoice", "--actual", second, *of)

    assert ([one["detail_count"] for one in new["opened"]], new["extended"]) == ([1], [])
    assert ([one["detail_count"] for one in more["extended"]], more["opened"]) == ([2], [])
    assert again.code == 1
    assert books("backlog", "invoice", *of).code == 2
    books.ok("verify")


def test_a_milestone_is_billed_by_progress(books: Program) -> None:
    of = ("--company", "USPM")
    key = str(next(one["key"] for one in items(books, "US-C-002") if one["kind"] == "milestone"))

    said = books.ok("backlog", "progress", key, "--percent", "20", *of, "--json").json["milestone"]
    too_much = books("backlog", "progress", key, "--amount", "1000000", *of)

    assert float(said["next_amount"]) == 0.2 * float(said["amount"])
    assert said["state"] == "in_progress"
    assert (too_much.code, "ERR-B44" in too_much.err) == (1, True)
    assert books("backlog", "progress", key, *of).code == 2
    books.ok("verify")


def test_a_setup_tells_which_entries_no_longer_fit(books: Program, tmp_path: Path) -> None:
    file = tmp_path / "operations.toml"
    text = file.read_text(encoding="utf-8")
    start = text.index('number = "US-C-001"')
    changed = text[:start] + text[start:].replace(
        'classes = ["time", "expense", "material", "fee"]', 'classes = ["expense"]', 1
    )
    hours = len(entries(books, "US-P-001"))

    again = books.ok("setup", "operations", str(file))
    file.write_text(changed, encoding="utf-8")
    told = books.ok("setup", "operations", str(file))
    seen = books.ok("contract", "re-evaluate", "US-C-001", "--preview")

    assert "no longer fit" not in again.err
    assert f"{hours} approved entries no longer fit contract US-C-001 of USPM" in told.err
    assert f"{hours} entries would be made anew" in seen.err
    books.ok("verify")
