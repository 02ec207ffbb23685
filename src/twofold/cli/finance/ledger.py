"""What the ledger says."""

from __future__ import annotations

from datetime import date
from typing import Annotated

from cyclopts import App, Parameter

from twofold.cli import printing
from twofold.cli.companies import chosen_companies
from twofold.cli.opening import opened
from twofold.cli.parameters import AsJson, Company, day, usage
from twofold.database.transaction import Reader
from twofold.finance.ledger.reads import AccountBalance, TrialBalance, trial_balance
from twofold.journey.system import System

app = App(name="ledger", help="What the ledger says.")
for _name, _place, _words, _arguments in (
    ("account", "ledger_entries:account", "Show the entries of an account.", "NUMBER"),
    ("voucher", "ledger_entries:voucher", "Show a voucher and the lines behind it.", "NUMBER"),
    ("entry", "ledger_entries:entry", "Follow an entry back to the time entered.", "VOUCHER ENTRY"),
    ("periods", "ledger_close:periods", "List the periods and their states.", ""),
    ("close", "ledger_close:close", "Close a period.", "DAY"),
    ("hold", "ledger_close:hold", "Put a period on hold.", "DAY"),
    ("reopen", "ledger_close:reopen", "Open a period that is closed or on hold.", "DAY"),
    ("year-end", "ledger_close:year_end", "Move profit and loss to retained earnings.", "DAY"),
    ("accruals", "ledger_close:accruals", "Show accrued revenue that is out of balance.", ""),
    ("accrual-adjust", "ledger_close:accrual_adjust", "Correct accrued revenue.", ""),
):
    app.command(
        f"twofold.cli.finance.{_place}",
        name=_name,
        help=_words,
        usage=usage(f"ledger {_name}", _arguments),
    )
app.command(
    "twofold.cli.finance.ledger_chain:app", name="chain", help="The chain over all postings."
)

# Accounts read at a time.
_PAGE = 500


@app.command(name="trial-balance")
def show_trial_balance(
    *,
    company: Company = None,
    since: Annotated[
        date | None,
        Parameter(name="--from", help="First day; left out: the first of January of --to's year."),
    ] = None,
    until: Annotated[date | None, Parameter(name="--to", help="Last day; left out: today.")] = None,
    as_json: AsJson = False,
) -> None:
    """Show opening balance, debit, credit and closing balance of every account that moved."""
    last = day(until)
    with opened(alone="finance") as system:
        balances = trial_balances(
            system, company=company, since=since or last.replace(month=1, day=1), until=last
        )
    printing.show(
        [{"company": code, "trial_balance": one} for code, one in balances],
        *(balance_table(code, one) for code, one in balances),
        as_json=as_json,
    )


def trial_balances(
    system: System, *, company: str | None, since: date, until: date
) -> list[tuple[str, TrialBalance]]:
    """Give the whole trial balance of each chosen company."""
    with system.finance.reader() as reader:
        return [
            (code, _whole_balance(reader, code, (since, until)))
            for code in chosen_companies(system, company)
        ]


def _whole_balance(reader: Reader, code: str, period: tuple[date, date]) -> TrialBalance:
    """Read all pages of a trial balance."""
    accounts: list[AccountBalance] = []
    while True:
        page = trial_balance(
            reader,
            company=code,
            period_from=period[0],
            period_to=period[1],
            after=accounts[-1].account if accounts else "",
            limit=_PAGE,
        )
        accounts += page.accounts
        if len(page.accounts) < _PAGE:
            return TrialBalance(tuple(accounts), page.total)


def balance_table(code: str, balance: TrialBalance) -> printing.RenderableType:
    """Show one trial balance with its total; accounts without any movement are left out."""
    total = balance.total
    return printing.table(
        ("Account", "Name", "Kind", "Opening", "Debit", "Credit", "Closing"),
        [
            (
                one.account, one.name, one.kind, one.opening_amount, one.debit_amount,
                one.credit_amount, one.closing_amount,
            )
            for one in balance.accounts
            if one.opening_amount or one.debit_amount or one.credit_amount
        ],
        title=f"Trial balance of {code}",
        total=(
            "Total", "", "", total.opening_amount, total.debit_amount, total.credit_amount,
            total.closing_amount,
        ),
    )  # fmt: skip
