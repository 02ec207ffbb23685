"""Payments of customers: import a file of them, list them."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

from cyclopts import App, Parameter

from twofold.cli import printing
from twofold.cli.companies import one_company
from twofold.cli.documents import list_over_companies
from twofold.cli.finance.receivable import settled_table
from twofold.cli.opening import opened
from twofold.cli.parameters import (
    ROWS_SHOWN,
    ActorName,
    AsJson,
    Company,
    LimitOfRows,
    Misused,
    actor_name,
)
from twofold.finance.receivables.import_payments import ImportedPayments
from twofold.finance.receivables.reads import list_payments
from twofold.journey.payment_file import FileOfPayments
from twofold.journey.payment_file import import_file as import_payment_file

app = App(name="payment", help="Payments of customers: import, list.")


@app.command(name="import")
def import_file(
    file: Annotated[Path, Parameter(help="A CSV file, or a bank statement camt.053 (XML).")],
    /,
    *,
    bank: Annotated[
        str, Parameter(name="--bank-account", help="The bank's account in the ledger.")
    ],
    customers: Annotated[
        tuple[str, ...],
        Parameter(name="--customer", negative=(), help="Who paid, as REFERENCE=ACCOUNT."),
    ] = (),
    left_out: Annotated[
        tuple[str, ...],
        Parameter(name="--leave-out", negative=(), help="References of payments not to post."),
    ] = (),
    company: Company = None,
    actor: ActorName = None,
    as_json: AsJson = False,
) -> None:
    """Post the payments of a file, and settle the invoices they name."""
    given = FileOfPayments(
        file.name, file.read_bytes(), bank, dict(map(_assigned, customers)), left_out
    )
    with opened(alone="finance") as system:
        code = one_company(system, company)
        done = import_payment_file(system, company=code, file=given, actor=actor_name(actor))
    printing.show(
        {"company": code, "imported": done.imported, "left_count": done.left_count},
        *_tables(code, done.imported),
        as_json=as_json,
    )
    if not as_json and done.left_count:
        printing.say(f"{done.left_count} entries of the file are no payments, or were left out.")


def _assigned(given: str) -> tuple[str, str]:
    reference, _, account = given.partition("=")
    if not reference or not account:
        raise Misused("--customer is REFERENCE=ACCOUNT")
    return reference, account


def _tables(code: str, imported: ImportedPayments) -> list[printing.RenderableType]:
    return [
        printing.table(
            ("Voucher", "Reference", "Customer", "Date", "Currency", "Amount", "Open"),
            [
                (
                    one.voucher, one.reference, one.customer_account, one.payment_date,
                    one.currency, one.amount, one.open_amount,
                )
                for one in imported.payments
            ],
            title=f"Payments of {code}",
        ),
        settled_table(imported.settled),
    ]  # fmt: skip


@app.command(name="list")
def list_all(
    *, company: Company = None, limit: LimitOfRows = ROWS_SHOWN, as_json: AsJson = False
) -> None:
    """List payments, newest first, with what no invoice took."""
    with opened(alone="finance") as system:
        found = list_over_companies(
            system, company, limit,
            lambda reader, code, rows: list_payments(reader, company=code, limit=rows),
        )  # fmt: skip
    printing.show(
        [{"company": code, "payment": one} for code, one in found],
        printing.table(
            ("Company", "Voucher", "Date", "Reference", "Customer", "Currency", "Amount", "Open",
             "Bank account", "File", "Remittance"),
            [
                (
                    code, one.voucher, one.payment_date, one.reference, one.customer_account,
                    one.currency, one.amount, one.open_amount, one.bank_account, one.file_name,
                    one.remittance,
                )
                for code, one in found
            ],
        ),
        as_json=as_json,
    )  # fmt: skip
