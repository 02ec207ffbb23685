"""The ledger, payments and the end of a period from the command line, on the books of the demo."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from tests.cli.program import Program


@pytest.fixture(scope="module")
def books(shared: Program) -> Program:
    shared.ok("demo")
    return shared


@pytest.fixture(scope="module")
def invoice(books: Program) -> dict[str, Any]:
    """Give an invoice of USPM as the receivables show it."""
    found = books.ok("receivable", "open", "--company", "USPM", "--json").json
    return found[0]["open"]


@pytest.fixture(scope="module")
def paid(
    books: Program, invoice: dict[str, Any], tmp_path_factory: pytest.TempPathFactory
) -> dict[str, Any]:
    file = tmp_path_factory.mktemp("bank") / "november.csv"
    day = invoice["transaction_date"]
    amount = Decimal(invoice["amount"]) + 10
    file.write_text(
        "reference,date,amount,currency,invoice,remittance\n"
        f"B-1,{day},{amount},{invoice['currency']},,Thanks for {invoice['document']}\n"
        f"B-2,{day},25.00,USD,,Interest\n",
        encoding="utf-8",
    )
    arguments = ("payment", "import", str(file), "--bank-account", "110110", "--company", "USPM")
    refused = books(*arguments)
    assert refused.code == 1
    assert "ERR-L22" in refused.err
    return books.ok(*arguments, "--leave-out", "B-2", "--json").json


def test_an_account_leads_to_its_voucher_and_on_to_the_time_entered(books: Program) -> None:
    entries = books.ok(
        "ledger", "account", "145300", "--to", "2026-12-31", "--company", "USPM", "--json"
    ).json["entries"]
    voucher = entries[0]["voucher"]
    shown = books.ok("ledger", "voucher", voucher, "--company", "USPM")
    number = str(entries[0]["entry_number"])
    path = books.ok("ledger", "entry", voucher, number, "--company", "USPM", "--limit", "1")
    unknown = books("ledger", "entry", voucher, "99", "--company", "USPM")

    assert "wip_sales_value" in shown.out
    assert "Lines behind it" in shown.out
    assert "actual/" in path.out
    assert " operations " in path.out
    assert (unknown.code, "ERR-B22" in unknown.err) == (1, True)


def test_cash_is_expected_by_week_and_what_is_late_now(
    books: Program, invoice: dict[str, Any]
) -> None:
    arguments = ("receivable", "expected", "--company", "USPM")
    early, late = (
        books.ok(*arguments, "--on", day, "--json").json
        for day in (invoice["transaction_date"], "2027-12-31")
    )
    shown = books.ok(*arguments, "--on", "2027-12-31").out

    (week,) = [one["week"] for one in late]
    assert week["week_from"] == "2027-12-27"
    assert week["overdue_amount"] == week["amount"] == week["total_amount"]
    assert Decimal(early[0]["week"]["overdue_amount"]) == 0
    assert "Of it overdue" in shown
    assert invoice["expected_on"] >= invoice["due_date"]


def test_a_payment_settles_and_what_is_too_much_stays_open(
    books: Program, invoice: dict[str, Any], paid: dict[str, Any]
) -> None:
    (payment,) = paid["imported"]["payments"]
    (settled,) = paid["imported"]["settled"]
    listed = books.ok("payment", "list", "--company", "USPM").out
    statement = books.ok(
        "receivable", "statement", invoice["customer_account"], "--company", "USPM",
        "--to", "2026-12-31", "--json",
    ).json  # fmt: skip

    assert Decimal(payment["open_amount"]) == 10
    assert settled["debit_document"] == invoice["document"]
    assert "november.csv" in listed
    assert paid["left_count"] == 1
    assert "payment" in [one["kind"] for one in statement["lines"]]


def test_a_settlement_is_undone_and_made_again(books: Program, paid: dict[str, Any]) -> None:
    (settled,) = paid["imported"]["settled"]
    key = str(settled["settlement_id"])
    books.ok("receivable", "undo", key, "--reason", "checked", "--company", "USPM")
    again = books.ok(
        "receivable", "settle", "B-1", settled["debit_document"], "--amount", "1.00",
        "--company", "USPM", "--json",
    ).json  # fmt: skip
    listed = books.ok("receivable", "settlements", "--company", "USPM").out
    ages = books.ok("receivable", "ageing", "--company", "USPM", "--json").json

    assert Decimal(again["settled"]["debit_amount"]) == 1
    assert "checked" in listed
    assert ages


def test_periods_close_hold_and_open(books: Program) -> None:
    refused = books("ledger", "close", "2026-07-15", "--company", "GBPM")
    books.ok("ledger", "hold", "2026-08-01", "--reason", "audit", "--company", "USPM")
    held = books.ok("ledger", "periods", "--company", "USPM").out
    books.ok("ledger", "reopen", "2026-08-01", "--reason", "done", "--company", "USPM")
    closed = books.ok("ledger", "close", "2026-08-01", "--company", "USPM", "--json").json
    balanced = books.ok("ledger", "accruals", "--by", "project", "--company", "USPM").out
    nothing = books("ledger", "accrual-adjust", "--reason", "none", "--company", "USPM")

    assert refused.code in {0, 1}
    assert "audit" in held
    assert closed["state"] == "closed"
    assert "none" in balanced
    assert (nothing.code, "ERR-L13" in nothing.err) == (1, True)


def test_nothing_is_out_of_sync_after_the_demo(books: Program) -> None:
    assert books.ok("out-of-sync").out.strip() == "Out of sync: none"


def test_the_chain_holds_and_a_noted_link_is_found(books: Program) -> None:
    (head,) = books.ok("ledger", "chain", "verify", "--company", "USPM", "--json").json["heads"]
    noted = f"{head['chain_number']}:{head['hash']}"

    assert books("ledger", "chain", "verify", "--noted", noted, "--company", "USPM").code == 0
    lost = books("ledger", "chain", "verify", "--noted", "1:0", "--company", "USPM")
    assert (lost.code, "not the one noted" in lost.err) == (4, True)
    assert books("ledger", "chain", "verify", "--noted", "x").code == 2


def test_a_year_ends_and_every_invariant_holds(books: Program, paid: dict[str, Any]) -> None:
    assert paid
    closed = books.ok("ledger", "year-end", "2026-12-31", "--company", "USPM", "--json").json
    new = books.ok(
        "ledger", "trial-balance", "--from", "2027-01-01", "--to", "2027-12-31",
        "--company", "USPM", "--json",
    ).json[0]["trial_balance"]  # fmt: skip

    open_kinds = {one["kind"] for one in new["accounts"] if Decimal(one["opening_amount"]) != 0}
    assert Decimal(closed["closed"]["profit_amount"]) != 0
    assert not open_kinds & {"revenue", "expense"}
    assert books("verify").code == 0
