"""The demo in full, once; then what every other command shows of the books it leaves."""

from __future__ import annotations

import re
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from tests.cli.program import Outcome, Program
from tests.support.books import Books

LISTS = [
    ("entries", "list", "--waiting"),
    ("backlog", "list"),
    ("backlog", "list", "--items"),
    ("proforma", "list"),
    ("journal", "list"),
    ("proposal", "list"),
    ("invoice", "list"),
    ("ledger", "trial-balance", "--to", "2026-12-31"),
    ("map", "list"),
    ("sets", "list"),
    ("verify",),
    ("doctor",),
]


@pytest.fixture(scope="module")
def first_run(shared: Program) -> Outcome:
    return shared.ok("demo")


@pytest.fixture(scope="module")
def invoices(shared: Program, first_run: Outcome) -> list[Any]:
    assert first_run.code == 0
    return shared.ok("invoice", "list", "--json").json


def test_it_bills_and_posts_everything(first_run: Outcome, shared: Program) -> None:
    states = {one["proforma"]["state"] for one in shared.ok("proforma", "list", "--json").json}

    assert states == {"posted"}
    assert re.search(r"all \d+ invariants hold", first_run.out)
    assert "Trial balance of USPM" in first_run.out
    assert not first_run.err


def test_every_line_of_a_station_ends_in_its_seconds(first_run: Outcome) -> None:
    stations = [line for line in first_run.out.splitlines() if line.startswith(("Import", "Deliv"))]

    assert len(stations) >= 8
    assert all(re.search(r"\d+\.\d\d s$", line) for line in stations)


def test_every_invoice_shows_its_journey(first_run: Outcome, invoices: list[Any]) -> None:
    assert invoices
    for one in invoices:
        invoice = one["invoice"]
        (line,) = [line for line in first_run.out.splitlines() if invoice["invoice_number"] in line]
        assert invoice["proposal_number"] in line
        assert invoice["voucher"] in line


def test_a_second_run_reuses_what_is_there(shared: Program, first_run: Outcome) -> None:
    again = shared.ok("demo")

    assert again.out.count("unchanged, reused") == 2
    assert again.out.count("imported before") == 5
    assert "agreed before" in again.out
    assert "nothing new to bill" in again.out
    report = first_run.out.partition("The journey of every invoice")[2]
    assert again.out.partition("The journey of every invoice")[2] == report


@pytest.mark.parametrize("arguments", LISTS, ids=" ".join)
@pytest.mark.usefixtures("first_run")
def test_what_prints_data_prints_a_table_and_a_document(
    shared: Program, arguments: tuple[str, ...]
) -> None:
    shown = shared.ok(*arguments).out
    document = shared.ok(*arguments, "--json").json

    assert shown.strip()
    assert isinstance(document, list | dict)
    # Plain text: no colours, no blanks at the end of a line.
    assert "\x1b" not in shown
    assert not re.search(r" $", shown, re.MULTILINE)


def test_amounts_are_exact_in_documents(invoices: list[Any]) -> None:
    for one in invoices:
        invoice = one["invoice"]
        net, tax, total = (
            Decimal(invoice[name]) for name in ("net_amount", "tax_amount", "total_amount")
        )
        assert isinstance(invoice["net_amount"], str)
        assert net + tax == total


def test_an_advance_is_billed_with_the_work(shared: Program, first_run: Outcome) -> None:
    shown = shared.ok("proposal", "show", "USPM-PF-000005", "--company", "USPM").out

    assert "US-002 pays 500.00 USD before the work" in first_run.out
    assert re.search(r"advance, prepayment .* 500\.00 ", shown)
    assert re.search(r"245400 .* 500\.00 +-500\.00\n", first_run.out)


@pytest.mark.usefixtures("first_run")
def test_trial_balances_balance(shared: Program) -> None:
    balances = shared.ok("ledger", "trial-balance", "--to", "2026-12-31", "--json").json

    for one in balances:
        total = one["trial_balance"]["total"]
        assert Decimal(total["debit_amount"]) == Decimal(total["credit_amount"]) > 0
        assert Decimal(total["closing_amount"]) == 0


@pytest.mark.parametrize("kind", ["proposal_number", "invoice_number", "voucher"])
def test_every_number_of_an_invoice_leads_to_its_journey(
    shared: Program, invoices: list[Any], kind: str
) -> None:
    for one in invoices:
        number = one["invoice"][kind]

        (journey,) = shared.ok("trace", number, "--company", one["company"], "--json").json

        stations = [stop["name"] for stop in journey["stations"]]
        # What a later draft credits says so, behind all the others.
        assert [name for name in stations if name != "corrected"][-1] == "proforma posted"
        assert stations.index("proforma confirmed") < stations.index("customer invoice posted")
        assert all(stop["reached"] for stop in journey["stations"])
        assert journey["waits_for"] is None


def test_an_actual_leads_to_its_invoice(shared: Program, invoices: list[Any]) -> None:
    one = invoices[0]
    number, company = one["invoice"]["invoice_number"], one["company"]
    shown = shared.ok("invoice", "show", number, "--company", company, "--lines", "--json").json
    line = shown["invoice"]["lines"][0]

    (journey,) = shared.ok(
        "trace", f"actual/{line['actual_id']}", "--company", company, "--json"
    ).json

    assert number in [stop["number"] for stop in journey["stations"]]


@pytest.mark.usefixtures("first_run")
def test_an_unknown_number_says_what_was_searched(shared: Program) -> None:
    outcome = shared("trace", "PF-NOWHERE")

    assert outcome.code == 1
    assert "not among the proformas, proposals, customer invoices" in outcome.err


def test_every_document_can_be_shown(shared: Program, invoices: list[Any]) -> None:
    journals = shared.ok("journal", "list", "--json").json
    one = invoices[0]
    company, proposal = one["company"], one["invoice"]["proposal_number"]

    shared.ok("proforma", "show", proposal, "--company", company, "--details")
    shared.ok("proposal", "show", proposal, "--company", company)
    shared.ok("invoice", "show", one["invoice"]["invoice_number"], "--lines")
    for journal in journals:
        shared.ok("journal", "show", journal["journal"]["number"], "--company", journal["company"])


def test_what_is_posted_is_not_posted_again(shared: Program, invoices: list[Any]) -> None:
    one = invoices[0]

    outcome = shared(
        "proposal", "post", one["invoice"]["proposal_number"], "--company", one["company"]
    )

    assert outcome.code == 1
    assert "ERR-F05" in outcome.err


@pytest.mark.usefixtures("first_run")
def test_keys_of_several_companies_need_the_company(shared: Program) -> None:
    outcome = shared("entries", "cancel-approval", "1")

    assert outcome.code == 2
    assert "add --company" in outcome.err


def test_without_its_files_it_says_where_it_looked(tmp_path: Path) -> None:
    outcome = Program({})("demo", "--examples", str(tmp_path))

    assert outcome.code == 2
    assert f"{tmp_path} has no finance.toml" in outcome.err


def test_books_that_others_work_in_are_left_alone(twofold: Program, books: Books) -> None:
    books.given("""
        operations.company
        company  name     accounting_currency  source_version
        REAL     Real Co  USD                  1
    """)

    outcome = twofold("demo")

    assert outcome.code == 2
    assert "companies of their own (REAL)" in outcome.err
