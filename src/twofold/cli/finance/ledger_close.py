"""Periods and years: list, close, hold, reopen; and accrued revenue before a close."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Annotated, Literal

from cyclopts import Parameter

from twofold.cli import printing
from twofold.cli.companies import chosen_companies, one_company
from twofold.cli.opening import opened
from twofold.cli.parameters import ActorName, AsJson, Company, actor_name, day
from twofold.finance.closing.accruals import View, imbalances
from twofold.finance.closing.adjust_accruals import Correction, adjust_accruals
from twofold.finance.closing.close_period import close_period
from twofold.finance.closing.close_year import close_year
from twofold.finance.closing.periods import list_periods
from twofold.finance.closing.reopen_period import reopen_period

Day = Annotated[date, Parameter(help="A day of the period, as YYYY-MM-DD.")]
Reason = Annotated[str, Parameter(help="Why; it is kept.")]
# How far back accrued revenue is looked at unless told otherwise: three months (spec P37.1).
_DAYS_BACK = 92
Since = Annotated[
    date | None, Parameter(name="--from", help="First invoice date; left out: three months ago.")
]
Until = Annotated[date | None, Parameter(name="--to", help="Last invoice date; left out: today.")]


def periods(*, company: Company = None, as_json: AsJson = False) -> None:
    """List the periods, their states, and who changed them last."""
    with opened(alone="finance") as system:
        companies = chosen_companies(system, company)
        with system.finance.reader() as reader:
            found = [
                (code, one) for code in companies for one in list_periods(reader, company=code)
            ]
    printing.show(
        [{"company": code, "period": one} for code, one in found],
        printing.table(
            ("Company", "From", "To", "State", "By", "When", "Reason"),
            [
                (
                    code, one.period_start, one.period_end, one.state, one.actor, one.at,
                    one.reason,
                )
                for code, one in found
            ],
        ),
        as_json=as_json,
    )  # fmt: skip


def close(
    on: Day,
    /,
    *,
    explain: Annotated[
        str, Parameter(help="Why accrued revenue is off or numbers are missing; it is kept.")
    ] = "",
    company: Company = None,
    actor: ActorName = None,
    as_json: AsJson = False,
) -> None:
    """Close a period, once everything dated in it is posted and balances."""
    with opened(alone="finance") as system:
        code = one_company(system, company)
        with system.finance.transaction() as transaction:
            explained = close_period(
                transaction,
                company=code,
                day=on,
                explanation=explain.strip(),
                actor=actor_name(actor),
                at=system.now(),
            )
    printing.show(
        {"company": code, "day": on, "state": "closed", "explained": explained},
        printing.facts((("Company", code), ("Period with", on), ("State", "closed"))),
        *([printing.refusal_table(explained, title="Explained")] if explained else []),
        as_json=as_json,
    )


def hold(
    on: Day,
    /,
    *,
    reason: Reason,
    company: Company = None,
    actor: ActorName = None,
    as_json: AsJson = False,
) -> None:
    """Put a period on hold: it takes no postings until it is opened."""
    _put(on, "on_hold", reason, company, actor, as_json=as_json)


def reopen(
    on: Day,
    /,
    *,
    reason: Reason,
    company: Company = None,
    actor: ActorName = None,
    as_json: AsJson = False,
) -> None:
    """Open a period that is closed or on hold."""
    _put(on, "open", reason, company, actor, as_json=as_json)


def _put(
    on: date,
    to: Literal["open", "on_hold"],
    reason: str,
    company: str | None,
    actor: str | None,
    *,
    as_json: bool,
) -> None:
    with opened(alone="finance") as system:
        code = one_company(system, company)
        with system.finance.transaction() as transaction:
            period = reopen_period(
                transaction,
                company=code,
                day=on,
                to=to,
                reason=reason,
                actor=actor_name(actor),
                at=system.now(),
            )
    printing.show(
        {"company": code, "period_start": period.period_start, "state": to, "was": period.state},
        printing.facts((
            ("Company", code), ("Period from", period.period_start), ("State", to),
            ("Was", period.state), ("Reason", reason),
        )),
        as_json=as_json,
    )  # fmt: skip


def year_end(
    last: Annotated[date, Parameter(help="The last day of the year, as YYYY-MM-DD.")],
    /,
    *,
    company: Company = None,
    actor: ActorName = None,
    as_json: AsJson = False,
) -> None:
    """Move profit and loss of a year to retained earnings, so that the next begins at zero."""
    with opened(alone="finance") as system:
        code = one_company(system, company)
        with system.finance.transaction() as transaction:
            closed = close_year(
                transaction,
                company=code,
                year_end=last,
                actor=actor_name(actor),
                at=system.now(),
            )
    printing.show(
        {"company": code, "closed": closed},
        printing.facts((
            ("Company", code), ("Voucher", closed.voucher), ("Accounts", closed.account_count),
            ("Profit", closed.profit_amount),
        )),
        as_json=as_json,
    )  # fmt: skip


def accruals(
    *,
    by: Annotated[View, Parameter(help="transaction, project or account.")] = "transaction",
    since: Since = None,
    until: Until = None,
    company: Company = None,
    as_json: AsJson = False,
) -> None:
    """Show where accrued revenue and what invoices reversed of it differ."""
    last = day(until)
    first = since or last - timedelta(days=_DAYS_BACK)
    with opened(alone="finance") as system:
        companies = chosen_companies(system, company)
        with system.finance.reader() as reader:
            found = [
                (code, one)
                for code in companies
                for one in imbalances(
                    reader, company=code, period_from=first, period_to=last, view=by
                )
            ]
    printing.show(
        [{"company": code, "imbalance": one} for code, one in found],
        printing.table(
            ("Company", by.capitalize(), "Transactions", "Accrued", "Reversed", "Corrected",
             "Imbalance"),
            [
                (
                    code, one.name, one.transaction_count, one.accrued_amount,
                    one.reversed_amount, one.adjusted_amount, one.imbalance_amount,
                )
                for code, one in found
            ],
            title=f"Accrued revenue out of balance, invoiced {first} to {last}",
        ),
        as_json=as_json,
    )  # fmt: skip


def accrual_adjust(  # noqa: PLR0913 - each is one option of the command
    *,
    actuals: Annotated[
        tuple[int, ...],
        Parameter(name="--actual", negative=(), help="These sales; left out: all of the period."),
    ] = (),
    side: Annotated[
        Literal["both", "wip", "revenue"], Parameter(help="Which account is off.")
    ] = "both",
    offset: Annotated[
        str | None, Parameter(name="--offset", help="Account to set against one side.")
    ] = None,
    on: Annotated[date | None, Parameter(help="Voucher date; left out: today.")] = None,
    reason: Reason,
    since: Since = None,
    until: Until = None,
    company: Company = None,
    actor: ActorName = None,
    as_json: AsJson = False,
) -> None:
    """Correct accrued revenue that invoices did not reverse in full."""
    last = day(until)
    correction = Correction(
        period_from=since or last - timedelta(days=_DAYS_BACK),
        period_to=last,
        actual_ids=actuals,
        side=side,
        offset_account=offset,
        posted_on=day(on),
        description=reason,
    )
    with opened(alone="finance") as system:
        code = one_company(system, company)
        with system.finance.transaction() as transaction:
            adjusted = adjust_accruals(
                transaction,
                company=code,
                correction=correction,
                actor=actor_name(actor),
                at=system.now(),
            )
    printing.show(
        {"company": code, "adjusted": adjusted},
        printing.facts((
            ("Company", code), ("Voucher", adjusted.voucher),
            ("Transactions", adjusted.transaction_count), ("Amount", adjusted.amount),
        )),
        as_json=as_json,
    )  # fmt: skip
