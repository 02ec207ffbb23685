"""What customers owe: open transactions, ageing, statements, settlements."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from typing import Annotated

from cyclopts import App, Parameter

from twofold.cli import printing
from twofold.cli.companies import chosen_companies, one_company
from twofold.cli.documents import list_over_companies
from twofold.cli.finance.funding import show_funding
from twofold.cli.opening import opened
from twofold.cli.parameters import (
    ROWS_SHOWN,
    ActorName,
    AsJson,
    Company,
    LimitOfRows,
    actor_name,
    day,
    usage,
)
from twofold.finance.receivables.reads import (
    ageing,
    expected_cash,
    list_settlements,
    open_transactions,
    statement,
)
from twofold.finance.receivables.settle import settle
from twofold.finance.receivables.settlements import Settled
from twofold.finance.receivables.undo_settlement import undo_settlement

app = App(name="receivable", help="What customers owe: open, ageing, statements, settlements.")
app.command(show_funding, name="funding", usage=usage("receivable funding", "CONTRACT"))


@app.command(name="open")
def show_open(
    *,
    customer: Annotated[str | None, Parameter(help="Account of one customer.")] = None,
    company: Company = None,
    limit: LimitOfRows = ROWS_SHOWN,
    as_json: AsJson = False,
) -> None:
    """List invoices, credit notes and payments of which something is open."""
    with opened(alone="finance") as system:
        found = list_over_companies(
            system, company, limit,
            lambda reader, code, rows: open_transactions(
                reader, company=code, customer=customer, limit=rows
            ),
        )  # fmt: skip
    printing.show(
        [{"company": code, "open": one} for code, one in found],
        printing.table(
            ("Company", "Voucher", "Kind", "Document", "Customer", "Name", "Date", "Due",
             "Expected", "Currency", "Amount", "Open", "Open, accounting"),
            [
                (
                    code, one.voucher, one.kind, one.document, one.customer_account,
                    one.customer_name, one.transaction_date, one.due_date, one.expected_on,
                    one.currency, one.amount, one.open_amount, one.open_accounting_amount,
                )
                for code, one in found
            ],
        ),
        as_json=as_json,
    )  # fmt: skip


@app.command(name="ageing")
def show_ageing(
    *,
    on: Annotated[date | None, Parameter(help="As of this day; left out: today.")] = None,
    company: Company = None,
    as_json: AsJson = False,
) -> None:
    """Show what each customer owes by days since it was due, in the accounting currency."""
    with opened(alone="finance") as system:
        companies = chosen_companies(system, company)
        with system.finance.reader() as reader:
            found = [
                (code, one)
                for code in companies
                for one in ageing(reader, company=code, on=day(on))
            ]
    printing.show(
        [{"company": code, "age": one} for code, one in found],
        printing.table(
            ("Company", "Customer", "Name", "Not due", "1 to 30", "31 to 60", "61 to 90",
             "Over 90", "Unused", "Total"),
            [
                (
                    code, one.customer_account, one.customer_name, one.not_due_amount,
                    one.to_30_amount, one.to_60_amount, one.to_90_amount, one.older_amount,
                    one.unused_amount, one.total_amount,
                )
                for code, one in found
            ],
            title=f"Open on {day(on)}, by days since due",
        ),
        as_json=as_json,
    )  # fmt: skip


@app.command(name="expected")
def show_expected(
    *,
    on: Annotated[date | None, Parameter(help="As of this day; left out: today.")] = None,
    company: Company = None,
    as_json: AsJson = False,
) -> None:
    """Show by week what open invoices are expected to bring, in the accounting currency."""
    with opened(alone="finance") as system:
        companies = chosen_companies(system, company)
        with system.finance.reader() as reader:
            found = [
                (code, one)
                for code in companies
                for one in expected_cash(reader, company=code, on=day(on))
            ]
    printing.show(
        [{"company": code, "week": one} for code, one in found],
        printing.table(
            ("Company", "Week from", "Invoices", "Expected", "Of it overdue", "In all by then"),
            [
                (
                    code, one.week_from, one.invoice_count, one.amount, one.overdue_amount,
                    one.total_amount,
                )
                for code, one in found
            ],
            title=f"Cash expected, as of {day(on)}",
        ),
        as_json=as_json,
    )  # fmt: skip


@app.command(name="statement", usage=usage("receivable statement", "CUSTOMER"))
def show_statement(
    customer: Annotated[str, Parameter(help="Account of the customer.")],
    /,
    *,
    since: Annotated[
        date | None,
        Parameter(name="--from", help="First day; left out: the first of January of --to's year."),
    ] = None,
    until: Annotated[date | None, Parameter(name="--to", help="Last day; left out: today.")] = None,
    company: Company = None,
    as_json: AsJson = False,
) -> None:
    """Show a customer's invoices and payments in a period, with the running balance."""
    last = day(until)
    first = since or last.replace(month=1, day=1)
    with opened(alone="finance") as system:
        code = one_company(system, company)
        with system.finance.reader() as reader:
            lines = statement(
                reader, company=code, customer=customer, period_from=first, period_to=last
            )
    printing.show(
        {"company": code, "customer": customer, "lines": lines},
        printing.table(
            ("Date", "Kind", "Document", "Voucher", "Currency", "Amount", "Balance", "Open"),
            [
                (
                    one.transaction_date, one.kind, one.document, one.voucher, one.currency,
                    one.amount, one.balance_amount, one.open_amount,
                )
                for one in lines
            ],
            title=f"Statement of {customer} in {code}, {first} to {last}",
        ),
        as_json=as_json,
    )  # fmt: skip


@app.command(name="settle", usage=usage("receivable settle", "CREDIT INVOICE"))
def settle_pair(
    credit: Annotated[str, Parameter(help="Payment or credit note: number or voucher.")],
    invoice: Annotated[str, Parameter(help="The invoice: number or voucher.")],
    /,
    *,
    amount: Annotated[
        Decimal | None, Parameter(help="In the invoice's currency; left out: all that can be.")
    ] = None,
    company: Company = None,
    actor: ActorName = None,
    as_json: AsJson = False,
) -> None:
    """Settle an invoice with a payment or a credit note that is open."""
    with opened(alone="finance") as system:
        code = one_company(system, company)
        with system.finance.transaction() as transaction:
            settled = settle(
                transaction,
                company=code,
                credit=credit,
                debit=invoice,
                amount=amount,
                actor=actor_name(actor),
                at=system.now(),
            )
    printing.show({"company": code, "settled": settled}, settled_table((settled,)), as_json=as_json)


@app.command(name="undo", usage=usage("receivable undo", "SETTLEMENT"))
def undo(
    settlement: Annotated[int, Parameter(help="Key of the settlement.")],
    /,
    *,
    reason: Annotated[str, Parameter(help="Why; it is kept.")],
    company: Company = None,
    actor: ActorName = None,
    as_json: AsJson = False,
) -> None:
    """Undo a settlement: both sides are open again."""
    with opened(alone="finance") as system:
        code = one_company(system, company)
        with system.finance.transaction() as transaction:
            voucher = undo_settlement(
                transaction,
                company=code,
                settlement_id=settlement,
                reason=reason,
                actor=actor_name(actor),
                at=system.now(),
            )
    printing.show(
        {"company": code, "settlement_id": settlement, "voucher": voucher},
        printing.facts((
            ("Undone", settlement), ("Reason", reason), ("Difference taken back", voucher),
        )),
        as_json=as_json,
    )  # fmt: skip


@app.command(name="settlements")
def show_settlements(
    *, company: Company = None, limit: LimitOfRows = ROWS_SHOWN, as_json: AsJson = False
) -> None:
    """List settlements, newest first."""
    with opened(alone="finance") as system:
        found = list_over_companies(
            system, company, limit,
            lambda reader, code, rows: list_settlements(reader, company=code, limit=rows),
        )  # fmt: skip
    printing.show(
        [{"company": code, "settlement": one} for code, one in found],
        printing.table(
            ("Company", "Settlement", "Date", "Invoice", "Settled with", "Currency", "Amount",
             "Exchange difference", "Voucher", "By", "Undone", "Reason"),
            [
                (
                    code, one.settlement_id, one.settled_on, one.debit_document,
                    one.credit_document, one.currency, one.debit_amount, one.exchange_difference,
                    one.voucher, one.settled_by, one.undone_at, one.reason,
                )
                for code, one in found
            ],
        ),
        as_json=as_json,
    )  # fmt: skip


def settled_table(settled: Sequence[Settled]) -> printing.RenderableType:
    """Show settlements as they were posted."""
    return printing.table(
        ("Settlement", "Invoice", "Settled with", "Currency", "Amount", "Exchange difference",
         "Voucher"),
        [
            (
                one.settlement_id, one.debit_document, one.credit_document, one.currency,
                one.debit_amount, one.exchange_difference, one.voucher,
            )
            for one in settled
        ],
        title="Settled",
    )  # fmt: skip
